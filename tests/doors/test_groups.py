"""Notify groups: those of the YAML configuration, and those made in the user interface."""

from collections.abc import Generator
import gc
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from homeassistant.components import persistent_notification
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from simulator import Simulator
from tests.conftest import jobs
from tests.test_notify import KITCHEN, NIGHT_1, NIGHT_2, notify, send_message


@pytest.fixture
async def everyone(
    hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry, unloaded: None
) -> None:
    """Set up a notify group of the YAML configuration, before the account as at a start."""
    members: list[dict[str, Any]] = [
        {"action": "persistent_notification", "data": {"title": "Everyone"}},
        {"action": "ovh_sms_kitchen", "data": {"data": {"priority": "low"}}},
        {"action": "ovh_sms", "data": {"target": ["Night watch"]}},
    ]
    group = {"platform": "group", "name": "everyone", "services": members}
    assert await async_setup_component(hass, "notify", {"notify": [group]})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


def told(hass: HomeAssistant) -> list[str]:
    """Return what the other member of the group has shown."""
    notifications = persistent_notification._async_get_or_create_notifications(hass)
    return [notification["message"] for notification in notifications.values()]


async def test_group_of_several_platforms_with_the_same_data(
    hass: HomeAssistant, everyone: None, sim: Simulator
) -> None:
    await notify(
        hass,
        "everyone",
        title="Alarm",
        data={
            "notification_id": "leak",
            "ttl": 0,
            "push": {"sound": {"critical": 1}},
            "actions": [{"action": "STOP", "title": "Stop"}],
            "tag": "leak-in-the-cellar-of-the-house",
            "no_stop_clause": False,
        },
    )
    assert told(hass) == ["Water!"]
    sent = sorted(
        (job.json["message"], job.json["receivers"], job.json["priority"])
        for job in jobs(sim)
    )
    assert sent == [
        ("Alarm\nWater!", [KITCHEN], "low"),
        ("Alarm\nWater!", [NIGHT_1, NIGHT_2], "high"),
    ]
    assert {job.json["noStopClause"] for job in jobs(sim)} == {False}
    assert not ir.async_get(hass).issues


@pytest.fixture
def unseen(hass: HomeAssistant) -> Generator[list[str]]:
    """Return the errors that a group does not look at, which asyncio finds at the end."""
    errors: list[str] = []
    handler = hass.loop.get_exception_handler()
    hass.loop.set_exception_handler(
        lambda loop, context: errors.append(str(context["exception"]))
    )
    yield errors
    hass.loop.set_exception_handler(handler)


async def test_mistake_that_the_group_hides_is_a_repair(
    hass: HomeAssistant,
    everyone: None,
    sim: Simulator,
    entry: MockConfigEntry,
    unseen: list[str],
) -> None:
    await notify(hass, "everyone", data={"sendr": "HOUSE"})
    gc.collect()
    assert len([error for error in unseen if "“sendr” is not" in error]) == 2
    assert told(hass) == ["Water!"]
    assert not jobs(sim)
    assert ir.async_get(hass).issues.keys() == {
        (DOMAIN, f"unknown_data_key_{service}_{entry.entry_id}")
        for service in ("ovh_sms", "ovh_sms_kitchen")
    }
    await notify(hass, "everyone")
    assert not ir.async_get(hass).issues


async def test_group_of_the_user_interface_keeps_the_title(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    flow = await hass.config_entries.flow.async_init(
        "group", context={"source": SOURCE_USER}
    )
    flow = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"next_step_id": "notify"}
    )
    members = ["notify.kitchen", "notify.night_watch"]
    flow = await hass.config_entries.flow.async_configure(
        flow["flow_id"],
        {"name": "Family", "entities": members, "hide_members": False},
    )
    await hass.async_block_till_done()
    await send_message(hass, "notify.family", title="Alarm")
    assert sorted((j.json["message"], j.json["receivers"]) for j in jobs(sim)) == [
        ("Alarm\nWater!", [KITCHEN]),
        ("Alarm\nWater!", [NIGHT_1, NIGHT_2]),
    ]
    for member in members:
        state = hass.states.get(member)
        assert state and state.state != "unknown"
    assert await hass.config_entries.async_remove(flow["result"].entry_id)
