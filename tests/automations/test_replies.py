"""The trigger that fires when somebody answers."""

from dataclasses import replace

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.components.automation import EVENT_AUTOMATION_TRIGGERED
from homeassistant.core import Event, HomeAssistant

from .conftest import Automate, Options, reply, stranger, tell


async def test_everything_is_told(
    hass: HomeAssistant, account: MockConfigEntry, automate: Automate
) -> None:
    told = await automate("reply_received")
    await tell(hass, account, reply(account))
    assert told.all == [
        {
            "id": "0",
            "idx": "0",
            "alias": None,
            "platform": "ovh_sms.reply_received",
            "description": "reply from Kitchen",
            "config_entry_id": account.entry_id,
            "recipient": "Kitchen",
            "known": True,
            "text": "Oui",
            "sender": "+33639980001",
            "received_at": None,
        }
    ]


async def test_logbook_gets_no_number_and_no_text(
    hass: HomeAssistant, account: MockConfigEntry, automate: Automate
) -> None:
    """What the recorder keeps of a run names a recipient at most."""
    events: list[Event] = []
    hass.bus.async_listen(EVENT_AUTOMATION_TRIGGERED, events.append)
    await automate("reply_received", {"strangers": True})
    await tell(hass, account, reply(account), stranger())
    assert [event.data["source"] for event in events] == [
        "reply from Kitchen",
        "reply from an unlisted number",
    ]


@pytest.mark.parametrize(
    ("contains", "text", "fires"),
    [
        ("oui", "Oui !", True),
        ("Fermé", "portail FERME", True),
        ("ferme", "Fermé", True),
        ("open  gate", "Open\ngate please", True),
        ("Œuf", "oeuf", True),
        ("oui", "non", False),
        ("oui", "ou i", False),
        ("", "whatever", True),
        (None, "whatever", True),
        ("oui", "", False),
    ],
)
async def test_contains(
    hass: HomeAssistant,
    account: MockConfigEntry,
    automate: Automate,
    contains: str | None,
    text: str,
    fires: bool,
) -> None:
    told = await automate("reply_received", {"contains": contains})
    await tell(hass, account, reply(account, text))
    assert told.shown("text") == [(text,)] * fires


@pytest.mark.parametrize(
    ("options", "recipients"),
    [
        # Whoever is not known opens no gate, unless the user wants that.
        ({}, ["Kitchen", "Night watch"]),
        ({"strangers": None}, ["Kitchen", "Night watch"]),
        ({"strangers": False}, ["Kitchen", "Night watch"]),
        ({"strangers": True}, ["Kitchen", "Night watch", None]),
        ({"recipient": "notify.kitchen"}, ["Kitchen"]),
        ({"recipient": "Kitchen", "strangers": True}, ["Kitchen", None]),
        ({"contains": "non", "strangers": True}, []),
    ],
)
async def test_whose(
    hass: HomeAssistant,
    account: MockConfigEntry,
    automate: Automate,
    options: Options,
    recipients: list[str | None],
) -> None:
    told = await automate("reply_received", options)
    await tell(
        hass,
        account,
        reply(account),
        reply(account, name="Night watch"),
        stranger(),
    )
    assert [name for (name,) in told.shown("recipient")] == recipients


@pytest.mark.parametrize(
    ("number", "fires"), [("+33639980003", True), ("+33639980001", False)]
)
async def test_number_of_a_group(
    hass: HomeAssistant,
    account: MockConfigEntry,
    automate: Automate,
    number: str,
    fires: bool,
) -> None:
    """Fire for the group, though the number is told as somebody's own."""
    told = await automate("reply_received", {"recipient": "notify.night_watch"})
    await tell(hass, account, replace(reply(account), sender=number))
    assert told.shown("recipient") == [("Kitchen",)] * fires
