"""An account of the older integration goes on, with its entities and its numbers."""

from types import MappingProxyType

import pytest

from custom_components.ovh_sms.const import DOMAIN
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
from simulator import ACCOUNT, Simulator
from tests.conftest import API_KEYS, jobs, make_entry, texts
from tests.older_integration import (
    CREDITS,
    NOTIFY,
    entities,
    old_entity,
    old_entry,
    old_sensor,
    set_up,
)

pytestmark = pytest.mark.usefixtures("unloaded")


async def send(hass: HomeAssistant, entity_id: str = NOTIFY) -> None:
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": entity_id, "message": "Water!"},
        blocking=True,
    )


async def test_nothing_to_type_again(
    hass: HomeAssistant,
    sim: Simulator,
    entity_registry: er.EntityRegistry,
    device_registry: dr.DeviceRegistry,
) -> None:
    entry = old_entry(hass)
    assert old_entity(hass, entry).entity_id == NOTIFY
    old_sensor(hass, entry)
    await set_up(hass, entry)

    assert entry.state is ConfigEntryState.LOADED
    assert (entry.version, entry.minor_version) == (2, 1)
    assert entry.unique_id == ACCOUNT
    assert entry.data == {
        "auth_method": "api_keys",
        **API_KEYS,
        "service_name": ACCOUNT,
    }
    assert entry.options["sender"] == "HOUSE"
    assert "recipient_limit" not in entry.options
    [recipient] = entry.subentries.values()
    assert recipient.subentry_type == "recipient"
    assert recipient.title == f"OVH SMS ({ACCOUNT})"
    assert recipient.data["phone_numbers"] == ["+33639980001", "+33639980002"]

    await send(hass)
    assert texts(sim, "+33639980001") == texts(sim, "+33639980002") == ["Water!"]
    [job] = jobs(sim)
    assert job.json["sender"] == "HOUSE"

    assert entities(hass, entry) == {NOTIFY, CREDITS}
    notify = entity_registry.async_get(NOTIFY)
    assert notify
    assert notify.unique_id == notify.config_subentry_id == recipient.subentry_id
    assert notify.device_id
    device = device_registry.async_get(notify.device_id)
    assert device and device.identifiers == {(DOMAIN, recipient.subentry_id)}
    assert device.config_subentry_id == recipient.subentry_id
    credits_left = entity_registry.async_get(CREDITS)
    assert credits_left
    assert credits_left.unique_id == f"{entry.entry_id}_credits_left"
    shown = hass.states.get(CREDITS)
    assert shown and shown.state == "250.0"
    delivery = entity_registry.async_get("event.ovh_sms_sms_ab12345_1_delivery")
    assert delivery and delivery.unique_id == f"{entry.entry_id}_delivery"


async def test_what_the_user_set_on_the_entity_stays(
    hass: HomeAssistant,
    sim: Simulator,
    entity_registry: er.EntityRegistry,
    device_registry: dr.DeviceRegistry,
    area_registry: ar.AreaRegistry,
) -> None:
    cellar = area_registry.async_create("Cellar")
    entry = old_entry(hass)
    old_entity(hass, entry)
    entity_registry.async_update_entity(
        NOTIFY,
        new_entity_id="notify.family",
        name="Family",
        icon="mdi:account-group",
        area_id=cellar.id,
        labels={"alarm"},
    )
    await set_up(hass, entry)

    [recipient] = entry.subentries.values()
    assert recipient.title == "Family"
    state = hass.states.get("notify.family")
    assert state
    assert state.attributes["friendly_name"] == "Family"
    assert state.attributes["icon"] == "mdi:account-group"
    entity = entity_registry.async_get("notify.family")
    assert entity and entity.labels == {"alarm"}
    assert entity.device_id
    device = device_registry.async_get(entity.device_id)
    assert device and device.area_id == cellar.id
    await send(hass, "notify.family")
    assert texts(sim, "+33639980001") == ["Water!"]


async def test_disabled_entity_stays_disabled(
    hass: HomeAssistant, sim: Simulator, entity_registry: er.EntityRegistry
) -> None:
    entry = old_entry(hass)
    old_entity(hass, entry, disabled_by=er.RegistryEntryDisabler.USER)
    await set_up(hass, entry)
    entity = entity_registry.async_get(NOTIFY)
    assert entity and entity.disabled_by is er.RegistryEntryDisabler.USER
    assert entity.config_subentry_id in entry.subentries
    assert hass.states.get(NOTIFY) is None


async def test_old_device_is_gone_and_its_settings_stay(
    hass: HomeAssistant,
    sim: Simulator,
    entity_registry: er.EntityRegistry,
    device_registry: dr.DeviceRegistry,
    area_registry: ar.AreaRegistry,
) -> None:
    cellar = area_registry.async_create("Cellar")
    entry = old_entry(hass)
    old = device_registry.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, ACCOUNT)}
    )
    old_entity(hass, entry, device_id=old.id)
    old_sensor(hass, entry, device_id=old.id)
    device_registry.async_update_device(
        old.id, area_id=cellar.id, disabled_by=dr.DeviceEntryDisabler.USER
    )
    await set_up(hass, entry)

    assert device_registry.async_get(old.id) is None
    assert entities(hass, entry) == {NOTIFY, CREDITS}
    entity = entity_registry.async_get(NOTIFY)
    assert entity and entity.disabled_by is er.RegistryEntryDisabler.USER
    assert entity.device_id
    device = device_registry.async_get(entity.device_id)
    assert device and device.area_id == cellar.id


async def test_without_entities_in_the_registry(
    hass: HomeAssistant, sim: Simulator
) -> None:
    entry = old_entry(hass)
    await set_up(hass, entry)
    [recipient] = entry.subentries.values()
    assert recipient.title == entry.title
    [entity_id] = entities(hass, entry)
    await send(hass, entity_id)
    assert texts(sim, "+33639980001") == ["Water!"]


async def test_entity_of_an_account_changed_earlier_is_removed(
    hass: HomeAssistant, sim: Simulator
) -> None:
    entry = old_entry(hass)
    stale = old_entity(hass, entry, "ovh_sms_notify_sms-zz99999-1")
    right = old_entity(hass, entry)
    await set_up(hass, entry)
    assert entities(hass, entry) == {right.entity_id}
    assert hass.states.get(stale.entity_id) is None


async def test_spaces_and_case_of_the_account(
    hass: HomeAssistant, sim: Simulator
) -> None:
    entry = old_entry(hass, service_name=f" {ACCOUNT} ", consumer_key=" fake ")
    old_entity(hass, entry, f"ovh_sms_notify_{ACCOUNT.upper()}")
    await set_up(hass, entry)
    assert entry.data["service_name"] == entry.unique_id == ACCOUNT
    assert entry.data["consumer_key"] == "fake"
    assert entities(hass, entry) == {NOTIFY}


async def test_account_that_was_set_up_again_meanwhile(
    hass: HomeAssistant, sim: Simulator
) -> None:
    again = make_entry(hass, {})
    entry = old_entry(hass, service_name=f"{ACCOUNT} ")
    await set_up(hass, entry)
    assert again.unique_id == ACCOUNT
    assert entry.unique_id == f"{ACCOUNT} "


async def test_power_cut_after_the_entities_reached_the_disk(
    hass: HomeAssistant, sim: Simulator, entity_registry: er.EntityRegistry
) -> None:
    entry = old_entry(hass)
    before = (dict(entry.data), dict(entry.options))
    old_entity(hass, entry)
    entity_registry.async_update_entity(NOTIFY, name="Family")
    await set_up(hass, entry)
    [recipient] = entry.subentries.values()
    assert await hass.config_entries.async_unload(entry.entry_id)
    object.__setattr__(entry, "subentries", MappingProxyType({}))
    hass.config_entries.async_update_entry(
        entry, data=before[0], options=before[1], version=1
    )

    await set_up(hass, entry)
    assert list(entry.subentries) == [recipient.subentry_id]
    assert entry.subentries[recipient.subentry_id].title == "Family"
    assert entities(hass, entry) == {NOTIFY}
    await send(hass)
    assert texts(sim, "+33639980001") == ["Water!"]


async def test_power_cut_before_the_entities_reached_the_disk(
    hass: HomeAssistant,
    sim: Simulator,
    entity_registry: er.EntityRegistry,
    device_registry: dr.DeviceRegistry,
) -> None:
    entry = old_entry(hass)
    old_entity(hass, entry)
    old_sensor(hass, entry)
    await set_up(hass, entry)
    [recipient] = entry.subentries.values()
    assert await hass.config_entries.async_unload(entry.entry_id)
    for entity_id, unique_id in (
        (NOTIFY, f"ovh_sms_notify_{ACCOUNT}"),
        (CREDITS, f"ovh_sms_credits_{ACCOUNT}"),
    ):
        entity_registry.async_update_entity(
            entity_id, device_id=None, config_subentry_id=None, new_unique_id=unique_id
        )
    for device in dr.async_entries_for_config_entry(device_registry, entry.entry_id):
        device_registry.async_remove_device(device.id)

    await set_up(hass, entry)
    assert entities(hass, entry) == {NOTIFY, CREDITS}
    entity = entity_registry.async_get(NOTIFY)
    assert entity and entity.config_subentry_id == recipient.subentry_id
    await send(hass)
    assert texts(sim, "+33639980001") == ["Water!"]


async def test_entities_that_are_there_already_win(
    hass: HomeAssistant, sim: Simulator
) -> None:
    entry = old_entry(hass)
    old_entity(hass, entry)
    old_sensor(hass, entry)
    await set_up(hass, entry)
    assert await hass.config_entries.async_unload(entry.entry_id)
    late = old_entity(hass, entry)
    old_sensor(hass, entry)
    await set_up(hass, entry)
    assert late.entity_id not in entities(hass, entry)
    assert entities(hass, entry) == {NOTIFY, CREDITS}


async def test_keys_that_are_no_longer_good_are_told_at_the_first_message(
    hass: HomeAssistant, sim: Simulator
) -> None:
    entry = old_entry(hass, consumer_key="fake0unknown")
    old_entity(hass, entry)
    await set_up(hass, entry)
    with pytest.raises(HomeAssistantError):
        await send(hass)
    await hass.async_block_till_done()
    [flow] = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == "reauth"


async def test_later_version_is_refused_and_left_alone(
    hass: HomeAssistant, sim: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    entry = make_entry(hass, {"Kitchen": ["+33639980001"]})
    hass.config_entries.async_update_entry(entry, version=3)
    old_entity(hass, entry)
    before = entry.as_dict()
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.MIGRATION_ERROR
    assert entry.as_dict() == before
    assert entities(hass, entry) == {NOTIFY}
    assert "version 3 which is higher than the current version 2" in caplog.text
