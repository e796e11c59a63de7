"""A power cut at any instant of a burst: what a caller was told of is on the disk."""

import asyncio
import os
from pathlib import Path
import random
import shutil
import signal

import pytest

from custom_components.ovh_sms.sms.ledger import Ledger
from simulator import Simulator
from tests.ledgers import states_in

from .life import Life, led
from .nursery import Nursery
from .plan import call

_CUTS = 15
_MESSAGES_BETWEEN = 4


def _freeze(life: Life, folder: Path) -> None:
    """Copy the ledger as it is at one instant."""
    assert life.child
    os.kill(life.child.pid, signal.SIGSTOP)
    try:
        folder.mkdir()
        for file in life.path.parent.glob("a.db*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, folder)
    finally:
        os.kill(life.child.pid, signal.SIGCONT)


def _tear(log: Path, kept: int, dice: random.Random) -> None:
    """Spoil what was written after a length of the log: no sync has vouched for it."""
    written = log.read_bytes()
    cut = dice.randint(min(kept, len(written)), len(written))
    log.write_bytes(written[:cut] + dice.randbytes(len(written) - cut))


@pytest.mark.parametrize("is_torn", [False, True], ids=["whole", "torn"])
async def test_burst(
    road_nursery: Nursery, sim: Simulator, tmp_path: Path, *, is_torn: bool
) -> None:
    """Find every message for which the call had returned, in every copy."""
    dice = random.Random(1)
    sim.world.accounts["sms-ab12345-1"].credits_left = 10_000
    async with led(road_nursery, sim, tmp_path / "ovh_sms" / "a.db") as life:
        for number in range(_CUTS):
            names = [f"m{number}x{each}" for each in range(_MESSAGES_BETWEEN)]
            burst = asyncio.create_task(life.send(*map(call, names)))
            while len(life.told) <= number * _MESSAGES_BETWEEN:
                await asyncio.sleep(0)
            for _ in range(dice.randrange(40)):
                await asyncio.sleep(0)
            promised = {line["id"] for line in life.told}
            synced = life.told[-1]["log"]
            copy = tmp_path / f"copy{number}"
            _freeze(life, copy)
            if is_torn:
                _tear(copy / "a.db-wal", synced, dice)
            ledger = Ledger(copy / "a.db")
            states = states_in(ledger)
            ledger.close()
            assert promised <= states.keys()
            # The answer may be lost, but never the message.
            assert {states[each] for each in promised} <= {"accepted", "sending"}
            await burst
    accepted = sorted(life.arrived)
    async with led(road_nursery, sim, copy / "a.db") as next_life:
        while (pause := await next_life.rest()) is not None:
            await next_life.advance(pause)
    assert sorted(next_life.arrived) == accepted
    ledger = Ledger(copy / "a.db")
    assert set(states_in(ledger).values()) == {"accepted"}
    ledger.close()
