"""A message that did not leave waits, and leaves as soon as it can."""

from contextlib import closing
import sqlite3
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.account import ledger_path
from custom_components.ovh_sms.sms.dispatcher import Dispatcher
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from simulator import ACCOUNT, CONSUMER_KEY, USER_LOGIN, USER_PASSWORD, Simulator
from tests.conftest import API_KEYS, jobs, texts
from tests.deliveries import Deliveries, notify, pass_time, settle, states

from .conftest import send_during_an_outage

pytestmark = pytest.mark.usefixtures("unloaded")

KITCHEN = "+33639980001"


async def test_on_its_timer(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    deliveries: Deliveries,
) -> None:
    await sim.refuse()
    await notify(hass)
    for _ in range(3):
        await pass_time(hass, freezer, 65)
    assert await states(hass, account) == {"waiting": 1}
    state = hass.states.get("notify.kitchen")
    assert state and state.state == "unknown"
    await sim.accept_again()
    await pass_time(hass, freezer, 65)
    assert texts(sim, KITCHEN) == ["Water!"]
    assert deliveries.types == ["queued", "accepted"]
    state = hass.states.get("notify.kitchen")
    assert state and state.state != "unknown"


@pytest.mark.freeze_time("2026-11-21 13:02:00+00:00")
async def test_says_when_it_was_meant_for(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Read in the options of the moment, on the house's clock."""
    await hass.config.async_set_time_zone("Europe/Paris")
    await sim.refuse()
    await notify(hass, "Water!")
    await notify(hass, "Fire!", "ovh_sms_night_watch")
    await pass_time(hass, freezer, 301)
    await sim.accept_again()
    await pass_time(hass, freezer, 10)
    account.runtime_data.async_go_on()
    await settle(hass)
    assert texts(sim, KITCHEN) == ["[14:02] Water!"]
    assert texts(sim, "+33639980003") == ["[14:02] Fire!"]


async def test_says_nothing_of_it_where_it_is_not_wanted(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    await sim.refuse()
    await notify(hass)
    await settle(hass)
    hass.config_entries.async_update_entry(
        account, options={**account.options, "late_prefix": False}
    )
    await pass_time(hass, freezer, 400)
    await sim.accept_again()
    await pass_time(hass, freezer, 65)
    assert texts(sim, KITCHEN) == ["Water!"]


async def test_when_a_new_message_gets_through(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    await send_during_an_outage(hass, sim, "First", "Second")
    await notify(hass, "Now", "ovh_sms_night_watch")
    await settle(hass)
    assert texts(sim, KITCHEN) == ["First", "Second"]


async def test_when_the_account_can_be_read_again(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    await send_during_an_outage(hass, sim)
    await account.runtime_data.coordinator.async_refresh()
    await settle(hass)
    assert texts(sim, KITCHEN) == ["Water!"]


async def test_start_without_internet(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    deliveries: Deliveries,
) -> None:
    """Have entities at once, keep the message, and send it when OVHcloud is back."""
    await sim.refuse()
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert hass.states.get("notify.kitchen")
    await notify(hass)
    await pass_time(hass, freezer, 120)
    assert sim.requests == []
    await sim.accept_again()
    await pass_time(hass, freezer, 65)
    assert texts(sim, KITCHEN) == ["Water!"]
    assert deliveries.types == ["queued", "accepted"]


@pytest.mark.parametrize(("options", "queue"), [({"retry_for": 0}, True), ({}, False)])
async def test_not_where_it_is_of_no_use(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    deliveries: Deliveries,
    options: dict[str, Any],
    queue: bool,
) -> None:
    """Tell the caller at once, by option and by recipient."""
    hass.config_entries.async_update_entry(
        account, options={**account.options, **options}
    )
    kitchen = next(iter(account.subentries.values()))
    hass.config_entries.async_update_subentry(
        account, kitchen, data={**kitchen.data, "queue": queue}
    )
    await sim.refuse()
    with pytest.raises(HomeAssistantError, match="cannot be reached"):
        await notify(hass, "Code 1234")
    await sim.accept_again()
    await pass_time(hass, freezer, 65)
    assert (jobs(sim), deliveries.types) == ([], ["expired"])


async def test_together_with_someone_for_whom_it_is_of_use(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    kitchen = next(iter(account.subentries.values()))
    hass.config_entries.async_update_subentry(
        account, kitchen, data={**kitchen.data, "queue": False}
    )
    await sim.refuse()
    await notify(hass, "Fire!", "ovh_sms")
    await sim.accept_again()
    await pass_time(hass, freezer, 65)
    assert texts(sim, KITCHEN) == texts(sim, "+33639980003") == ["Fire!"]


async def test_after_new_credentials(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    deliveries: Deliveries,
) -> None:
    """Ask to sign in again, wait meanwhile, and leave then without a reload."""
    loaded = account.runtime_data
    await sim.refuse()
    await notify(hass)
    sim.world.consumer_keys[CONSUMER_KEY].status = "expired"
    await sim.accept_again()
    await pass_time(hass, freezer, 65)
    [flow] = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
    await pass_time(hass, freezer, 65)
    assert await states(hass, account) == {"waiting": 1}
    assert deliveries.types == ["queued"]
    key = sim.world.add_consumer_key(sim.world.consumer_keys[CONSUMER_KEY].rules)
    flows = hass.config_entries.flow
    await flows.async_configure(flow["flow_id"], {"next_step_id": "new_keys"})
    result = await flows.async_configure(
        flow["flow_id"], {**API_KEYS, "consumer_key": key.key}
    )
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reauth_successful"
    await settle(hass)
    assert texts(sim, KITCHEN) == ["Water!"]
    assert deliveries.types == ["queued", "accepted"]
    assert account.runtime_data is loaded


async def test_after_a_new_password(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    deliveries: Deliveries,
) -> None:
    """Leave with an SMS user too, whose account cannot be read."""
    user = {"login": USER_LOGIN, "password": "fake0wrong"}
    hass.config_entries.async_update_entry(
        entry, data={"auth_method": "sms_user", "service_name": ACCOUNT, **user}
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await sim.refuse()
    await notify(hass)
    await sim.accept_again()
    await pass_time(hass, freezer, 65)
    [flow] = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {**user, "password": USER_PASSWORD}
    )
    assert result["reason"] == "reauth_successful"
    await settle(hass)
    assert texts(sim, KITCHEN) == ["Water!"]
    assert deliveries.types == ["queued", "accepted"]


async def test_forgotten_as_soon_as_it_is_over(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Keep no text and no number on disk for longer than needed; count all the same."""
    hass.config_entries.async_update_entry(
        account, options={**account.options, "history_days": 0, "daily_limit": 2}
    )
    await settle(hass)
    await notify(hass, "Secret one")
    await sim.refuse()
    await notify(hass, "Secret two")
    await settle(hass)

    def left() -> list[str]:
        path = ledger_path(hass, account.entry_id)
        with closing(sqlite3.connect(path)) as database:
            return [
                text
                for (text,) in database.execute(
                    "SELECT whole FROM messages WHERE whole IS NOT NULL"
                    " UNION SELECT number FROM deliveries WHERE number IS NOT NULL"
                    " UNION SELECT whole || receivers FROM intake"
                )
            ]

    assert sorted(await hass.async_add_executor_job(left)) == [
        KITCHEN,
        "Secret two",
    ]
    await sim.accept_again()
    await pass_time(hass, freezer, 65)
    assert texts(sim, KITCHEN) == ["Secret one", "Secret two"]
    assert await hass.async_add_executor_job(left) == []
    with pytest.raises(HomeAssistantError, match="2 SMS a day"):
        await notify(hass)
    path = ledger_path(hass, account.entry_id)
    await hass.config_entries.async_unload(account.entry_id)
    assert not any(
        secret in file.read_bytes()
        for file in path.parent.glob(f"{path.name}*")
        for secret in (b"Secret", KITCHEN.encode())
    )


async def test_goes_on_after_a_surprise(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("surprise")

    await sim.refuse()
    with monkeypatch.context() as patch:
        patch.setattr(Dispatcher, "_tell_owed", fail)
        await notify(hass)
        await settle(hass)
    assert "A step in the background failed" in caplog.text
    await sim.accept_again()
    await pass_time(hass, freezer, 61)
    assert texts(sim, KITCHEN) == ["Water!"]
