"""Loading, unloading, removing; and what stays when things go wrong."""

import asyncio
import sqlite3

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.account import ledger_path
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from simulator import Simulator
from tests.conftest import jobs, texts


async def test_loads_without_internet(
    hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry
) -> None:
    await sim.refuse()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    state = hass.states.get("notify.kitchen")
    assert state and state.state != "unavailable"
    await sim.accept_again()
    await hass.services.async_call(
        "notify", "ovh_sms_kitchen", {"message": "Water!"}, blocking=True
    )
    assert texts(sim, "+33639980001") == ["Water!"]
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_reload_leaves_nothing_behind(
    hass: HomeAssistant, account: MockConfigEntry
) -> None:
    before = hass.services.async_services_for_domain("notify").keys()
    assert {"ovh_sms", "ovh_sms_kitchen", "ovh_sms_night_watch"} <= before
    assert await hass.config_entries.async_unload(account.entry_id)
    assert hass.services.async_services_for_domain("notify").keys() == {
        "send_message",
        "persistent_notification",
    }
    assert await hass.config_entries.async_setup(account.entry_id)
    await hass.async_block_till_done()
    assert hass.services.async_services_for_domain("notify").keys() == before


async def test_removing_removes_what_was_written_down(
    hass: HomeAssistant, account: MockConfigEntry
) -> None:
    path = ledger_path(hass, account.entry_id)
    assert path.exists()
    await hass.config_entries.async_remove(account.entry_id)
    assert not list(path.parent.iterdir())


async def test_ledger_of_a_later_version_is_left_alone(
    hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry
) -> None:
    path = ledger_path(hass, entry.entry_id)
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 999")
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.reason and "later version" in entry.reason


async def test_message_that_cannot_be_written_down_is_not_sent(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    with sqlite3.connect(ledger_path(hass, account.entry_id)) as database:
        database.execute("DROP TABLE deliveries")
    with pytest.raises(HomeAssistantError, match="could not be written"):
        await hass.services.async_call(
            "notify", "ovh_sms_kitchen", {"message": "Water!"}, blocking=True
        )
    assert not jobs(sim)


async def test_burst_goes_out_over_few_connections(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    await asyncio.gather(
        *(
            hass.services.async_call(
                "notify",
                "ovh_sms",
                {"message": f"Alarm {number}", "target": f"+3363998{number:04}"},
                blocking=True,
            )
            for number in range(60)
        )
    )
    assert len(jobs(sim)) == 60
    assert sim.connections <= 4
    assert [r.path for r in sim.requests].count("/1.0/auth/time") == 1


async def test_nothing_private_in_the_log(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for recipient in ("ovh_sms_kitchen", "ovh_sms_night_watch"):
        await hass.services.async_call(
            "notify", recipient, {"message": "Top secret"}, blocking=True
        )
    await sim.refuse()
    with pytest.raises(HomeAssistantError):
        await hass.services.async_call(
            "notify", "ovh_sms_kitchen", {"message": "Top secret"}, blocking=True
        )
    ours = [r.getMessage() for r in caplog.records if "ovh_sms" in r.name]
    assert ours
    for private in ("63998000", "Top secret", "fake0"):
        assert not [line for line in ours if private in line]
