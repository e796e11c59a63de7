"""Approvals that are noticed at once."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from custom_components.ovh_sms import approval
from homeassistant.core import HomeAssistant

type Tries = Callable[[int], Coroutine[Any, Any, None]]


@pytest.fixture(autouse=True)
def country(hass: HomeAssistant) -> None:
    """Let the house stand in France."""
    hass.config.country = "FR"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often whether a key is approved."""
    monkeypatch.setattr(approval, "POLL_INTERVAL", 0.01)


@pytest.fixture
def tries(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Tries:
    """Return a function that waits until a key was tried so many times more."""
    tried: asyncio.Queue[None] = asyncio.Queue()
    original = approval.Approval._try

    def count(waiting: approval.Approval) -> None:
        try:
            original(waiting)
        finally:
            hass.loop.call_soon_threadsafe(tried.put_nowait, None)

    monkeypatch.setattr(approval.Approval, "_try", count)

    async def wait(times: int) -> None:
        while not tried.empty():
            tried.get_nowait()
        async with asyncio.timeout(10):
            for _ in range(times):
                await tried.get()

    return wait


def waiting_tasks() -> list[str]:
    """Return the tasks that wait for an approval."""
    return [
        task.get_name()
        for task in asyncio.all_tasks()
        if task.get_name() == "OVHcloud SMS approval" and not task.done()
    ]
