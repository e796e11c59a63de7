"""Replies read from OVHcloud: told once each, also over restarts, and never an old one."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
import logging
import sqlite3
from typing import Final

from ..gateway.errors import GatewayError, NotSent, OutcomeUnknown
from ..gateway.protocol import AccountGateway, Gateway
from .clock import Clock
from .inbox import ACCOUNT, Inbox, time_at
from .ledger import Ledger
from .numbers import as_in_paths
from .pace import LONGEST_PAUSE, Pauses
from .questions import Question
from .reply_reader import Found, Received, ReplyReader
from .road import Road
from .settings import Feedback, Settings

_LOGGER = logging.getLogger(__name__)

# Seconds from one reading to the next.
_INTERVALS: Final = {Feedback.POLL: 60.0, Feedback.WEBHOOK: 15 * 60.0}
_INTERVAL_OF_QUESTIONS: Final = 10.0
# After a failure that only the user can mend.
_SELDOM: Final = 15 * 60.0
# An older reply is no news: Home Assistant was off, or OVHcloud out of reach, for long.
_NEWS_FOR: Final = 24 * 60 * 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RepliesRead:
    """What a reading brought, and when the next one is due.

    `failure` is why OVHcloud could not be asked; a pause of None means that nobody wants replies.
    """

    replies: tuple[Received, ...] = ()
    answers: tuple[tuple[Question, Received], ...] = ()
    failure: GatewayError | None = None
    pause: float | None = None


class Replies:
    """Reads the replies to one account. Every method blocks that does not say otherwise."""

    def __init__(
        self, road: Road, service_name: str, questions: Collection[Question] = ()
    ) -> None:
        """Read on a road; `questions` are those that are open at any time."""
        self._road = road
        self._reader = ReplyReader(service_name, road.budget)
        self._questions = questions
        self._pauses: Pauses | None = None
        self._failure: GatewayError | None = None
        self._last: float | None = None
        self._is_called = False
        # Handed over to be told, and told of.
        self._telling: set[int] = set()
        self._told: deque[int] = deque()

    def hint(self) -> None:
        """Read at the next step, due or not; it does not block."""
        self._is_called = True

    def confirm_told(self, sms_ids: Iterable[int]) -> None:
        """Note that replies were told; it does not block."""
        self._told.extend(sms_ids)

    @property
    def failure(self) -> GatewayError | None:
        """Return why replies cannot be read at the moment."""
        return self._failure

    def go_on(self) -> None:
        """Read at once where that failed: it can probably be done now. It does not block."""
        if self._failure and self._pauses:
            self._failure = None
            self._pauses.end()
            self.hint()

    def settle(self) -> None:
        """Write down what was told, before the end."""
        self._road.ask(lambda ledger, gateway, clock: self._confirm(Inbox(ledger)))

    def work(self, settings: Settings) -> RepliesRead:
        """Read what has come, if it is time to."""
        try:
            return self._road.ask(
                lambda ledger, gateway, clock: self._step(
                    Inbox(ledger), ledger, gateway, clock, settings
                )
            )
        except sqlite3.Error, OSError:
            _LOGGER.debug("The ledger cannot be used", exc_info=True)
            return RepliesRead(pause=LONGEST_PAUSE)

    def _step(
        self,
        inbox: Inbox,
        ledger: Ledger,
        gateway: Gateway,
        clock: Clock,
        settings: Settings,
    ) -> RepliesRead:
        self._confirm(inbox)
        wanted = _scopes(settings)
        inbox.keep(wanted)
        questions = tuple(self._questions)
        if not isinstance(gateway, AccountGateway) or not (wanted or questions):
            self._last = self._failure = None
            return RepliesRead()
        for scope in wanted:
            if inbox.since(scope) is None:
                inbox.begin(scope, time_at(gateway, clock))
        if self._pauses is None:
            self._pauses = Pauses(clock)
        if wait := self._wait(settings, questions, clock, self._pauses):
            return RepliesRead(pause=wait)
        self._is_called = False
        self._last = clock.steady()
        found = self._read(inbox, ledger, gateway, wanted, questions, settings)
        self._learn(found.failure, self._pauses)
        answers = tuple(_answers(found, questions))
        try:
            told = self._take(inbox, found, wanted, time_at(gateway, clock))
        except sqlite3.Error:
            # An answer that somebody waits for needs no disk.
            _LOGGER.warning("Replies could not be written down", exc_info=True)
            told = ()
        self._is_called |= found.has_more
        return RepliesRead(
            replies=told,
            answers=answers,
            failure=found.failure,
            pause=self._wait(settings, questions, clock, self._pauses),
        )

    def _wait(
        self,
        settings: Settings,
        questions: Collection[Question],
        clock: Clock,
        pauses: Pauses,
    ) -> float:
        """Return the seconds until the next reading is due."""
        interval = _INTERVALS.get(Feedback(settings.replies), _SELDOM)
        if questions:
            interval = _INTERVAL_OF_QUESTIONS
        if self._failure and not isinstance(self._failure, NotSent | OutcomeUnknown):
            interval = _SELDOM
        left = 0.0
        if self._last is not None and not self._is_called:
            left = self._last + interval - clock.steady()
        return max(0.0, left, pauses.left, self._road.budget.left)

    def _learn(self, failure: GatewayError | None, pauses: Pauses) -> None:
        self._failure = failure
        if failure is None:
            pauses.end()
        else:
            _LOGGER.debug("Replies could not be read: %s", failure)
            pauses.grow(getattr(failure, "retry_after", None))

    def _read(
        self,
        inbox: Inbox,
        ledger: Ledger,
        gateway: AccountGateway,
        wanted: Collection[str],
        questions: Collection[Question],
        settings: Settings,
    ) -> Found:
        """Ask OVHcloud, scope by scope; what was read before a failure counts."""
        found = Found()
        owed = inbox.owed()
        asked = (scope for question in questions for scope in question.since)
        for scope in dict.fromkeys((*wanted, *asked, *owed.values())):
            asking = [each for each in questions if scope in each.since]
            starts = [each.since[scope] for each in asking]
            if scope in wanted and (begun := inbox.since(scope)) is not None:
                starts.append(begun)
            try:
                ids = self._reader.ids(gateway, scope, min(starts)) if starts else ()
                found.listed[scope] = ids
                new = {each for each, its in owed.items() if its == scope}
                if scope in wanted:
                    new |= inbox.unseen(ids)
                new -= self._telling
                for question in asking:
                    new |= set(ids) - question.known
                self._reader.read(
                    gateway,
                    scope,
                    new - found.replies.keys(),
                    found,
                    ledger,
                    settings.country,
                )
            except GatewayError as failure:
                found.failure = failure
                found.is_whole = False
                break
        return found

    def _take(
        self, inbox: Inbox, found: Found, wanted: Collection[str], now: float
    ) -> tuple[Received, ...]:
        """Write down what was read, and return what is to be told."""
        owed = inbox.owed()
        over = found.gone & owed.keys()
        unseen = inbox.unseen(found.replies) if wanted else set()
        seen: dict[int, float] = dict.fromkeys(found.gone, now) if wanted else {}
        news: dict[int, str] = {}
        told: set[int] = set()
        for sms_id, (scope, received) in found.replies.items():
            created = received.sms.created.timestamp()
            is_new = sms_id in unseen
            if is_new:
                seen[sms_id] = created
            if sms_id in self._telling or not (is_new or sms_id in owed):
                continue
            if is_new and created < (inbox.since(scope) or 0.0):
                continue
            if created < now - _NEWS_FOR:
                _LOGGER.warning(
                    "The reply %d came more than a day ago and is not told", sms_id
                )
                over.add(sms_id)
                continue
            told.add(sms_id)
            if is_new:
                news[sms_id] = scope
        if any(received.sms.tag for _, received in found.replies.values()):
            inbox.note_tagged()
        inbox.take(seen, news)
        inbox.confirm_told(over)
        if wanted and found.is_whole:
            inbox.advance(wanted, set().union(*found.listed.values()), now)
        self._telling |= told
        return tuple(each for each in found.in_order if each.sms.sms_id in told)

    def _confirm(self, inbox: Inbox) -> None:
        """Write down what was told."""
        told: set[int] = set()
        while self._told:
            told.add(self._told.popleft())
        if told:
            try:
                inbox.confirm_told(told)
            except sqlite3.Error:
                self._told.extend(told)
                raise
            self._telling -= told


def _answers(
    found: Found, questions: Collection[Question]
) -> Iterator[tuple[Question, Received]]:
    """Yield which questions are answered, and take note of what was looked at."""
    for question in questions:
        listed = set().union(*(found.listed.get(scope, ()) for scope in question.since))
        for received in found.in_order:
            sms = received.sms
            if sms.sms_id not in listed or sms.sms_id in question.known:
                continue
            question.known.add(sms.sms_id)
            if question.is_answered_by(sms, questions):
                yield question, received
        question.known |= found.gone


def _scopes(settings: Settings) -> tuple[str, ...]:
    """Return what is read of itself: the account, and its virtual numbers in use."""
    if settings.replies == Feedback.OFF:
        return ()
    numbers = map(as_in_paths, settings.virtual_numbers)
    return tuple(dict.fromkeys((ACCOUNT, *numbers)))
