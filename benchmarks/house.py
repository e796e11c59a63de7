"""A real Home Assistant, in this process: its core, its registries, and `notify`."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
import os
import tempfile
from types import MappingProxyType
from typing import Any, Final

from homeassistant import loader
from homeassistant.bootstrap import async_load_base_functionality
from homeassistant.config_entries import ConfigEntries, ConfigEntry, ConfigSubentryData
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.runner import configure_event_loop
from homeassistant.setup import async_setup_component

from .server import ACCOUNT

NUMBERS: Final = ("+33639980001", "+33639980002", "+33639980003")
TEXT: Final = "Water leak in the cellar, the pump is on."
KEYS: Final = {
    "application_key": "0123456789abcdef",
    "application_secret": "0123456789abcdef0123456789abcdef",
    "consumer_key": "fedcba9876543210fedcba9876543210",
}
# Set up from outside where they are needed: no web server is part of what is measured.
_LEFT_OUT: Final = ("http", "repairs", "webhook", "persistent_notification")


def run[T](life: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine on an event loop as Home Assistant makes it."""
    loop = asyncio.EventLoop()
    configure_event_loop(loop)
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(life())
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


@asynccontextmanager
async def house(config: dict[str, Any] | None = None) -> AsyncGenerator[HomeAssistant]:
    """Start a Home Assistant in a folder of its own, and stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="ovh_sms_bench_") as folder:
        hass = HomeAssistant(folder)
        hass.config.skip_pip = True
        hass.config.country = "FR"
        await hass.config.async_set_time_zone("Europe/Paris")
        hass.config_entries = ConfigEntries(hass, {})
        loader.async_setup(hass)
        assert await async_load_base_functionality(hass)
        hass.config.components.update(_LEFT_OUT)
        assert await async_setup_component(hass, "notify", config or {})
        await hass.async_block_till_done()
        hass.set_state(CoreState.running)
        try:
            yield hass
        finally:
            await hass.async_stop(force=True)


async def add_account(
    hass: HomeAssistant, url: str, *, name: str = ACCOUNT
) -> ConfigEntry:
    """Add an SMS account with two recipients, a person and a group, and load it."""
    os.environ["OVH_SMS_API"] = url
    entry = ConfigEntry(
        domain="ovh_sms",
        version=2,
        minor_version=1,
        source="user",
        title="Home",
        unique_id=name,
        data={"auth_method": "api_keys", **KEYS, "service_name": name},
        options={"sender": "HOUSE"},
        discovery_keys=MappingProxyType({}),
        subentries_data=[
            ConfigSubentryData(
                data={"phone_numbers": numbers},
                subentry_type="recipient",
                title=title,
                unique_id=None,
            )
            for title, numbers in (("One", NUMBERS[:1]), ("Three", NUMBERS))
        ],
    )
    await hass.config_entries.async_add(entry)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert hass.services.has_service("notify", "ovh_sms")
    return entry
