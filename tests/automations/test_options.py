"""Options with which an automation could never run are refused, with words."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from .conftest import Automate, Options, reply, tell


@pytest.fixture
def other(hass: HomeAssistant, entity_registry: er.EntityRegistry) -> MockConfigEntry:
    """Return an account of another integration, with a notify entity."""
    entry = MockConfigEntry(domain="pigeon", entry_id="fake0other")
    entry.add_to_hass(hass)
    entity_registry.async_get_or_create(
        "notify", "pigeon", "1", suggested_object_id="pigeon", config_entry=entry
    )
    return entry


BAD: list[tuple[str, Options, str]] = [
    ("message_failed", {"config_entry_id": "fake0gone"}, "chosen_account_gone"),
    ("message_failed", {"config_entry_id": "fake0other"}, "chosen_account_gone"),
    ("message_failed", {"config_entry_id": ["fake0gone"]}, "field_not_text"),
    ("message_delivered", {"recipient": "notify.pigeon"}, "entity_not_ours"),
    (
        "message_delivered",
        {"recipient": ["notify.kitchen", "notify.pigeon"]},
        "entity_not_ours",
    ),
    ("message_delivered", {"recipient": "event.home_delivery"}, "entity_not_ours"),
    ("message_delivered", {"recipient": "notify.gone"}, "chosen_recipient_gone"),
    ("message_delivered", {"recipient": ["Gone", "Lost"]}, "chosen_recipient_gone"),
    ("message_delivered", {"recipient": 33639980001}, "field_not_text"),
    ("message_delivered", {"recipient": ["Kitchen", 1]}, "field_not_text"),
    ("message_delivered", {"recipient": {"name": "Kitchen"}}, "field_not_text"),
    # What Home Assistant makes of yes and 1 without quotes.
    ("reply_received", {"contains": True}, "text_not_quoted"),
    ("reply_received", {"contains": 1}, "text_not_quoted"),
    ("reply_received", {"contains": ["1"]}, "text_not_quoted"),
    ("reply_received", {"strangers": "yes"}, "field_not_boolean"),
]


async def refusal(
    socket: MockHAClientWebSocket, kind: str, name: str, options: Options
) -> dict[str, Any]:
    """Return what the editor shows of a trigger or a condition that is refused."""
    command = "subscribe_trigger" if kind == "trigger" else "test_condition"
    await socket.send_json_auto_id(
        {"type": command, kind: {kind: f"ovh_sms.{name}", "options": options}}
    )
    answer: dict[str, Any] = await socket.receive_json()
    assert not answer["success"]
    error: dict[str, Any] = answer["error"]
    return error


@pytest.mark.parametrize(("trigger", "options", "key"), BAD)
async def test_refused_in_the_editor(
    account: MockConfigEntry,
    other: MockConfigEntry,
    socket: MockHAClientWebSocket,
    trigger: str,
    options: Options,
    key: str,
) -> None:
    error = await refusal(socket, "trigger", trigger, options)
    assert error["translation_key"] == key
    # A sentence, not the name of one.
    assert " " in error["message"]


@pytest.mark.parametrize(
    ("kind", "name"), [("trigger", "reply_received"), ("condition", "can_send")]
)
async def test_refused_before_there_is_any_account(
    hass: HomeAssistant, socket: MockHAClientWebSocket, kind: str, name: str
) -> None:
    """Say why in words, though nothing of the integration is loaded."""
    error = await refusal(socket, kind, name, {"config_entry_id": "fake0gone"})
    assert error["message"].startswith("There is no SMS account with the ID fake0gone")


@pytest.mark.parametrize("trigger", ["message_delivered", "message_failed"])
async def test_unknown_option(
    account: MockConfigEntry, socket: MockHAClientWebSocket, trigger: str
) -> None:
    """Only replies have a text."""
    error = await refusal(socket, "trigger", trigger, {"contains": "1"})
    assert error["code"] == "invalid_format"
    assert "contains" in error["message"]


async def test_recipient_of_the_other_account(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    socket: MockHAClientWebSocket,
) -> None:
    options = {"config_entry_id": office.entry_id, "recipient": "notify.kitchen"}
    error = await refusal(socket, "trigger", "reply_received", options)
    assert error["translation_key"] == "entity_not_ours"


async def test_number_is_not_quoted(
    account: MockConfigEntry, socket: MockHAClientWebSocket
) -> None:
    """A number that is no recipient's name is not repeated in the log."""
    error = await refusal(
        socket, "trigger", "reply_received", {"recipient": "+33639981234"}
    )
    assert "…34" in error["message"]
    assert "3998" not in error["message"]


async def test_automation_says_why(
    hass: HomeAssistant, account: MockConfigEntry, automate: Automate
) -> None:
    """The automation is there, cannot run, and Home Assistant's repair says so."""
    assert await async_setup_component(hass, "repairs", {})
    told = await automate("reply_received", {"recipient": "Gone"})
    state = hass.states.get("automation.tell")
    assert state and state.state == "unavailable"
    await tell(hass, account, reply(account))
    assert told.all == []
