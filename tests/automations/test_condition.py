"""The condition whether SMS can be sent."""

from collections.abc import Awaitable, Callable

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from simulator import ACCOUNT, Simulator
from tests.deliveries import notify, settle

from .conftest import Automate, delivered, tell

pytestmark = pytest.mark.usefixtures("unloaded")

type CanSend = Callable[..., Awaitable[bool]]


@pytest.fixture
def can_send(socket: MockHAClientWebSocket) -> CanSend:
    """Return what tests the condition as the editor does."""

    async def test(account: MockConfigEntry | None = None) -> bool:
        options = {"config_entry_id": account.entry_id} if account else {}
        await socket.send_json_auto_id(
            {
                "type": "test_condition",
                "condition": {"condition": "ovh_sms.can_send", "options": options},
            }
        )
        answer = await socket.receive_json()
        assert answer["success"], answer
        result: bool = answer["result"]["result"]
        return result

    return test


async def run_out(account: MockConfigEntry, sim: Simulator) -> None:
    """Have an account run out of credits, and know it."""
    sim.world.accounts[ACCOUNT].credits_left = 0
    await account.runtime_data.coordinator.async_refresh()


async def test_problem(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, can_send: CanSend
) -> None:
    assert await can_send() and await can_send(account)
    await run_out(account, sim)
    assert not await can_send() and not await can_send(account)
    sim.world.accounts[ACCOUNT].credits_left = 5
    await account.runtime_data.coordinator.async_refresh()
    assert await can_send() and await can_send(account)


async def test_out_of_reach(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, can_send: CanSend
) -> None:
    await sim.refuse()
    await notify(hass)
    await settle(hass)
    assert not await can_send()


async def test_nothing_is_known_yet(
    hass: HomeAssistant, entry: MockConfigEntry, sim: Simulator, can_send: CanSend
) -> None:
    """After a start without internet an alarm must rather try."""
    await sim.refuse()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert await can_send(entry)


async def test_every_account(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    sim: Simulator,
    can_send: CanSend,
) -> None:
    """One account in trouble is enough, unless another one is meant."""
    assert not await can_send(office)
    assert not await can_send()
    assert await hass.config_entries.async_setup(office.entry_id)
    await settle(hass)
    assert await can_send()
    await run_out(account, sim)
    assert not await can_send()
    assert await can_send(office)


async def test_reload(
    hass: HomeAssistant, account: MockConfigEntry, can_send: CanSend
) -> None:
    """A call waits for the end of a reload, so there is no reason not to make it."""
    assert await hass.config_entries.async_unload(account.entry_id)
    assert not await can_send()
    # Whoever loads an account anew holds this.
    async with account.setup_lock:
        assert await can_send()


async def test_disabled(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    sim: Simulator,
    can_send: CanSend,
) -> None:
    """An account that the user has disabled is in nobody's way."""
    await hass.config_entries.async_set_disabled_by(
        office.entry_id, ConfigEntryDisabler.USER
    )
    assert await can_send()
    assert not await can_send(office)
    async with office.setup_lock:
        assert not await can_send(office)
    await hass.config_entries.async_set_disabled_by(
        account.entry_id, ConfigEntryDisabler.USER
    )
    assert not await can_send()


async def test_no_account(hass: HomeAssistant, can_send: CanSend) -> None:
    assert not await can_send()


async def test_in_an_automation(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, automate: Automate
) -> None:
    """It is asked each time, for as long as the account is there."""
    told = await automate(
        "message_delivered",
        None,
        {
            "condition": "ovh_sms.can_send",
            "options": {"config_entry_id": account.entry_id},
        },
    )
    receipt = delivered(account)
    await tell(hass, account, receipt)
    assert len(told.all) == 1
    await run_out(account, sim)
    await tell(hass, account, receipt)
    assert len(told.all) == 1


async def test_watched_in_the_editor(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    socket: MockHAClientWebSocket,
) -> None:
    """The mark beside the condition shows how things stand."""
    await run_out(account, sim)
    await socket.send_json_auto_id(
        {
            "type": "subscribe_condition",
            "condition": {"condition": "ovh_sms.can_send"},
        }
    )
    assert (await socket.receive_json())["success"]
    assert (await socket.receive_json())["event"] == {"result": False}
