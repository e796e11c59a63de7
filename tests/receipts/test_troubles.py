"""OVHcloud out of reach, busy, odd or forbidding; runs that end, and clocks that are wrong."""

import asyncio
from dataclasses import replace

import pytest

from simulator import Fault
from tests.sms.conftest import ALICE, BOB, CAROL

from .conftest import DAY, HOUR, Desk

DELIVERED = ("delivered", None)


async def test_restart(desk: Desk) -> None:
    """Go on after a restart where the last run ended, and tell nothing twice."""
    await desk.send(ALICE)
    await desk.restart()
    await desk.pass_time(3 * DAY)
    assert await desk.rest() is None
    await desk.restart()
    assert await desk.rest() is None
    assert desk.ends == [DELIVERED]


async def test_crash_between_write_and_tell(desk: Desk) -> None:
    """Tell in the next run what was written down and not told, once."""
    await desk.send(ALICE, BOB)
    await desk.pass_time(10)
    reading = await desk.step(tells=False)
    assert len(reading.receipts) == 2
    await desk.restart(crash=True)
    await desk.go_on(100)
    assert desk.ends == [DELIVERED] * 2
    await desk.restart()
    await desk.go_on(100)
    assert (len(desk.told), len(desk.reads)) == (2, 1)


async def test_told_at_the_end(desk: Desk) -> None:
    """Write down what was told last, also where no step follows."""
    await desk.send()
    await desk.pass_time(10)
    await desk.step()
    await desk.restart()
    assert await desk.rest() is None
    assert desk.ends == [DELIVERED]


async def test_held_back(desk: Desk) -> None:
    """Hand a receipt out once, however long it takes to tell it."""
    await desk.send()
    await desk.pass_time(10)
    assert len((await desk.step(tells=False)).receipts) == 1
    assert await desk.step() == replace(desk.readings[0], receipts=(), pause=None)


async def test_outage(desk: Desk) -> None:
    """Ask less and less often while OVHcloud is out of reach."""
    await desk.send()
    await desk.sim.refuse()
    await desk.go_on(600)
    assert 10 <= len([each for each in desk.readings if each.failure]) <= 15
    await desk.sim.accept_again()
    await desk.go_on(61)
    assert desk.ends == [DELIVERED]


async def test_asked_to_wait(desk: Desk) -> None:
    """Leave OVHcloud alone for as long as it wants."""
    desk.sim.faults.add(
        Fault("status", path="*outgoing*", status=429, retry_after=90, times=1)
    )
    await desk.send()
    await desk.go_on(300)
    assert desk.looks == [10, 100]
    assert desk.ends == [DELIVERED]


async def test_hint_does_not_end_the_wait(desk: Desk) -> None:
    """Obey OVHcloud also where there would be something to read."""
    desk.sim.faults.add(
        Fault("status", path="*outgoing*", status=429, retry_after=90, times=1)
    )
    await desk.send()
    await desk.go_on(20)
    desk.receipts.hint(desk.sms[0].id)
    desk.receipts.go_on()
    await desk.go_on(100)
    assert desk.looks == [10, 100]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("forbidden", path="*outgoing*", reason="NOT_GRANTED_CALL"),
        Fault("forbidden", path="*outgoing*", reason="IAM"),
        Fault("forbidden", path="*outgoing*"),
        Fault("expired", path="*outgoing*"),
    ],
    ids=lambda fault: f"{fault.kind} {fault.reason}",
)
async def test_may_not(desk: Desk, fault: Fault) -> None:
    """Ask once an hour where only the user can help; end nothing by that."""
    desk.sim.faults.add(fault)
    await desk.send()
    await desk.go_on(4 * DAY)
    assert len(desk.reads) <= 4 * 24 + 1
    assert desk.ends == []
    desk.sim.faults.clear()
    await desk.go_on(HOUR)
    assert desk.ends == [DELIVERED]


async def test_may_never(desk: Desk) -> None:
    """Await nothing for ever."""
    desk.sim.faults.add(Fault("forbidden", path="*outgoing*", reason="IAM"))
    await desk.send()
    await desk.go_on(8 * DAY)
    assert (await desk.rest(), desk.ends) == (None, [])
    assert desk.rows == [("accepted", None, 0, 0)]


async def test_known_not_to_be_allowed(desk: Desk) -> None:
    """Make no call that is known to be refused."""
    desk.settings = replace(desk.settings, can_look_up=False)
    await desk.send()
    await desk.go_on(DAY)
    assert (desk.reads, desk.ends) == ([], [])
    desk.settings = replace(desk.settings, can_look_up=True)
    await desk.rest()
    assert desk.ends == [DELIVERED]


@pytest.mark.parametrize("is_barred", [False, True])
async def test_go_on(desk: Desk, *, is_barred: bool) -> None:
    """Ask again once the account can be read, unless a right is missing."""
    reason = "IAM" if is_barred else "INVALID_CREDENTIAL"
    fault = desk.sim.faults.add(Fault("forbidden", path="*outgoing*", reason=reason))
    await desk.send()
    await desk.go_on(30)
    desk.sim.faults.remove(fault.id)
    desk.receipts.go_on()
    await desk.go_on(60)
    assert desk.ends == ([] if is_barred else [DELIVERED])
    if is_barred:
        await desk.restart()
        await desk.rest()
        assert desk.ends == [DELIVERED]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", path="*outgoing*", status=500, times=20),
        Fault("status", path="*outgoing*", status=200, body="odd", times=20),
        Fault("reset", path="*outgoing*", times=20),
    ],
    ids=["server error", "odd", "reset"],
)
async def test_trouble_that_passes(desk: Desk, fault: Fault) -> None:
    """Tell all of it in the end."""
    desk.sim.faults.add(fault)
    await desk.send(ALICE, BOB, CAROL)
    await desk.go_on(2 * DAY)
    assert desk.ends == [DELIVERED] * 3


async def test_odd_one_among_others(desk: Desk) -> None:
    """Hear of all others, where OVHcloud has one SMS that nobody can read."""
    numbers = [f"+336399800{place:02}" for place in range(10, 35)]
    await desk.send(*numbers)
    odd = desk.sms[7]
    desk.sim.faults.add(Fault("status", path=f"*outgoing*{odd.id}*", status=500))
    await desk.go_on(HOUR)
    assert desk.ends == [DELIVERED] * 24
    await desk.go_on(20 * DAY)
    assert desk.ends[24:] == [("unconfirmed", "no_receipt")]


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 5 * DAY, -5 * DAY])
async def test_clock_is_set(desk: Desk, jump: float) -> None:
    """Look as if the clock had been right from the start."""
    desk.sim.world.slow_delay = 20 * 60
    desk.sim.phone(ALICE).fate = "slow"
    await desk.send()
    desk.clock.jump(jump)
    await desk.go_on(2 * HOUR)
    # The first one was asked for with a signature of another time.
    assert desk.looks == [10, 10, 30, 120, 600, 3600]
    assert desk.ends == [DELIVERED]


@pytest.mark.parametrize("wrong_by", [400 * DAY, -400 * DAY])
async def test_clock_was_wrong_in_the_last_run(desk: Desk, wrong_by: float) -> None:
    """Hear of an SMS whose next look a wrong clock has put far away."""
    desk.clock.jump(wrong_by)
    await desk.restart()
    await desk.send()
    await asyncio.to_thread(desk.dispatcher.close)
    desk.clock.jump(-wrong_by)
    await asyncio.to_thread(desk.start)
    await desk.go_on(10)
    assert desk.ends == [DELIVERED]


async def test_clock_that_is_far_ahead_ends_nothing(desk: Desk) -> None:
    """Take the end from OVHcloud's clock too."""
    await desk.send()
    [sms] = desk.sms
    sms.sent_at = None
    await desk.restart()
    desk.sim.phone(ALICE).fate = "never"
    desk.sim.world.accounts["sms-ab12345-1"].messages[sms.id] = replace(sms)
    desk.clock.jump(400 * DAY)
    await desk.restart()
    await desk.go_on(60)
    assert (desk.ends, len(desk.reads) > 0) == ([], True)


class TestHints:
    """OVHcloud calls when it knows something."""

    @pytest.fixture
    def desk(self, desk: Desk) -> Desk:
        """Have it called."""
        desk.settings = replace(desk.settings, receipts="webhook")
        return desk

    async def test_read_at_once(self, desk: Desk) -> None:
        """Read what OVHcloud calls about, many in one call."""
        await desk.send(ALICE, BOB, CAROL)
        await desk.go_on(5)
        assert desk.reads == []
        for sms in desk.sms:
            desk.receipts.hint(sms.id)
        await desk.rest()
        assert (desk.ends, len(desk.reads)) == ([DELIVERED] * 3, 1)

    async def test_lost(self, desk: Desk) -> None:
        """Ask all the same, but not before ten minutes."""
        await desk.send()
        await desk.go_on(700)
        assert (desk.ends, desk.looks) == ([DELIVERED], [600])

    async def test_not_ours(self, desk: Desk) -> None:
        """Make no call for what is not ours, or is over."""
        await desk.send(ALICE)
        await desk.pass_time(5)
        desk.receipts.hint(desk.sms[0].id)
        await desk.rest()
        await desk.send(BOB)
        calls = len(desk.reads)
        for sms_id in (1, -1, 2**80, desk.sms[0].id):
            desk.receipts.hint(sms_id)
        await desk.go_on(60)
        assert len(desk.reads) == calls

    async def test_too_early(self, desk: Desk) -> None:
        """Ask again later where it is not known yet."""
        await desk.send()
        desk.receipts.hint(desk.sms[0].id)
        await desk.go_on(HOUR)
        assert desk.looks == [0, 600]

    async def test_polled_as_well(self, desk: Desk) -> None:
        """Read hints also where it is polled."""
        desk.settings = replace(desk.settings, receipts="poll")
        await desk.send()
        await desk.pass_time(5)
        desk.receipts.hint(desk.sms[0].id)
        await desk.rest()
        assert desk.looks == [5]


async def test_backup(desk: Desk) -> None:
    """Read after a restore what the copy knew nothing of."""
    await desk.send()
    await asyncio.to_thread(desk.dispatcher.hold_for_backup)
    copy = desk.path.with_name("copy.db")
    copy.write_bytes(desk.path.read_bytes())
    await asyncio.to_thread(desk.dispatcher.go_on_after_backup)
    await desk.go_on(20)
    desk.path = copy
    await desk.restart()
    await desk.go_on(20)
    assert desk.ends == [DELIVERED] * 2


async def test_disk_that_fails(desk: Desk) -> None:
    """Look again later where it cannot be written down."""
    await desk.send()
    await desk.pass_time(10)
    desk.ledger._database.execute("PRAGMA query_only = ON")
    assert await desk.rest() == 60
    assert desk.ends == []
    desk.ledger._database.execute("PRAGMA query_only = OFF")
    await desk.go_on(60)
    assert desk.ends == [DELIVERED]
