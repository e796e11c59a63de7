"""Receipts in Home Assistant: told by the events of the account, and on a timer of their own."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from simulator import Fault, Simulator
from tests.deliveries import Deliveries, notify, pass_time, settle

pytestmark = pytest.mark.usefixtures("unloaded")

WATCH = "ovh_sms_night_watch"


async def test_told_for_each_number(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    deliveries: Deliveries,
) -> None:
    sim.phone("+33639980003").fate = "failed"
    await notify(hass, service=WATCH)
    for _ in range(4):
        await pass_time(hass, freezer, 5)
    assert deliveries.shown(
        "event_type", "recipient", "index", "total", "state", "reason"
    ) == [
        ("accepted", "Night watch", None, 2, "accepted", None),
        ("delivered", "Night watch", 1, 2, "delivered", None),
        (
            "failed",
            "Night watch",
            2,
            2,
            "failed",
            "Number incorrect, invalid or barred: do not use it again",
        ),
    ]
    assert account.runtime_data.incoming._reading_receipts._cancel_timer is None


async def test_hint(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    deliveries: Deliveries,
) -> None:
    await notify(hass)
    await pass_time(hass, freezer, 5)
    [sms] = sim.world.accounts["sms-ab12345-1"].messages.values()
    account.runtime_data.incoming.async_hint_receipt(sms.id)
    await settle(hass)
    assert deliveries.types == ["accepted", "delivered"]


async def test_told_after_the_start(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    deliveries: Deliveries,
) -> None:
    """Tell what came meanwhile once the automations run, and only once."""
    await notify(hass)
    await hass.config_entries.async_unload(account.entry_id)
    freezer.tick(timedelta(hours=1))
    hass.set_state(CoreState.starting)
    await hass.config_entries.async_setup(account.entry_id)
    await settle(hass)
    assert deliveries.types == ["accepted"]
    hass.set_state(CoreState.running)
    hass.bus.async_fire("homeassistant_started")
    await settle(hass)
    assert deliveries.types == ["accepted", "delivered"]
    await hass.config_entries.async_reload(account.entry_id)
    await settle(hass)
    assert deliveries.types == ["accepted", "delivered"]


async def test_failure_does_not_keep_from_sending(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    deliveries: Deliveries,
) -> None:
    """Name the right that is missing, and show no problem with sending."""
    sim.faults.add(Fault("forbidden", path="*outgoing*", reason="IAM"))
    await notify(hass)
    await pass_time(hass, freezer, 11)
    state = hass.states.get("binary_sensor.home_problem")
    assert state and state.state == "off"
    assert [
        issue.translation_placeholders
        for issue in ir.async_get(hass).issues.values()
        if issue.translation_key == "rights_missing"
    ] != []
    assert deliveries.types == ["accepted"]


async def test_off(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    deliveries: Deliveries,
) -> None:
    """Sleep while nothing is to be read; begin again when that is wanted."""

    def choose(receipts: Any) -> None:
        options = {**account.options, "receipts": receipts}
        hass.config_entries.async_update_entry(account, options=options)

    choose("off")
    await settle(hass)
    await notify(hass)
    await pass_time(hass, freezer, 60)
    assert account.runtime_data.incoming._reading_receipts._cancel_timer is None
    choose("poll")
    await notify(hass)
    await pass_time(hass, freezer, 11)
    assert deliveries.types == ["accepted", "accepted", "delivered"]
