"""Whether SMS arrived: OVHcloud is asked about all that left, less and less often."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
import logging
import sqlite3
from typing import Final

from ..gateway.errors import (
    AuthFailed,
    GatewayError,
    MissingRight,
    NotSent,
    Refused,
    RefusedReason,
)
from ..gateway.protocol import AccountGateway, Gateway
from .awaited import Awaited, End, Key, Receipt
from .clock import Clock
from .errors import Closed
from .ledger import Ledger
from .look import FIRST_LOOK_OF_WEBHOOK, Look
from .pace import LONGEST_PAUSE
from .privacy import mask
from .road import Road
from .settings import Feedback, Settings
from .states import State

_LOGGER = logging.getLogger(__name__)

# Seconds until those who cannot be helped without the user are tried again.
_BLOCKED: Final = 60 * 60.0
# Who may not read for so long, or gets no proper answer, will hear no more of an SMS.
_GIVEN_UP: Final = 7 * 24 * 60 * 60.0
# The first call must not be dear where OVHcloud does not read many SMS at once.
_FIRST_BATCH: Final = 10
# Calls are that far apart: the minute's calls are not spent in one burst.
_SPACING: Final = 1.0
# Seconds until it is looked again whether a receipt may be told.
_SOON: Final = 1.0
_SHORTEST_PAUSE: Final = 0.05
# The clock may be set meanwhile.
_LONGEST_SLEEP: Final = 60 * 60.0
_TOLD_AT_ONCE: Final = 50
_LONGEST_REASON: Final = 200
_NO_RECEIPT: Final = "no_receipt"
_DELIVERED: Final = (1,)
_FAILED: Final = (2, 16)


@dataclass(frozen=True, slots=True)
class ReceiptsRead:
    """What a step brought, and when the next one is due.

    `failure` is why OVHcloud could not be asked; a pause of None means that no receipt is awaited.
    """

    receipts: tuple[Receipt, ...] = ()
    failure: GatewayError | None = None
    pause: float | None = 0.0


class Receipts:
    """Reads the receipts of one account. `work` blocks: call it on a worker thread."""

    def __init__(self, road: Road) -> None:
        """Begin with what the ledger says is awaited."""
        self._road = road
        self._pauses = road.pauses()
        self._hints: deque[int] = deque()
        self._hinted: set[int] = set()
        self._told: deque[Key] = deque()
        self._handed_out: set[Key] = set()
        self._meanings: dict[int, str] = {}
        self._unexplained: dict[int, list[Key]] = {}
        self._gateway: Gateway | None = None
        self._batch = _FIRST_BATCH
        self._free_at = 0.0
        self._blocked_until = 0.0
        self._is_barred = False

    def hint(self, sms_id: int) -> None:
        """Take it that OVHcloud may know more of an SMS now; it does not block."""
        self._hints.append(sms_id)

    def confirm_told(self, receipts: Iterable[Receipt]) -> None:
        """Note that receipts were told; it does not block."""
        self._told.extend(each.key for each in receipts)

    def go_on(self) -> None:
        """Try again at once: there is reason to think that OVHcloud answers now."""
        self._pauses.end()
        if not self._is_barred:
            self._blocked_until = 0.0

    def close(self) -> None:
        """Write down what was told last."""
        try:
            self._road.ask(lambda ledger, gateway, clock: self._confirm(ledger))
        except sqlite3.Error, OSError, Closed:
            _LOGGER.debug("What was told could not be written down", exc_info=True)

    def work(self, settings: Settings) -> ReceiptsRead:
        """Tell what is known, or ask OVHcloud: one call, two for SMS without an id."""
        try:
            return self._road.ask(
                lambda ledger, gateway, clock: self._step(
                    ledger, gateway, clock, settings
                )
            )
        except sqlite3.Error, OSError:
            _LOGGER.debug("The ledger cannot be used", exc_info=True)
            return ReceiptsRead(pause=LONGEST_PAUSE)

    def _step(
        self, ledger: Ledger, gateway: Gateway, clock: Clock, settings: Settings
    ) -> ReceiptsRead:
        self._confirm(ledger)
        if receipts := self._owed(ledger):
            return ReceiptsRead(receipts)
        if ledger.next_look() is None:
            self._hints.clear()
            return ReceiptsRead(pause=self._pause(ledger, clock))
        if settings.receipts == Feedback.OFF or not isinstance(gateway, AccountGateway):
            self._hints.clear()
            self._hinted.clear()
            self._unexplained.clear()
            ledger.look_no_more()
            return ReceiptsRead(pause=self._pause(ledger, clock))
        if gateway is not self._gateway:
            self._gateway, self._batch = gateway, _FIRST_BATCH
            self._blocked_until = 0.0
        self._road.watch_clock(ledger)
        look = Look(ledger, gateway, clock, self._road.service_name, settings)
        ledger.look_sooner(look.now)
        self._take_hints(look)
        rows = self._next(look)
        if not rows and not self._unexplained:
            return ReceiptsRead(pause=self._pause(ledger, clock))
        if not settings.can_look_up:
            ledger.look_no_more(look.now - _GIVEN_UP)
            return ReceiptsRead(pause=_BLOCKED)
        if wait := self._wait(clock):
            return ReceiptsRead(pause=wait)
        if self._unexplained:
            return self._explain(look)
        return self._read(look, rows)

    def _confirm(self, ledger: Ledger) -> None:
        """Write down what was told since the last step."""
        keys = []
        while self._told:
            keys.append(self._told.popleft())
        if keys:
            ledger.confirm_receipts(keys)
            self._handed_out.difference_update(keys)

    def _owed(self, ledger: Ledger) -> tuple[Receipt, ...]:
        """Return what is to be told now; it is told again only in another run."""
        owed, _ = ledger.owed_receipts()
        receipts = [each for each in owed if each.key not in self._handed_out]
        receipts = receipts[:_TOLD_AT_ONCE]
        self._handed_out.update(each.key for each in receipts)
        return tuple(receipts)

    def _take_hints(self, look: Look) -> None:
        """Keep the hints that are about SMS that are awaited."""
        hints = set()
        while self._hints:
            hints.add(self._hints.popleft())
        if hints:
            self._hinted |= {
                row.sms_id
                for row in look.ledger.awaited_of(hints, look.now)
                if row.sms_id is not None
            }

    def _next(self, look: Look) -> Sequence[Awaited]:
        """Return what is to be read in the next call, if anything is."""
        size = min(self._batch, look.gateway.reads_at_once)
        if self._hinted:
            rows = look.ledger.awaited_of(self._hinted, look.now)
            self._hinted = {row.sms_id for row in rows if row.sms_id is not None}
            for first in rows:
                return [
                    row for row in rows if row.virtual_number == first.virtual_number
                ][:size]
        while rows := look.ledger.due(look.now, size):
            if not (young := [row for row in rows if look.is_left_to_webhook(row)]):
                return rows
            look.ledger.look_again(
                (row.key, row.left_at + FIRST_LOOK_OF_WEBHOOK) for row in young
            )
        return ()

    def _read(self, look: Look, rows: Sequence[Awaited]) -> ReceiptsRead:
        """Ask about some SMS, and write down what became of them."""
        at_once = look.gateway.reads_at_once
        try:
            found = look.find(rows)
        except GatewayError as failure:
            fell_back = look.gateway.reads_at_once < at_once
            self._spend(look, 1 + len(rows) * fell_back)
            return self._fail(look, rows, failure)
        self._spend(look, found.calls)
        self._pauses.end()
        self._is_barred = False
        self._batch = min(self._batch * 10, look.gateway.reads_at_once)
        self._hinted.difference_update(row.sms_id for row in rows)
        ends, again = [], []
        for row in rows:
            record = found.records.get(row.key)
            receipt = record.receipt if record else None
            if receipt in _DELIVERED:
                ends.append(End(row.key, State.DELIVERED, None))
            elif record and receipt in _FAILED:
                if record.ptt in self._meanings:
                    reason = self._meanings[record.ptt]
                    ends.append(End(row.key, State.FAILED, reason))
                else:
                    self._unexplained.setdefault(record.ptt, []).append(row.key)
            elif look.is_over(row, record):
                ends.append(End(row.key, State.UNCONFIRMED, _NO_RECEIPT))
            else:
                again.append((row.key, look.next_look(row, record)))
        with look.ledger.transaction():
            look.ledger.identify(
                (row.key, found.records[row.key].sms_id)
                for row in rows
                if row.key in found.records
            )
            look.ledger.end(ends)
            look.ledger.look_again(again)
        return ReceiptsRead(self._owed(look.ledger))

    def _explain(self, look: Look) -> ReceiptsRead:
        """Ask what an operator's code means, and write down what failed with it."""
        code, keys = self._unexplained.popitem()
        self._spend(look, 1)
        meaning = str(code)[:_LONGEST_REASON]
        try:
            said = _plain(look.gateway.meaning(code))
        except NotSent as failure:
            self._pauses.grow(failure.retry_after)
        except GatewayError as failure:
            _LOGGER.debug("A code was not explained: %s", failure)
            self._meanings[code] = meaning
        else:
            meaning = self._meanings[code] = said or meaning
        look.ledger.end(End(key, State.FAILED, meaning) for key in keys)
        return ReceiptsRead(self._owed(look.ledger))

    def _fail(
        self, look: Look, rows: Sequence[Awaited], failure: GatewayError
    ) -> ReceiptsRead:
        """Pause for as long as the failure asks for."""
        match failure:
            case NotSent():
                self._pauses.grow(failure.retry_after)
            case MissingRight():
                # That the account can be read proves nothing here.
                self._is_barred = True
                self._block(look)
            case AuthFailed():
                self._block(look)
            case Refused() if failure.reason is not RefusedReason.OTHER:
                self._block(look)
            case _:
                self._pauses.grow()
                self._single_out(look, rows)
        return ReceiptsRead(failure=failure)

    def _single_out(self, look: Look, rows: Sequence[Awaited]) -> None:
        """Keep an SMS that OVHcloud does not answer about from hiding the others."""
        if len(rows) > 1 and rows[0].sms_id is not None:
            self._batch = max(1, min(self._batch, len(rows)) // 10)
            return
        self._hinted.difference_update(row.sms_id for row in rows)
        with look.ledger.transaction():
            look.ledger.end(
                End(row.key, State.UNCONFIRMED, _NO_RECEIPT)
                for row in rows
                if look.is_over(row, None, _GIVEN_UP)
            )
            look.ledger.look_again((row.key, look.next_look(row, None)) for row in rows)

    def _block(self, look: Look) -> None:
        """Wait for the user, or for the next reading of the account."""
        self._blocked_until = look.clock.steady() + _BLOCKED
        look.ledger.look_no_more(look.now - _GIVEN_UP)

    def _spend(self, look: Look, calls: int) -> None:
        self._road.budget.take(calls)
        self._free_at = look.clock.steady() + calls * _SPACING

    def _wait(self, clock: Clock) -> float:
        """Return the seconds until the next call may be made."""
        wait = max(
            self._blocked_until - clock.steady(),
            self._free_at - clock.steady(),
            self._pauses.left,
            self._road.budget.left,
        )
        return max(wait, _SHORTEST_PAUSE) if wait > 0 else 0.0

    def _pause(self, ledger: Ledger, clock: Clock) -> float | None:
        """Return the seconds until there is something to do."""
        pauses = []
        if (moment := ledger.next_look()) is not None:
            pauses.append(
                min(max(moment - clock.now(), self._wait(clock)), _LONGEST_SLEEP)
            )
        if ledger.owed_receipts()[1]:
            pauses.append(_SOON)
        return max(min(pauses), _SHORTEST_PAUSE) if pauses else None


def _plain(text: str) -> str:
    """Return what OVHcloud says as a short line that can be written down."""
    line = mask(" ".join(text.split())).encode("utf-8", "replace").decode()
    return line[:_LONGEST_REASON]
