"""What a message costs does not depend on how many there were before it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.states import State

from .conftest import ALICE, NOW, RUN, make_message

DAY = 24 * 60 * 60
QUESTIONS: dict[str, Callable[[Ledger], object]] = {
    "sent_to": lambda ledger: ledger.sent_to([ALICE], NOW - 600)[ALICE],
    "parts_since": lambda ledger: ledger.parts_since(NOW - DAY),
    "receivers_of": lambda ledger: ledger.receivers_of("Leak", [ALICE], NOW - 60),
    "next_waiting": Ledger.next_waiting,
    "overdue": lambda ledger: ledger.overdue(NOW),
    "next_deadline": Ledger.next_deadline,
    "count_waiting": Ledger.count_waiting,
    "in_doubt": lambda ledger: ledger.in_doubt(NOW - 7 * DAY),
    "doubtful": Ledger.doubtful,
    "owed": Ledger.owed,
    "mark_interrupted": lambda ledger: ledger.mark_interrupted(NOW),
}


def steps(ledger: Ledger, question: Callable[[Ledger], object]) -> int:
    """Count the steps that SQLite makes for a question."""
    made = 0

    def count() -> int:
        nonlocal made
        made += 1
        return 0

    question(ledger)
    # What was counted before is not to be found again.
    ledger.note("something", NOW)
    ledger._database.set_progress_handler(count, 1)
    question(ledger)
    ledger._database.set_progress_handler(None, 1)
    return made


def grow(ledger: Ledger, by: int) -> None:
    """Write down messages of the days before, all of them accepted and to one number."""
    message = make_message()
    with ledger.transaction():
        for number in range(by):
            old = replace(message, message_id=f"{by} {number}")
            ledger.add(old, NOW - 2 * DAY, RUN, State.ACCEPTED)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_questions_on_the_way_of_a_message(
    ledger: Ledger, question: Callable[[Ledger], object]
) -> None:
    """Ask a long ledger with as many steps as a short one."""
    grow(ledger, 5)
    few = steps(ledger, question)
    grow(ledger, 500)
    assert steps(ledger, question) <= few + 5
