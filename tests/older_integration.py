"""What the older integration leaves behind, for tests to take over."""

from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from simulator import ACCOUNT
from tests.conftest import API_KEYS

NOTIFY = "notify.ovh_sms_sms_ab12345_1"
CREDITS = "sensor.ovh_sms_credits_sms_ab12345_1"
LIMITS = {
    "rate_limit_strategy": "drop",
    "rate_limit_max": 10,
    "rate_limit_window": 60,
    "rate_limit_queue_size": 50,
}


def old_entry(
    hass: HomeAssistant,
    *,
    options: dict[str, Any] | None = None,
    service_name: str = ACCOUNT,
    **data: Any,
) -> MockConfigEntry:
    """Return an account as the older integration left it; it is not loaded."""
    hass.config.country = "FR"
    entry = MockConfigEntry(
        domain=DOMAIN,
        version=1,
        title=f"OVH SMS - {ACCOUNT}",
        unique_id=service_name,
        data={
            **API_KEYS,
            "service_name": service_name,
            "recipients": ["+33639980001", "+33639980002"],
            "sender": "HOUSE",
            **LIMITS,
            "config_validated": True,
            **data,
        },
        options=options or {},
    )
    entry.add_to_hass(hass)
    return entry


def old_entity(
    hass: HomeAssistant,
    entry: ConfigEntry,
    unique_id: str = f"ovh_sms_notify_{ACCOUNT}",
    **more: Any,
) -> er.RegistryEntry:
    """Return a notify entity as the older integration registered it."""
    return er.async_get(hass).async_get_or_create(
        "notify",
        DOMAIN,
        unique_id,
        config_entry=entry,
        has_entity_name=True,
        original_name=f"OVH SMS ({ACCOUNT})",
        suggested_object_id=f"OVH SMS ({ACCOUNT})",
        **more,
    )


def old_sensor(hass: HomeAssistant, entry: ConfigEntry, **more: Any) -> None:
    """Register the credits sensor as the older integration did."""
    er.async_get(hass).async_get_or_create(
        "sensor",
        DOMAIN,
        f"ovh_sms_credits_{ACCOUNT}",
        config_entry=entry,
        has_entity_name=True,
        original_name=f"OVH SMS Credits ({ACCOUNT})",
        suggested_object_id=f"OVH SMS Credits ({ACCOUNT})",
        **more,
    )


async def set_up(hass: HomeAssistant, entry: ConfigEntry) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


def entities(hass: HomeAssistant, entry: ConfigEntry) -> set[str]:
    """Return the notify entities, and what there is of the older integration's sensor."""
    return {
        entity.entity_id
        for entity in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
        if entity.domain == "notify"
        or entity.entity_id == CREDITS
        or entity.unique_id.startswith("ovh_sms_")
    }
