"""The entities of an account, as Home Assistant shows them."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er


@pytest.mark.freeze_time("2026-11-21T12:00:00+00:00")
@pytest.mark.parametrize("platform", ["binary_sensor", "event", "sensor"])
async def test_entities_of_the_account(
    hass: HomeAssistant,
    account: MockConfigEntry,
    platform: str,
    snapshot: SnapshotAssertion,
) -> None:
    devices = dr.async_get(hass)
    shown = {}
    for entity in er.async_entries_for_config_entry(
        er.async_get(hass), account.entry_id
    ):
        state = hass.states.get(entity.entity_id)
        if entity.domain == platform and state and entity.device_id:
            device = devices.async_get(entity.device_id)
            shown[entity.entity_id] = {
                "state": state.state,
                "attributes": dict(state.attributes),
                "category": entity.entity_category,
                "device": device and device.name,
                "device_class": entity.original_device_class,
                "name": entity.original_name,
                "translation_key": entity.translation_key,
                "unique_id": entity.unique_id.removeprefix(account.entry_id),
            }
    assert shown == snapshot(extension_class=HomeAssistantSnapshotExtension)
