"""How things stand with an account's messages, asked of the ledger again and again."""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
import sqlite3
from zoneinfo import ZoneInfo

import pytest

from custom_components.ovh_sms.gateway import ApiKeys, RestGateway
from custom_components.ovh_sms.sms.dispatcher import Dispatcher
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.message import Outcome
from custom_components.ovh_sms.sms.standing import read_standing
from custom_components.ovh_sms.sms.states import State
from simulator import ACCOUNT, APPLICATION_KEY, APPLICATION_SECRET, CONSUMER_KEY

from .conftest import ALICE, BOB, NOW, RUN, DrivenClock, make_message, make_settings

API_KEYS = ApiKeys(APPLICATION_KEY, APPLICATION_SECRET, CONSUMER_KEY)

QUESTIONS: list[Callable[[Ledger], object]] = [
    lambda ledger: read_standing([ledger], make_settings(), NOW),
    Ledger.next_waiting,
    Ledger.next_deadline,
    Ledger.doubtful,
    lambda ledger: ledger.overdue(NOW),
]


def note(ledger: Ledger, at: float, state: State, credits: float | None = None) -> None:
    """Write down a message and what became of it."""
    message = make_message(ALICE, BOB)
    ledger.add(message, at, RUN)
    if state is not State.SENDING:
        ledger.settle(Outcome(message=message, state=state, credits=credits), at)


@pytest.mark.parametrize("ask", QUESTIONS)
def test_large_ledger_is_not_read_from_end_to_end(
    ledger: Ledger, ask: Callable[[Ledger], object]
) -> None:
    """Find what is asked for at each review by an index, however much there is."""
    note(ledger, NOW, State.WAITING)
    asked: list[str] = []
    ledger._database.set_trace_callback(asked.append)
    ask(ledger)
    ledger._database.set_trace_callback(None)
    plans = {
        query: [
            row[3] for row in ledger._database.execute(f"EXPLAIN QUERY PLAN {query}")
        ]
        for query in asked
        if "FROM messages" in query
    }
    assert plans
    assert not {
        query: plan for query, plan in plans.items() if any("SCAN" in p for p in plan)
    }


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        (State.SENDING, False),
        (State.WAITING, False),
        (State.UNKNOWN, False),
        (State.REFUSED, False),
        (State.EXPIRED, False),
        (State.ACCEPTED, True),
        (State.PARTIAL, True),
    ],
)
def test_only_what_was_sent_counts(ledger: Ledger, state: State, counts: bool) -> None:
    """Count what OVHcloud took, and the credits that it took for it."""
    note(ledger, NOW, State.ACCEPTED, 0.1)
    note(ledger, NOW, state, 0.2)
    today = read_standing([ledger], make_settings(), NOW).today
    assert today
    assert (today.messages, today.credits) == ((2, 0.3) if counts else (1, 0.1))


@pytest.mark.parametrize(
    ("zone", "now", "hours"),
    [
        ("Europe/Paris", "2026-11-21T00:00:00+01:00", 24),
        ("Europe/Paris", "2026-11-21T23:59:59+01:00", 24),
        ("Europe/Paris", "2026-10-25T12:00:00+01:00", 25),
        ("Europe/Paris", "2026-03-29T12:00:00+02:00", 23),
        # Its clocks go forward at midnight.
        ("America/Havana", "2026-03-08T12:00:00-04:00", 23),
        ("Pacific/Auckland", "2026-11-21T12:00:00+13:00", 24),
    ],
)
def test_day_is_the_house_s(ledger: Ledger, zone: str, now: str, hours: int) -> None:
    """Count from midnight to midnight, also when the clocks change."""
    moment = datetime.fromisoformat(now).timestamp()
    settings = make_settings(time_zone=ZoneInfo(zone))
    today = read_standing([ledger], settings, moment).today
    assert today
    assert today.begins <= moment < today.ends
    assert today.ends - today.begins == hours * 3600
    note(ledger, today.begins - 0.1, State.ACCEPTED, 1)
    note(ledger, today.begins, State.ACCEPTED, 2)
    standing = read_standing([ledger], settings, moment)
    assert standing.today
    assert (standing.today.messages, standing.today.credits) == (1, 2)
    assert standing.changes_at == today.ends


def test_forgotten_contents_count(ledger: Ledger) -> None:
    """Count what was sent today though its text and numbers are forgotten."""
    note(ledger, NOW, State.ACCEPTED, 2)
    ledger.forget_contents()
    today = read_standing([ledger], make_settings(), NOW).today
    assert today and (today.messages, today.credits) == (1, 2)


def test_nothing_of_today_is_forgotten(ledger: Ledger, clock: DrivenClock) -> None:
    """Keep what was sent first on the day on which the clocks go back, as it counts."""
    settings = make_settings(time_zone=ZoneInfo("Europe/Paris"))
    midnight = datetime(2026, 10, 25, tzinfo=settings.time_zone).timestamp()
    note(ledger, midnight, State.ACCEPTED, 2)
    clock.time_of_day = midnight + 24.5 * 3600
    dispatcher = Dispatcher(ACCOUNT, lambda: ledger, RestGateway(API_KEYS), clock)
    dispatcher.forget(0)
    today = dispatcher.standing(settings).today
    dispatcher.close()
    assert today and (today.messages, today.credits) == (1, 2)


def test_cancelled_costs_nothing(ledger: Ledger) -> None:
    """Take back what was cancelled at OVHcloud."""
    message = make_message()
    ledger.add(message, NOW, RUN)
    outcome = Outcome(
        message=message, state=State.ACCEPTED, ids=(7,), valid=(ALICE,), credits=1
    )
    ledger.settle(outcome, NOW)
    ledger.cancel_sms(message.message_id, 7, NOW)
    today = read_standing([ledger], make_settings(), NOW).today
    assert today and (today.messages, today.credits) == (0, 0)


class TestUnreadable:
    """A ledger that cannot be read, or only in part."""

    def test_disk_cannot_be_opened(self) -> None:
        """Do not take for nothing what is not known."""
        with closing(Ledger(None)) as memory:
            standing = read_standing([memory], make_settings(), NOW)
        assert (standing.waiting, standing.today) == (None, None)

    def test_disk_fails(self, ledger: Ledger) -> None:
        """Know nothing where what memory keeps is only a part."""
        ledger.close()
        with closing(Ledger(None)) as memory:
            standing = read_standing([memory, ledger], make_settings(), NOW)
        assert (standing.waiting, standing.today) == (None, None)
        with pytest.raises(sqlite3.Error):
            read_standing([ledger], make_settings(), NOW)

    def test_disk_cannot_be_written(self, ledger: Ledger) -> None:
        """Add what memory keeps meanwhile to what the disk has."""
        note(ledger, NOW, State.ACCEPTED, 0.1)
        note(ledger, NOW, State.WAITING)
        with closing(Ledger(None)) as memory:
            note(memory, NOW, State.ACCEPTED, 0.2)
            standing = read_standing([memory, ledger], make_settings(), NOW)
        assert standing.waiting == 1
        assert standing.today
        assert (standing.today.messages, standing.today.credits) == (2, 0.3)
