"""One start: what the integration adds to it, said as JSON."""

import asyncio
import gc
import json
import sys
import time

from homeassistant import loader
from homeassistant.core import HomeAssistant

from .house import add_account, house, run
from .memory import resident

_PLATFORMS = ("config_flow", "binary_sensor", "event", "notify")


async def _start(url: str) -> None:
    async with house() as hass:
        gc.collect()
        before = resident()
        began, on_loop = time.perf_counter(), time.thread_time()
        await _import(hass)
        imported = time.perf_counter()
        longest = _watch()
        await add_account(hass, url)
        loaded = time.perf_counter()
        on_loop = time.thread_time() - on_loop
        gc.collect()
        said = {
            "importing": (imported - began) * 1000,
            "loading": (loaded - imported) * 1000,
            "on_the_loop": on_loop * 1000,
            "longest": max(longest) * 1000,
            "resident": resident() - before,
        }
    sys.stdout.write(f"{json.dumps(said)}\n")


async def _import(hass: HomeAssistant) -> None:
    """Import the integration as Home Assistant does, on a worker thread."""
    integration = await loader.async_get_integration(hass, "ovh_sms")
    await integration.async_get_component()
    await integration.async_get_platforms(_PLATFORMS)


def _watch() -> list[float]:
    """Have each turn of the event loop timed from now on."""
    turns = [0.0]
    # No other place sees each turn.
    run_once = asyncio.Handle._run  # noqa: SLF001 - see above

    def timed(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run_once(handle)
        turns.append(time.thread_time() - began)

    asyncio.Handle._run = timed  # type: ignore[assignment,method-assign]  # noqa: SLF001 - see above
    return turns


if __name__ == "__main__":
    run(lambda: _start(sys.argv[1]))
