"""What became of SMS is read, written down and told once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custom_components.ovh_sms.gateway import Http2SmsGateway
from custom_components.ovh_sms.gateway.models import SmsUser
from custom_components.ovh_sms.sms.cancelling import Canceller, Kept
from simulator import ACCOUNT, USER_LOGIN, USER_PASSWORD, VIRTUAL_NUMBER, Fault
from simulator.numbers import normalise
from tests.ledgers import states_in
from tests.sms.conftest import ALICE, BOB, CAROL

from .conftest import DAY, HOUR, Desk

BARRED = "Number incorrect, invalid or barred: do not use it again"
NEVER = [("unconfirmed", "no_receipt")]


async def test_delivered(desk: Desk) -> None:
    """Tell it at the first look, and look no more."""
    outcome = await desk.send()
    await desk.go_on(11)
    [receipt] = desk.told
    assert (receipt.key, receipt.recipient_id, receipt.total) == (
        (outcome.message.message_id, 0),
        "alice",
        1,
    )
    assert desk.ends == [("delivered", None)]
    assert desk.looks == [10]
    assert await desk.rest() is None
    assert desk.rows == [("delivered", None, 0, 0)]
    assert [*states_in(desk.ledger).values()] == ["accepted"]


@pytest.mark.parametrize("receipt", [2, 16])
async def test_failed(desk: Desk, receipt: Any) -> None:
    """Tell why in OVHcloud's words, which are asked for once."""
    phone = desk.sim.phone(ALICE)
    phone.fate, phone.receipt_on_failure = "failed", receipt
    await desk.send()
    await desk.go_on(20)
    await desk.send()
    await desk.go_on(20)
    assert desk.ends == [("failed", BARRED)] * 2
    assert [request.route for request in desk.reads].count("/sms/ptts") == 1


@pytest.mark.parametrize("receipt", [1, 0])
async def test_code_never_decides(desk: Desk, receipt: int) -> None:
    """Believe the receipt alone: the tables of codes contradict each other."""
    await desk.send()
    await desk.pass_time(9)
    [sms] = desk.sms
    sms.delivery_receipt, sms.ptt = receipt, 5
    await desk.go_on(5)
    assert desk.ends == ([("delivered", None)] if receipt else [])


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", path="/sms/ptts", status=500),
        Fault("status", path="/sms/ptts", status=429, retry_after=5),
        Fault("status", path="/sms/ptts", status=200, body="null"),
        Fault("forbidden", path="/sms/ptts", reason="NOT_GRANTED_CALL"),
    ],
)
async def test_code_without_words(desk: Desk, fault: Fault) -> None:
    """Tell the bare code where OVHcloud does not explain it."""
    desk.sim.phone(ALICE).fate = "failed"
    desk.sim.faults.add(fault)
    await desk.send(ALICE)
    await desk.go_on(20)
    assert desk.ends == [("failed", "23")]


async def test_slow(desk: Desk) -> None:
    """Look less and less often until it is there."""
    desk.sim.world.slow_delay = 2 * HOUR
    desk.sim.phone(ALICE).fate = "slow"
    await desk.send()
    await desk.go_on(DAY)
    assert desk.looks == [10, 30, 120, 600, 3600, 3 * 3600]
    assert desk.ends == [("delivered", None)]


async def test_never(desk: Desk) -> None:
    """Say so when its validity is over and a little more."""
    await desk.send()
    [sms] = desk.sms
    # No operator knows of this copy.
    desk.sim.world.accounts[ACCOUNT].messages[sms.id] = replace(sms)
    await desk.go_on(60 * DAY)
    hours = [1, 3, 6, 12, 24, 48, 49]
    assert desk.looks == [10, 30, 120, 600, *(hour * 3600 for hour in hours)]
    assert desk.ends == NEVER
    assert desk.rows == [("unconfirmed", "no_receipt", 0, 0)]


async def test_gone(desk: Desk) -> None:
    """Say so as well where OVHcloud has forgotten the SMS."""
    await desk.send()
    desk.sim.world.accounts[ACCOUNT].messages.clear()
    await desk.go_on(48 * HOUR)
    assert desk.ends == []
    await desk.go_on(HOUR)
    assert desk.ends == NEVER


async def test_group(desk: Desk) -> None:
    """Read all in one call, and tell each number its own."""
    desk.sim.phone(BOB).fate = "failed"
    desk.sim.phone(CAROL).fate = "never"
    outcome = await desk.send(ALICE, "Night Watch")
    await desk.go_on(12)
    assert [
        (receipt.key[1], receipt.recipient_id, receipt.total, receipt.state)
        for receipt in desk.told
    ] == [(0, "alice", 3, "delivered"), (1, "watch", 3, "failed")]
    assert len(desk.reads) == 2
    outcome = desk.ledger.outcome(outcome.message.message_id) or outcome
    assert (outcome.state, outcome.valid) == ("accepted", (ALICE, BOB, CAROL))


async def test_sent_later(desk: Desk) -> None:
    """Ask nothing before OVHcloud sends it."""
    await desk.send(delay=timedelta(hours=3))
    await desk.go_on(3 * HOUR)
    assert desk.reads == []
    await desk.go_on(11)
    assert desk.ends == [("delivered", None)]


async def test_held_for_the_night(desk: Desk) -> None:
    """Wait for what OVHcloud holds back because of its STOP text."""
    await desk.pass_time(9 * HOUR)
    await desk.send(no_stop_clause=False)
    assert desk.sms[0].waiting
    await desk.go_on(8 * HOUR)
    assert desk.ends == []
    await desk.go_on(5 * HOUR)
    assert desk.ends == [("delivered", None)]


async def test_virtual_number(desk: Desk) -> None:
    """Ask where the SMS is: what leaves from a virtual number has a path of its own."""
    await desk.send(ALICE)
    await desk.send(BOB, sender=normalise(VIRTUAL_NUMBER))
    await desk.go_on(13)
    assert desk.ends == [("delivered", None)] * 2
    assert sorted(VIRTUAL_NUMBER in each.path for each in desk.reads) == [False, True]


async def test_without_ids(desk: Desk) -> None:
    """Find by their tag the SMS of which OVHcloud did not say which id is whose."""
    await desk.send(ALICE, BOB)
    desk.ledger._database.execute("UPDATE deliveries SET sms_id = NULL")
    await desk.go_on(13)
    assert desk.ends == [("delivered", None)] * 2
    ids = {sms.id for sms in desk.sms}
    assert desk.ledger.known(ids) == ids
    assert len(desk.reads) == 2


async def test_without_ids_and_tag(desk: Desk) -> None:
    """Await nothing of what cannot be found: its tag is the caller's."""
    await desk.send(ALICE, tag="mine")
    assert await desk.rest() == pytest.approx(10)
    desk.ledger._database.execute("UPDATE deliveries SET sms_id = NULL, look_at = NULL")
    [message_id] = states_in(desk.ledger)
    desk.ledger._await(message_id, desk.clock.now())
    assert await desk.rest() is None


@pytest.mark.parametrize("fate", ["delivered", "never"])
async def test_no_batches(desk: Desk, fate: Any) -> None:
    """Read one by one where OVHcloud knows no other way, at most one in a second."""
    desk.sim.world.batch_supported = False
    numbers = [f"+336399800{place:02}" for place in range(10, 40)]
    for number in numbers:
        desk.sim.phone(number).fate = fate
    await desk.send(*numbers)
    await desk.go_on(120)
    assert len(desk.told) == (30 if fate == "delivered" else 0)
    assert desk.busiest_minute <= 60
    singles = [request.path.count(",") for request in desk.reads]
    assert (singles[0], set(singles[1:])) == (9, {0})


async def test_sms_user(desk: Desk) -> None:
    """Ask nothing where nothing can be read, and await nothing for ever."""
    user = SmsUser(USER_LOGIN, USER_PASSWORD)
    await desk.restart(Http2SmsGateway(user, desk.sim.url))
    await desk.send()
    assert await desk.rest() is None
    assert [row[2] for row in desk.rows] == [0]


async def test_off(desk: Desk) -> None:
    """Read nothing, and let nothing grow."""
    desk.settings = replace(desk.settings, receipts="off")
    await desk.send()
    assert await desk.rest() is None
    assert [row[2] for row in desk.rows] == [0]
    await desk.pass_time(DAY)
    assert (await desk.rest(), desk.reads) == (None, [])


async def test_found_by_a_look_up(desk: Desk) -> None:
    """Tell the receipt only after it was told that OVHcloud took the message."""
    desk.sim.faults.add(
        Fault("status", method="POST", status=500, applied="after", times=1)
    )
    await desk.send()
    await desk.pass_time(6)
    work = await asyncio.to_thread(desk.work)
    assert [each.state for each in work.outcomes] == ["accepted"]
    await desk.go_on(10)
    assert desk.rows == [("delivered", None, 0, 1)]
    assert desk.ends == []
    desk.dispatcher.confirm_told(work.outcomes)
    await desk.look_up(0)
    assert await desk.rest() is None
    assert desk.ends == [("delivered", None)]


class TestCancelling:
    """Messages that are cancelled, and those that cannot be any more."""

    def cancel(self, desk: Desk, message_id: str) -> Any:
        """Cancel a message."""
        return desk.dispatcher.ask(
            lambda ledger, gateway, clock: Canceller(
                ledger, gateway, clock, ACCOUNT, ()
            ).cancel_message(message_id)
        )

    async def test_in_time(self, desk: Desk) -> None:
        """Await nothing of what is never sent."""
        outcome = await desk.send(ALICE, BOB, delay=timedelta(hours=1))
        message_id = outcome.message.message_id
        cancelled = await asyncio.to_thread(self.cancel, desk, message_id)
        assert cancelled.message_ids == (message_id,)
        assert await desk.rest() is None

    async def test_too_late(self, desk: Desk) -> None:
        """Say that it has left."""
        outcome = await desk.send(ALICE)
        await desk.go_on(11)
        cancelled = await asyncio.to_thread(
            self.cancel, desk, outcome.message.message_id
        )
        assert [each.why for each in cancelled.not_cancelled] == [Kept.LEFT]
        assert desk.rows[0][0] == "delivered"


@pytest.mark.parametrize("days", [0, 1])
@pytest.mark.parametrize("sender", [None, normalise(VIRTUAL_NUMBER)])
async def test_forgotten(desk: Desk, days: int, sender: str | None) -> None:
    """Hear of a message whose text and number are forgotten, then forget all of it."""
    desk.sim.world.slow_delay = 40 * HOUR
    desk.sim.phone(ALICE).fate = "slow"
    await desk.send(sender=sender)
    await desk.go_on(26 * HOUR)
    await asyncio.to_thread(desk.dispatcher.forget, days)
    [row] = desk.ledger.rows("SELECT whole, job, number FROM messages JOIN deliveries")
    assert (row["whole"], row["number"]) == (None, None)
    assert "Leak" not in row["job"] and ALICE not in row["job"]
    await desk.go_on(24 * HOUR)
    assert desk.ends == [("delivered", None)]
    assert [receipt.recipient_id for receipt in desk.told] == ["alice"]
    await asyncio.to_thread(desk.dispatcher.forget, days)
    assert states_in(desk.ledger) == {}
