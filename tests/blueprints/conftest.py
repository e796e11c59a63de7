"""Blueprints as a user has them: imported by their address, and filled in."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
import json
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

FOLDER = Path(__file__).parents[2] / "blueprints" / "automation" / "ovh_sms"
BLUEPRINTS = sorted(path.stem for path in FOLDER.glob("*.yaml"))

type Run = Callable[..., Coroutine[Any, Any, None]]


@pytest.fixture
async def imported(
    hass: HomeAssistant, socket_enabled: None, hass_ws_client: WebSocketGenerator
) -> AsyncGenerator[Callable[[str], Coroutine[Any, Any, dict[str, Any]]]]:
    """Import a blueprint over HTTP, and save it, as the dialog does."""
    assert await async_setup_component(hass, "automation", {})
    application = web.Application()
    application.router.add_static("/", FOLDER)
    async with TestServer(application, host="127.0.0.1") as server:
        client = await hass_ws_client(hass)

        async def import_it(name: str) -> dict[str, Any]:
            address = str(server.make_url(f"/{name}.yaml"))
            await client.send_json_auto_id({"type": "blueprint/import", "url": address})
            answer = await client.receive_json()
            assert answer["success"], answer
            found: dict[str, Any] = answer["result"]
            assert found["validation_errors"] is None
            await client.send_json_auto_id(
                {
                    "type": "blueprint/save",
                    "domain": "automation",
                    "path": f"ovh_sms/{name}",
                    "yaml": found["raw_data"],
                    "source_url": address,
                }
            )
            answer = await client.receive_json()
            assert answer["success"], answer
            return found

        yield import_it


@pytest.fixture
async def run(
    hass: HomeAssistant,
    account: MockConfigEntry,
    imported: Callable[[str], Coroutine[Any, Any, dict[str, Any]]],
) -> AsyncGenerator[Run]:
    """Make an automation of a blueprint."""

    configuration = Path(hass.config.path("configuration.yaml"))

    async def make(name: str, **inputs: Any) -> None:
        await imported(name)
        made = {"path": f"ovh_sms/{name}.yaml", "input": inputs}
        await hass.async_add_executor_job(
            configuration.write_text,
            # What is JSON is YAML.
            json.dumps({"automation": [{"alias": name, "use_blueprint": made}]}),
        )
        await hass.services.async_call("automation", "reload", blocking=True)
        state = hass.states.get(f"automation.{name}")
        assert state
        assert state.state == "on"

    yield make
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "all"}, blocking=True
    )
    await hass.async_block_till_done()


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that is about to happen; the automation goes on running."""
    # The clock stands still meanwhile.
    for _ in range(50_000):
        if is_so():
            return
        await asyncio.sleep(0)
    raise TimeoutError


async def turn_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float
) -> None:
    """Let time pass for an automation that waits."""
    await _rest(hass)
    freezer.tick(seconds)
    async_fire_time_changed(hass)
    await _rest(hass)


async def until_later(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, is_so: Callable[[], bool]
) -> float:
    """Let time pass until something has happened; return the seconds that it took."""
    for seconds in range(0, 1200, 5):
        if is_so():
            return seconds
        await turn_time(hass, freezer, 5)
    raise TimeoutError


async def _rest(hass: HomeAssistant) -> None:
    """Let everything happen that is due now; what waits for a time is not waited for."""
    for _ in range(10):
        await hass.async_add_executor_job(int)
        for _ in range(50):
            await asyncio.sleep(0)
