"""Reading replies: which there are, and what is in them, one odd one aside."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
import logging
import math
from typing import Final

from ..gateway.errors import (
    GatewayError,
    NotFound,
    OutcomeUnknown,
    Refused,
    RefusedReason,
    UnknownReason,
)
from ..gateway.models import IncomingSms
from ..gateway.protocol import AccountGateway
from .errors import InvalidRequest
from .ledger import Ledger
from .numbers import as_e164, normalise
from .pace import Budget

_LOGGER = logging.getLogger(__name__)

# A reply that cannot be read is given up after so many attempts.
_ATTEMPTS: Final = 10
# So many are read in a step where each takes a call.
_SINGLE_READS: Final = 10
# What may be the fault of one reply; a server's error is so only where others can be read.
_OF_ONE: Final = (
    RefusedReason.OTHER,
    UnknownReason.ODD_ANSWER,
    UnknownReason.SERVER_ERROR,
)


@dataclass(frozen=True, slots=True)
class Received:
    """A reply, from a number in E.164, and the recipient through whom it was last written to."""

    sms: IncomingSms
    recipient_id: str | None


@dataclass(slots=True)
class Found:
    """What a reading has found so far: ids by scope, and replies with a scope of theirs.

    It is not whole while something is yet to be read.
    """

    listed: dict[str, Collection[int]] = field(default_factory=dict)
    replies: dict[int, tuple[str, Received]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    failure: GatewayError | None = None
    is_whole: bool = True
    has_more: bool = False

    @property
    def in_order(self) -> list[Received]:
        """Return the replies in the order in which they came."""
        received = (received for _, received in self.replies.values())
        return sorted(received, key=lambda each: (each.sms.created, each.sms.sms_id))


class ReplyReader:
    """Reads the replies to an account and to its virtual numbers. It blocks."""

    def __init__(self, service_name: str, budget: Budget) -> None:
        """Begin without anything that could not be read."""
        self._service_name = service_name
        self._budget = budget
        self._attempts: dict[int, int] = {}

    def ids(self, gateway: AccountGateway, scope: str, since: float) -> Collection[int]:
        """Return the ids of the replies to a scope; a virtual number may be gone."""
        self._budget.take(1)
        try:
            return gateway.incoming(
                self._service_name,
                since=datetime.fromtimestamp(since, UTC),
                virtual_number=scope or None,
            )
        except NotFound:
            return ()

    def read(
        self,
        gateway: AccountGateway,
        scope: str,
        new: Collection[int],
        found: Found,
        ledger: Ledger,
        country: str | None,
    ) -> None:
        """Read the first of some replies; there may be more than a step should take."""
        at_once = gateway.reads_at_once
        ids = sorted(new)[: max(at_once, _SINGLE_READS)]
        if not ids:
            return
        if len(ids) < len(new):
            found.is_whole = False
            found.has_more = True
        self._budget.take(math.ceil(len(ids) / at_once))
        records = self._records(gateway, scope, ids, found)
        for sms in records:
            sms = replace(
                sms,
                sender=_whole(_in_e164(sms.sender, country)),
                text=_whole(sms.text),
            )
            received = Received(sms, _written_to_last(ledger, sms.sender))
            found.replies[sms.sms_id] = (scope, received)
        unread = {*ids} - {sms.sms_id for sms in records}
        # One that is tried again is not among them.
        found.gone |= unread - self._attempts.keys()

    def _records(
        self, gateway: AccountGateway, scope: str, ids: list[int], found: Found
    ) -> list[IncomingSms]:
        """Read replies; one that cannot be read must not hide the others."""
        try:
            return self._try_records(gateway, scope, ids)
        except (OutcomeUnknown, Refused) as failure:
            if failure.reason not in _OF_ONE:
                raise
        self._budget.take(len(ids))
        records: list[IncomingSms] = []
        failed: dict[int, GatewayError] = {}
        for sms_id in ids:
            try:
                records += self._try_records(gateway, scope, [sms_id])
            except (OutcomeUnknown, Refused) as failure:
                if failure.reason not in _OF_ONE:
                    raise
                failed[sms_id] = failure
            else:
                self._attempts.pop(sms_id, None)
        trouble = next(iter(failed.values()), None)
        if (
            trouble
            and len(failed) == len(ids)
            and trouble.reason is UnknownReason.SERVER_ERROR
        ):
            raise trouble
        for sms_id in failed:
            self._note_attempt(sms_id, found)
        return records

    def _try_records(
        self, gateway: AccountGateway, scope: str, ids: list[int]
    ) -> list[IncomingSms]:
        return gateway.incoming_sms(self._service_name, ids, scope or None)

    def _note_attempt(self, sms_id: int, found: Found) -> None:
        """Count that a reply could not be read, and give it up in the end."""
        self._attempts[sms_id] = self._attempts.get(sms_id, 0) + 1
        if self._attempts[sms_id] < _ATTEMPTS:
            found.is_whole = False
            return
        _LOGGER.warning("The reply %d cannot be read and is not told", sms_id)
        del self._attempts[sms_id]


def _whole(text: str) -> str:
    """Return a text that can be shown and sent on: half a character is none."""
    return text.encode("utf-8", "replace").decode()


def _in_e164(sender: str, country: str | None) -> str:
    """Return who wrote as recipients' numbers are spelt; it may be a name, too."""
    try:
        return normalise(sender, country)
    except InvalidRequest:
        return as_e164(sender)


def _written_to_last(ledger: Ledger, number: str) -> str | None:
    """Return the recipient through whom a number was last written to."""
    rows = ledger.rows(
        "SELECT recipient_id FROM deliveries JOIN messages USING (message_id)"
        " WHERE number_mark = ? AND recipient_id IS NOT NULL"
        " ORDER BY place DESC LIMIT 1",
        (ledger.mark(number),),
    )
    return rows[0][0] if rows else None
