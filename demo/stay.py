"""Staying until Ctrl-C: restarts when asked, says when something has ended."""

import asyncio
from collections.abc import Callable
import sys

from .client import PASSWORD, USER
from .errors import DemoError
from .log import own
from .stage import RESTART, Say, Stage


def invitation(stage: Stage, develop: bool) -> str:
    """Say where to look."""
    lines = [
        "",
        f"  Home Assistant    {stage.house.address}    user {USER}, password {PASSWORD}",
        f"  Simulated phones  {stage.handset}/",
        "",
        f"Try notify.send_message there: {stage.house.address}/config/tools/action",
        "r + Enter restarts Home Assistant, Ctrl-C ends the demo."
        if develop
        else "Ctrl-C ends the demo.",
        "",
    ]
    return "\n".join(lines)


async def _first(*waits: asyncio.Task[object]) -> None:
    """Wait for the first of several."""
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waits:
            task.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def stay(stage: Stage, say: Say, restart: asyncio.Event) -> None:
    """Stay until something ends that should not; restart Home Assistant when it or the user asks."""
    while True:
        hass, simulator = stage.hass, stage.simulator
        if hass is None or simulator is None:
            raise DemoError("nothing was started")
        await _first(
            asyncio.create_task(hass.wait()),
            asyncio.create_task(simulator.wait()),
            asyncio.create_task(restart.wait()),
        )
        simulator.must_run()
        if not restart.is_set() and hass.exit_code != RESTART:
            hass.must_run()
        restart.clear()
        say("Restarting Home Assistant")
        await stage.restart_home_assistant()
        say("Home Assistant is back")


def restart_on_key(restart: asyncio.Event) -> Callable[[], None]:
    """Ask for a restart whenever r and Enter are typed; gives how to stop listening."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.remove_reader(sys.stdin)

    def typed() -> None:
        line = sys.stdin.readline()
        if not line:
            stop()
        elif line.strip().lower() == "r":
            restart.set()

    try:
        loop.add_reader(sys.stdin, typed)
    except OSError, ValueError:
        return lambda: None
    return stop


async def follow(stage: Stage) -> None:
    """Show what the integration writes to the log, as it comes."""
    shown = 0
    while True:
        if stage.hass is not None and stage.hass.log.exists():
            records = own(stage.hass.log.read_text(encoding="utf-8", errors="replace"))
            for record in records[shown:]:
                print(record, flush=True)
            shown = len(records)
        await asyncio.sleep(0.5)
