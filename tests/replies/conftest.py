"""An account whose messages can be answered."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from simulator import ACCOUNT, RequestRecord, Simulator
from tests.deliveries import Deliveries, settle
from tests.queries.conftest import sms_user

__all__ = ["sms_user"]

REPLY = "event.home_reply"
KITCHEN, NIGHT_1, NIGHT_2 = "+33639980001", "+33639980002", "+33639980003"
STRANGER = "+33639980009"
VIRTUAL = "+33639980010"

type Write = Callable[[str, str], Awaitable[int]]


@pytest.fixture
def heard(hass: HomeAssistant) -> Deliveries:
    """Return the replies that the account tells."""
    return Deliveries(hass, REPLY)


async def set_options(
    hass: HomeAssistant, entry: MockConfigEntry, **options: Any
) -> None:
    """Change options, as a user does."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    await settle(hass)


@pytest.fixture
async def short(hass: HomeAssistant, account: MockConfigEntry) -> MockConfigEntry:
    """Return an account that sends from the short number and reads no replies."""
    await set_options(hass, account, sender="short_number")
    return account


@pytest.fixture
async def polled(hass: HomeAssistant, short: MockConfigEntry) -> MockConfigEntry:
    """Return an account that sends from the short number and reads replies."""
    await set_options(hass, short, replies="poll")
    return short


async def read(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Read replies now."""
    entry.runtime_data.incoming.async_hint_replies()
    await settle(hass)


@pytest.fixture
def write(sim: Simulator, freezer: FrozenDateTimeFactory) -> Write:
    """Write from a phone to the account, some time after whatever was before."""

    async def write_now(number: str, text: str) -> int:
        freezer.tick(3)
        incoming = await sim.reply(number, text, ACCOUNT)
        assert incoming
        freezer.tick(3)
        return incoming.id

    return write_now


def listings(sim: Simulator) -> list[RequestRecord]:
    """Return the requests for which replies there are."""
    return [each for each in sim.requests if each.route.endswith("/incoming")]


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something while a script waits too, which Home Assistant would wait for."""
    # How often it looks says nothing of the time that passes on a busy machine; a test
    # that waits in vain is ended by its time limit.
    while not is_so():
        await asyncio.sleep(0)
