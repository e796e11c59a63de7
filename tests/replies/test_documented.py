"""The examples of the documentation, done."""

import asyncio
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml
from simulator import ACCOUNT, Simulator
from tests.conftest import make_entry, texts
from tests.deliveries import settle
from tests.test_docs import yaml_examples
from tests.test_docs_links import ROOT

from .conftest import KITCHEN, STRANGER, Write, listings, read, set_options, until


def example(words: str, page: str) -> Any:
    """Return the example that has some words in it."""
    [text] = [text for text in yaml_examples(ROOT / page) if words in text]
    return parse_yaml(text)


@pytest.fixture
async def my_phone(
    hass: HomeAssistant, sim: Simulator, unloaded: None
) -> MockConfigEntry:
    """Return an account with the recipient that the examples use, loaded."""
    entry = make_entry(hass, {"My phone": [KITCHEN]})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    return entry


@pytest.mark.parametrize(
    ("page", "text", "turned_on"),
    [
        ("docs/actions.md", "1", 1),
        ("docs/actions.md", "2.", 0),
        ("docs/fr/actions.md", "1", 1),
        ("docs/fr/actions.md", "2.", 0),
        ("README.md", "Yes!", 1),
        ("README.md", "no", 0),
        ("README.fr.md", "Oui !", 1),
        ("README.fr.md", "non", 0),
    ],
)
async def test_ask(
    hass: HomeAssistant,
    my_phone: MockConfigEntry,
    sim: Simulator,
    write: Write,
    page: str,
    text: str,
    turned_on: int,
) -> None:
    calls = async_mock_service(hass, "switch", "turn_on")
    steps = cv.SCRIPT_SCHEMA(example("action: ovh_sms.ask\n", page))
    running = asyncio.create_task(Script(hass, steps, "Example", "test").async_run())
    await until(lambda: running.done() or len(listings(sim)) >= 2)
    await write(KITCHEN, text)
    my_phone.runtime_data.incoming.async_hint_replies()
    await until(running.done)
    assert running.result()
    assert len(calls) == turned_on


@pytest.mark.parametrize("page", ["docs/actions.md", "docs/fr/actions.md"])
async def test_reply_on_your_own_phone(
    hass: HomeAssistant,
    my_phone: MockConfigEntry,
    sim: Simulator,
    write: Write,
    freezer: FrozenDateTimeFactory,
    page: str,
) -> None:
    await set_options(hass, my_phone, replies="poll")
    automation = example("event.home_reply", page)
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await settle(hass)
    await write(STRANGER, "Spam")
    await write(KITCHEN, "On my way")
    await read(hass, my_phone)
    await settle(hass)
    assert texts(sim, KITCHEN) == ["My phone: On my way"]
    await sim.reply(KITCHEN, "Too late", ACCOUNT)
    freezer.tick(601)
    await read(hass, my_phone)
    await settle(hass)
    assert len(texts(sim, KITCHEN)) == 1
