"""The sensors of an account, and what a test does to have them change."""

from datetime import timedelta
from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from simulator import ACCOUNT, Simulator
from tests.test_coordinator import settle

SOON = timedelta(seconds=4)
PENDING = f"/sms/{ACCOUNT}/jobs"
CREDITS_LEFT = "sensor.home_credits_left"
CREDITS_HELD = "sensor.home_credits_held_by_sms_users"
CREDITS_USED = "sensor.home_credits_used_today"
SENT = "sensor.home_messages_sent_today"
WAITING = "sensor.home_messages_waiting"
PENDING_SMS = "sensor.home_sms_waiting_at_ovhcloud"
KEY_EXPIRES = "sensor.home_key_expires"
OTHERS = {SENT, WAITING}


def shown(hass: HomeAssistant, *entity_ids: str) -> list[str]:
    """Return the states of entities, which must be there."""
    states = [hass.states.get(entity_id) for entity_id in entity_ids]
    assert all(states)
    return [state.state for state in states if state]


def sensors(hass: HomeAssistant, entry: MockConfigEntry) -> set[str]:
    """Return the sensors that an account has, in use or not."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {each.entity_id for each in entities if each.domain == "sensor"}


def times_read(sim: Simulator, *routes: str) -> int:
    """Return how often something was read since the last time, and forget it."""
    count = sum(
        request.method == "GET" and request.route in routes for request in sim.requests
    )
    sim.clear_record()
    return count


async def set_options(
    hass: HomeAssistant, entry: MockConfigEntry, **options: Any
) -> None:
    """Change options, as the user does."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    await settle(hass)


async def enable(hass: HomeAssistant, entry: MockConfigEntry, *entity_ids: str) -> None:
    """Have entities shown that are not by default."""
    for entity_id in entity_ids:
        er.async_get(hass).async_update_entity(entity_id, disabled_by=None)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)


async def update(hass: HomeAssistant, *entity_ids: str) -> None:
    """Ask for the newest states, as an automation does."""
    await async_setup_component(hass, "homeassistant", {})
    await hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": list(entity_ids)}, blocking=True
    )


async def write(hass: HomeAssistant, recipient: str, **data: Any) -> dict[str, Any]:
    """Send an SMS to a recipient, and return what became of it."""
    answer = await hass.services.async_call(
        DOMAIN,
        "send_sms",
        {"message": "Water!", "receivers": [recipient], **data},
        blocking=True,
        return_response=True,
    )
    await settle(hass)
    assert answer
    messages: Any = answer["messages"]
    [message] = messages
    told: dict[str, Any] = message
    return told
