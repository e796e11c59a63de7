"""How a message that someone waits for goes: written down, handed over, settled."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
import logging
import random
import sqlite3
import threading
from typing import Final
import uuid

from ..gateway.errors import GatewayError, NotSent, NotSentReason, OutcomeUnknown
from ..gateway.protocol import AccountGateway, Gateway
from . import limits
from .clock import Clock, SystemClock
from .database import IN_BACKUP
from .errors import Closed, LimitReached
from .inbox import Inbox
from .ledger import Ledger
from .ledger_file import remove_set_aside
from .message import Message, Outcome, outcome_reported, prepare, with_delay
from .pace import Budget, Pauses
from .recipients import Recipient
from .request import SmsRequest
from .settings import Settings
from .settling import Settling
from .standing import Standing, confirm_checked, read_standing
from .states import State

_LOGGER = logging.getLogger(__name__)
_DAY: Final = 24 * 60 * 60
# When OVHcloud is asked about a message whose answer is missing, in seconds after it.
LOOKS: Final = (5.0, 15.0, 30.0, 60.0, 120.0)
# A clock that is off by more than this was set anew.
_JUMP: Final = 60.0
# How long the end of the account waits for messages that are being sent.
_PATIENCE: Final = 10.0


@dataclass(slots=True)
class Doubt:
    """A message that OVHcloud may have: since when that is, and when to look again."""

    since: float
    due: float


class Road:
    """The ledger and the way to OVHcloud, and what callers do with them. All of it blocks."""

    def __init__(
        self,
        service_name: str,
        open_ledger: Callable[[], Ledger],
        gateway: Gateway,
        clock: Clock | None = None,
        jitter: Callable[[], float] = random.random,
        *,
        in_backup: bool = False,
    ) -> None:
        """Take over the ledger of the last run, if it can be opened."""
        self.gateway = gateway
        self.is_unwritable = False
        self.service_name = service_name
        self._open_ledger = open_ledger
        self._clock = clock or SystemClock()
        self._jitter = jitter
        self._pauses = self.pauses()
        self.budget = Budget(self._clock)
        self._run = uuid.uuid4().hex
        self._offset = self._clock.now() - self._clock.steady()
        self._offset_lock = threading.Lock()
        self._doubts: dict[str, Doubt] = {}
        self._settling = Settling()
        self._owed: deque[str] = deque()
        self._looks = count(1)
        self._busy = 0
        self._idle = threading.Condition()
        self._is_closed = False
        self._in_backup = in_backup
        self._spare: Ledger | None = None
        self._ledger: Ledger | None = None
        self._open_lock = threading.Lock()
        try:
            self._opened()
        except sqlite3.Error, OSError:
            _LOGGER.exception("The ledger cannot be opened")

    def check(
        self,
        request: SmsRequest,
        recipients: Mapping[str, Recipient],
        settings: Settings,
    ) -> None:
        """Refuse what could not be sent; limits are looked at when it is sent."""
        prepare(request, recipients, settings, self._clock.now())

    def send(
        self,
        request: SmsRequest,
        recipients: Mapping[str, Recipient],
        settings: Settings,
    ) -> tuple[Outcome, ...]:
        """Take a message from the request to OVHcloud's answer, job by job.

        What cannot be written down is sent all the same, once: it just cannot wait.
        """
        with self._at_work():
            now = self._clock.now()
            messages = prepare(request, recipients, settings, now)
            ledger: Ledger | None = None
            try:
                ledger = self._opened()
                self.watch_clock(ledger)
                now = self._clock.now()
                admitted, outcomes = self._admit(ledger, messages, settings, now)
                self.is_unwritable = False
            except sqlite3.Error, OSError:
                _LOGGER.warning("A message could not be written down", exc_info=True)
                self.is_unwritable = True
                ledger = None
                admitted, outcomes = self._admit(
                    self._in_memory(), messages, settings, now
                )
            return (
                *outcomes,
                *(self._send(message, ledger, settings, now) for message in admitted),
            )

    def go_on(self) -> None:
        """End the pauses: there is reason to think that OVHcloud can be reached again."""
        self._pauses.end()

    def confirm_told(self, outcomes: Iterable[Outcome]) -> None:
        """Note that it was told what became of messages; it does not block."""
        self._settling.add_told(outcomes)

    def standing(self, settings: Settings) -> Standing:
        """Return how things stand, as far as the disk or memory knows."""
        with self._at_work():
            return self._standing(settings)

    def carry_on(self, limit: str) -> None:
        """Begin to count for a limit from now."""
        with self._at_work():
            limits.carry_on(self._ledgers()[0], limit, self._clock.now())

    def confirm_checked(self) -> None:
        """Note that the user knows of the messages that are in doubt for ever."""
        with self._at_work():
            confirm_checked(self._ledgers(), self._clock.now())

    def remove_set_aside(self) -> None:
        """Remove the damaged ledgers that were set aside."""
        with self._at_work():
            if path := self._opened().path:
                remove_set_aside(path)

    def hold_for_backup(self) -> None:
        """Let the ledger's file be copied from now on, while messages are sent."""
        with self._at_work():
            self._in_backup = True
            self._up_to_date().hold_for_backup()

    def go_on_after_backup(self) -> None:
        """Write to the ledger's file again."""
        with self._at_work():
            self._in_backup = False
            self._opened().go_on_after_backup()

    def ask[T](self, question: Callable[[Ledger, Gateway, Clock], T]) -> T:
        """Let a caller ask the ledger and OVHcloud; neither is closed meanwhile."""
        with self._at_work():
            try:
                return question(self._up_to_date(), self.gateway, self._clock)
            except sqlite3.Error as err:
                if self._is_closed:
                    # It took longer than the end of the account can wait.
                    raise Closed from err
                raise

    def pauses(self) -> Pauses:
        """Return pauses for those who ask OVHcloud something of their own."""
        return Pauses(self._clock, self._jitter)

    def forget(self, days: int) -> None:
        """Forget the messages that are older than some days."""
        with self._at_work():
            ledger = self._up_to_date()
            if not days:
                ledger.forget_contents()
            # What is younger than a day is counted for the limits.
            ledger.forget(self._clock.now() - max(days * _DAY, limits.LONGEST_DAY))

    def close(self) -> None:
        """Close the ledger and the connections, once what is being sent has its answer."""
        with self._idle:
            self._is_closed = True
            self._idle.wait_for(lambda: not self._busy, _PATIENCE)
        if self._ledger:
            self._settling.write_answers(self._ledger)
            with suppress(sqlite3.Error):
                self._settling.write_late(self._ledger, self._clock.now())
            self._ledger.close()
        if self._spare:
            self._spare.close()
        self.gateway.close()

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        with self._idle:
            if self._is_closed:
                raise Closed
            self._busy += 1
        try:
            yield
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def _opened(self) -> Ledger:
        """Return the ledger; where it could not be opened before, it may be possible now."""
        with self._open_lock:
            if self._ledger is None:
                ledger = self._open_ledger()
                try:
                    self._take_over(ledger)
                except BaseException:
                    ledger.close()
                    raise
                self._ledger = ledger
            return self._ledger

    def _up_to_date(self) -> Ledger:
        """Return the ledger with all that OVHcloud has answered in it."""
        ledger = self._opened()
        self._settling.write_answers(ledger)
        return ledger

    def _take_over(self, ledger: Ledger) -> None:
        """Go on from where the last run ended."""
        now = self._clock.now()
        if interrupted := ledger.mark_interrupted(now):
            _LOGGER.warning(
                "%d messages were being sent when Home Assistant stopped: it will be"
                " looked up whether they left",
                interrupted,
            )
        if self._in_backup:
            ledger.hold_for_backup()
        elif ledger.noted(IN_BACKUP):
            ledger.mark_restored(now)
            # What was told since then is not known any more.
            Inbox(ledger).start_anew()
            ledger.note(IN_BACKUP, None)
        for message_id in ledger.doubtful():
            self._doubt(message_id)
        self._owed.extend(ledger.owed())

    def _standing(self, settings: Settings) -> Standing:
        number = next(self._looks)
        standing = read_standing(self._ledgers(), settings, self._clock.now())
        return replace(standing, number=number)

    def _ledgers(self) -> list[Ledger]:
        """Return the ledgers that there are, first the one that is written to now."""
        found = [self._spare] if self._spare else []
        try:
            found.append(self._up_to_date())
        except sqlite3.Error, OSError:
            self.is_unwritable = True
        if self.is_unwritable:
            return found if self._spare else [self._in_memory(), *found]
        return found[::-1]

    def _in_memory(self) -> Ledger:
        """Return what limits are counted in while the disk cannot be written."""
        with self._open_lock:
            if self._spare is None:
                self._spare = Ledger(None)
            return self._spare

    def _admit(
        self,
        ledger: Ledger,
        messages: Iterable[Message],
        settings: Settings,
        now: float,
    ) -> tuple[list[Message], list[Outcome]]:
        """Write down what may be sent: all of a call, or nothing."""
        admitted: list[Message] = []
        outcomes: list[Outcome] = []
        try:
            with ledger.transaction():
                for whole in messages:
                    if message := limits.without_duplicates(
                        whole, ledger, settings, now
                    ):
                        limits.check(message, ledger, settings, now)
                        ledger.add(message, now, self._run)
                        admitted.append(message)
                    else:
                        outcomes.append(Outcome(message=whole, state=State.DUPLICATE))
        except LimitReached as err:
            limits.note(ledger, err, now)
            raise
        return admitted, outcomes

    def _send(
        self, message: Message, ledger: Ledger | None, settings: Settings, now: float
    ) -> Outcome:
        """Hand over a message that someone waits for; without a ledger it cannot wait."""
        outcome = self._hand_over(message)
        if isinstance(failure := outcome.failure, NotSent):
            self._pauses.begin(failure.retry_after)
            deadline = max(now, message.send_at or 0) + message.retry_for
            if ledger and message.queue and self._clock.now() < deadline:
                outcome = replace(outcome, state=State.WAITING)
        elif outcome.state is not State.UNKNOWN:
            self._pauses.end()
        if outcome.state is State.UNKNOWN:
            outcome = replace(
                outcome,
                is_unprovable=not (ledger and settings.can_look_up and self._reader),
            )
        if ledger and self._may_be_lost(outcome, settings):
            self._settling.add(outcome, self._clock.now())
            return outcome
        is_bad = outcome.state in (State.REFUSED, State.PARTIAL, State.EXPIRED)
        self._settling.settle(
            ledger or self._in_memory(),
            outcome,
            self._clock.now(),
            owed=is_bad or outcome.is_unprovable,
        )
        if outcome.state is State.UNKNOWN and not outcome.is_unprovable:
            self._doubt(message.message_id)
        return outcome

    def _hand_over(self, message: Message) -> Outcome:
        """Make the call, and tell what became of the message."""
        job = with_delay(message.job, message.send_at, self._clock.now())
        try:
            if told := self._pauses.told:
                raise NotSent(NotSentReason.THROTTLED, retry_after=told)
            report = self.gateway.send(self.service_name, job)
        except GatewayError as failure:
            match failure:
                case NotSent():
                    state = State.EXPIRED
                case OutcomeUnknown():
                    state = State.UNKNOWN
                case _:
                    state = State.REFUSED
            return Outcome(message=message, state=state, failure=failure)
        return outcome_reported(message, report)

    def _may_be_lost(self, outcome: Outcome, settings: Settings) -> bool:
        """Tell whether an answer need not be on disk before the caller has it.

        If it is lost, OVHcloud is asked for it; limits count the message either way,
        unless who receives it is only known from the answer.
        """
        return (
            outcome.state is State.ACCEPTED
            and bool(outcome.message.receivers)
            and settings.can_look_up
            and self._reader is not None
        )

    def _catch_up(self, ledger: Ledger, settings: Settings) -> None:
        if self.is_unwritable:
            # That it can be read proves nothing.
            ledger.note("tried_at", self._clock.now())
            self.is_unwritable = False
        self._settling.write_late(ledger, self._clock.now())
        if not settings.history_days:
            ledger.forget_contents()

    def watch_clock(self, ledger: Ledger) -> None:
        """Correct what was written down by a clock that has been set since."""
        with self._offset_lock:
            jump = self._clock.now() - self._clock.steady() - self._offset
            if abs(jump) > _JUMP:
                ledger.shift(self._run, jump)
                self._offset += jump

    def _doubt(self, message_id: str) -> None:
        now = self._clock.steady()
        self._doubts[message_id] = Doubt(now, now + LOOKS[0])

    @property
    def _reader(self) -> AccountGateway | None:
        """Return the way to read what OVHcloud has, if there is one."""
        return self.gateway if isinstance(self.gateway, AccountGateway) else None
