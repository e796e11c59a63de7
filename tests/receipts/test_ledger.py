"""Where the receipts that are awaited are kept: found without going through all of the ledger."""

from collections.abc import Callable
from typing import Any

import pytest

from custom_components.ovh_sms.sms.awaited import End
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.states import State
from tests.sms.conftest import NOW

_ROWS = 100_000


@pytest.fixture(scope="module")
def full() -> Any:
    """Return a ledger with many messages, of which few are awaited."""
    ledger = Ledger(None)
    database = ledger._database
    with ledger.transaction():
        database.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?)"
            " INSERT INTO messages (message_id, tag, own_tag, state, run, can_wait,"
            " created_at, changed_at, deadline, handed_at, job, whole, text_mark,"
            " shortened, bypass_limits, parts) SELECT 'm' || i, 'ha' || i,"
            " 1, 'accepted', 'run', 1, ?, i, i, ?, '{}', 'Leak', x'00', 0, 0, 1 FROM n",
            (_ROWS, NOW, NOW),
        )
        database.execute(
            "INSERT INTO deliveries (message_id, position, state, sms_id, look_at)"
            " SELECT message_id, 0, 'accepted', place,"
            " CASE WHEN place % 200 = 0 THEN ? + 10 END FROM messages",
            (NOW,),
        )
    yield ledger
    ledger.close()


@pytest.mark.parametrize(
    "question",
    [
        lambda ledger: ledger.due(NOW + 20, 100),
        lambda ledger: ledger.due(NOW, 100),
        lambda ledger: ledger.awaited_of([200, 201], NOW),
        lambda ledger: ledger.next_look(),
        lambda ledger: ledger.look_again([(("m200", 0), NOW + 10)]),
        lambda ledger: ledger.look_sooner(NOW),
        lambda ledger: ledger.look_no_more(NOW),
        lambda ledger: ledger.identify([(("m200", 0), 200)]),
        lambda ledger: ledger.end([End(("m400", 0), State.DELIVERED, None)]),
        lambda ledger: ledger.owed_receipts(),
        lambda ledger: ledger.confirm_receipts([("m400", 0)]),
    ],
)
def test_plans(full: Ledger, question: Callable[[Ledger], object]) -> None:
    """Use an index for each question that is asked again and again."""
    asked: list[str] = []
    full._database.set_trace_callback(asked.append)
    question(full)
    full._database.set_trace_callback(None)
    asked = [each for each in asked if each.startswith(("SELECT", "UPDATE"))]
    assert asked
    for statement in asked:
        plan = full._database.execute(f"EXPLAIN QUERY PLAN {statement}")
        scans = [row[3] for row in plan if row[3].startswith("SCAN")]
        assert [
            each for each in scans if "json_each" not in each and "INDEX" not in each
        ] == []


def test_few_of_many(full: Ledger) -> None:
    """Find what is due, the newest first, as many as are asked for."""
    rows = full.due(NOW + 20, 100)
    assert len(rows) == 100
    assert all((row.sms_id or 0) % 200 == 0 for row in rows)


def test_end_is_the_end(full: Ledger) -> None:
    """Change nothing of what has come to an end."""
    full.end([End(("m600", 0), State.FAILED, "why")])
    full.end([End(("m600", 0), State.DELIVERED, None)])
    full.look_again([(("m600", 0), NOW)])
    full.cancel_sms("m600", 600, NOW)
    [row] = full.rows("SELECT * FROM deliveries WHERE message_id = 'm600'")
    assert (row["state"], row["reason"], row["look_at"]) == ("failed", "why", None)
    full.confirm_receipts([("m600", 0)])
    assert full.owed_receipts() == ([], False)
