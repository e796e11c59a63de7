"""What the sensors show of the credits."""

import asyncio

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from simulator import ACCOUNT, Fault, Simulator
from tests.conftest import jobs
from tests.test_coordinator import READ_ACCOUNT, send, settle, wait
from tests.test_repairs import repair

from .conftest import (
    CREDITS_HELD,
    CREDITS_LEFT,
    CREDITS_USED,
    SENT,
    SOON,
    enable,
    set_options,
    shown,
    times_read,
    write,
)

pytestmark = pytest.mark.usefixtures("unloaded")


async def test_after_a_message(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    """Show what it cost some seconds later, with one call."""
    sim.clear_record()
    await send(hass)
    await settle(hass)
    assert times_read(sim, READ_ACCOUNT) == 0
    await wait(hass, freezer, SOON)
    assert shown(hass, CREDITS_LEFT) == ["249.0"]
    assert times_read(sim, READ_ACCOUNT) == 1


async def test_after_a_burst(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    """Read seldom, though much is sent, and show in the end what is left."""
    await set_options(hass, account, daily_limit=0, recipient_limit=0)
    sim.clear_record()
    await asyncio.gather(*(send(hass, f"Water {n}") for n in range(100)))
    await settle(hass)
    assert len(jobs(sim)) == 100
    await wait(hass, freezer, SOON)
    await wait(hass, freezer, SOON)
    assert shown(hass, CREDITS_LEFT, SENT) == ["150.0", "100"]
    assert times_read(sim, READ_ACCOUNT) == 1


async def test_message_does_not_wait_for_a_reading(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    """Send while the account is being read."""
    await send(hass)
    hang = sim.faults.add(Fault("hang", path=READ_ACCOUNT))
    freezer.tick(SOON)
    reading = asyncio.create_task(account.runtime_data.coordinator.async_refresh())
    await send(hass)
    assert not reading.done()
    assert len(jobs(sim)) == 2
    sim.faults.remove(hang.id)
    await reading


async def test_run_out_and_come_back(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    """Warn as soon as a message takes them below the line, until more are bought."""
    sim.world.accounts[ACCOUNT].credits_left = 10
    await wait(hass, freezer)
    assert shown(hass, CREDITS_LEFT) == ["10.0"]
    assert not repair(hass, "credits_low", account)
    await send(hass)
    await wait(hass, freezer, SOON)
    assert shown(hass, CREDITS_LEFT) == ["9.0"]
    assert repair(hass, "credits_low", account)
    sim.world.accounts[ACCOUNT].credits_left = 1000.5
    await wait(hass, freezer)
    assert shown(hass, CREDITS_LEFT) == ["1000.5"]
    assert not repair(hass, "credits_low", account)


async def test_given_back(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    """Show at once too what is given back for a message that is cancelled."""
    told = await write(hass, "Kitchen", delay={"hours": 1})
    await wait(hass, freezer, SOON)
    assert shown(hass, CREDITS_LEFT, CREDITS_USED, SENT) == ["249.0", "1.0", "1"]
    await hass.services.async_call(
        DOMAIN, "cancel", {"message_id": told["message_id"]}, blocking=True
    )
    await wait(hass, freezer, SOON)
    assert shown(hass, CREDITS_LEFT, CREDITS_USED, SENT) == ["250.0", "0.0", "0"]


async def test_held(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    """Show what SMS users hold, to whom wants to know."""
    assert hass.states.get(CREDITS_HELD) is None
    sim.world.add_user(ACCOUNT, "cellar", "fake0pw1", quota=49.5)
    await enable(hass, account, CREDITS_HELD)
    assert shown(hass, CREDITS_LEFT, CREDITS_HELD) == ["200.5", "49.5"]
