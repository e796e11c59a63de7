"""How many SMS wait at OVHcloud."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from simulator import VIRTUAL_NUMBER, Fault, Simulator
from tests.test_coordinator import wait

from .conftest import (
    CREDITS_LEFT,
    PENDING,
    PENDING_SMS,
    SOON,
    WAITING,
    enable,
    set_options,
    shown,
    times_read,
    write,
)

pytestmark = pytest.mark.usefixtures("unloaded")


async def test_only_asked_where_it_is_shown(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    """Spare the call where nobody looks."""
    await wait(hass, freezer)
    assert times_read(sim, PENDING) == 0
    await enable(hass, account, PENDING_SMS)
    assert shown(hass, PENDING_SMS) == ["0"]
    assert times_read(sim, PENDING) == 1
    await write(hass, "Night watch", delay={"hours": 1})
    await wait(hass, freezer, SOON)
    assert shown(hass, PENDING_SMS, WAITING) == ["2", "0"]
    await wait(hass, freezer, timedelta(hours=1, minutes=1))
    assert shown(hass, PENDING_SMS) == ["0"]


async def test_virtual_number(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    """Count what is to leave from a virtual number, which is elsewhere."""
    await set_options(hass, account, sender=VIRTUAL_NUMBER)
    await enable(hass, account, PENDING_SMS)
    await write(hass, "Kitchen", delay={"hours": 1})
    await write(hass, "Kitchen", delay={"hours": 1}, sender="HOUSE")
    await wait(hass, freezer, SOON)
    assert shown(hass, PENDING_SMS) == ["2"]


async def test_not_told(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    """Leave the others alone where only this cannot be read."""
    await enable(hass, account, PENDING_SMS)
    sim.faults.add(Fault("status", status=503, path=PENDING))
    await wait(hass, freezer)
    assert shown(hass, PENDING_SMS, CREDITS_LEFT) == ["unknown", "250.0"]
