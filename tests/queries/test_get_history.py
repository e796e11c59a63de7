"""`ovh_sms.get_history`, over real HTTP."""

from datetime import date, datetime, timedelta
import sqlite3
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.asked import read_since
from custom_components.ovh_sms.sms.dispatcher import Dispatcher
from custom_components.ovh_sms.sms.errors import InvalidRequest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from simulator import Fault, Simulator

from .conftest import KITCHEN, NIGHT_1, NIGHT_2, STRANGER, Send, act


async def get_history(hass: HomeAssistant, **data: Any) -> Any:
    """Return the messages that the action tells of."""
    response = await act(hass, "get_history", **data)
    assert response.keys() == {"messages"}
    return response["messages"]


async def found(hass: HomeAssistant, **data: Any) -> list[str]:
    """Return what the messages say that the action tells of."""
    return [message["message"] for message in await get_history(hass, **data)]


async def test_nothing(hass: HomeAssistant, account: MockConfigEntry) -> None:
    assert await get_history(hass) == []


async def test_all_that_is_known(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, send: Send
) -> None:
    sent = await send(
        entity_id="notify.kitchen",
        receivers=STRANGER,
        title="Cellar",
        sender_for_response=True,
    )
    sim.faults.add(Fault("expired", method="POST"))
    with pytest.raises(HomeAssistantError):
        await send(entity_id="notify.night_watch")
    refused, accepted = await get_history(hass, config_entry_id=account.entry_id)
    when = datetime.fromisoformat(accepted.pop("time"))
    assert abs(dt_util.now() - when) < timedelta(minutes=1)
    assert when.utcoffset() == dt_util.now().utcoffset()
    assert accepted == {
        "message_id": sent["message_id"],
        "send_at": None,
        "recipients": ["Kitchen"],
        "receivers": [KITCHEN, STRANGER],
        "message": "Cellar\nWater!",
        "sender": "short_number",
        "state": "accepted",
        "reason": None,
        "parts": 1,
        "credits": 2.0,
        "deliveries": [
            {
                "recipient": "Kitchen",
                "number": KITCHEN,
                "state": "accepted",
                "reason": None,
                "id": sent["ids"][0],
            },
            {
                "recipient": None,
                "number": STRANGER,
                "state": "accepted",
                "reason": None,
                "id": sent["ids"][1],
            },
        ],
    }
    assert (refused["state"], refused["reason"]) == ("refused", "account_expired")
    assert (refused["credits"], refused["receivers"]) == (0, [NIGHT_1, NIGHT_2])


async def test_to_whom(
    hass: HomeAssistant, account: MockConfigEntry, send: Send
) -> None:
    """Find messages by a recipient's name, its entity, or a number in any spelling."""
    await send(entity_id="notify.kitchen", message="Kitchen")
    await send(entity_id="notify.night_watch", message="Watch")
    await send(receivers=STRANGER, message="Stranger")
    for recipient in ("kitchen ", "notify.kitchen", KITCHEN, "06 39 98 00 01"):
        assert await found(hass, recipient=recipient) == ["Kitchen"]
    for recipient in ("NIGHT WATCH", "notify.night_watch", NIGHT_2):
        assert await found(hass, recipient=recipient) == ["Watch"]
    assert await found(hass, recipient="0033 6 39 98 00 09") == ["Stranger"]
    assert await found(hass, recipient="+33639980007") == []
    assert await found(hass, recipient=" ") == ["Stranger", "Watch", "Kitchen"]


async def test_changed_recipients(
    hass: HomeAssistant,
    account: MockConfigEntry,
    send: Send,
    entity_registry: er.EntityRegistry,
) -> None:
    """Name recipients as they are called now; one that was removed has no name."""
    await send(entity_id=["notify.kitchen", "notify.night_watch"])
    kitchen, watch = account.subentries.values()
    hass.config_entries.async_update_subentry(
        account, kitchen, title="Cook", data={"phone_numbers": ["+33639980007"]}
    )
    hass.config_entries.async_remove_subentry(account, watch.subentry_id)
    await hass.async_block_till_done()
    [message] = await get_history(hass, recipient="Cook")
    assert message["recipients"] == ["Cook"]
    assert message["receivers"] == [KITCHEN, NIGHT_1, NIGHT_2]
    assert [each["recipient"] for each in message["deliveries"]] == ["Cook", None, None]
    assert await get_history(hass, recipient=NIGHT_1) == [message]
    with pytest.raises(ServiceValidationError, match=r"notify\.night_watch is not"):
        await get_history(hass, recipient="notify.night_watch")
    entity_registry.async_update_entity(
        "notify.kitchen", disabled_by=er.RegistryEntryDisabler.USER
    )
    assert await get_history(hass, recipient="notify.kitchen") == [message]


async def test_when(
    hass: HomeAssistant,
    account: MockConfigEntry,
    send: Send,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Show the newest, or those since a moment in the house's time."""
    await hass.config.async_set_time_zone("Europe/Paris")
    start = dt_util.now().replace(hour=12, minute=0, second=0, microsecond=0)
    ledger = account.runtime_data.dispatcher._ledger
    for number in range(3):
        await send(receivers=KITCHEN, message=str(number))
        ledger._database.execute(
            # Of an earlier run, which the clock that is set here did not time.
            "UPDATE messages SET created_at = ?, run = NULL WHERE whole = ?",
            ((start + timedelta(days=1, hours=number)).timestamp(), str(number)),
        )
    freezer.move_to(start + timedelta(days=1, hours=2))
    assert await found(hass) == ["2", "1", "0"]
    assert await found(hass, limit=2) == ["2", "1"]
    assert await found(hass, limit="1") == ["2"]
    today = start + timedelta(days=1)
    since_one: list[object] = [
        f"{today.date()} 13:00",
        (today + timedelta(hours=1)).isoformat(),
        today + timedelta(hours=1),
        (today + timedelta(hours=1)).replace(tzinfo=None),
        "1:00",
        "01:00:30",
        {"minutes": "90"},
        timedelta(hours=1),
    ]
    for since in since_one:
        assert await found(hass, since=since) == ["2", "1"]
    since_midnight: list[object] = [
        str(today.date()),
        today.date(),
        "1 day, 0:00:00",
        {"days": 10**9},
        f"{10**12}:00",
        date.min,
    ]
    for since in since_midnight:
        assert await found(hass, since=since) == ["2", "1", "0"]


@pytest.mark.parametrize(
    "since",
    [
        "",
        "yesterday",
        "None",
        24,
        "24",
        "20261120",
        1.5,
        True,
        {},
        {"fortnights": 1},
        {"hours": "many"},
        {"hours": float("nan")},
        {"hours": -1},
        "-1:00",
        timedelta(hours=-1),
        "2026-13-01",
        "2026-11-20 25:00",
        "9999-12-31",
        ["2026-11-20"],
    ],
    ids=str,
)
async def test_since_that_is_none(
    hass: HomeAssistant, account: MockConfigEntry, since: object
) -> None:
    with pytest.raises(
        ServiceValidationError, match="since must be a date in the past"
    ):
        await get_history(hass, since=since)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        *(
            ({"limit": limit}, "limit must be a whole number from 1 to 500")
            for limit in (0, 501, -1, 1.5, True, "many", [5], 10**400, float("nan"))
        ),
        ({"recipient": 7}, "recipient must be a text"),
        ({"recipient": ["Kitchen"]}, "recipient must be a text"),
        ({"recipient": "Nobody"}, "“Nobody” is neither a phone number nor"),
        ({"recipient": "01 23 45 67 89"}, "…89 is a landline"),
        ({"recipient": "notify.nobody"}, r"notify\.nobody is not a recipient"),
    ],
)
async def test_bad_calls(
    hass: HomeAssistant, account: MockConfigEntry, data: dict[str, Any], words: str
) -> None:
    with pytest.raises(ServiceValidationError, match=words):
        await get_history(hass, **data)


async def test_entity_of_another(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    unloaded: None,
    send: Send,
) -> None:
    """Tell each account's messages apart."""
    assert await hass.config_entries.async_setup(office.entry_id)
    await send(entity_id="notify.gate", message="Gate")
    here = {"config_entry_id": account.entry_id}
    with pytest.raises(ServiceValidationError, match=r"notify\.gate is not"):
        await get_history(hass, recipient="notify.gate", **here)
    assert await found(hass, **here) == []
    assert await found(hass, config_entry_id=office.entry_id) == ["Gate"]


async def test_what_is_forgotten(
    hass: HomeAssistant, account: MockConfigEntry, send: Send
) -> None:
    """Show that there was a message, and no more."""
    await send(entity_id="notify.kitchen", receivers=STRANGER)
    hass.config_entries.async_update_entry(
        account, options={**account.options, "history_days": 0}
    )
    await hass.async_block_till_done()
    [message] = await get_history(hass, recipient=STRANGER)
    assert (message["message"], message["sender"]) == (None, None)
    assert (message["receivers"], message["recipients"]) == ([], ["Kitchen"])
    assert [each["number"] for each in message["deliveries"]] == [None, None]
    assert (message["state"], message["parts"]) == ("accepted", 1)


async def test_sms_user_and_restart(
    hass: HomeAssistant, sms_user: MockConfigEntry, send: Send
) -> None:
    await send(entity_id="notify.kitchen")
    await hass.config_entries.async_reload(sms_user.entry_id)
    [message] = await get_history(hass, recipient="Kitchen")
    assert (message["message"], message["state"]) == ("Water!", "accepted")


async def test_ledger_that_cannot_be_read(
    hass: HomeAssistant, account: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(dispatcher: Dispatcher) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(Dispatcher, "_opened", fail)
    with pytest.raises(
        HomeAssistantError, match="cannot be read from Home Assistant's"
    ):
        await get_history(hass)
    # For the end of the test.
    monkeypatch.undo()


def test_moments_of_any_year() -> None:
    """Whatever a date is, it is a moment in the past or refused."""
    assert read_since({"since": datetime.min}, "since") < 0
    with pytest.raises(InvalidRequest):
        read_since({"since": datetime.max}, "since")
