"""Whether OVHcloud has a message whose answer is missing."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from ..gateway.models import SmsRecord
from ..gateway.protocol import AccountGateway
from .message import Outcome
from .numbers import as_e164
from .states import State
from .written import Written

# Seconds by which OVHcloud's clock and ours may differ.
_TOLERANCE: Final = 15 * 60
# More than these, the newest, are not searched: they are somebody's mailing.
_MAX_PENDING: Final = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """What OVHcloud has of a message; `calls` is what it took to find out."""

    records: tuple[SmsRecord, ...]
    calls: int


def look_up(
    gateway: AccountGateway,
    service_name: str,
    written: Written,
    is_known: Callable[[Collection[int]], set[int]],
    now: float,
) -> Finding:
    """Look for a message among those that were sent, then among those that wait there.

    A tag of ours is in no other message. One of the caller's may be, and waiting
    messages have none: there receiver, text and time must fit as well.
    """
    job = written.message.job
    found, calls = _sent(gateway, service_name, written, is_known, now)
    if _is_whole(written, found):
        return Finding(found, calls)
    ids = gateway.pending(service_name, virtual_number=job.virtual_number)
    calls += 1
    if ids:
        waiting = gateway.pending_sms(
            service_name,
            sorted(ids)[-_MAX_PENDING:],
            virtual_number=job.virtual_number,
        )
        calls += 1
        seen = {record.sms_id for record in found}
        since = _since(gateway, written, now)
        found += tuple(
            record
            for record in _fitting(written, waiting, is_known, since)
            if record.sms_id not in seen
        )
    if not found:
        # It may have left between the two questions.
        found, more = _sent(gateway, service_name, written, is_known, now)
        calls += more
    return Finding(found, calls)


def _sent(
    gateway: AccountGateway,
    service_name: str,
    written: Written,
    is_known: Callable[[Collection[int]], set[int]],
    now: float,
) -> tuple[tuple[SmsRecord, ...], int]:
    """Return what OVHcloud has sent of a message, and the calls that it took."""
    job = written.message.job
    ids = gateway.outgoing(service_name, tag=job.tag, virtual_number=job.virtual_number)
    if not ids:
        return (), 1
    sent = gateway.outgoing_sms(service_name, ids, virtual_number=job.virtual_number)
    if written.message.own_tag:
        return tuple(sent), 2
    since = _since(gateway, written, now)
    return _fitting(written, sent, is_known, since), 2


def _since(gateway: AccountGateway, written: Written, now: float) -> float:
    """Return when a message can have reached OVHcloud at the earliest, by its clock.

    Called after a call that has succeeded, and so with an offset that holds now. Whether
    it held when the message left is not known; to look too far back does little harm.
    """
    if written.handed_at > now + _TOLERANCE:
        # It was written down by a clock that was wrong.
        return 0.0
    return written.handed_at + min(0, gateway.clock_offset or 0) - _TOLERANCE


def outcome_of(written: Written, finding: Finding) -> Outcome | None:
    """Return what became of a message by what OVHcloud has of it."""
    if not finding.records:
        return None
    numbers = {as_e164(record.receiver): record for record in finding.records}
    job = written.message.job
    valid = tuple(number for number in job.receivers if number in numbers)
    invalid = tuple(number for number in job.receivers if number not in numbers)
    records = [numbers[number] for number in valid] or list(finding.records)
    return Outcome(
        message=written.message,
        state=State.PARTIAL if invalid else State.ACCEPTED,
        ids=tuple(record.sms_id for record in records),
        valid=valid,
        invalid=invalid,
        credits=sum(record.credits for record in records),
    )


def _is_whole(written: Written, found: Collection[SmsRecord]) -> bool:
    numbers = {as_e164(record.receiver) for record in found}
    receivers = written.message.job.receivers
    return bool(found) and numbers.issuperset(receivers)


def _fitting(
    written: Written,
    records: Collection[SmsRecord],
    is_known: Callable[[Collection[int]], set[int]],
    since: float,
) -> tuple[SmsRecord, ...]:
    """Return what can only be this message: its receivers, text and time, and no other's."""
    job = written.message.job
    text = _gist(job.message)
    fitting = [
        record
        for record in records
        if (not job.receivers or as_e164(record.receiver) in job.receivers)
        # OVHcloud may have added its STOP text.
        and _gist(record.text).startswith(text)
        and record.created.timestamp() >= since
    ]
    known = is_known([record.sms_id for record in fitting])
    return tuple(record for record in fitting if record.sms_id not in known)


def _gist(text: str) -> str:
    return "".join(text.split())
