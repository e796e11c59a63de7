"""Calls are few, whatever the number of messages whose receipts are awaited."""

from dataclasses import replace

import pytest

from tests.sms.conftest import BOB

from .conftest import DAY, HOUR, Desk


def _phones(count: int, begin: int = 0) -> list[str]:
    """Return numbers of phones that nobody hears of."""
    return [
        f"+3363998{number:04}" for number in range(1000 + begin, 1000 + begin + count)
    ]


async def _send(desk: Desk, count: int) -> None:
    """Send SMS to phones that are switched off for days."""
    for begin in range(0, count, 500):
        numbers = _phones(min(500, count - begin), begin)
        for number in numbers:
            desk.sim.phone(number).fate = "never"
        await desk.send(*numbers)


async def test_all_at_once(desk: Desk) -> None:
    """Read a thousand that nobody receives, over a day."""
    await _send(desk, 1000)
    await desk.go_on(DAY + 60)
    # Nine rounds of ten calls; one more until it is known how many are read at once.
    assert len(desk.looks) == 91
    assert desk.busiest_minute <= 21
    assert (desk.ends, desk.ledger.next_look() is None) == ([], False)


async def test_one_after_the_other(desk: Desk) -> None:
    """Read a thousand that leave over a day, ten at a time: one call tells of many."""
    for number in range(100):
        phones = _phones(10, number * 10)
        for phone in phones:
            desk.sim.phone(phone).fate = "never"
        await desk.send(*phones)
        await desk.go_on(DAY / 100)
    # Three looks at each that left are their own, all later ones are of many.
    assert len(desk.looks) <= 420
    assert desk.busiest_minute <= 2


async def test_one_by_one(desk: Desk) -> None:
    """Where OVHcloud reads one at a time, spend what is fair and no more."""
    desk.sim.world.batch_supported = False
    await _send(desk, 200)
    await desk.go_on(HOUR)
    assert desk.busiest_minute <= 60
    assert len(desk.looks) <= 500


async def test_alarm_behind_a_mailing(desk: Desk) -> None:
    """Read the newest first: who waits for an alarm's receipt waits no longer."""
    desk.sim.world.batch_supported = False
    await _send(desk, 150)
    await desk.go_on(500)
    await desk.send(BOB, message="Alarm")
    await desk.go_on(14)
    assert desk.ends == [("delivered", None)]


async def test_alarm_right_behind_a_mailing(desk: Desk) -> None:
    """Do so as well where none of the others was read."""
    desk.sim.world.batch_supported = False
    await _send(desk, 150)
    await desk.go_on(15)
    await desk.send(BOB, message="Alarm")
    await desk.go_on(14)
    assert desk.ends == [("delivered", None)]


@pytest.mark.parametrize("hints", [1, 250])
async def test_hints(desk: Desk, hints: int) -> None:
    """Take as many calls for hints as for any others."""
    desk.settings = replace(desk.settings, receipts="webhook")
    await desk.send(*_phones(300))
    await desk.pass_time(5)
    for sms in desk.sms[:hints]:
        desk.receipts.hint(sms.id)
    await desk.go_on(30)
    assert (len(desk.told), len(desk.reads)) == (hints, 1 if hints == 1 else 4)
