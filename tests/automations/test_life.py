"""Triggers outlive what happens to accounts and recipients."""

from dataclasses import replace
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from simulator import Fault, Simulator
from tests.conftest import make_entry
from tests.deliveries import notify, settle

from .conftest import Automate, delivered, recipient_id, reply, tell

pytestmark = pytest.mark.usefixtures("unloaded")

KITCHEN = "notify.kitchen"


def rename(hass: HomeAssistant, entry: MockConfigEntry, old: str, new: str) -> None:
    """Give a recipient another name, as the user does."""
    subentry = entry.subentries[recipient_id(entry, old)]
    hass.config_entries.async_update_subentry(entry, subentry, title=new)


@pytest.mark.parametrize("recipient", [None, KITCHEN, "Kitchen"])
async def test_automation_first(
    hass: HomeAssistant,
    sim: Simulator,
    entry: MockConfigEntry,
    automate: Automate,
    entity_registry: er.EntityRegistry,
    recipient: str | None,
) -> None:
    """An account that is loaded later is heard, and heard still after a reload."""
    entity_registry.async_get_or_create(
        "notify",
        "ovh_sms",
        recipient_id(entry, "Kitchen"),
        config_entry=entry,
        config_subentry_id=recipient_id(entry, "Kitchen"),
        suggested_object_id="kitchen",
    )
    told = await automate("message_delivered", {"recipient": recipient})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await tell(hass, entry, delivered(entry))
    assert len(told.all) == 1
    assert await hass.config_entries.async_reload(entry.entry_id)
    await tell(hass, entry, delivered(entry))
    assert len(told.all) == 2


@pytest.mark.parametrize("recipient", ["notify.gate", "Gate"])
async def test_before_there_is_any_account(
    hass: HomeAssistant, sim: Simulator, automate: Automate, recipient: str
) -> None:
    """A recipient who is not there yet is heard as soon as there is one."""
    told = await automate("message_delivered", {"recipient": recipient})
    entry = make_entry(hass, {"Gate": ["+33639980008"]})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    await tell(hass, entry, delivered(entry, "Gate"))
    assert told.shown("recipient") == [("Gate",)]


async def test_while_home_assistant_starts(
    hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry, automate: Automate
) -> None:
    """What comes before the automations run is told once they do."""
    hass.set_state(CoreState.not_running)
    assert await hass.config_entries.async_setup(entry.entry_id)
    told = await automate("message_delivered")
    await tell(hass, entry, delivered(entry))
    assert told.all == []
    await hass.async_start()
    await settle(hass)
    assert told.shown("recipient") == [("Kitchen",)]


@pytest.mark.parametrize("recipient", [KITCHEN, "Kitchen"])
async def test_recipient_gets_another_name(
    hass: HomeAssistant, account: MockConfigEntry, automate: Automate, recipient: str
) -> None:
    told = await automate("message_delivered", {"recipient": recipient})
    rename(hass, account, "Kitchen", "Cook")
    await tell(hass, account, delivered(account, "Cook"))
    assert told.shown("recipient") == [("Cook",)]


async def test_somebody_else_gets_the_name(
    hass: HomeAssistant, account: MockConfigEntry, automate: Automate
) -> None:
    """What the automation says counts, where it can be read in two ways."""
    told = await automate("message_delivered", {"recipient": "Kitchen"})
    rename(hass, account, "Kitchen", "Cook")
    rename(hass, account, "Night watch", "Kitchen")
    await tell(hass, account, delivered(account, "Cook"), delivered(account, "Kitchen"))
    assert told.shown("recipient") == [("Kitchen",)]


async def test_entity_gets_another_id(
    hass: HomeAssistant,
    account: MockConfigEntry,
    automate: Automate,
    entity_registry: er.EntityRegistry,
) -> None:
    told = await automate("message_delivered", {"recipient": KITCHEN})
    entity_registry.async_update_entity(KITCHEN, new_entity_id="notify.cook")
    await settle(hass)
    await tell(hass, account, delivered(account), delivered(account, "Night watch"))
    assert told.shown("recipient") == [("Kitchen",)]


async def test_entity_by_its_lasting_id(
    hass: HomeAssistant,
    account: MockConfigEntry,
    automate: Automate,
    entity_registry: er.EntityRegistry,
) -> None:
    entity = entity_registry.async_get(KITCHEN)
    assert entity
    told = await automate("message_delivered", {"recipient": entity.id})
    await tell(hass, account, delivered(account), delivered(account, "Night watch"))
    assert told.shown("recipient") == [("Kitchen",)]


async def test_recipient_is_removed(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, automate: Automate
) -> None:
    """The others are still heard."""
    both: dict[str, Any] = {"recipient": [KITCHEN, "notify.night_watch"]}
    told = await automate("message_failed", both)
    hass.config_entries.async_remove_subentry(account, recipient_id(account, "Kitchen"))
    await settle(hass)
    sim.faults.add(Fault("empty_ids"))
    with pytest.raises(HomeAssistantError, match="did not accept"):
        await notify(hass, service="ovh_sms_night_watch")
    await settle(hass)
    assert told.shown("recipient", "index") == [("Night watch", 1), ("Night watch", 2)]


async def test_one_of_several_is_missing(
    hass: HomeAssistant,
    account: MockConfigEntry,
    automate: Automate,
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = await automate(
        "reply_received", {"recipient": ["notify.gone", KITCHEN, "+33639981234"]}
    )
    await tell(hass, account, reply(account), reply(account, name="Night watch"))
    assert told.shown("recipient") == [("Kitchen",)]
    assert "recipients who do not exist: notify.gone, …34" in caplog.text


async def test_account_is_removed(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    sim: Simulator,
    automate: Automate,
) -> None:
    assert await hass.config_entries.async_setup(office.entry_id)
    await settle(hass)
    told = await automate("reply_received", {"recipient": [KITCHEN, "Gate"]})
    assert await hass.config_entries.async_remove(account.entry_id)
    await tell(hass, office, reply(office, name="Gate"))
    assert told.shown("recipient") == [("Gate",)]


async def test_turned_off(
    hass: HomeAssistant, account: MockConfigEntry, automate: Automate
) -> None:
    """An automation that is turned off hears nothing."""
    told = await automate("message_delivered")
    state = hass.states.get("automation.tell")
    assert state and state.state not in (STATE_UNAVAILABLE, "off")
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.tell"}, blocking=True
    )
    await tell(hass, account, replace(delivered(account), index=2))
    assert told.all == []
