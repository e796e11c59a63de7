"""A look at OVHcloud for receipts: what it has of some SMS, and when to look again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..gateway.models import SmsRecord
from ..gateway.protocol import AccountGateway
from .awaited import EARLY, FIRST_LOOK, Awaited, Key
from .clock import Clock
from .ledger import Ledger
from .numbers import as_e164
from .settings import Feedback, Settings

_HOUR: Final = 60.0 * 60
_DAY: Final = 24 * _HOUR
# When OVHcloud is asked, in seconds after an SMS left; after the last one once a day.
LOOKS: Final = (FIRST_LOOK, 30.0, 120.0, 600.0, *(n * _HOUR for n in (1, 3, 6, 12, 24)))
# Where OVHcloud calls by itself, it is asked from here on.
FIRST_LOOK_OF_WEBHOOK: Final = 600.0
# For so long after the end of its validity the receipt of an SMS may still come.
MARGIN: Final = _HOUR
# How long an SMS with the STOP text may be held back: from Saturday evening to Monday.
_HELD: Final = 2 * _DAY
# For how many minutes operators try where no validity is known.
_USUAL_VALIDITY: Final = 72 * 60
# So many are read of a message without ids where each of them is a call.
_FEW: Final = 20


@dataclass(frozen=True, slots=True)
class Found:
    """What OVHcloud has of some SMS; `calls` is what it took to find out."""

    records: Mapping[Key, SmsRecord]
    calls: int


class Look:
    """A look at what is awaited, at one moment."""

    def __init__(
        self,
        ledger: Ledger,
        gateway: AccountGateway,
        clock: Clock,
        service_name: str,
        settings: Settings,
    ) -> None:
        """Take the moment from the clock."""
        self.ledger = ledger
        self.gateway = gateway
        self.clock = clock
        self.now = clock.now()
        self._service_name = service_name
        self._is_called = settings.receipts == Feedback.WEBHOOK

    def find(self, rows: Sequence[Awaited]) -> Found:
        """Ask OVHcloud about SMS that are read together."""
        if rows[0].sms_id is None:
            return self._find_by_tag(rows)
        at_once = self.gateway.reads_at_once
        ids = {row.sms_id: row.key for row in rows if row.sms_id is not None}
        records = self.gateway.outgoing_sms(
            self._service_name, ids, rows[0].virtual_number
        )
        # Where it did not know how to read many at once, they were read one by one.
        calls = 1 + len(ids) * (self.gateway.reads_at_once < at_once)
        return Found({ids[record.sms_id]: record for record in records}, calls)

    def _find_by_tag(self, rows: Sequence[Awaited]) -> Found:
        """Find out which SMS of a message is whose; it has a tag that no other has."""
        tag, number = rows[0].tag, rows[0].virtual_number
        tagged = self.gateway.outgoing(
            self._service_name, tag=tag, virtual_number=number
        )
        unknown = sorted(set(tagged) - self.ledger.known(tagged))
        at_once = self.gateway.reads_at_once
        unknown = unknown[: at_once if at_once > 1 else _FEW]
        if not unknown:
            return Found({}, 1)
        found = {
            self.ledger.mark(as_e164(record.receiver)): record
            for record in self.gateway.outgoing_sms(self._service_name, unknown, number)
        }
        return Found(
            {
                row.key: found[row.number_mark]
                for row in rows
                if row.number_mark in found
            },
            2 if self.gateway.reads_at_once > 1 else 1 + len(unknown),
        )

    def is_left_to_webhook(self, row: Awaited) -> bool:
        """Tell whether OVHcloud is expected to call before it is asked."""
        age = self.now - row.left_at
        return self._is_called and 0 <= age < FIRST_LOOK_OF_WEBHOOK * EARLY

    def is_over(
        self, row: Awaited, record: SmsRecord | None, grace: float = 0.0
    ) -> bool:
        """Tell whether no receipt can come any more.

        By our clock and by OVHcloud's: a clock that is wrong must not end anything.
        """
        now = self.now + min(0, self._ahead)
        return now >= self._left_at(row, record) + _lasts(row) + grace

    def next_look(self, row: Awaited, record: SmsRecord | None) -> float:
        """Return when to look again: the longer ago it left, the later."""
        left_at = self._left_at(row, record)
        age = self.now - left_at
        end = left_at + _lasts(row)
        looks = (left_at + look for look in LOOKS if look * EARLY > age)
        moment = next(looks, self.now + _DAY)
        if self._is_called:
            moment = max(moment, left_at + FIRST_LOOK_OF_WEBHOOK)
        return min(moment, end) if end > self.now else moment

    @property
    def _ahead(self) -> float:
        """Return the seconds by which OVHcloud's clock is ahead: a call has just found out."""
        return self.gateway.clock_offset or 0

    def _left_at(self, row: Awaited, record: SmsRecord | None) -> float:
        """Return when an SMS left: OVHcloud may have held it back, and clocks are set."""
        known = [row.left_at]
        if record and record.sent_at:
            known.append(record.sent_at.timestamp() - self._ahead)
        return max((each for each in known if each <= self.now), default=self.now)


def _lasts(row: Awaited) -> float:
    """Return for how long after it left a receipt may come."""
    validity = _USUAL_VALIDITY if row.validity is None else row.validity
    held = 0.0 if row.no_stop_clause or row.virtual_number else _HELD
    return validity * 60 + MARGIN + held
