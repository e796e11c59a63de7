"""The whole road, from a request to OVHcloud's answer."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
import sqlite3
from typing import Any

import pytest

from custom_components.ovh_sms.gateway import (
    ApiKeys,
    AuthFailed,
    GatewayError,
    Job,
    JobReport,
    MissingRight,
    NotSent,
    OutcomeUnknown,
    Refused,
    RestGateway,
)
from custom_components.ovh_sms.sms.dispatcher import Dispatcher
from custom_components.ovh_sms.sms.errors import Closed, InvalidRequest, LimitReached
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.message import Outcome
from custom_components.ovh_sms.sms.request import SmsRequest
from custom_components.ovh_sms.sms.states import State
from simulator import (
    ACCOUNT,
    APPLICATION_KEY,
    APPLICATION_SECRET,
    CONSUMER_KEY,
    Fault,
    Simulator,
)
from tests.conftest import jobs, texts
from tests.ledgers import states_in

from .conftest import (
    ALICE,
    BOB,
    CAROL,
    NOW,
    RECIPIENTS,
    RUN,
    DrivenClock,
    OpenLedger,
    make_message,
    make_settings,
)


class Says:
    """A gateway that says what it is told to, for what no simulator says."""

    def __init__(self, report: JobReport | None = None) -> None:
        """Keep what to say; nothing, where nothing is to be sent."""
        self._report = report

    def send(self, service_name: str, job: Job) -> JobReport:
        """Say it."""
        assert self._report
        return self._report

    def close(self) -> None:
        """Close nothing."""


@pytest.fixture
def dispatcher(sim: Simulator, ledger: Ledger) -> Generator[Dispatcher]:
    """Return a dispatcher that sends to the simulator."""
    keys = ApiKeys(APPLICATION_KEY, APPLICATION_SECRET, CONSUMER_KEY)
    made = Dispatcher(
        ACCOUNT, lambda: ledger, RestGateway(keys, sim.url), clock=DrivenClock()
    )
    yield made
    made.close()


async def go(
    dispatcher: Dispatcher, *receivers: str, settings: Any = None, **changes: Any
) -> Outcome:
    """Send a message and return its outcome."""
    given = {"message": "Leak", "receivers": receivers or (ALICE,)}
    request = SmsRequest(**(given | changes))
    [outcome] = await asyncio.to_thread(
        dispatcher.send, request, RECIPIENTS, settings or make_settings()
    )
    return outcome


async def test_accepted(sim: Simulator, dispatcher: Dispatcher, ledger: Ledger) -> None:
    """Send a message and write down that it was accepted."""
    outcome = await go(dispatcher, ALICE, BOB)
    assert (outcome.state, outcome.valid, outcome.invalid) == (
        State.ACCEPTED,
        (ALICE, BOB),
        (),
    )
    assert (outcome.credits, len(outcome.ids), outcome.failure) == (2.0, 2, None)
    assert written(dispatcher) == {outcome.message.message_id: State.ACCEPTED}
    assert texts(sim, ALICE) == texts(sim, BOB) == ["Leak"]
    assert jobs(sim)[0].json == {
        "message": "Leak",
        "receivers": [ALICE, BOB],
        "sender": "HOUSE",
        "senderForResponse": False,
        "noStopClause": True,
        "priority": "high",
        "validityPeriod": 2880,
        "tag": outcome.message.job.tag,
    }


def written(dispatcher: Dispatcher) -> dict[str, State]:
    """Return the states of all messages, as whoever asks is told."""
    return dispatcher.ask(lambda ledger, *_: states_in(ledger))


READERS: list[Callable[[Dispatcher], object]] = [
    written,
    lambda dispatcher: dispatcher.work(make_settings()),
    lambda dispatcher: dispatcher.standing(make_settings()),
    lambda dispatcher: dispatcher.forget(30),
    Dispatcher.hold_for_backup,
]


@pytest.mark.parametrize("read", READERS)
async def test_answer_is_written_down_before_anything_is_read(
    dispatcher: Dispatcher, ledger: Ledger, read: Callable[[Dispatcher], object]
) -> None:
    """Let the caller go on first, but nobody see the ledger without the answer."""
    outcome = await go(dispatcher)
    assert states_in(ledger) == {outcome.message.message_id: State.SENDING}
    read(dispatcher)
    assert states_in(ledger) == {outcome.message.message_id: State.ACCEPTED}


async def test_answer_is_written_down_at_the_end(
    dispatcher: Dispatcher, path: Path, open_ledger: OpenLedger
) -> None:
    """Leave nothing in doubt that was answered."""
    outcome = await go(dispatcher)
    dispatcher.close()
    assert states_in(open_ledger(path)) == {outcome.message.message_id: State.ACCEPTED}


async def test_answers_of_a_burst_are_written_down_together(
    dispatcher: Dispatcher, ledger: Ledger
) -> None:
    """Make one durable step for all that was accepted meanwhile."""
    for _ in range(3):
        await go(dispatcher)
    steps: list[str] = []
    ledger._database.set_trace_callback(steps.append)
    assert set(written(dispatcher).values()) == {State.ACCEPTED}
    assert steps.count("COMMIT") == 1


async def test_answer_that_cannot_be_looked_up(
    dispatcher: Dispatcher, ledger: Ledger
) -> None:
    """Write an answer down at once that could not be had again."""
    outcome = await go(dispatcher, settings=make_settings(can_look_up=False))
    assert states_in(ledger) == {outcome.message.message_id: State.ACCEPTED}


async def test_written_down_first(
    sim: Simulator, dispatcher: Dispatcher, ledger: Ledger
) -> None:
    """Have the message on disk while OVHcloud has not answered yet."""
    hang = sim.faults.add(Fault("hang", method="POST"))
    sending = asyncio.create_task(go(dispatcher))
    while not jobs(sim):
        await asyncio.sleep(0)
    assert list(states_in(ledger).values()) == [State.SENDING]
    sim.faults.remove(hang.id)
    assert (await sending).state is State.ACCEPTED


@pytest.mark.parametrize(
    ("fault", "failure", "state"),
    [
        ({"kind": "status", "status": 429}, NotSent, State.WAITING),
        ({"kind": "status", "status": 500}, OutcomeUnknown, State.UNKNOWN),
        ({"kind": "reset"}, OutcomeUnknown, State.UNKNOWN),
        ({"kind": "expired"}, Refused, State.REFUSED),
        ({"kind": "signature"}, AuthFailed, State.REFUSED),
        ({"kind": "forbidden", "reason": "IAM"}, MissingRight, State.REFUSED),
        (
            {"kind": "status", "status": 503, "path": "/auth/time", "method": "GET"},
            NotSent,
            State.WAITING,
        ),
    ],
)
async def test_failures(
    sim: Simulator,
    dispatcher: Dispatcher,
    ledger: Ledger,
    fault: dict[str, Any],
    failure: type[GatewayError],
    state: State,
) -> None:
    """Return and write down why a message did not get through."""
    sim.faults.add(Fault(**({"method": "POST"} | fault)))
    outcome = await go(dispatcher)
    assert type(outcome.failure) is failure
    assert (outcome.state, outcome.ids, outcome.credits) == (state, (), 0)
    assert states_in(ledger) == {outcome.message.message_id: state}


async def test_refused_receivers(
    sim: Simulator, dispatcher: Dispatcher, ledger: Ledger
) -> None:
    """Take nothing for success that accepted nobody, though OVHcloud answers 200."""
    sim.faults.add(Fault("empty_ids"))
    outcome = await go(dispatcher, ALICE, BOB)
    assert (outcome.state, outcome.invalid) == (State.REFUSED, (ALICE, BOB))
    assert outcome.failure is None
    assert len(ledger.sent_to([ALICE], NOW)[ALICE]) == 0


async def test_accepted_in_part(
    sim: Simulator, dispatcher: Dispatcher, ledger: Ledger
) -> None:
    """Tell who got it and who did not."""
    sim.faults.add(Fault("half"))
    outcome = await go(dispatcher, ALICE, BOB, CAROL)
    assert (outcome.state, outcome.valid, outcome.invalid) == (
        State.PARTIAL,
        (ALICE, BOB),
        (CAROL,),
    )
    assert [len(ledger.sent_to([each], NOW)[each]) for each in (ALICE, BOB, CAROL)] == [
        1,
        1,
        0,
    ]


@pytest.mark.parametrize(
    ("ids", "valid", "invalid", "state", "told"),
    [
        # A receiver of whom OVHcloud says nothing was not accepted.
        ((1,), (ALICE,), (), State.PARTIAL, (BOB,)),
        ((), (), (), State.REFUSED, (ALICE, BOB)),
        ((), (), (ALICE,), State.REFUSED, (ALICE, BOB)),
        # http2sms does not say which.
        ((1,), (), (), State.PARTIAL, ()),
        # Another spelling of the same numbers.
        ((1, 2), ("0033639980001", "0033639980002"), (), State.ACCEPTED, ()),
    ],
)
def test_reports(
    ledger: Ledger,
    ids: tuple[int, ...],
    valid: tuple[str, ...],
    invalid: tuple[str, ...],
    state: State,
    told: tuple[str, ...],
) -> None:
    """Account for each receiver."""
    report = JobReport(
        ids=ids, valid_receivers=valid, invalid_receivers=invalid, credits=None
    )
    dispatcher = Dispatcher(ACCOUNT, lambda: ledger, Says(report), clock=DrivenClock())
    request = SmsRequest(message="Leak", receivers=(ALICE, BOB))
    [outcome] = dispatcher.send(request, RECIPIENTS, make_settings())
    assert (outcome.state, outcome.invalid) == (state, told)
    assert states_in(ledger) == {outcome.message.message_id: state}
    assert len(ledger.sent_to([BOB], NOW)[BOB]) == (0 if BOB in told else 1)


async def test_invalid_request(
    sim: Simulator, dispatcher: Dispatcher, ledger: Ledger
) -> None:
    """Neither send nor write down what cannot be sent."""
    with pytest.raises(InvalidRequest, match="message_empty"):
        await go(dispatcher, message=" ")
    assert (sim.requests, states_in(ledger)) == ([], {})


async def test_limit(sim: Simulator, dispatcher: Dispatcher, ledger: Ledger) -> None:
    """Neither send nor write down what goes over a limit."""
    settings = make_settings(recipient_limit=1)
    await go(dispatcher, ALICE, settings=settings)
    with pytest.raises(LimitReached, match="recipient_limit"):
        await go(dispatcher, ALICE, settings=settings)
    assert (len(jobs(sim)), len(states_in(ledger))) == (1, 1)


async def test_limit_holds_in_a_burst(sim: Simulator, dispatcher: Dispatcher) -> None:
    """Let no two messages slip past a limit at the same instant."""
    settings = make_settings(daily_limit=5, recipient_limit=0)
    results = await asyncio.gather(
        *(go(dispatcher, settings=settings) for _ in range(12)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, LimitReached)]
    assert (len(refused), len(texts(sim, ALICE))) == (7, 5)


async def test_limit_over_several_jobs(
    sim: Simulator, dispatcher: Dispatcher, ledger: Ledger
) -> None:
    """Send none of several jobs where they go over a limit together."""
    recipients = RECIPIENTS | {"alice": replace(RECIPIENTS["alice"], sender="My House")}
    request = SmsRequest(message="Leak", recipients=("alice", "watch"))
    with pytest.raises(LimitReached, match="daily_limit"):
        dispatcher.send(request, recipients, make_settings(daily_limit=2))
    assert (sim.requests, states_in(ledger)) == ([], {})


async def test_duplicate(
    sim: Simulator, dispatcher: Dispatcher, ledger: Ledger
) -> None:
    """Send a text to a number once within the window, and say so."""
    settings = make_settings(duplicate_window=60)
    await go(dispatcher, ALICE, settings=settings)
    assert (await go(dispatcher, ALICE, settings=settings)).state is State.DUPLICATE
    both = await go(dispatcher, ALICE, BOB, settings=settings)
    assert (both.state, both.valid) == (State.ACCEPTED, (BOB,))
    assert texts(sim, ALICE) == texts(sim, BOB) == ["Leak"]
    assert len(states_in(ledger)) == 2


async def test_several_senders(sim: Simulator, dispatcher: Dispatcher) -> None:
    """Make a job for each sender that the recipients have."""
    recipients = RECIPIENTS | {"alice": replace(RECIPIENTS["alice"], sender="My House")}
    request = SmsRequest(message="Leak", recipients=("alice", "watch"))
    outcomes = await asyncio.to_thread(
        dispatcher.send, request, recipients, make_settings()
    )
    assert [outcome.valid for outcome in outcomes] == [(ALICE,), (BOB, CAROL)]
    senders = [request.json for request in jobs(sim)]
    assert [body["sender"] for body in senders if isinstance(body, dict)] == [
        "My House",
        "HOUSE",
    ]


@pytest.mark.parametrize("damage", ["DROP TABLE intake", "DROP TABLE deliveries"])
async def test_cannot_be_written_down(
    sim: Simulator, dispatcher: Dispatcher, path: Path, damage: str
) -> None:
    """Send once what cannot be written down: better than nothing, and not kept."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute(damage)
    other.close()
    outcome = await go(dispatcher)
    assert (outcome.state, dispatcher.is_unwritable) == (State.ACCEPTED, True)
    assert texts(sim, ALICE) == ["Leak"]
    sim.faults.add(Fault("status", method="POST", status=429))
    assert (await go(dispatcher)).state is State.EXPIRED


def test_last_run_cannot_be_taken_over(path: Path, clock: DrivenClock) -> None:
    """Send all the same, and go on from the last run once the disk can be written."""
    message = make_message()
    with closing(Ledger(path)) as last_run:
        last_run.add(message, NOW, RUN)
        last_run.count_waiting()
    opened: list[Ledger] = []
    is_full = True

    def open_it() -> Ledger:
        opened.append(Ledger(path))
        opened[-1]._connection.execute(f"PRAGMA query_only = {is_full:d}")
        return opened[-1]

    report = JobReport(
        ids=(1,), valid_receivers=(ALICE,), invalid_receivers=(), credits=1
    )
    dispatcher = Dispatcher(ACCOUNT, open_it, Says(report), clock)
    request = SmsRequest(message="Leak", receivers=(ALICE,))
    [outcome] = dispatcher.send(request, RECIPIENTS, make_settings())
    assert (outcome.state, dispatcher.is_unwritable) == (State.ACCEPTED, True)
    is_full = False
    dispatcher.work(make_settings())
    assert states_in(opened[-1]) == {message.message_id: State.UNKNOWN}
    dispatcher.close()
    for ledger in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            ledger.count_waiting()


async def test_outcome_cannot_be_written_down(
    sim: Simulator,
    dispatcher: Dispatcher,
    ledger: Ledger,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Tell the caller what became of a message, also where the disk fails meanwhile."""
    hang = sim.faults.add(Fault("hang", method="POST"))
    sending = asyncio.create_task(go(dispatcher))
    while not jobs(sim):
        await asyncio.sleep(0)
    ledger._connection.execute("PRAGMA query_only = ON")
    sim.faults.remove(hang.id)
    outcome = await sending
    assert (outcome.state, outcome.valid) == (State.ACCEPTED, (ALICE,))
    assert dispatcher.work(make_settings()).standing is None
    ledger._connection.execute("PRAGMA query_only = OFF")
    # The next run will find it as one that may have left.
    assert states_in(ledger) == {outcome.message.message_id: State.SENDING}
    assert "could not be written down" in caplog.text
    assert ALICE not in caplog.text


@pytest.mark.parametrize("number", ["\ud800", "+33\x00"])
def test_report_that_cannot_be_written_down(
    ledger: Ledger, caplog: pytest.LogCaptureFixture, number: str
) -> None:
    """Tell the caller what became of a message, whatever the answer has in it."""
    report = JobReport(
        ids=(1,), valid_receivers=(ALICE,), invalid_receivers=(number,), credits=1
    )
    dispatcher = Dispatcher(ACCOUNT, lambda: ledger, Says(report))
    request = SmsRequest(message="Leak", receivers=(ALICE, BOB))
    [outcome] = dispatcher.send(request, RECIPIENTS, make_settings())
    assert (outcome.state, outcome.valid) == (State.PARTIAL, (ALICE,))


async def test_close(sim: Simulator, dispatcher: Dispatcher) -> None:
    """Send nothing after the end."""
    dispatcher.close()
    with pytest.raises(Closed):
        await go(dispatcher)
    assert sim.requests == []
