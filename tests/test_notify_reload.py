"""A call that comes while an account is reloaded waits; one that cannot be sent is told so."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from functools import partial
import threading
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components import ovh_sms
from custom_components.ovh_sms.const import DOMAIN
from custom_components.ovh_sms.sms.database import LedgerTooNew
from homeassistant.config_entries import (
    ConfigEntries,
    ConfigEntryDisabler,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceNotFound, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from simulator import Fault, Simulator
from tests.conftest import jobs, texts
from tests.test_notify import KITCHEN, notify

NOT_LOADED = "account Home is not loaded"


class Gate:
    """Where an account's loading or unloading stands still until it is let through."""

    def __init__(self, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stand open at first."""
        self._hass = hass
        self._monkeypatch = monkeypatch
        self._reached, self._opened = asyncio.Event(), threading.Event()
        self.broken = False

    def before(self, place: Any, name: str) -> None:
        """Stand in front of something that runs on a worker thread."""
        original: Callable[..., Any] = getattr(place, name)

        def wait_here(*args: Any, **options: Any) -> Any:
            self._hass.loop.call_soon_threadsafe(self._reached.set)
            self._opened.wait(30)
            if self.broken:
                raise LedgerTooNew
            return original(*args, **options)

        self._monkeypatch.setattr(place, name, wait_here)

    async def hold(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin something that comes to a stand here."""
        task = self._hass.async_create_task(work)
        await self._reached.wait()
        return task

    def open(self) -> None:
        """Let it go on."""
        self._opened.set()


@pytest.fixture
async def gate(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Gate]:
    """Return a gate, which is open at the end."""
    gate = Gate(hass, monkeypatch)
    yield gate
    gate.open()


@pytest.fixture(params=["unload", "setup"])
def reloading(
    request: pytest.FixtureRequest, account: MockConfigEntry, gate: Gate
) -> Gate:
    """Return a gate in the middle of a reload."""
    if request.param == "unload":
        gate.before(account.runtime_data.dispatcher, "close")
    else:
        gate.before(ovh_sms, "open_dispatcher")
    return gate


async def waiting(
    hass: HomeAssistant, call: Coroutine[Any, Any, Any]
) -> asyncio.Task[Any]:
    """Return a call that has come as far as it can."""
    task = hass.async_create_task(call)
    for _ in range(20):
        await asyncio.sleep(0)
    assert not task.done()
    return task


async def send_sms(hass: HomeAssistant, **data: Any) -> None:
    """Call the action."""
    await hass.services.async_call(
        DOMAIN, "send_sms", {"message": "Water!", **data}, blocking=True
    )


@pytest.mark.parametrize(
    ("service", "data"),
    [
        ("notify.ovh_sms", {"target": ["Kitchen"]}),
        ("notify.ovh_sms", {"target": ["notify.kitchen", "+33639980001"]}),
        ("notify.ovh_sms_kitchen", {}),
        ("ovh_sms.send_sms", {"entity_id": "notify.kitchen"}),
        ("ovh_sms.send_sms", {"device_id": "Kitchen"}),
        ("ovh_sms.send_sms", {"receivers": "+33639980001"}),
        (
            "ovh_sms.send_sms",
            {"receivers": "+33639980001", "config_entry_id": "Home"},
        ),
    ],
)
async def test_call_during_a_reload_waits_for_its_end(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    reloading: Gate,
    entity_registry: er.EntityRegistry,
    service: str,
    data: dict[str, Any],
) -> None:
    before = account.runtime_data
    domain, action = service.split(".")
    kitchen = entity_registry.async_get("notify.kitchen")
    assert kitchen
    ids = {"device_id": kitchen.device_id, "config_entry_id": account.entry_id}
    data = {key: ids.get(key, value) for key, value in data.items()}
    reload = await reloading.hold(hass.config_entries.async_reload(account.entry_id))
    call = await waiting(
        hass,
        hass.services.async_call(
            domain, action, {"message": "Water!", **data}, blocking=True
        ),
    )
    assert not jobs(sim)
    reloading.open()
    await asyncio.gather(reload, call)
    assert account.runtime_data is not before
    assert texts(sim, KITCHEN) == ["Water!"]


async def test_reload_that_fails_takes_the_services_away(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, gate: Gate
) -> None:
    gate.before(ovh_sms, "open_dispatcher")
    gate.broken = True
    reload = await gate.hold(hass.config_entries.async_reload(account.entry_id))
    calls = [
        await waiting(hass, notify(hass)),
        await waiting(hass, send_sms(hass, entity_id="notify.kitchen")),
    ]
    gate.open()
    for call in calls:
        with pytest.raises(ServiceValidationError, match=NOT_LOADED):
            await call
    await reload
    await hass.async_block_till_done()
    assert account.state is ConfigEntryState.SETUP_ERROR
    for service in ("ovh_sms", "ovh_sms_kitchen"):
        with pytest.raises(ServiceNotFound):
            await notify(hass, service)
    assert not jobs(sim)
    gate.broken = False
    assert await hass.config_entries.async_reload(account.entry_id)
    await notify(hass, "ovh_sms_kitchen")
    assert texts(sim, KITCHEN) == ["Water!"]


@pytest.mark.parametrize(
    "leave",
    [
        ConfigEntries.async_remove,
        ConfigEntries.async_unload,
        partial(
            ConfigEntries.async_set_disabled_by, disabled_by=ConfigEntryDisabler.USER
        ),
    ],
    ids=["removed", "unloaded", "disabled"],
)
async def test_account_goes_while_calls_wait(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    gate: Gate,
    leave: Callable[..., Coroutine[Any, Any, Any]],
) -> None:
    gate.before(account.runtime_data.dispatcher, "close")
    going = await gate.hold(leave(hass.config_entries, account.entry_id))
    calls = [
        await waiting(hass, call)
        for call in (
            notify(hass),
            notify(hass, "ovh_sms_kitchen"),
            send_sms(hass, entity_id="notify.kitchen"),
        )
    ]
    gate.open()
    for call in calls:
        with pytest.raises(ServiceValidationError, match=NOT_LOADED):
            await call
    await going
    await hass.async_block_till_done()
    with pytest.raises(ServiceNotFound):
        await notify(hass)
    assert not jobs(sim)


async def test_recipient_is_removed_while_its_message_waits_for_a_reload(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, reloading: Gate
) -> None:
    reload = await reloading.hold(hass.config_entries.async_reload(account.entry_id))
    calls = [
        await waiting(hass, call)
        for call in (
            notify(hass, "ovh_sms_kitchen"),
            send_sms(hass, entity_id="notify.kitchen"),
        )
    ]
    kitchen = next(iter(account.subentries))
    hass.config_entries.async_remove_subentry(account, kitchen)
    reloading.open()
    for call in calls:
        with pytest.raises(ServiceValidationError, match="has been removed"):
            await call
    await reload
    assert not jobs(sim)
    assert not hass.services.has_service("notify", "ovh_sms_kitchen")


async def test_other_account_is_not_kept_waiting(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    sim: Simulator,
    gate: Gate,
    unloaded: None,
) -> None:
    assert await hass.config_entries.async_setup(office.entry_id)
    gate.before(account.runtime_data.dispatcher, "close")
    reload = await gate.hold(hass.config_entries.async_reload(account.entry_id))
    await notify(hass, "ovh_sms_office_gate")
    await send_sms(hass, entity_id="notify.gate")
    with pytest.raises(ServiceValidationError, match="not a recipient of this SMS"):
        await notify(hass, "ovh_sms_office", target="light.kitchen, notify.nobody")
    assert texts(sim, "+33639980008") == ["Water!"] * 2
    # A bare number is not sent from the other account because one is away.
    bare = await waiting(hass, send_sms(hass, receivers=KITCHEN))
    gate.open()
    await reload
    with pytest.raises(ServiceValidationError, match="multiple"):
        await bare


async def test_two_reloads_in_a_row(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, reloading: Gate
) -> None:
    first = await reloading.hold(hass.config_entries.async_reload(account.entry_id))
    second = hass.async_create_task(hass.config_entries.async_reload(account.entry_id))
    call = await waiting(hass, notify(hass, "ovh_sms_kitchen"))
    reloading.open()
    await asyncio.gather(first, second, call)
    await hass.async_block_till_done()
    await notify(hass, "ovh_sms_kitchen")
    assert texts(sim, KITCHEN) == ["Water!"] * 2


async def test_reload_that_is_cut_off_leaves_no_call_waiting(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, gate: Gate
) -> None:
    """As when Home Assistant stops: its tasks are cancelled."""
    gate.before(ovh_sms, "open_dispatcher")
    reload = await gate.hold(hass.config_entries.async_reload(account.entry_id))
    call = await waiting(hass, notify(hass))
    reload.cancel()
    with pytest.raises(ServiceValidationError, match=NOT_LOADED):
        await call
    assert not jobs(sim)


async def test_messages_under_way_leave_before_a_reload(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    sim.faults.add(Fault("hang", method="POST"))
    numbers = [f"+3363998{number:04}" for number in range(1000, 1006)]
    calls = [hass.async_create_task(notify(hass, target=number)) for number in numbers]
    async with asyncio.timeout(10):
        while len(jobs(sim)) < 4:
            await asyncio.sleep(0)
    reload = await waiting(hass, hass.config_entries.async_reload(account.entry_id))
    late = await waiting(hass, notify(hass, target=numbers))
    sim.faults.clear()
    await asyncio.gather(reload, late, *calls)
    assert [len(texts(sim, number)) for number in numbers] == [2] * 6
