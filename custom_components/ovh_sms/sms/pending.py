"""What has not left yet: what waits here, and what waits at OVHcloud."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ..gateway.errors import GatewayError, NotFound
from ..gateway.models import SmsRecord
from ..gateway.protocol import AccountGateway, Gateway
from . import history
from .clock import Clock
from .history import Line
from .ledger import Ledger
from .numbers import as_in_paths

# Of more than these only the newest are read: they are somebody's mailing.
MAX_READ: Final = 500


@dataclass(frozen=True, slots=True)
class Job:
    """A message of ours that waits at OVHcloud, or a single SMS that somebody else sent."""

    line: Line | None
    records: tuple[SmsRecord, ...]

    @property
    def leaves_at(self) -> float | None:
        """Return when OVHcloud was told to send it, unless that is now."""
        first = self.records[0]
        if not first.delay_minutes:
            return None
        return (first.created + timedelta(minutes=first.delay_minutes)).timestamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What waits; `failure` is why OVHcloud did not tell all that waits there.

    `unread` counts the SMS at OVHcloud that are too many to be read.
    """

    here: tuple[Line, ...]
    jobs: tuple[Job, ...] = ()
    can_read: bool = True
    failure: GatewayError | None = None
    unread: int = 0


def pending(
    ledger: Ledger,
    gateway: Gateway,
    clock: Clock,
    service_name: str,
    senders: Iterable[str],
) -> Pending:
    """Return what waits; `senders` are the virtual numbers that are in use."""
    here = history.unfinished(ledger)
    if not isinstance(gateway, AccountGateway):
        return Pending(here=here, can_read=False)
    found: dict[int, SmsRecord] = {}
    unread = 0
    failure = None
    try:
        for number in scopes(ledger, clock, senders):
            ids = pending_ids(gateway, service_name, number)
            unread += max(0, len(ids) - MAX_READ)
            for record in gateway.pending_sms(
                service_name, sorted(ids)[-MAX_READ:], number
            ):
                found[record.sms_id] = record
    except GatewayError as err:
        failure = err
    return Pending(
        here=here,
        jobs=_jobs(found, history.with_sms(ledger, found)),
        failure=failure,
        unread=unread,
    )


def scopes(
    ledger: Ledger, clock: Clock, senders: Iterable[str]
) -> tuple[str | None, ...]:
    """Return where SMS can wait: at the account, and at its virtual numbers."""
    in_use = [as_in_paths(sender) for sender in senders]
    return tuple(
        dict.fromkeys(
            (None, *in_use, *history.virtual_numbers(ledger, clock.now())),
        )
    )


def pending_ids(
    gateway: AccountGateway, service_name: str, number: str | None
) -> Collection[int]:
    """Return what waits at an account, or at a virtual number that may be gone."""
    try:
        return gateway.pending(service_name, number)
    except NotFound:
        return ()


def _jobs(found: Mapping[int, SmsRecord], lines: Mapping[int, Line]) -> tuple[Job, ...]:
    """Return what waits at OVHcloud, together what is one message of ours."""
    together: dict[str | int, list[SmsRecord]] = {}
    for sms_id, record in sorted(found.items()):
        line = lines.get(sms_id)
        together.setdefault(line.message_id if line else sms_id, []).append(record)
    return tuple(
        Job(lines.get(records[0].sms_id), tuple(records))
        for records in together.values()
    )
