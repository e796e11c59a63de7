"""What nobody waits for: messages tried again, looked up, given up, and told of."""

from dataclasses import dataclass, replace
import logging
import sqlite3
from typing import Final

from ..gateway.errors import (
    AuthFailed,
    GatewayError,
    MissingRight,
    NotSent,
    OutcomeUnknown,
)
from . import limits
from .late import late_message
from .ledger import Ledger
from .lookup import look_up, outcome_of
from .message import Outcome
from .pace import LONGEST_PAUSE
from .road import LOOKS, Road
from .settings import Settings
from .standing import Standing
from .states import State
from .written import Written

_LOGGER = logging.getLogger(__name__)
_SHORTEST_PAUSE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Work:
    """What a step in the background brought, and when the next one is due.

    `standing` is how things stand after it, None where the ledger cannot be read.
    `failure` is why OVHcloud could not be asked; a pause of None means that nothing is left to do.
    """

    outcomes: tuple[Outcome, ...] = ()
    failure: GatewayError | None = None
    pause: float | None = 0.0
    standing: Standing | None = None


class Dispatcher(Road):
    """Sends the messages of one account. Every method blocks: call it on a worker thread."""

    def work(self, settings: Settings) -> Work:
        """Do what is most urgent of what nobody waits for: one call at most."""
        with self._at_work():
            try:
                ledger = self._up_to_date()
                self._catch_up(ledger, settings)
                self.watch_clock(ledger)
                work = (
                    self._tell_owed(ledger)
                    or self._expire(ledger)
                    or self._look_up(ledger, settings)
                    or self._retry(ledger, settings)
                    or Work(pause=self._pause(ledger))
                )
            except sqlite3.Error, OSError:
                _LOGGER.debug("The ledger cannot be used", exc_info=True)
                self.is_unwritable = True
                return Work(pause=LONGEST_PAUSE)
            return self._with_standing(work, ledger, settings)

    def _with_standing(self, work: Work, ledger: Ledger, settings: Settings) -> Work:
        """Add how things stand; what was done is told though that cannot be read."""
        try:
            standing = self._standing(settings)
            limits.count_ahead(ledger, settings, self._clock.now())
        except sqlite3.Error, OSError:
            _LOGGER.debug("The ledger cannot be read", exc_info=True)
            self.is_unwritable = True
            return replace(work, pause=work.pause or LONGEST_PAUSE)
        return replace(work, standing=standing)

    def _tell_owed(self, ledger: Ledger) -> Work | None:
        """Tell what the last run had no time to tell."""
        outcomes: list[Outcome] = []
        while self._owed and len(outcomes) < 50:
            if outcome := ledger.outcome(self._owed.popleft()):
                outcomes.append(outcome)
        return Work(tuple(outcomes)) if outcomes else None

    def _expire(self, ledger: Ledger) -> Work | None:
        """Give up what is of no use any more."""
        written = ledger.overdue(self._clock.now())
        if written is None:
            return None
        outcome = _expired(written)
        ledger.settle(outcome, self._clock.now(), owed=True)
        return Work((outcome,))

    def _retry(self, ledger: Ledger, settings: Settings) -> Work | None:
        """Send what has waited longest, if there is no reason to pause."""
        if self._pauses.left:
            return None
        if (written := ledger.next_waiting()) is None:
            return None
        return self._send_again(ledger, written, settings)

    def _send_again(self, ledger: Ledger, written: Written, settings: Settings) -> Work:
        """Send a message that is late, and say so in its text."""
        now = self._clock.now()
        message = late_message(written, settings, now)
        if not ledger.hand_over(message, now):
            # It was cancelled a moment ago.
            return Work()
        outcome = self._hand_over(message)
        failure = outcome.failure
        match failure:
            case NotSent():
                self._pauses.grow(failure.retry_after)
                outcome = replace(outcome, state=State.WAITING)
            case AuthFailed() | MissingRight():
                # The user can mend that.
                self._pauses.grow()
                outcome = replace(outcome, state=State.WAITING)
            case OutcomeUnknown():
                # Whatever waits behind it would end in doubt too.
                self._pauses.grow()
            case _:
                self._pauses.end()
        if outcome.state is State.UNKNOWN:
            return self._begin_doubt(ledger, outcome)
        self._settling.settle(
            ledger,
            outcome,
            self._clock.now(),
            owed=outcome.state is not State.WAITING,
        )
        told = () if outcome.state is State.WAITING else (outcome,)
        return Work(told, failure)

    def _begin_doubt(self, ledger: Ledger, outcome: Outcome) -> Work:
        """Look a message up from now on; where that is not possible, say so."""
        self._settling.settle(ledger, outcome, self._clock.now(), owed=True)
        self._doubt(outcome.message.message_id)
        return Work((), outcome.failure)

    def _look_up(self, ledger: Ledger, settings: Settings) -> Work | None:
        """Ask OVHcloud whether it has the message that has been in doubt longest."""
        now = self._clock.steady()
        message_id, doubt = min(
            list(self._doubts.items()),
            key=lambda item: item[1].due,
            default=(None, None),
        )
        if message_id is None or doubt is None or doubt.due > now or self.budget.left:
            return None
        written = ledger.find(message_id)
        if written is None or written.state is not State.UNKNOWN:
            del self._doubts[message_id]
            return Work()
        if (reader := self._reader) is None:
            return self._leave_in_doubt(ledger, written, None)
        try:
            finding = look_up(
                reader, self.service_name, written, ledger.known, self._clock.now()
            )
        except MissingRight as failure:
            return self._leave_in_doubt(ledger, written, failure)
        except GatewayError as failure:
            self.budget.take(1)
            self._pauses.grow(getattr(failure, "retry_after", None))
            doubt.due = now + self._pauses.left
            return Work(failure=failure)
        self.budget.take(finding.calls)
        self._pauses.end()
        outcome = outcome_of(written, finding)
        later = [look for look in LOOKS if doubt.since + look > now]
        if outcome is None and not later:
            return self._send_absent(ledger, written, settings)
        if outcome and (outcome.state is State.ACCEPTED or not later):
            return self._end_doubt(ledger, outcome)
        doubt.due = doubt.since + later[0]
        return Work()

    def _send_absent(
        self, ledger: Ledger, written: Written, settings: Settings
    ) -> Work:
        """Send a message again that OVHcloud surely does not have, if it is of use still."""
        message = written.message
        if not message.queue or self._clock.now() >= written.deadline:
            return self._end_doubt(ledger, _expired(written))
        if told := self._pauses.told:
            self._doubts[message.message_id].due = self._clock.steady() + told
            return Work()
        doubt = self._doubts.pop(message.message_id)
        try:
            return self._send_again(ledger, written, settings)
        except sqlite3.Error, OSError:
            # Nothing was sent: it is looked up again once the disk can be written.
            self._doubts[message.message_id] = doubt
            raise

    def _leave_in_doubt(
        self, ledger: Ledger, written: Written, failure: GatewayError | None
    ) -> Work:
        """Say that it cannot be found out whether a message left."""
        ledger.leave_in_doubt(written.message.message_id)
        del self._doubts[written.message.message_id]
        outcome = Outcome(
            message=written.message,
            state=State.UNKNOWN,
            failure=failure,
            is_unprovable=True,
        )
        return Work((outcome,), failure)

    def _end_doubt(self, ledger: Ledger, outcome: Outcome) -> Work:
        self._doubts.pop(outcome.message.message_id, None)
        self._settling.settle(ledger, outcome, self._clock.now(), owed=True)
        return Work((outcome,))

    def _pause(self, ledger: Ledger) -> float | None:
        """Return the seconds until there is something to do."""
        pauses = []
        if (deadline := ledger.next_deadline()) is not None:
            pauses += [deadline - self._clock.now(), self._pauses.left]
        if self._doubts:
            due = min(doubt.due for doubt in list(self._doubts.values()))
            pauses.append(max(due - self._clock.steady(), self.budget.left))
        if self._settling.has_failed:
            pauses.append(LONGEST_PAUSE)
        return max(min(pauses), _SHORTEST_PAUSE) if pauses else None


def _expired(written: Written) -> Outcome:
    """Tell that a message is of no use any more, and what kept it from leaving."""
    return Outcome(
        message=written.message, state=State.EXPIRED, noted_reason=written.reason
    )
