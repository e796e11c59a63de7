"""What limits ask is kept until something changes, and never beyond."""

from contextlib import closing, suppress

from hypothesis import given, settings, strategies as st

from custom_components.ovh_sms.sms import limits
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.message import Message, Outcome
from custom_components.ovh_sms.sms.states import State

from .conftest import ALICE, BOB, CAROL, NOW, RUN, make_message, make_settings

_NUMBERS = (ALICE, BOB, CAROL)
_ENDS = (State.ACCEPTED, State.REFUSED, State.UNKNOWN)
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "settle", "shift", "forget", "undo"]),
        st.integers(0, 5),
        st.integers(-100, 100),
        st.integers(-100, 100),
    ),
    max_size=10,
)


def asked(ledger: Ledger) -> list[str]:
    """Have what is asked noted from now on."""
    found: list[str] = []
    ledger._database.set_trace_callback(found.append)
    return found


def test_second_message_asks_nothing(ledger: Ledger) -> None:
    """Check a message by what was counted when nobody waited for it."""
    message = make_message()
    ledger.add(message, NOW, RUN)
    ledger.settle(Outcome(message=message, state=State.ACCEPTED), NOW)
    limits.count_ahead(ledger, make_settings(), NOW)
    seen = asked(ledger)
    limits.check(make_message(), ledger, make_settings(), NOW + 100)
    assert [each for each in seen if "messages" in each] == []
    assert ledger.parts_since(NOW - 700) == 1
    assert len([each for each in seen if "messages" in each]) == 1


def test_limit_that_is_off_counts_nothing(ledger: Ledger) -> None:
    """Ask for no limit that the user has set off."""
    seen = asked(ledger)
    off = make_settings(daily_limit=0, recipient_limit=0)
    limits.count_ahead(ledger, off, NOW)
    assert seen == []


def by_hand(ledger: Ledger, moment: float) -> tuple[int, dict[str, list[float]]]:
    """Count what the limits ask for, row by row."""
    rows = ledger.rows(
        "SELECT created_at, number, deliveries.state, parts"
        " FROM messages JOIN deliveries USING (message_id) ORDER BY created_at"
    )
    counted = [
        row
        for row in rows
        if row["created_at"] >= moment and row["state"] not in ("refused", "expired")
    ]
    return sum(row["parts"] for row in counted), {
        number: [row["created_at"] for row in counted if row["number"] == number]
        for number in _NUMBERS
    }


def undo(ledger: Ledger, message: Message, since: float) -> None:
    """Begin to write a message down, and count it, but do not end that."""
    with suppress(ZeroDivisionError), ledger.transaction():
        ledger.add(message, NOW, RUN)
        ledger.sent_to(_NUMBERS, since)
        ledger.parts_since(since)
        raise ZeroDivisionError


@settings(deadline=None)
@given(steps=_STEPS)
def test_never_out_of_date(steps: list[tuple[str, int, int, int]]) -> None:
    """Count what is there, after whatever was done."""
    messages = [make_message(number) for number in _NUMBERS * 2]
    with closing(Ledger(None)) as ledger:
        for step, which, amount, window in steps:
            message, moment = messages[which], NOW + amount
            match step:
                case "add":
                    ledger.add(message, moment, RUN)
                case "undo":
                    undo(ledger, message, NOW + window)
                case "settle":
                    state = _ENDS[which % len(_ENDS)]
                    ledger.settle(Outcome(message=message, state=state), moment)
                case "shift":
                    ledger.shift(RUN, amount)
                case "forget":
                    ledger.forget(moment)
            for begin in (NOW + window, NOW - 50.0, NOW + 50.0):
                counted = ledger.parts_since(begin), ledger.sent_to(_NUMBERS, begin)
                assert counted == by_hand(ledger, begin)
