"""The examples of the documentation, done."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import parse_yaml
from simulator import Fault, Simulator
from tests.test_docs import yaml_examples
from tests.test_docs_links import ROOT

from .conftest import KITCHEN, Send, act, waiting


async def run(hass: HomeAssistant, page: str, action: str) -> None:
    """Do what the documentation of an action shows."""
    [example] = [
        text for text in yaml_examples(ROOT / page) if f"action: {action}\n" in text
    ]
    steps: Any = parse_yaml(example)
    await Script(hass, cv.SCRIPT_SCHEMA(steps), "Example", "test").async_run()


@pytest.mark.parametrize(
    ("page", "word"),
    [("docs/actions.md", "plumber"), ("docs/fr/actions.md", "plombier")],
)
async def test_cancel(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    send: Send,
    send_later: Send,
    page: str,
    word: str,
) -> None:
    """Cancel what the script is about, wherever it waits, and leave the rest."""
    await run(hass, page, "ovh_sms.cancel")
    await send_later(receivers=KITCHEN, message=f"Call the {word}")
    other = await send_later(receivers=KITCHEN, message="Call the roofer")
    sim.faults.add(Fault("status", status=429, method="POST"))
    await send(receivers=KITCHEN, message=f"The {word} is here")
    await run(hass, page, "ovh_sms.cancel")
    assert waiting(sim) == other["ids"]
    [left] = (await act(hass, "get_pending"))["messages"]
    assert left["message"] == "Call the roofer"


@pytest.mark.parametrize("page", ["docs/actions.md", "docs/fr/actions.md"])
async def test_history_of_today(
    hass: HomeAssistant, account: MockConfigEntry, send: Send, page: str
) -> None:
    """Show the messages in a notification."""
    assert await async_setup_component(hass, "persistent_notification", {})
    await send(entity_id=["notify.kitchen", "notify.night_watch"])
    await run(hass, page, "ovh_sms.get_history")
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
