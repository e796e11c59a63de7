"""Cancelling what has not left, and telling exactly what could not be cancelled."""

import asyncio
from collections.abc import Callable, Generator
from dataclasses import replace
import sqlite3
from typing import Any

import pytest

from custom_components.ovh_sms.gateway import Http2SmsGateway, RestGateway
from custom_components.ovh_sms.gateway.models import SmsUser
from custom_components.ovh_sms.sms import history
from custom_components.ovh_sms.sms.cancelling import Cancellation, Canceller, Kept
from custom_components.ovh_sms.sms.errors import InvalidRequest
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.message import Message, Outcome, with_delay
from custom_components.ovh_sms.sms.states import State
from simulator import (
    ACCOUNT,
    USER_LOGIN,
    USER_PASSWORD,
    VIRTUAL_NUMBER,
    Fault,
    Simulator,
)

from .conftest import ALICE, BOB, RUN, DrivenClock, make_message
from .driven import KEYS

HOUR = 3600.0


class Desk:
    """A ledger, and a way to OVHcloud, to cancel with."""

    def __init__(self, sim: Simulator, ledger: Ledger, clock: DrivenClock) -> None:
        """Begin with nothing sent."""
        self.sim = sim
        self.ledger = ledger
        self.clock = clock
        self.gateway: Any = RestGateway(KEYS, sim.url)
        self.senders: tuple[str, ...] = ()

    def write(self, message: Message, state: State) -> str:
        """Write a message down that never came to OVHcloud."""
        self.ledger.add(message, self.clock.now(), RUN)
        self.ledger.settle(Outcome(message=message, state=state), self.clock.now())
        return message.message_id

    async def send(self, *receivers: str, wait: float = HOUR, **given: Any) -> str:
        """Have OVHcloud take a message that leaves later."""
        message = replace(
            make_message(*receivers, **given), send_at=self.clock.now() + wait
        )
        job = with_delay(message.job, message.send_at, self.clock.now())
        report = await asyncio.to_thread(self.gateway.send, ACCOUNT, job)
        self.ledger.add(message, self.clock.now(), RUN)
        outcome = Outcome(
            message=message,
            state=State.ACCEPTED,
            ids=report.ids,
            valid=report.valid_receivers or message.job.receivers,
            credits=report.credits,
        )
        self.ledger.settle(outcome, self.clock.now())
        return message.message_id

    async def pass_time(self, seconds: float) -> None:
        """Let time pass, here and at OVHcloud."""
        self.clock.advance(seconds)
        await self.sim.advance(seconds)

    async def cancel(self, what: str | list[int]) -> Cancellation:
        """Cancel a message, or SMS."""
        canceller = Canceller(
            self.ledger, self.gateway, self.clock, ACCOUNT, self.senders
        )
        call: Callable[[Any], Cancellation] = (
            canceller.cancel_message if isinstance(what, str) else canceller.cancel_sms
        )
        return await asyncio.to_thread(call, what)

    def line(self, message_id: str) -> history.Line:
        """Return a message as it is written down."""
        [line] = history.named(self.ledger, [message_id])
        return line

    def states(self, message_id: str) -> list[State]:
        """Return the states of a message, and of its deliveries."""
        line = self.line(message_id)
        return [line.state, *(each.state for each in line.deliveries)]

    def ids(self, message_id: str) -> list[int]:
        """Return OVHcloud's ids of a message."""
        return sorted(self.line(message_id).sms_ids)

    @property
    def waiting(self) -> list[int]:
        """Return what waits at OVHcloud."""
        return [sms.id for sms in self.sim.world.accounts[ACCOUNT].jobs]

    @property
    def calls(self) -> list[str]:
        """Return the calls that were made since the last time."""
        calls = [
            f"{request.method} {request.route.removeprefix(f'/sms/{ACCOUNT}/')}"
            for request in self.sim.requests
            if request.route != "/auth/time"
        ]
        self.sim.clear_record()
        return calls


@pytest.fixture
def desk(sim: Simulator, ledger: Ledger, clock: DrivenClock) -> Generator[Desk]:
    """Return a desk to cancel at."""
    made = Desk(sim, ledger, clock)
    yield made
    made.gateway.close()


def why(result: Cancellation) -> list[object]:
    """Return why something was not cancelled."""
    return [
        each.why if isinstance(each.why, Kept) else each.why.reason.value
        for each in result.not_cancelled
    ]


async def test_what_waits_here(desk: Desk) -> None:
    """Cancel without a call; a second time nothing happens."""
    message_id = desk.write(make_message(), State.WAITING)
    for _ in range(2):
        result = await desk.cancel(message_id)
        assert result == Cancellation(message_ids=(message_id,))
        assert desk.states(message_id) == [State.CANCELLED] * 2
    assert desk.calls == []


async def test_what_waits_at_ovhcloud(desk: Desk) -> None:
    """Withdraw each SMS; the message costs nothing and counts for no limit."""
    message_id = await desk.send(ALICE, BOB)
    ids = desk.ids(message_id)
    assert desk.calls == ["POST jobs"]
    result = await desk.cancel(message_id)
    assert result == Cancellation(message_ids=(message_id,), sms_ids=tuple(ids))
    assert desk.calls == [f"DELETE jobs/{sms_id}" for sms_id in ids]
    assert desk.waiting == []
    assert desk.states(message_id) == [State.CANCELLED] * 3
    assert desk.line(message_id).credits == 0
    assert desk.ledger.parts_since(0) == 0
    # A second time nothing is asked.
    assert await desk.cancel(message_id) == replace(result, sms_ids=())
    assert await desk.cancel(ids) == result
    assert desk.calls == []


async def test_single_sms(desk: Desk) -> None:
    """Withdraw some of a message; the message goes on until nothing of it is left."""
    message_id = await desk.send(ALICE, BOB)
    first, second = desk.ids(message_id)
    assert await desk.cancel([first, first]) == Cancellation(sms_ids=(first,))
    assert desk.states(message_id) == [
        State.ACCEPTED,
        State.CANCELLED,
        State.ACCEPTED,
    ]
    assert (desk.waiting, desk.ledger.parts_since(0)) == ([second], 1)
    assert desk.line(message_id).credits == 2
    result = await desk.cancel([second])
    assert result == Cancellation(message_ids=(message_id,), sms_ids=(second,))


async def test_the_refused_receiver_keeps_no_message_from_being_cancelled(
    desk: Desk,
) -> None:
    desk.sim.faults.add(Fault("half"))
    message = replace(make_message(ALICE, BOB), send_at=desk.clock.now() + HOUR)
    report = await asyncio.to_thread(
        desk.gateway.send,
        ACCOUNT,
        with_delay(message.job, message.send_at, desk.clock.now()),
    )
    desk.ledger.add(message, desk.clock.now(), RUN)
    desk.ledger.settle(
        Outcome(
            message=message,
            state=State.PARTIAL,
            ids=report.ids,
            valid=report.valid_receivers,
            invalid=report.invalid_receivers,
        ),
        desk.clock.now(),
    )
    result = await desk.cancel(message.message_id)
    assert result.message_ids == (message.message_id,)
    assert desk.states(message.message_id) == [
        State.CANCELLED,
        State.CANCELLED,
        State.REFUSED,
    ]


async def test_of_somebody_else(desk: Desk) -> None:
    """Withdraw SMS that were not sent from here, wherever they wait."""
    ids = []
    for number in (None, VIRTUAL_NUMBER):
        job = replace(
            make_message().job,
            delay_minutes=60,
            virtual_number=number,
            sender=None if number else "HOUSE",
        )
        report = await asyncio.to_thread(desk.gateway.send, ACCOUNT, job)
        ids += report.ids
    # A number that is not the account's any more is no obstacle.
    desk.senders = ("+33639989999", VIRTUAL_NUMBER.replace("00", "+", 1))
    assert (await desk.cancel([*ids, 9])).sms_ids == tuple(ids)
    assert desk.waiting == []
    assert desk.calls[2:] == [
        "GET jobs",
        "GET virtualNumbers/0033639989999/jobs",
        f"GET virtualNumbers/{VIRTUAL_NUMBER}/jobs",
        f"DELETE jobs/{ids[0]}",
        f"DELETE virtualNumbers/{VIRTUAL_NUMBER}/jobs/{ids[1]}",
        "GET outgoing/9",
    ]


@pytest.mark.parametrize("is_forgotten", [False, True])
async def test_from_a_virtual_number(desk: Desk, is_forgotten: bool) -> None:
    """Know where a message waits, unless that is forgotten: then it is looked for."""
    message_id = await desk.send(sender=VIRTUAL_NUMBER)
    [sms_id] = desk.ids(message_id)
    if is_forgotten:
        desk.ledger.forget_contents()
        desk.senders = (VIRTUAL_NUMBER,)
    assert (await desk.cancel(message_id)).sms_ids == (sms_id,)
    assert desk.waiting == []
    assert f"DELETE virtualNumbers/{VIRTUAL_NUMBER}/jobs/{sms_id}" in desk.calls


async def test_what_is_forgotten_and_found_nowhere(desk: Desk) -> None:
    """Claim nothing where it is not known any more where to look."""
    message_id = await desk.send(ALICE)
    desk.ledger.forget_contents()
    await asyncio.to_thread(desk.gateway.cancel, ACCOUNT, *desk.ids(message_id))
    assert why(await desk.cancel(message_id)) == [Kept.GONE]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (State.SENDING, Kept.SENDING),
        (State.UNKNOWN, Kept.UNKNOWN),
        (State.REFUSED, Kept.NEVER_LEFT),
        (State.EXPIRED, Kept.NEVER_LEFT),
        # OVHcloud took it, but did not say which SMS it is.
        (State.ACCEPTED, Kept.NO_ID),
    ],
)
async def test_what_cannot_be_cancelled(desk: Desk, state: State, reason: Kept) -> None:
    """Say why, and change nothing."""
    message = make_message()
    if state is State.SENDING:
        desk.ledger.add(message, desk.clock.now(), RUN)
    else:
        desk.write(message, state)
    before = desk.states(message.message_id)
    result = await desk.cancel(message.message_id)
    assert (result.message_ids, result.sms_ids, why(result)) == ((), (), [reason])
    assert result.not_cancelled[0].message_id == message.message_id
    assert (desk.states(message.message_id), desk.calls) == (before, [])


async def test_receivers_in_a_file_without_ids(desk: Desk) -> None:
    """Say that it cannot be told which SMS a message is."""
    message = replace(make_message(), receivers=())
    desk.write(message, State.ACCEPTED)
    assert why(await desk.cancel(message.message_id)) == [Kept.NO_ID]


async def test_handed_over_this_instant(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancel nothing that the outbox hands over at the same moment."""
    message = make_message()
    message_id = desk.write(message, State.WAITING)
    cancel = desk.ledger.cancel

    def too_late(message_id: str, now: float) -> bool:
        assert desk.ledger.hand_over(message, now)
        return cancel(message_id, now)

    monkeypatch.setattr(desk.ledger, "cancel", too_late)
    assert why(await desk.cancel(message_id)) == [Kept.SENDING]
    # Nor is it when the answer has come by then.
    desk.ledger.settle(
        Outcome(message=message, state=State.ACCEPTED, ids=(1,), valid=(ALICE,)), 0
    )
    assert not cancel(message_id, 0)
    assert desk.states(message_id) == [State.ACCEPTED] * 2


async def test_what_left(desk: Desk) -> None:
    """Say of what is gone that it has left, where OVHcloud shows it."""
    message_id = await desk.send(ALICE, BOB)
    first, second = desk.ids(message_id)
    await desk.cancel([first])
    await desk.pass_time(HOUR)
    result = await desk.cancel([first, second, 9])
    assert (result.message_ids, result.sms_ids) == ((), (first,))
    assert why(result) == [Kept.LEFT, Kept.GONE]
    assert [each.sms_id for each in result.not_cancelled] == [second, 9]
    assert desk.states(message_id)[2] is State.ACCEPTED
    # What is gone cannot be told apart while OVHcloud does not say what left.
    desk.sim.faults.add(Fault("status", status=503, path="/sms/*/outgoing/*"))
    assert why(await desk.cancel(message_id)) == [Kept.GONE]


async def test_what_is_known_to_have_left(desk: Desk) -> None:
    """Ask nothing about what has its receipt."""
    message_id = await desk.send(ALICE)
    desk.ledger._database.execute("UPDATE deliveries SET state = ?", (State.DELIVERED,))
    desk.sim.clear_record()
    assert why(await desk.cancel(message_id)) == [Kept.LEFT]
    assert desk.calls == []


async def test_cancelled_in_the_panel(desk: Desk) -> None:
    """Take for cancelled what is gone before its time."""
    message_id = await desk.send(ALICE)
    [sms_id] = desk.ids(message_id)
    await asyncio.to_thread(desk.gateway.cancel, ACCOUNT, sms_id)
    result = await desk.cancel(message_id)
    assert result == Cancellation(message_ids=(message_id,), sms_ids=(sms_id,))


@pytest.mark.parametrize("applied", ["before", "after"])
async def test_answer_missing_once(desk: Desk, applied: str) -> None:
    """Cancel once more; what is gone by then was cancelled by the first call."""
    message_id = await desk.send(ALICE)
    desk.sim.faults.add(Fault("reset", method="DELETE", applied=applied, times=1))
    assert (await desk.cancel(message_id)).message_ids == (message_id,)
    assert desk.waiting == []


async def test_answer_missing_and_nothing_proven(desk: Desk) -> None:
    """Claim nothing of an SMS whose time is not known; go on with the others."""
    job = replace(make_message(ALICE, BOB).job, delay_minutes=60)
    ids = (await asyncio.to_thread(desk.gateway.send, ACCOUNT, job)).ids
    desk.sim.faults.add(Fault("reset", method="DELETE", applied="after", times=1))
    result = await desk.cancel(list(ids))
    assert (result.sms_ids, why(result)) == (ids[1:], [Kept.UNANSWERED])


@pytest.mark.parametrize(
    ("fault", "reasons"),
    [
        (Fault("reset", method="DELETE"), [Kept.UNANSWERED, "connection_lost"]),
        (Fault("status", status=429, method="DELETE"), ["throttled"] * 2),
        (
            Fault("forbidden", reason="NOT_GRANTED_CALL", method="DELETE"),
            ["missing_right"] * 2,
        ),
        (Fault("signature", method="DELETE"), ["invalid_application_secret"] * 2),
        (Fault("expired", method="DELETE"), ["account_expired"] * 2),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else None,
)
async def test_ovhcloud_cannot_be_asked(
    desk: Desk, fault: Fault, reasons: list[str]
) -> None:
    """Stop at once, say why, and keep it cancellable."""
    message_id = await desk.send(ALICE, BOB)
    desk.sim.faults.add(fault)
    desk.sim.clear_record()
    result = await desk.cancel(message_id)
    assert (result.message_ids, result.sms_ids, why(result)) == ((), (), reasons)
    assert len(desk.calls) == (2 if fault.kind == "reset" else 1)
    desk.sim.faults.clear()
    assert (await desk.cancel(message_id)).message_ids == (message_id,)


async def test_where_it_waits_cannot_be_asked(desk: Desk) -> None:
    desk.sim.faults.add(Fault("status", status=503, path="/sms/*/jobs"))
    assert why(await desk.cancel([7, 8])) == ["server_error"] * 2


async def test_partly_cancelled_is_written_down(desk: Desk) -> None:
    """Keep what was cancelled before the connection was lost."""
    message_id = await desk.send(ALICE, BOB)
    first, second = desk.ids(message_id)
    desk.sim.faults.add(
        Fault("status", status=503, method="DELETE", path=f"/sms/*/jobs/{second}")
    )
    result = await desk.cancel(message_id)
    assert (result.message_ids, result.sms_ids) == ((), (first,))
    [kept] = result.not_cancelled
    assert (kept.message_id, kept.sms_id) == (message_id, second)
    assert desk.states(message_id) == [
        State.ACCEPTED,
        State.CANCELLED,
        State.ACCEPTED,
    ]


async def test_what_ovhcloud_did_stands(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Say that it is cancelled, also where that cannot be written down."""
    message_id = await desk.send(ALICE)

    def fail(*args: object) -> None:
        raise sqlite3.OperationalError("disk full")

    monkeypatch.setattr(desk.ledger, "cancel_sms", fail)
    result = await desk.cancel(message_id)
    assert (result.sms_ids, result.not_cancelled) == (tuple(desk.ids(message_id)), ())
    assert "could not be written down" in caplog.text
    assert ALICE not in caplog.text


async def test_sms_user(desk: Desk) -> None:
    """Cancel what waits here; what OVHcloud took is out of reach."""
    waiting = desk.write(make_message(), State.WAITING)
    gateway, desk.gateway = (
        desk.gateway,
        Http2SmsGateway(SmsUser(USER_LOGIN, USER_PASSWORD), desk.sim.url),
    )
    gateway.close()
    taken = await desk.send(ALICE)
    unnamed = desk.write(make_message(), State.ACCEPTED)
    assert (await desk.cancel(waiting)).message_ids == (waiting,)
    for what in (taken, unnamed, [7]):
        assert why(await desk.cancel(what)) == [Kept.SMS_USER]


async def test_unknown_message(desk: Desk) -> None:
    """Name it, but no phone number."""
    with pytest.raises(InvalidRequest) as caught:
        await desk.cancel(f"{ALICE} please")
    assert caught.value.key == "message_unknown"
    assert caught.value.placeholders == {"message_id": "…01 please"}
