"""A message is one row when it comes in, and is sorted in before anyone looks."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
import sqlite3
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.ledger_file import inspect
from custom_components.ovh_sms.sms.message import Message, Outcome
from custom_components.ovh_sms.sms.states import State
from tests.ledgers import states_in

from .conftest import ALICE, BOB, CAROL, NOW, RUN, OpenLedger, make_message

_FRAME = 4096 + 24
_HEAD = 32
_NUMBERS = (ALICE, BOB, CAROL)
_ENDS = (State.ACCEPTED, State.REFUSED, State.UNKNOWN, State.WAITING)


def rows(path: Path) -> tuple[int, int]:
    """Count with other eyes what came in, and what was sorted in."""
    with closing(sqlite3.connect(path)) as database:
        [found] = database.execute(
            "SELECT (SELECT COUNT(*) FROM intake), (SELECT COUNT(*) FROM messages)"
        )
    return found[0], found[1]


def log_size(path: Path) -> int:
    """Return the pages that were written to the log so far."""
    size = path.with_name(f"{path.name}-wal").stat().st_size
    assert (size - _HEAD) % _FRAME == 0
    return (size - _HEAD) // _FRAME


@contextmanager
def full_disk(ledger: Ledger) -> Iterator[None]:
    """Let nothing be written for a while."""
    ledger._connection.execute("PRAGMA query_only = ON")
    yield
    ledger._connection.execute("PRAGMA query_only = OFF")


def test_caller_waits_for_one_page(ledger: Ledger, path: Path) -> None:
    """Have a message to three people on disk with one page, and sort it in afterwards."""
    ledger.add(make_message(), NOW, RUN)
    ledger.count_waiting()
    before = log_size(path)
    ledger.add(make_message(ALICE, "Night Watch"), NOW, RUN)
    assert log_size(path) == before + 1
    assert rows(path) == (1, 1)
    assert ledger.count_waiting() == 0
    assert rows(path) == (0, 2)
    assert log_size(path) > before + 2


def test_next_run_sorts_in(path: Path, open_ledger: OpenLedger) -> None:
    """Find in the next run what the last one had no time to sort in, in its order."""
    messages = [make_message(text=f"Leak {number}") for number in range(3)]
    ledger = open_ledger()
    for message in messages:
        ledger.add(message, NOW, RUN)
    ledger.close()
    assert rows(path) == (3, 0)
    assert inspect(path).messages == {"sending": 3}
    assert inspect(path).oldest_open == NOW
    ledger = open_ledger()
    assert ledger.mark_interrupted(NOW) == 3
    assert ledger.doubtful() == [message.message_id for message in messages]
    assert rows(path) == (0, 3)


def test_nothing_lingers(ledger: Ledger, path: Path) -> None:
    """Leave no trace of a text in the file once it is forgotten."""
    message = make_message(text="Secret of the house")
    ledger.add(message, NOW, RUN)
    ledger.settle(Outcome(message=message, state=State.REFUSED), NOW)
    ledger.forget_contents()
    ledger.close()
    assert b"Secret of the house" not in path.read_bytes()


def test_disk_that_fails(ledger: Ledger) -> None:
    """Say that the ledger cannot be read as long as what came in cannot be sorted in."""
    message = make_message()
    ledger.add(message, NOW, RUN)
    with full_disk(ledger):
        for _ in range(2):
            with pytest.raises(sqlite3.OperationalError):
                ledger.count_waiting()
        assert ledger.noted("reached_daily_limit") is None
    assert states_in(ledger) == {message.message_id: State.SENDING}


def undo(ledger: Ledger, message: Message) -> None:
    """Write a message down after looking at what is there, but do not end that."""
    with suppress(ZeroDivisionError), ledger.transaction():
        ledger.count_waiting()
        ledger.add(message, NOW, RUN)
        ledger.count_waiting()
        raise ZeroDivisionError


def test_step_that_is_undone(ledger: Ledger, path: Path) -> None:
    """Keep what came in before, where the step that sorted it in is undone."""
    first = make_message()
    ledger.add(first, NOW, RUN)
    undo(ledger, make_message())
    assert rows(path) == (1, 0)
    assert states_in(ledger) == {first.message_id: State.SENDING}


def test_same_message_twice(ledger: Ledger) -> None:
    """Leave a message as it is that comes in once more; the ledger serves on."""
    message = make_message(ALICE, BOB)
    ledger.add(message, NOW, RUN)
    ledger.settle(Outcome(message=message, state=State.ACCEPTED), NOW)
    ledger.add(message, NOW, RUN)
    assert states_in(ledger) == {message.message_id: State.ACCEPTED}
    assert ledger.parts_since(NOW) == 2


def contents(ledger: Ledger) -> list[tuple[Any, ...]]:
    """Return all that is in the tables."""
    return [
        tuple(row)
        for query in (
            "SELECT * FROM messages ORDER BY place",
            "SELECT * FROM deliveries ORDER BY message_id, position",
            "SELECT * FROM intake",
        )
        for row in ledger.rows(query)
    ]


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "settle", "look", "undo"]),
        st.integers(0, 3),
        st.sampled_from(_ENDS),
    ),
    max_size=12,
)
_MESSAGES = st.lists(
    st.builds(
        make_message,
        st.sampled_from(_NUMBERS),
        text=st.text("aé€🚨\"'\n", min_size=1).filter(str.strip),
    ),
    min_size=4,
    max_size=4,
    unique_by=lambda message: message.message_id,
)


@settings(deadline=None)
@given(messages=_MESSAGES, steps=_STEPS)
def test_sorted_in_at_once_or_later(
    messages: list[Message], steps: list[tuple[str, int, State]]
) -> None:
    """Hold the same in the end, whenever it was looked at."""
    with closing(Ledger(None)) as lazy, closing(Ledger(None)) as eager:
        secret = eager.rows("SELECT value FROM facts WHERE name = 'secret'")[0][0]
        lazy._secret = secret
        for number, (step, index, state) in enumerate(steps):
            message = messages[index]
            moment = NOW + number
            for ledger in (lazy, eager):
                match step:
                    case "add":
                        ledger.add(message, moment, RUN)
                    case "settle":
                        ledger.settle(Outcome(message=message, state=state), moment)
                    case "look":
                        ledger.parts_since(NOW)
                    case "undo":
                        undo(ledger, message)
            eager.count_waiting()
        assert contents(lazy) == contents(eager)
