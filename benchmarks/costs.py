"""What this integration costs beyond a single send."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, replace
import gc
import json
import statistics
import subprocess
import sys
import time
import tracemalloc
from typing import Any, Final

from custom_components.ovh_sms.gateway import client as connection
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.message import prepare
from custom_components.ovh_sms.sms.request import SmsRequest
from custom_components.ovh_sms.sms.states import State
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .figures import Series
from .house import NUMBERS, TEXT, add_account, house
from .memory import resident
from .rounds import SENDS_IN_A_ROW, begin_limits_anew, measure
from .sender import Send, Sender
from .server import ACCOUNT, Server

BURST: Final = 200
_DAY: Final = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Burst:
    """Many sends at once: what the server counted, and the seconds until all were done."""

    name: str
    requests: int
    connections: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Memory:
    """What is in use after so many sends: of the process, and of Python's objects."""

    sends: int
    resident: int
    allocated: int


@dataclass(frozen=True, slots=True)
class Start:
    """What Home Assistant's start takes longer and more with the integration: ms and bytes."""

    importing: float
    loading: float
    on_the_loop: float
    longest: float
    resident: int


@dataclass(frozen=True, slots=True)
class Step:
    """A step in the background, with so many messages that wait: milliseconds."""

    waiting: int
    p50: float


async def bursts(
    hass: HomeAssistant, account: ConfigEntry, server: Server, ways: list[Sender]
) -> list[Burst]:
    """Send many at once, in ways that allow it."""

    def unlimited(count: int) -> Awaitable[object]:
        given = {"message": TEXT, "receivers": [NUMBERS[0]], "bypass_limits": True}
        return hass.services.async_call("ovh_sms", "send_sms", given, blocking=True)

    found = []
    for way in ways:
        send = unlimited if way.name == "ovh_sms.send_sms" else way.send
        assert send
        await send(1)
        await hass.async_block_till_done(wait_background_tasks=True)
        requests, connections = server.requests, server.connections
        began = time.perf_counter()
        await asyncio.gather(*(send(1) for _ in range(BURST)))
        seconds = time.perf_counter() - began
        await hass.async_block_till_done(wait_background_tasks=True)
        found.append(
            Burst(
                way.name,
                server.requests - requests,
                server.connections - connections,
                seconds,
            )
        )
    await begin_limits_anew(hass, account)
    return found


async def after_silence(
    hass: HomeAssistant, account: ConfigEntry, server: Server, send: Send, rounds: int
) -> Series:
    """Send as after a silence, when the connection is not trusted any more."""
    series = Series("after a silence", 1)
    changed: Any = connection
    silence, changed.SILENCE = changed.SILENCE, 0
    try:
        for _ in range(rounds):
            await measure(hass, server, series, send)
            await begin_limits_anew(hass, account)
    finally:
        changed.SILENCE = silence
    return series


async def memory(
    hass: HomeAssistant, account: ConfigEntry, send: Send, sends: int
) -> list[Memory]:
    """Send thousands, and look at what stays: after a fifth of them, and after all."""

    async def go(number: int) -> None:
        for _ in range(number // SENDS_IN_A_ROW):
            for _ in range(SENDS_IN_A_ROW):
                await send(1)
            await begin_limits_anew(hass, account)
        gc.collect()

    await go(sends // 5)
    before = resident()
    await go(sends - sends // 5)
    after = resident()
    tracemalloc.start()
    await go(sends // 5)
    first, _ = tracemalloc.get_traced_memory()
    await go(sends - sends // 5)
    last, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return [Memory(sends // 5, before, first), Memory(sends, after, last)]


async def ledgers(
    server: Server, lengths: tuple[int, ...], rounds: int
) -> list[Series]:
    """Send with ledgers of different lengths, in turn; all of it to one number."""
    async with house() as hass:
        turns = []
        for length in lengths:
            name = f"{ACCOUNT}-{length}"
            entry = await add_account(hass, server.url, name=name)
            ledger = entry.runtime_data.dispatcher.ask(lambda ledger, *_: ledger)
            await hass.async_add_executor_job(_fill, ledger, entry, length)
            turns.append((Series(str(length), 1), entry, _send_from(hass, entry)))
        for number in range(rounds + 1):
            for series, entry, send in turns:
                warming = Series("", 1) if number == 0 else series
                await measure(hass, server, warming, send)
                await begin_limits_anew(hass, entry)
        return [series for series, _, _ in turns]


def _send_from(hass: HomeAssistant, entry: ConfigEntry) -> Send:
    given = {
        "config_entry_id": entry.entry_id,
        "message": TEXT,
        "receivers": [NUMBERS[0]],
    }
    return lambda count: hass.services.async_call(
        "ovh_sms", "send_sms", given, blocking=True
    )


def _fill(
    ledger: Ledger,
    entry: ConfigEntry,
    length: int,
    state: State = State.ACCEPTED,
) -> None:
    """Write messages down as they would be after a month."""
    account = entry.runtime_data
    now = time.time()
    [message] = prepare(
        SmsRequest(message=TEXT, receivers=(NUMBERS[0],)),
        account.recipients,
        account.settings,
        now,
    )
    with ledger.transaction():
        for number in range(length):
            at = now - 29 * _DAY * (1 - number / length) - _DAY
            if state is State.WAITING:
                at = now
            one = replace(message, message_id=f"{number:032x}")
            ledger.add(one, at, "before", state)


async def steps(server: Server, waiting: tuple[int, ...], rounds: int) -> list[Step]:
    """Take steps in the background during a pause, with messages that wait."""
    async with house() as hass:
        found = []
        for number in waiting:
            entry = await add_account(hass, server.url, name=f"{ACCOUNT}-{number}")
            account = entry.runtime_data
            account.outbox.async_stop()
            dispatcher = account.dispatcher
            dispatcher._pauses.begin(3600)  # noqa: SLF001 - only OVHcloud begins one
            ledger = dispatcher.ask(lambda ledger, *_: ledger)
            await hass.async_add_executor_job(
                _fill, ledger, entry, number, State.WAITING
            )
            seconds = []
            for _ in range(rounds * SENDS_IN_A_ROW):
                began = time.perf_counter()
                await hass.async_add_executor_job(dispatcher.work, account.settings)
                seconds.append(time.perf_counter() - began)
            found.append(Step(number, statistics.median(seconds) * 1000))
        return found


def starts(server: Server, times: int) -> Start:
    """Start in processes of their own, and take the median of each figure."""
    found = []
    for _ in range(times):
        said = subprocess.run(
            [sys.executable, "-m", "benchmarks.start", server.url],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        found.append(Start(**json.loads(said.splitlines()[-1])))
    return Start(
        importing=statistics.median(each.importing for each in found),
        loading=statistics.median(each.loading for each in found),
        on_the_loop=statistics.median(each.on_the_loop for each in found),
        longest=statistics.median(each.longest for each in found),
        resident=int(statistics.median(each.resident for each in found)),
    )
