"""Interleaved rounds: each way sends a few in turn, so that noise hits all alike."""

import asyncio
from collections.abc import Iterable
import random
import time
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .figures import Series
from .sender import Send, Sender
from .server import Server

# So few in a row that the default limits do not stop them.
SENDS_IN_A_ROW: Final = 8
# Seconds between sends: none comes hot on the heels of another, as in a house.
_PAUSE: Final = 0.005


async def compare(
    hass: HomeAssistant,
    account: ConfigEntry,
    server: Server,
    ways: Iterable[Sender],
    rounds: int,
) -> list[Series]:
    """Measure all ways to one and to three receivers, after a round that warms up."""
    order = [
        (Series(way.name, count), way.send)
        for way in ways
        for count in (1, 3)
        if way.send and count <= way.most
    ]
    found = [series for series, _ in order]
    chance = random.Random(1)
    for number in range(rounds + 1):
        chance.shuffle(order)
        for series, send in order:
            warming = Series("", 0) if number == 0 else series
            await measure(hass, server, warming, send)
            await begin_limits_anew(hass, account)
    return found


async def measure(
    hass: HomeAssistant,
    server: Server,
    series: Series,
    send: Send,
    sends: int = SENDS_IN_A_ROW,
) -> None:
    """Send some; what a send leaves to be done counts as its work, not as its time.

    The first one wakes the way up and is not counted.
    """
    await send(series.receivers or 1)
    await hass.async_block_till_done(wait_background_tasks=True)
    requests, connections = server.requests, server.connections
    cpu = time.process_time()
    for _ in range(sends):
        await asyncio.sleep(_PAUSE)
        began = time.perf_counter()
        await send(series.receivers or 1)
        series.seconds.append(time.perf_counter() - began)
        await hass.async_block_till_done(wait_background_tasks=True)
    series.cpu += time.process_time() - cpu
    series.requests += server.requests - requests
    series.connections += server.connections - connections


async def begin_limits_anew(hass: HomeAssistant, account: ConfigEntry) -> None:
    """Let the account's limits count from now, as the repair for them does."""
    for limit in ("daily_limit", "recipient_limit"):
        await account.runtime_data.troubles.async_carry_on(limit)
    await hass.async_block_till_done(wait_background_tasks=True)
