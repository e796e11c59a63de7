"""Ten thousand messages that wait, and two hundred calls at once."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
import itertools
from pathlib import Path
import re
import sys
from typing import Any, Final

import pytest

from custom_components.ovh_sms.const import DOMAIN, ENV_API_URL
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.states import State
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from simulator import Simulator
from tests.conftest import make_entry
from tests.sms.conftest import RUN, make_message

from .life import led
from .nursery import ROOT, Nursery

_WAITING: Final = 10_000
_START: Final = 2.0
_MEMORY: Final = 30 * 2**20
_CALLS: Final = 200
_BLOCKED: Final = 0.05
# The machine may be busy with something else at the wrong moment, the road may not.
_ROUNDS: Final = 5
_READY: Final = re.compile(rb"simulator ready: api=(\S+) handset=(\S+)")


async def test_start_with_ten_thousand_waiting(
    road_nursery: Nursery, sim: Simulator, tmp_path: Path
) -> None:
    """Start at once, and hold none of them in memory."""
    path = tmp_path / "ovh_sms" / "a.db"
    ledger, now = Ledger(path), sim.world.now().timestamp()
    with ledger.transaction():
        for _ in range(_WAITING):
            ledger.add(make_message(), now, RUN, State.WAITING)
    ledger.close()
    async with led(road_nursery, sim, path) as life:
        life.cut()
        condition = await life.ask("condition")
        assert condition["began_in"] < _START
        assert condition["grown_by"] < _MEMORY
        assert await life.rest()


@pytest.fixture
async def elsewhere(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[str]:
    """Run an OVHcloud in a process of its own; return where its records are."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator", "--port=0", "--handset-port=0"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    while not (ready := _READY.match(await process.stdout.readline())):
        pass
    monkeypatch.setenv(ENV_API_URL, ready[1].decode())
    yield ready[2].decode()
    process.terminate()
    await process.wait()


def _displaced() -> float:
    """Return the seconds for which others had the processor while this thread could have run."""
    try:
        told = Path("/proc/thread-self/schedstat").read_text("ascii")
    except OSError:
        return 0.0
    return int(told.split()[1]) / 1e9


async def _watch(lags: list[float]) -> None:
    """Note for how long the loop did not come round, though it could have had the processor."""
    loop = asyncio.get_running_loop()
    while True:
        before, displaced = loop.time(), _displaced()
        await asyncio.sleep(0.001)
        lags.append(loop.time() - before - 0.001 - (_displaced() - displaced))


async def _burst(hass: HomeAssistant, number: int) -> tuple[set[str], float]:
    """Make the calls; return the ids they got, and how long the loop was blocked."""
    lags: list[float] = []
    watch = asyncio.create_task(_watch(lags))
    calls: list[Any] = await asyncio.gather(
        *(
            hass.services.async_call(
                DOMAIN,
                "send_sms",
                {
                    "message": f"Burst {number}.{each}",
                    "receivers": ["+33639980001"],
                    "bypass_limits": True,
                },
                blocking=True,
                return_response=True,
            )
            for each in range(_CALLS)
        )
    )
    watch.cancel()
    with suppress(asyncio.CancelledError):
        await watch
    answers = [answer["messages"][0] for answer in calls]
    assert {answer["status"] for answer in answers} == {"accepted"}
    return {answer["message_id"] for answer in answers}, max(lags)


async def test_two_hundred_calls_at_once(hass: HomeAssistant, elsewhere: str) -> None:
    """Have all of them accepted, none twice, and never block the loop."""
    hass.loop.set_debug(False)
    session = async_get_clientsession(hass)
    account = f"{elsewhere}/_control/accounts/sms-ab12345-1"
    assert (await session.patch(account, json={"creditsLeft": 10_000})).ok
    entry = make_entry(hass, {"Kitchen": ["+33639980001"]})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    lags = []
    for number in itertools.count(1):
        ids, lag = await _burst(hass, number)
        assert len(ids) == _CALLS
        lags.append(lag)
        if lag < _BLOCKED or number == _ROUNDS:
            break
    assert min(lags) < _BLOCKED
    state = await (await session.get(f"{elsewhere}/_control/state")).json()
    [phone] = [each for each in state["phones"] if each["number"] == "+33639980001"]
    texts = [message["text"] for message in phone["messages"]]
    assert len(texts) == len(set(texts)) == _CALLS * len(lags)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
