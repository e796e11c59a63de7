"""An account that is unloaded, reloaded or removed, and Home Assistant's own end."""

import asyncio
from contextlib import closing
import sqlite3
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms import account as account_module, event
from custom_components.ovh_sms.account import ledger_path
from custom_components.ovh_sms.gateway.pool import MAX_CALLERS
from custom_components.ovh_sms.sms import road
from homeassistant.components import persistent_notification
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from simulator import Fault, Simulator
from tests.conftest import jobs, texts
from tests.deliveries import Deliveries, notify, pass_time, settle, states, until_asked

from .conftest import send_during_an_outage

pytestmark = pytest.mark.usefixtures("unloaded")

KITCHEN = "+33639980001"


async def test_reload_during_a_pause(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    deliveries: Deliveries,
) -> None:
    await sim.refuse()
    await notify(hass)
    await hass.config_entries.async_reload(account.entry_id)
    await settle(hass)
    await sim.accept_again()
    await pass_time(hass, freezer, 65)
    assert texts(sim, KITCHEN) == ["Water!"]
    assert deliveries.types == ["queued", "accepted"]


async def test_sent_before_the_entities_are_there(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sim: Simulator,
    deliveries: Deliveries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Tell what a message sent meanwhile became, once there is an entity."""
    ready, original = asyncio.Event(), event.async_setup_entry

    async def set_up_late(*args: Any) -> None:
        await ready.wait()
        await original(*args)

    monkeypatch.setattr(event, "async_setup_entry", set_up_late)
    loading = hass.async_create_task(hass.config_entries.async_setup(entry.entry_id))
    async with asyncio.timeout(10):
        while not hass.states.get("notify.kitchen"):
            await asyncio.sleep(0)
    # Its entity sends already; the notify service would wait for the account.
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": "notify.kitchen", "message": "Water!"},
        blocking=True,
    )
    assert texts(sim, KITCHEN) == ["Water!"]
    ready.set()
    assert await loading
    await settle(hass)
    assert deliveries.types == ["accepted"]


async def test_reload_during_a_send_that_takes_long(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    deliveries: Deliveries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Do not wait for it for ever: look it up after the reload."""
    for module in (account_module, road):
        monkeypatch.setattr(module, "_PATIENCE", 0.0)
    hang = sim.faults.add(Fault("hang", method="POST", times=1))
    sending = hass.async_create_task(notify(hass))
    await until_asked(sim, "POST", "/jobs")
    assert await hass.config_entries.async_reload(account.entry_id)
    sim.faults.remove(hang.id)
    await sending
    await pass_time(hass, freezer, 6)
    assert deliveries.types == ["accepted"]
    assert len(jobs(sim)) == 1


async def test_unload_between_two_late_messages(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    deliveries: Deliveries,
) -> None:
    """End with the one that is on its way, and tell it."""
    await send_during_an_outage(hass, sim, "One", "Two")
    hang = sim.faults.add(Fault("hang", method="POST", times=1))
    account.runtime_data.async_go_on()
    await until_asked(sim, "POST", "/jobs")
    unload = hass.async_create_task(hass.config_entries.async_unload(account.entry_id))
    await asyncio.sleep(0)
    sim.faults.remove(hang.id)
    await unload
    assert await states(hass, account) == {"accepted": 1, "waiting": 1}
    assert texts(sim, KITCHEN) == ["One"]


async def test_unload_begins_nothing(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    """Leave what waits for the next start, also if OVHcloud is back just now."""
    await send_during_an_outage(hass, sim, "Waits")
    hang = sim.faults.add(Fault("hang", method="POST", times=1))
    sending = hass.async_create_task(notify(hass, "Now"))
    await until_asked(sim, "POST", "/jobs")
    unload = hass.async_create_task(hass.config_entries.async_unload(account.entry_id))
    await asyncio.sleep(0)
    sim.faults.remove(hang.id)
    await asyncio.gather(sending, unload)
    assert await states(hass, account) == {"accepted": 1, "waiting": 1}
    assert texts(sim, KITCHEN) == ["Now"]


async def test_unload_leaves_nothing_running(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    await sim.refuse()
    await notify(hass)
    await hass.config_entries.async_unload(account.entry_id)
    await sim.accept_again()
    sim.clear_record()
    await pass_time(hass, freezer, 1000)
    assert sim.requests == []


@pytest.mark.parametrize("fault", [Fault("expired", method="POST"), None])
async def test_reload_during_a_send(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    deliveries: Deliveries,
    fault: Fault | None,
) -> None:
    """Let it come to its end, and tell it once."""
    hang = sim.faults.add(Fault("hang", method="POST", times=1))
    if fault:
        sim.faults.add(fault)
    sending = hass.async_create_task(notify(hass))
    await until_asked(sim, "POST", "/jobs")
    reload = hass.async_create_task(hass.config_entries.async_reload(account.entry_id))
    await asyncio.sleep(0)
    sim.faults.remove(hang.id)
    [error, _] = await asyncio.gather(sending, reload, return_exceptions=True)
    await settle(hass)
    assert account.state is ConfigEntryState.LOADED
    if fault:
        assert isinstance(error, HomeAssistantError)
    assert deliveries.types == ["failed" if fault else "accepted"]
    assert len(jobs(sim)) == 1


@pytest.mark.parametrize("is_late", [True, False])
async def test_reload_during_a_step(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    deliveries: Deliveries,
    is_late: bool,
) -> None:
    """Tell after the reload how a late message, or a look-up, ended."""
    if is_late:
        await sim.refuse()
    else:
        sim.faults.add(
            Fault("status", method="POST", status=500, applied="after", times=1)
        )
    await notify(hass)
    await settle(hass)
    await sim.accept_again()
    method, path = ("POST", "/jobs") if is_late else ("GET", "/outgoing")
    hang = sim.faults.add(Fault("hang", method=method, path=f"*{path}*", times=1))
    freezer.tick(6)
    account.runtime_data.async_go_on()
    await until_asked(sim, method, path, 1)
    before = list(deliveries.types)
    reload = hass.async_create_task(hass.config_entries.async_reload(account.entry_id))
    await asyncio.sleep(0)
    sim.faults.remove(hang.id)
    assert await reload
    await pass_time(hass, freezer, 6)
    # What was looked up left 12 seconds ago.
    after = ["accepted"] if is_late else ["accepted", "delivered"]
    assert deliveries.types == [*before, *after]
    assert texts(sim, KITCHEN) == ["Water!"]


async def test_call_that_comes_while_it_is_unloaded(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    """Never drop a call: it raises."""
    hang = sim.faults.add(Fault("hang", method="POST", times=1))
    runtime = account.runtime_data
    ahead = hass.async_create_task(notify(hass))
    await until_asked(sim, "POST", "/jobs")
    unload = hass.async_create_task(hass.config_entries.async_unload(account.entry_id))
    await asyncio.sleep(0)
    late = [
        hass.async_create_task(notify(hass, f"Late {number}"))
        for number in range(MAX_CALLERS)
    ]
    await asyncio.sleep(0)
    sim.faults.remove(hang.id)
    assert await unload
    await ahead
    errors = await asyncio.gather(*late, return_exceptions=True)
    left = texts(sim, KITCHEN)
    assert len(left) + sum(map(bool, errors)) == 1 + MAX_CALLERS
    for error in filter(None, errors):
        assert "Home is not loaded" in str(error)
    assert not runtime.outbox._is_working


@pytest.mark.parametrize("waiting", [0, 2])
async def test_removed_with_what_waits(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    waiting: int,
) -> None:
    """Say how many messages are gone with the account, also if its key stays in use."""
    await sim.refuse()
    for _ in range(waiting):
        await notify(hass)
    await hass.config_entries.async_remove(account.entry_id)
    await settle(hass)
    shown = [
        str(notification["message"])
        for notification in persistent_notification._async_get_or_create_notifications(
            hass
        ).values()
    ]
    assert len(shown) == bool(waiting)
    assert all(f"waiting to be sent: {waiting}." in text for text in shown)
    await sim.accept_again()
    await pass_time(hass, freezer, 1000)
    assert jobs(sim) == []


async def test_told_by_the_next_run(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    deliveries: Deliveries,
) -> None:
    """Tell after a crash what nobody was told of, once, when there is an entity."""
    await notify(hass)
    await hass.config_entries.async_unload(account.entry_id)
    path = ledger_path(hass, account.entry_id)

    def forget_that_it_was_told() -> None:
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("UPDATE messages SET owed = 1")

    await hass.async_add_executor_job(forget_that_it_was_told)
    deliveries.told.clear()
    for _ in range(2):
        await hass.config_entries.async_setup(account.entry_id)
        await settle(hass)
        await hass.config_entries.async_unload(account.entry_id)
    assert deliveries.shown("event_type", "recipient", "index") == [
        ("accepted", "Kitchen", None)
    ]


async def test_sent_by_an_automation_at_the_end(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    """Let out what automations send when Home Assistant stops."""

    async def say_goodbye(_: object) -> None:
        await notify(hass, "Goodbye")

    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, say_goodbye)
    await hass.async_stop(force=True)
    assert texts(sim, KITCHEN) == ["Goodbye"]
    assert await states(hass, account) == {"accepted": 1}


async def test_end_while_a_message_is_sent_late(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    deliveries: Deliveries,
) -> None:
    """Do not hold up the end, and leave nothing untold: it is owed."""
    await send_during_an_outage(hass, sim)
    hang = sim.faults.add(Fault("hang", method="POST", times=1))
    account.runtime_data.async_go_on()
    await until_asked(sim, "POST", "/jobs")
    stopping = hass.async_create_task(hass.async_stop(force=True))
    while hass.state is not CoreState.final_write:
        await asyncio.sleep(0)
    sim.faults.remove(hang.id)
    await stopping
    assert texts(sim, KITCHEN) == ["Water!"]
    path = ledger_path(hass, account.entry_id)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT state, owed FROM messages").fetchall() == [
            ("accepted", 1)
        ]


async def test_told_before_the_end_is_not_told_again(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    """Write down at the very end what was told, though the outbox rests by then."""
    sim.faults.add(Fault("expired", method="POST"))

    async def fail(_: object) -> None:
        with pytest.raises(HomeAssistantError):
            await notify(hass)

    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, fail)
    await hass.async_stop(force=True)
    path = ledger_path(hass, account.entry_id)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT state, owed FROM messages").fetchall() == [
            ("refused", 0)
        ]
