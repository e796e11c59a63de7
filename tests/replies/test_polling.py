"""What people answer, told as events: each reply once, and none that is old."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from simulator import ACCOUNT, Fault, Simulator
from tests.deliveries import Deliveries, notify, pass_time, settle
from tests.queries.conftest import take_right

from .conftest import (
    KITCHEN,
    NIGHT_1,
    REPLY,
    STRANGER,
    VIRTUAL,
    Write,
    listings,
    read,
    set_options,
)


@pytest.fixture
def arrive(hass: HomeAssistant, polled: MockConfigEntry, write: Write) -> Write:
    """Write from a phone, and have it read now."""

    async def arrive_now(number: str, text: str) -> int:
        reply = await write(number, text)
        await read(hass, polled)
        return reply

    return arrive_now


async def test_told_within_a_minute(
    hass: HomeAssistant,
    polled: MockConfigEntry,
    sim: Simulator,
    heard: Deliveries,
    freezer: FrozenDateTimeFactory,
) -> None:
    await notify(hass)
    await pass_time(hass, freezer, 2)
    incoming = await sim.reply(KITCHEN, "On my way")
    assert incoming
    await pass_time(hass, freezer, 61)
    [state] = heard.told
    attributes = dict(state.attributes)
    received_at = dt_util.parse_datetime(attributes.pop("received_at"))
    assert received_at == incoming.created.replace(microsecond=0)
    assert attributes == {
        "event_types": ["received"],
        "event_type": "received",
        "recipient": "Kitchen",
        "known": True,
        "text": "On my way",
        "sender": KITCHEN,
        "friendly_name": "Home Reply",
    }
    await pass_time(hass, freezer, 61)
    assert len(heard.told) == 1


async def test_stranger(
    arrive: Write,
    heard: Deliveries,
) -> None:
    await arrive(STRANGER, "Who is this?")
    assert heard.shown("recipient", "known", "text", "sender") == [
        (None, False, "Who is this?", STRANGER)
    ]


async def test_one_number_of_two_recipients(
    hass: HomeAssistant,
    polled: MockConfigEntry,
    arrive: Write,
    heard: Deliveries,
) -> None:
    """It is the one who was written to last."""
    kitchen, watch = polled.subentries.values()
    hass.config_entries.async_update_subentry(
        polled, watch, data={**watch.data, "phone_numbers": [KITCHEN]}
    )
    await settle(hass)
    for service, name in (
        ("ovh_sms_night_watch", "Night watch"),
        ("ovh_sms_kitchen", "Kitchen"),
    ):
        await notify(hass, service=service)
        await arrive(KITCHEN, "Yes")
        assert heard.shown("recipient")[-1] == (name,)
    hass.config_entries.async_remove_subentry(polled, kitchen.subentry_id)
    await settle(hass)
    await arrive(KITCHEN, "Still me")
    assert heard.shown("recipient")[-1] == ("Night watch",)


async def test_stop_is_no_reply(
    hass: HomeAssistant, polled: MockConfigEntry, sim: Simulator, heard: Deliveries
) -> None:
    await notify(hass)
    await sim.reply(KITCHEN, "STOP")
    await read(hass, polled)
    assert heard.told == []


async def test_nothing_old_when_it_is_turned_on(
    hass: HomeAssistant,
    write: Write,
    short: MockConfigEntry,
    sim: Simulator,
    heard: Deliveries,
) -> None:
    await write(KITCHEN, "1")
    await set_options(hass, short, replies="poll")
    await read(hass, short)
    assert heard.told == []
    await write(KITCHEN, "2")
    await read(hass, short)
    await set_options(hass, short, replies="off")
    sim.clear_record()
    await write(KITCHEN, "3")
    await read(hass, short)
    assert listings(sim) == []
    await set_options(hass, short, replies="poll")
    await read(hass, short)
    assert heard.shown("text") == [("2",)]


async def test_none_missed_and_none_twice_over_restarts(
    hass: HomeAssistant,
    write: Write,
    polled: MockConfigEntry,
    arrive: Write,
    heard: Deliveries,
) -> None:
    await arrive(KITCHEN, "One")
    await hass.config_entries.async_reload(polled.entry_id)
    await settle(hass)
    assert heard.shown("text") == [("One",)]
    await hass.config_entries.async_unload(polled.entry_id)
    await write(KITCHEN, "Two")
    await write(NIGHT_1, "Three")
    await hass.config_entries.async_setup(polled.entry_id)
    await settle(hass)
    assert heard.shown("text") == [("One",), ("Two",), ("Three",)]


async def test_an_old_one_is_no_news(
    hass: HomeAssistant,
    polled: MockConfigEntry,
    arrive: Write,
    heard: Deliveries,
    write: Write,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Home Assistant was off for two days: what came long ago opens no gate today."""
    await arrive(KITCHEN, "Before")
    await hass.config_entries.async_unload(polled.entry_id)
    await write(KITCHEN, "Old")
    freezer.tick(timedelta(hours=20))
    await write(KITCHEN, "Recent")
    freezer.tick(timedelta(hours=20))
    for _ in range(2):
        await hass.config_entries.async_reload(polled.entry_id)
        await settle(hass)
        assert heard.shown("text") == [("Before",), ("Recent",)]
    assert caplog.text.count("more than a day ago") == 1


async def test_virtual_number(
    hass: HomeAssistant,
    polled: MockConfigEntry,
    arrive: Write,
    sim: Simulator,
    heard: Deliveries,
) -> None:
    """What is in both lists is told once; a number is read from when it is used."""
    await arrive(STRANGER, "To the account")
    await set_options(hass, polled, sender=VIRTUAL)
    sim.clear_record()
    await notify(hass)
    await arrive(KITCHEN, "To the number")
    assert len(listings(sim)) == 2
    assert any("virtualNumbers/0033639980010" in each.path for each in listings(sim))
    assert heard.shown("text") == [("To the account",), ("To the number",)]


async def test_virtual_number_that_is_gone(
    hass: HomeAssistant,
    polled: MockConfigEntry,
    arrive: Write,
    heard: Deliveries,
) -> None:
    await set_options(hass, polled, sender="+33639980099")
    await arrive(STRANGER, "Hello")
    assert heard.shown("text") == [("Hello",)]


async def test_outage(
    hass: HomeAssistant,
    write: Write,
    polled: MockConfigEntry,
    sim: Simulator,
    heard: Deliveries,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It says nothing of whether the account can send, and what came is told after it."""
    await write(KITCHEN, "Meanwhile")
    await sim.refuse()
    await read(hass, polled)
    await pass_time(hass, freezer, 61)
    assert heard.told == []
    problem = hass.states.get("binary_sensor.home_problem")
    assert problem and problem.state == "off"
    await sim.accept_again()
    await pass_time(hass, freezer, 70)
    assert heard.shown("text") == [("Meanwhile",)]


async def test_throttled(
    hass: HomeAssistant,
    polled: MockConfigEntry,
    arrive: Write,
    sim: Simulator,
    heard: Deliveries,
    freezer: FrozenDateTimeFactory,
) -> None:
    """OVHcloud is left alone for as long as it wants, whoever asks for replies."""
    fault = Fault("status", status=429, retry_after=200, times=1, path="*/incoming")
    sim.faults.add(fault)
    await arrive(KITCHEN, "Hello")
    sim.clear_record()
    await read(hass, polled)
    await pass_time(hass, freezer, 150)
    assert listings(sim) == []
    await pass_time(hass, freezer, 60)
    assert heard.shown("text") == [("Hello",)]


async def test_missing_right(
    hass: HomeAssistant, polled: MockConfigEntry, sim: Simulator, heard: Deliveries
) -> None:
    """It is named, asked for seldom, and keeps nobody from sending."""
    take_right(sim, "GET", "/sms/*")
    sim.clear_record()
    await read(hass, polled)
    for _ in range(3):
        polled.runtime_data.incoming.async_wake_replies()
        await settle(hass)
    assert len(listings(sim)) == 1
    assert ir.async_get(hass).async_get_issue(
        "ovh_sms", f"rights_missing_{polled.entry_id}"
    )
    problem = hass.states.get("binary_sensor.home_problem")
    assert problem and problem.state == "off"


@pytest.mark.parametrize("odd", ["only", "among others"])
async def test_one_that_cannot_be_read(
    hass: HomeAssistant,
    write: Write,
    polled: MockConfigEntry,
    sim: Simulator,
    heard: Deliveries,
    odd: str,
) -> None:
    """It hides no other, and is given up in the end."""
    bad = await write(STRANGER, "Odd")
    if odd == "among others":
        await write(KITCHEN, "First")
    sim.faults.add(Fault("status", status=200, body="odd", path=f"*/incoming/*{bad}*"))
    for _ in range(10):
        polled.runtime_data.dispatcher.budget.take(-60)
        await read(hass, polled)
    await write(KITCHEN, "Last")
    sim.clear_record()
    await read(hass, polled)
    assert not any(str(bad) in each.path for each in sim.requests)
    assert heard.shown("text")[-1:] == [("Last",)]


async def test_deleted_before_it_was_read(
    arrive: Write,
    sim: Simulator,
    heard: Deliveries,
) -> None:
    sim.faults.add(Fault("status", status=404, times=1, path="*/incoming/*"))
    await arrive(KITCHEN, "Gone")
    await arrive(KITCHEN, "Here")
    assert ("Here",) in heard.shown("text")


async def test_many_at_once(
    hass: HomeAssistant,
    polled: MockConfigEntry,
    sim: Simulator,
    heard: Deliveries,
    freezer: FrozenDateTimeFactory,
) -> None:
    """More than are read in one step, in the order in which they came."""
    freezer.tick(3)
    for number in range(120):
        await sim.reply(STRANGER, f"Reply {number}", ACCOUNT)
    await read(hass, polled)
    assert heard.shown("text") == [(f"Reply {number}",) for number in range(120)]


async def test_update_entity_reads_at_once(
    hass: HomeAssistant,
    write: Write,
    polled: MockConfigEntry,
    sim: Simulator,
    heard: Deliveries,
) -> None:
    await write(KITCHEN, "Hello")
    entity: Any = hass.data["entity_components"]["event"].get_entity(REPLY)
    await entity.async_update_ha_state(force_refresh=True)
    await settle(hass)
    assert heard.shown("text") == [("Hello",)]


async def test_sms_user_has_no_entity(
    hass: HomeAssistant, sms_user: MockConfigEntry, sim: Simulator
) -> None:
    assert hass.states.get("event.home_delivery")
    assert hass.states.get(REPLY) is None
    await set_options(hass, sms_user, replies="poll")
    assert sim.requests == []
