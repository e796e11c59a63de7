"""Triggers that fire when a message was delivered, and when it was not."""

from dataclasses import replace
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.sms.message import Outcome
from custom_components.ovh_sms.sms.states import State
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from simulator import ACCOUNT, USER_LOGIN, USER_PASSWORD, Fault, Simulator
from tests.conftest import jobs
from tests.deliveries import notify, pass_time, settle
from tests.sms.conftest import make_message

from .conftest import Automate, Options, delivered, tell

pytestmark = pytest.mark.usefixtures("unloaded")


async def send(
    hass: HomeAssistant, entity_id: str | list[str] = "notify.kitchen", **data: Any
) -> Any:
    """Send a message and return what became of it, without an error."""
    return await hass.services.async_call(
        "ovh_sms",
        "send_sms",
        {"entity_id": entity_id, "message": "Fire!", **data},
        blocking=True,
        return_response=True,
    )


async def test_everything_is_told_of_a_failure(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, automate: Automate
) -> None:
    told = await automate("message_failed")
    sim.faults.add(Fault("expired", method="POST"))
    with pytest.raises(HomeAssistantError):
        await notify(hass)
    await settle(hass)
    [variables] = told.all
    assert len(variables.pop("message_id")) == 32
    assert variables == {
        "id": "0",
        "idx": "0",
        "alias": None,
        "platform": "ovh_sms.message_failed",
        "description": "SMS not delivered to Kitchen",
        "config_entry_id": account.entry_id,
        "recipient": "Kitchen",
        "index": 1,
        "total": 1,
        "state": "refused",
        "reason": "account_expired",
    }


async def test_everything_is_told_of_a_delivery(
    hass: HomeAssistant, account: MockConfigEntry, automate: Automate
) -> None:
    told = await automate("message_delivered")
    await tell(hass, account, delivered(account), delivered(account, None))
    first, second = told.all
    assert (first["description"], second["description"]) == (
        "SMS delivered to Kitchen",
        "SMS delivered to an unlisted number",
    )
    names = ("config_entry_id", "recipient", "index", "total", "state", "reason")
    assert told.shown(*names) == [
        (account.entry_id, "Kitchen", 1, 2, "delivered", None),
        (account.entry_id, None, 1, 2, "delivered", None),
    ]


async def test_once_for_each_number_that_fails(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, automate: Automate
) -> None:
    """Of a message that was accepted in part, tell the rest."""
    told = await automate("message_failed")
    sim.faults.add(Fault("half"))
    await send(hass, ["notify.kitchen", "notify.night_watch"])
    await settle(hass)
    assert told.shown("recipient", "index", "total", "state") == [
        ("Night watch", 3, 3, "refused")
    ]


@pytest.mark.parametrize("trigger", ["message_failed", "message_delivered"])
async def test_accepted_is_neither(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    automate: Automate,
    trigger: str,
) -> None:
    told = await automate(trigger)
    await send(hass)
    await settle(hass)
    assert len(jobs(sim)) == 1
    assert told.all == []


async def test_given_up(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    automate: Automate,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Fire when a message has waited for too long, and not while it waits."""
    told = await automate("message_failed")
    await sim.refuse()
    await notify(hass)
    await pass_time(hass, freezer, 60)
    assert told.all == []
    await pass_time(hass, freezer, 3600)
    assert told.shown("recipient", "state", "reason") == [
        ("Kitchen", "expired", "no_connection")
    ]


async def test_never_to_be_known(
    hass: HomeAssistant, entry: MockConfigEntry, sim: Simulator, automate: Automate
) -> None:
    """Fire when nobody can tell: an alarm must then take another way."""
    credentials = {"login": USER_LOGIN, "password": USER_PASSWORD}
    hass.config_entries.async_update_entry(
        entry,
        data={"auth_method": "sms_user", "service_name": ACCOUNT, **credentials},
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    told = await automate("message_failed")
    sim.faults.add(Fault("reset", method="POST", times=1))
    await send(hass)
    await settle(hass)
    assert told.shown("recipient", "state") == [("Kitchen", "unknown")]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (None, {"Kitchen", "Night watch", "Gate", None}),
        ({}, {"Kitchen", "Night watch", "Gate", None}),
        # As a blueprint has it where the user has chosen nothing.
        (
            {"recipient": [], "config_entry_id": ""},
            {"Kitchen", "Night watch", "Gate", None},
        ),
        ({"recipient": "notify.kitchen"}, {"Kitchen"}),
        ({"recipient": ["notify.kitchen", "notify.gate"]}, {"Kitchen", "Gate"}),
        ({"recipient": " night WATCH "}, {"Night watch"}),
        ({"recipient": ["Gate", "notify.night_watch"]}, {"Gate", "Night watch"}),
        ({"config_entry_id": "Office"}, {"Gate"}),
        ({"config_entry_id": "Home", "recipient": "Kitchen"}, {"Kitchen"}),
    ],
)
async def test_chosen(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    automate: Automate,
    options: dict[str, Any] | None,
    names: set[str | None],
) -> None:
    """Fire for the account and the recipients that are chosen."""
    assert await hass.config_entries.async_setup(office.entry_id)
    await settle(hass)
    ids = {each.title: each.entry_id for each in (account, office)}
    if options and (title := options.get("config_entry_id")):
        options = {**options, "config_entry_id": ids[title]}
    told = await automate("message_delivered", options)
    await tell(
        hass,
        account,
        delivered(account),
        delivered(account, "Night watch"),
        delivered(account, None),
    )
    await tell(hass, office, delivered(office, "Gate"))
    assert {name for (name,) in told.shown("recipient")} == names
    assert len(told.all) == len(names)


@pytest.mark.parametrize(("options", "times"), [({}, 1), ({"recipient": "Kitchen"}, 0)])
async def test_list_at_ovhcloud(
    hass: HomeAssistant,
    account: MockConfigEntry,
    automate: Automate,
    options: Options,
    times: int,
) -> None:
    """Who receives is in a file that OVHcloud has: no recipient is meant."""
    told = await automate("message_failed", options)
    message = replace(make_message(), receivers=())
    account.runtime_data.tell([Outcome(message=message, state=State.REFUSED)])
    await settle(hass)
    assert told.shown("recipient", "index", "total") == [(None, None, 0)] * times
