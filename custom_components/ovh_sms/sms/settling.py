"""What became of messages, on its way into the ledger."""

from collections import deque
from collections.abc import Iterable
from contextlib import suppress
import logging

from .ledger import Ledger
from .message import Outcome

_LOGGER = logging.getLogger(__name__)


class Settling:
    """Keeps what is still to be written down: no caller waits for it, and none is lost by a disk that fails."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._answered: deque[tuple[Outcome, float]] = deque()
        self._unsettled: deque[tuple[Outcome, bool]] = deque()
        self._told: deque[str] = deque()

    @property
    def has_failed(self) -> bool:
        """Return whether something could not be written down so far."""
        return bool(self._unsettled)

    def add(self, outcome: Outcome, now: float) -> None:
        """Take an answer that need not be on disk before the caller has it; it does not block."""
        self._answered.append((outcome, now))

    def add_told(self, outcomes: Iterable[Outcome]) -> None:
        """Take that it was told what became of messages; it does not block."""
        self._told.extend(outcome.message.message_id for outcome in outcomes)

    def settle(
        self, ledger: Ledger, outcome: Outcome, now: float, *, owed: bool
    ) -> None:
        """Write down an outcome, or do it later: it stands, whatever the disk does."""
        try:
            ledger.settle(outcome, now, owed=owed)
        except Exception:
            _LOGGER.exception("The outcome of a message could not be written down")
            self._unsettled.append((outcome, owed))

    def write_answers(self, ledger: Ledger) -> None:
        """Write down all answers, in one step that other threads wait for."""
        if not self._answered:
            return
        taken: list[Outcome] = []
        try:
            with ledger.transaction():
                while self._answered:
                    outcome, moment = self._answered.popleft()
                    taken.append(outcome)
                    ledger.settle(outcome, moment)
        except Exception:
            _LOGGER.exception("What was accepted could not be written down")
            self._unsettled.extend((outcome, False) for outcome in taken)

    def write_late(self, ledger: Ledger, now: float) -> None:
        """Write down what could not be written before, and what was told."""
        while self._unsettled:
            outcome, owed = self._unsettled[0]
            with suppress(UnicodeError, ValueError):
                ledger.settle(outcome, now, owed=owed)
            self._unsettled.popleft()
        told = []
        while self._told:
            told.append(self._told.popleft())
        if told:
            ledger.confirm_told(told)
