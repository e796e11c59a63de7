"""The automations of the documentation, set up and run."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml
from simulator import ACCOUNT, Fault, Simulator
from tests.conftest import make_entry, texts
from tests.deliveries import notify, settle
from tests.test_docs import is_automation, yaml_examples
from tests.test_docs_links import PAGES

from .conftest import delivered, reply, stranger, tell

PHONE = "+33639980001"
LEAK = "binary_sensor.cellar_leak"

type Called = dict[str, list[ServiceCall]]
type Scenario = Callable[
    [HomeAssistant, MockConfigEntry, Simulator, Called], Awaitable[None]
]


@pytest.fixture
async def home(hass: HomeAssistant, sim: Simulator) -> AsyncGenerator[MockConfigEntry]:
    """Return the account that the examples are about, loaded."""
    entry = make_entry(hass, {"My phone": [PHONE]})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    yield entry
    await hass.config_entries.async_unload(entry.entry_id)


async def fail(hass: HomeAssistant, sim: Simulator) -> None:
    """Send a message that OVHcloud refuses."""
    sim.faults.add(Fault("expired", method="POST"))
    with pytest.raises(HomeAssistantError):
        await notify(hass, service="ovh_sms_my_phone")
    await settle(hass)


async def siren(
    hass: HomeAssistant, home: MockConfigEntry, sim: Simulator, called: Called
) -> None:
    """Sound when a message does not arrive, and not when it does."""
    await notify(hass, service="ovh_sms_my_phone")
    await tell(hass, home, delivered(home, "My phone"))
    assert called["siren.turn_on"] == []
    await fail(hass, sim)
    [call] = called["siren.turn_on"]
    assert call.data["entity_id"] == ["siren.hall"]


async def note(
    hass: HomeAssistant,
    home: MockConfigEntry,
    sim: Simulator,
    called: Called,
    *,
    notes: list[str],
) -> None:
    """Name the recipient, or say that there is none."""
    receipts = delivered(home, "My phone"), delivered(home, None)
    await tell(hass, home, *receipts)
    assert [
        call.data["message"] for call in called["persistent_notification.create"]
    ] == notes


async def gate(
    hass: HomeAssistant,
    home: MockConfigEntry,
    sim: Simulator,
    called: Called,
    *,
    word: str,
    answer: str,
) -> None:
    """Open for the recipient who says so, and answer."""
    await tell(
        hass,
        home,
        reply(home, "Hello", "My phone"),
        stranger(word),
    )
    assert called["cover.open_cover"] == []
    await tell(hass, home, reply(home, f"{word.upper()}, please", "My phone"))
    assert len(called["cover.open_cover"]) == 1
    assert texts(sim, PHONE) == [answer]


async def leak(
    hass: HomeAssistant,
    home: MockConfigEntry,
    sim: Simulator,
    called: Called,
    *,
    alarm: str,
) -> None:
    """Write while that is possible, and sound when it is not."""
    hass.states.async_set(LEAK, "off")
    hass.states.async_set(LEAK, "on")
    await settle(hass)
    assert texts(sim, PHONE) == [alarm]
    assert called["siren.turn_on"] == []
    sim.world.accounts[ACCOUNT].credits_left = 0
    await home.runtime_data.coordinator.async_refresh()
    hass.states.async_set(LEAK, "off")
    hass.states.async_set(LEAK, "on")
    await settle(hass)
    assert len(texts(sim, PHONE)) == len(called["siren.turn_on"]) == 1


async def queued(
    hass: HomeAssistant,
    home: MockConfigEntry,
    sim: Simulator,
    called: Called,
    *,
    notice: str,
) -> None:
    """Say why a message waits; one that leaves is no news."""
    await notify(hass, service="ovh_sms_my_phone")
    await settle(hass)
    assert called["persistent_notification.create"] == []
    await sim.refuse()
    await notify(hass, service="ovh_sms_my_phone")
    await settle(hass)
    [call] = called["persistent_notification.create"]
    assert call.data["message"] == notice


SCENARIOS: dict[str, Scenario] = {
    "Sound the siren if the alarm does not get through": siren,
    "Sonner la sirène si l'alarme n'arrive pas": siren,
    "Keep a note of what was delivered": partial(
        note, notes=["My phone has it (1 of 2).", "A number has it (1 of 2)."]
    ),
    "Garder une trace de ce qui est distribué": partial(
        note, notes=["My phone l'a reçu (1 sur 2).", "Un numéro l'a reçu (1 sur 2)."]
    ),
    "Open the gate by SMS": partial(gate, word="gate", answer="The gate is opening."),
    "Ouvrir le portail par SMS": partial(
        gate, word="portail", answer="Le portail s'ouvre."
    ),
    "Water in the cellar": partial(leak, alarm="Water in the cellar!"),
    "De l'eau dans la cave": partial(leak, alarm="De l'eau dans la cave !"),
    "Say that the alarm waits for the internet": partial(
        queued, notice="The SMS waits: no_connection"
    ),
    "Dire que l'alarme attend Internet": partial(
        queued, notice="Le SMS attend : no_connection"
    ),
}


AUTOMATIONS: list[Any] = [
    parse_yaml(text)
    for page in PAGES
    for text in yaml_examples(page)
    if is_automation(text)
]


@pytest.mark.parametrize(
    "automation", AUTOMATIONS, ids=[each["alias"] for each in AUTOMATIONS]
)
async def test_does_what_is_said(
    hass: HomeAssistant,
    home: MockConfigEntry,
    sim: Simulator,
    automation: dict[str, Any],
) -> None:
    called: Called = {}
    for action in (
        "siren.turn_on",
        "cover.open_cover",
        "persistent_notification.create",
    ):
        domain, name = action.split(".")
        called[action] = async_mock_service(hass, domain, name)
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await settle(hass)
    await SCENARIOS[automation["alias"]](hass, home, sim, called)
