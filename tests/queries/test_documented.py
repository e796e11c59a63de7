"""The examples of the documentation, done."""

from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import parse_yaml
from simulator import Fault, Simulator
from tests.test_docs import ROOT, yaml_examples

from .conftest import KITCHEN, Send, act, waiting


async def run(hass: HomeAssistant, action: str) -> None:
    """Do what the documentation of an action shows."""
    [example] = [
        text
        for text in yaml_examples(ROOT / "docs" / "actions.md")
        if f"action: {action}\n" in text
    ]
    steps: Any = parse_yaml(example)
    await Script(hass, cv.SCRIPT_SCHEMA(steps), "Example", "test").async_run()


async def test_cancel(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    send: Send,
    send_later: Send,
) -> None:
    """Cancel what the script is about, wherever it waits, and leave the rest."""
    await run(hass, "ovh_sms.cancel")
    await send_later(receivers=KITCHEN, message="Call the plumber")
    other = await send_later(receivers=KITCHEN, message="Call the roofer")
    sim.faults.add(Fault("status", status=429, method="POST"))
    await send(receivers=KITCHEN, message="The plumber is here")
    await run(hass, "ovh_sms.cancel")
    assert waiting(sim) == other["ids"]
    [left] = (await act(hass, "get_pending"))["messages"]
    assert left["message"] == "Call the roofer"


async def test_history_of_today(
    hass: HomeAssistant, account: MockConfigEntry, send: Send
) -> None:
    """Show the messages in a notification."""
    assert await async_setup_component(hass, "persistent_notification", {})
    await send(entity_id=["notify.kitchen", "notify.night_watch"])
    await run(hass, "ovh_sms.get_history")
    [notification] = persistent_notification._async_get_or_create_notifications(
        hass
    ).values()
    assert notification["message"].split() == [
        "-",
        dt_util.now().strftime("%H:%M"),
        "Kitchen,",
        "Night",
        "watch:",
        "Water!",
        "(accepted)",
    ]
