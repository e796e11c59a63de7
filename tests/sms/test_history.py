"""What the ledger tells of messages."""

from dataclasses import replace
import json
from typing import Any

import pytest

from custom_components.ovh_sms.sms import history
from custom_components.ovh_sms.sms.history import Delivery
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.message import Message, Outcome
from custom_components.ovh_sms.sms.states import State

from .conftest import ALICE, BOB, CAROL, NOW, RUN, make_message

HOUR = 3600.0


def write(
    ledger: Ledger, message: Message, at: float = NOW, state: State = State.ACCEPTED
) -> str:
    """Write a message down that was sent to receivers with ids from 100 on."""
    ledger.add(message, at, RUN)
    outcome = Outcome(message=message, state=state)
    if state is State.ACCEPTED:
        numbers = tuple(receiver.number for receiver in message.receivers)
        ids = tuple(range(100, 100 + len(numbers)))
        outcome = replace(outcome, ids=ids, valid=numbers, credits=2.0)
    ledger.settle(outcome, at)
    return message.message_id


def texts(lines: tuple[history.Line, ...]) -> list[str | None]:
    """Return what messages say."""
    return [line.text for line in lines]


def test_line(ledger: Ledger) -> None:
    """Tell all that is known of a message."""
    message = replace(make_message(ALICE, "+33639980009"), send_at=NOW + HOUR)
    write(ledger, message)
    [line] = history.newest(ledger, 50)
    assert line == history.Line(
        message_id=message.message_id,
        state=State.ACCEPTED,
        reason=None,
        created_at=NOW,
        send_at=NOW + HOUR,
        deadline=NOW + 2 * HOUR,
        text="Water leak",
        sender="HOUSE",
        virtual_number=None,
        parts=1,
        credits=2.0,
        deliveries=(
            Delivery(ALICE, "alice", State.ACCEPTED, None, 100),
            Delivery("+33639980009", None, State.ACCEPTED, None, 101),
        ),
    )
    assert line.sms_ids == {100, 101}


@pytest.mark.parametrize(
    ("given", "sender"),
    [
        ({"sender": "OFFICE"}, "OFFICE"),
        ({"short_number": True}, "short_number"),
        ({"sender": "+33639980010"}, "+33639980010"),
    ],
)
def test_sender(ledger: Ledger, given: dict[str, Any], sender: str) -> None:
    """Name the sender as the user does."""
    write(ledger, make_message(**given))
    [line] = history.newest(ledger, 50)
    assert line.sender == sender


def test_newest_first(ledger: Ledger) -> None:
    """Go back in time, by the clock and within one instant by the order of writing."""
    for text, at in (("b", NOW), ("c", NOW), ("a", NOW - HOUR), ("d", NOW + 1)):
        write(ledger, make_message(text=text), at)
    assert texts(history.newest(ledger, 50)) == ["d", "c", "b", "a"]
    assert texts(history.newest(ledger, 2)) == ["d", "c"]
    assert texts(history.newest(ledger, 50, since=NOW)) == ["d", "c", "b"]


@pytest.mark.parametrize("few", [2000, 0])
def test_of_whom(ledger: Ledger, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    """Find what went to a recipient, under any of its numbers, or to a number."""
    monkeypatch.setattr(history, "_FEW", few)
    write(ledger, make_message(ALICE, text="alice"))
    write(ledger, make_message("Night Watch", text="watch"), NOW + 1)
    write(ledger, make_message(ALICE, "+33639980009", text="both"), NOW + 2)

    def found(
        *numbers: str, recipient_id: str | None = None, limit: int = 50
    ) -> object:
        return texts(
            history.newest(
                ledger, limit, NOW + 0.5 if limit == 9 else 0, recipient_id, numbers
            )
        )

    assert found(recipient_id="alice") == ["both", "alice"]
    assert found(recipient_id="alice", limit=1) == ["both"]
    assert found(recipient_id="alice", limit=9) == ["both"]
    # Its number of today, and those that it had.
    assert found(CAROL, recipient_id="alice") == ["both", "watch", "alice"]
    assert found(BOB) == ["watch"]
    assert found("+33639980009", BOB) == ["both", "watch"]
    assert found("+33639980007") == []


def test_what_is_forgotten(ledger: Ledger) -> None:
    """Show that there was a message, without text and number; it is still found."""
    write(ledger, make_message(ALICE))
    ledger.forget_contents()
    [line] = history.newest(ledger, 50, numbers=[ALICE])
    assert (line.text, line.sender, line.deliveries[0].number) == (None, None, None)
    assert (line.parts, line.deliveries[0].recipient_id) == (1, "alice")


def test_unfinished(ledger: Ledger) -> None:
    """List what waits, is being sent or is being looked up, in the order it came in."""
    ledger.add(make_message(text="sending"), NOW, RUN)
    write(ledger, make_message(text="waiting"), NOW - 1, State.WAITING)
    unprovable = write(ledger, make_message(text="?"), NOW, State.UNKNOWN)
    write(ledger, make_message(text="unknown"), NOW, State.UNKNOWN)
    for state in (State.ACCEPTED, State.REFUSED, State.EXPIRED):
        write(ledger, make_message(text="over"), NOW, state)
    ledger.leave_in_doubt(unprovable)
    assert texts(history.unfinished(ledger)) == ["sending", "waiting", "unknown"]


def test_with_sms(ledger: Ledger) -> None:
    """Find messages by OVHcloud's ids, also where an id is one that nobody has."""
    message_id = write(ledger, make_message("Night Watch"))
    lines = history.with_sms(ledger, [100, 101, 102, 2**70])
    assert {sms_id: line.message_id for sms_id, line in lines.items()} == {
        100: message_id,
        101: message_id,
    }


def test_virtual_numbers(ledger: Ledger) -> None:
    """Name the virtual numbers that something is yet to leave from, each once."""
    from_number = make_message(sender="+33639980010")
    for message in (
        make_message(),
        replace(make_message(), send_at=NOW + HOUR),
        replace(from_number, send_at=NOW + HOUR),
        replace(make_message(sender="+33639980010"), send_at=NOW + HOUR),
        replace(make_message(sender="+33639980011"), send_at=NOW + 60),
    ):
        write(ledger, message)
    assert history.virtual_numbers(ledger, NOW + 120) == ["0033639980010"]


@pytest.fixture
def long_ledger(ledger: Ledger) -> Ledger:
    """Return a ledger with 10,000 messages, half of them to a recipient, few to another."""
    job = json.dumps({"message": "Water leak in the cellar", "sender": "HOUSE"})
    with ledger.transaction():
        ledger._database.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?)"
            " INSERT INTO messages (message_id, tag, own_tag, state, run, can_wait,"
            " created_at, changed_at, deadline, handed_at, job, whole, text_mark,"
            " shortened, bypass_limits, parts) SELECT hex(randomblob(16)), 'ha' || i,"
            " 1, 'accepted', 'run', 1, i, i, i, i, ?, 'Water leak', x'00', 0, 0, 1"
            " FROM n",
            (10_000, job),
        )
        ledger._database.execute(
            "INSERT INTO deliveries (message_id, position, number, number_mark,"
            " recipient_id, state, reason, sms_id) SELECT message_id, 0, '+33639980009',"
            " mark('+3363998' || (place % 1000 + 1000)), CASE WHEN place < 50 THEN 'rare'"
            " WHEN place % 2 THEN 'often' END, 'accepted', NULL, place FROM messages"
        )
    return ledger


@pytest.mark.parametrize(
    ("recipient_id", "numbers", "count"),
    [
        (None, [], 500),
        ("often", ["+33639981234"], 500),
        ("rare", ["+33639981234"], 59),
        (None, ["+33639981234"], 10),
        ("nobody", [], 0),
    ],
)
def test_a_long_history_is_quick(
    long_ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    recipient_id: str | None,
    numbers: list[str],
    count: int,
) -> None:
    """Take few of SQLite's steps, of which a million take some 10 ms."""
    monkeypatch.setattr(history, "_FEW", 200)
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1000
        return 0

    long_ledger._database.set_progress_handler(step, 1000)
    found = history.newest(long_ledger, 500, 0, recipient_id, numbers)
    assert len(found) == count
    assert steps < 100_000
