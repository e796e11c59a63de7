"""Accounts to ask about, and messages that leave later."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
import time
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from custom_components.ovh_sms.sms import road
from custom_components.ovh_sms.sms.message import prepare
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from simulator import ACCOUNT, CONSUMER_KEY, USER_LOGIN, USER_PASSWORD, Fault, Simulator
from simulator.credentials import Rule

KITCHEN, NIGHT_1, NIGHT_2 = "+33639980001", "+33639980002", "+33639980003"
STRANGER = "+33639980009"
DAY = 24 * 3600.0

type Send = Callable[..., Awaitable[dict[str, Any]]]


async def act(
    hass: HomeAssistant, action: str, *, ask: bool = True, **data: Any
) -> Any:
    """Call one of our actions."""
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=ask
    )


@pytest.fixture
def send(hass: HomeAssistant) -> Send:
    """Send a message, and return what became of it."""

    async def send_now(**data: Any) -> dict[str, Any]:
        response = await act(hass, "send_sms", **({"message": "Water!"} | data))
        [answer] = response["messages"]
        return dict(answer)

    return send_now


@pytest.fixture
def send_later(send: Send, monkeypatch: pytest.MonkeyPatch) -> Send:
    """Send a message that is to leave a day later."""

    def in_a_day(*given: Any) -> Any:
        return tuple(
            replace(message, send_at=time.time() + DAY) for message in prepare(*given)
        )

    async def send_in_a_day(**data: Any) -> dict[str, Any]:
        with monkeypatch.context() as patch:
            patch.setattr(road, "prepare", in_a_day)
            return await send(**data)

    return send_in_a_day


@pytest.fixture
def not_taken(sim: Simulator) -> Fault:
    """Have OVHcloud take no message for now."""
    return sim.faults.add(Fault("status", status=429, method="POST", path="/sms/*"))


@pytest.fixture
async def sms_user(
    hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry, unloaded: None
) -> MockConfigEntry:
    """Return the account of an SMS user, loaded."""
    hass.config_entries.async_update_entry(
        entry,
        data={
            "auth_method": "sms_user",
            "service_name": ACCOUNT,
            "login": USER_LOGIN,
            "password": USER_PASSWORD,
        },
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


def waiting(sim: Simulator) -> list[int]:
    """Return what waits at OVHcloud."""
    return [sms.id for sms in sim.world.accounts[ACCOUNT].jobs]


def take_right(sim: Simulator, method: str, path: str) -> None:
    """Take a right away from the key."""
    key = sim.world.consumer_keys[CONSUMER_KEY]
    key.rules = [rule for rule in key.rules if rule != Rule(method, path)]


def issues(hass: HomeAssistant) -> set[str]:
    """Return the kinds of repairs that are shown."""
    return {
        issue.translation_key or ""
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN
    }
