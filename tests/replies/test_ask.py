"""Questions by SMS, and their answers."""

import asyncio
from collections.abc import Mapping
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script
from simulator import Fault, Simulator
from tests.conftest import jobs, texts
from tests.deliveries import Deliveries, pass_time, settle
from tests.queries.conftest import act, take_right

from .conftest import (
    KITCHEN,
    NIGHT_1,
    NIGHT_2,
    STRANGER,
    VIRTUAL,
    Write,
    listings,
    set_options,
    until,
)

GATE: Mapping[str, Any] = {
    "entity_id": "notify.kitchen",
    "message": "Open the gate? 1 = yes, 2 = no",
    "answers": ["1", "2"],
}

type Asked = asyncio.Task[Any]


async def ask(hass: HomeAssistant, sim: Simulator, **data: Any) -> Asked:
    """Ask, and wait until the question has been sent."""
    sent = len(jobs(sim))
    # Not Home Assistant's own task: it is not waited for when everything settles.
    asked = asyncio.create_task(act(hass, "ask", **{**GATE, **data}))
    await until(lambda: asked.done() or len(jobs(sim)) > sent)
    await settle(hass)
    return asked


@pytest.fixture
def answer(hass: HomeAssistant, write: Write, freezer: FrozenDateTimeFactory) -> Write:
    """Write from a phone, and have it read in time."""

    async def answer_now(number: str, text: str) -> int:
        reply = await write(number, text)
        await pass_time(hass, freezer, 11)
        return reply

    return answer_now


async def refusal(asked: Asked) -> str | None:
    """Return the key of the error that a question ends with."""
    await asyncio.wait([asked], timeout=10)
    with pytest.raises(HomeAssistantError) as caught:
        asked.result()
    assert str(caught.value)
    return caught.value.translation_key


async def test_answered_with_replies_off(
    hass: HomeAssistant,
    short: MockConfigEntry,
    sim: Simulator,
    answer: Write,
    heard: Deliveries,
    freezer: FrozenDateTimeFactory,
) -> None:
    asked = await ask(hass, sim)
    assert texts(sim, KITCHEN) == [GATE["message"]]
    await answer(KITCHEN, "Maybe")
    assert not asked.done()
    await answer(STRANGER, "2")
    assert not asked.done()
    await answer(KITCHEN, " 1. ")
    assert asked.result() == {
        "answer": "1",
        "text": " 1. ",
        "sender": KITCHEN,
        "recipient": "Kitchen",
    }
    assert heard.told == []
    sim.clear_record()
    await pass_time(hass, freezer, 1000)
    assert listings(sim) == []
    assert short.runtime_data.incoming.questions == {}


async def test_replies_are_told_as_well(
    hass: HomeAssistant,
    polled: MockConfigEntry,
    sim: Simulator,
    answer: Write,
    heard: Deliveries,
) -> None:
    asked = await ask(hass, sim, answers=["Oui", "Non"])
    await answer(KITCHEN, "Quoi ?")
    await answer(KITCHEN, "OUI!")
    assert asked.result()["answer"] == "Oui"
    assert heard.shown("text") == [("Quoi ?",), ("OUI!",)]


async def test_what_came_before_is_no_answer(
    hass: HomeAssistant,
    polled: MockConfigEntry,
    sim: Simulator,
    answer: Write,
    heard: Deliveries,
    write: Write,
    freezer: FrozenDateTimeFactory,
) -> None:
    await act(hass, "send_sms", entity_id="notify.kitchen", message="All is well")
    await write(KITCHEN, "1")
    asked = await ask(hass, sim)
    await pass_time(hass, freezer, 11)
    assert heard.shown("text") == [("1",)]
    assert not asked.done()
    await answer(KITCHEN, "2")
    assert asked.result()["answer"] == "2"


async def test_any_reply_of_several(
    hass: HomeAssistant,
    short: MockConfigEntry,
    sim: Simulator,
    answer: Write,
    write: Write,
) -> None:
    asked = await ask(
        hass, sim, entity_id="notify.night_watch", receivers=STRANGER, answers=None
    )
    assert texts(sim, NIGHT_1) == texts(sim, NIGHT_2) == texts(sim, STRANGER)
    await write(NIGHT_2, "I am coming")
    await answer(STRANGER, "Me too")
    assert asked.result() == {
        "answer": None,
        "text": "I am coming",
        "sender": NIGHT_2,
        "recipient": "Night watch",
    }


@pytest.mark.parametrize("replies", ["off", "poll"])
async def test_virtual_number(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    answer: Write,
    replies: str,
) -> None:
    await set_options(hass, account, replies=replies)
    asked = await ask(hass, sim, sender=VIRTUAL)
    await answer(KITCHEN, "2")
    assert asked.result()["answer"] == "2"


async def test_nobody_answers(
    hass: HomeAssistant,
    short: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    asked = await ask(hass, sim, timeout="00:01:00")
    await pass_time(hass, freezer, 55)
    assert not asked.done()
    await pass_time(hass, freezer, 10)
    assert await refusal(asked) == "ask_timeout"
    assert short.runtime_data.incoming.questions == {}


async def test_outage_while_waiting(
    hass: HomeAssistant,
    short: MockConfigEntry,
    sim: Simulator,
    write: Write,
    freezer: FrozenDateTimeFactory,
) -> None:
    first = await ask(hass, sim, timeout="00:10:00")
    await sim.refuse()
    await pass_time(hass, freezer, 11)
    await write(KITCHEN, "1")
    await sim.accept_again()
    await pass_time(hass, freezer, 20)
    assert first.result()["answer"] == "1"
    second = await ask(hass, sim, timeout="00:01:00")
    await sim.refuse()
    await pass_time(hass, freezer, 11)
    await pass_time(hass, freezer, 60)
    assert await refusal(second) == "ask_timeout_unread"


async def test_two_questions_to_one_number(
    hass: HomeAssistant,
    short: MockConfigEntry,
    sim: Simulator,
    answer: Write,
) -> None:
    """The second is refused until it is known that OVHcloud tells them apart."""
    first = await ask(hass, sim)
    second = await ask(hass, sim)
    assert await refusal(second) == "ask_already_open"
    assert len(texts(sim, KITCHEN)) == 1
    await answer(KITCHEN, "1")
    assert first.result()["answer"] == "1"
    first, second = await ask(hass, sim), await ask(hass, sim)
    await answer(KITCHEN, "2")
    assert second.result()["answer"] == "2"
    assert not first.done()
    first.cancel()


async def test_two_questions_to_two_numbers(
    hass: HomeAssistant,
    short: MockConfigEntry,
    sim: Simulator,
    answer: Write,
    write: Write,
) -> None:
    kitchen = await ask(hass, sim)
    watch = await ask(hass, sim, entity_id="notify.night_watch")
    await write(NIGHT_1, "1")
    await answer(KITCHEN, "2")
    assert [each.result()["answer"] for each in (kitchen, watch)] == ["2", "1"]


async def test_cancelled_with_its_script(
    hass: HomeAssistant,
    short: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    actions = cv.SCRIPT_SCHEMA([{"action": "ovh_sms.ask", "data": dict(GATE)}])
    script = Script(hass, actions, "Example", "test")
    running = asyncio.create_task(script.async_run())
    await until(lambda: running.done() or len(listings(sim)) >= 2)
    assert texts(sim, KITCHEN) == [GATE["message"]]
    await script.async_stop()
    await asyncio.wait([running])
    await settle(hass)
    assert short.runtime_data.incoming.questions == {}
    sim.clear_record()
    await pass_time(hass, freezer, 1000)
    assert listings(sim) == []


@pytest.mark.parametrize("how", ["unload", "reload", "stop"])
async def test_account_ends_while_waiting(
    hass: HomeAssistant, short: MockConfigEntry, sim: Simulator, how: str
) -> None:
    asked = await ask(hass, sim)
    if how == "unload":
        await hass.config_entries.async_unload(short.entry_id)
    elif how == "reload":
        await hass.config_entries.async_reload(short.entry_id)
    else:
        hass.bus.async_fire("homeassistant_close")
    assert await refusal(asked) == "ask_interrupted"


async def refused(
    hass: HomeAssistant, sim: Simulator, data: Mapping[str, Any]
) -> str | None:
    """Return which sentence a question is refused with; nobody may have got it."""
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "ask", **{**GATE, **data})
    assert jobs(sim) == []
    assert str(caught.value)
    return caught.value.translation_key


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"answers": []}, "answers_none"),
        ({"answers": [True]}, "answers_not_quoted"),
        ({"answers": ["Oui", "OUI!"]}, "answers_alike"),
        ({"answers": ["..."]}, "answer_empty"),
        ({"answers": {"1": 1}}, "answers_not_list"),
        ({"timeout": 300}, "duration_without_unit"),
        ({"timeout": "48:00:00"}, "timeout_out_of_range"),
        ({"entity_id": []}, "no_receivers"),
        ({"receivers": "Mallory"}, "number_not_a_number"),
        ({"entity_id": "notify.nobody"}, "entity_not_ours"),
        ({"message": ""}, "message_empty"),
        ({"sender": "HOUSE"}, "ask_no_answer"),
        ({"sender": "HOUSE", "sender_for_response": True}, "two_senders"),
        ({"delay": "00:10:00"}, "unknown_field"),
        ({"queue": True}, "unknown_field"),
        ({"config_entry_id": 1, "receivers": KITCHEN}, "field_not_text"),
    ],
)
async def test_refused(
    hass: HomeAssistant,
    short: MockConfigEntry,
    sim: Simulator,
    data: dict[str, Any],
    key: str,
) -> None:
    sim.clear_record()
    assert await refused(hass, sim, data) == key
    assert sim.requests == []


async def test_sender_that_cannot_be_answered(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    sim.clear_record()
    assert await refused(hass, sim, {}) == "ask_no_answer"
    assert sim.requests == []


async def test_recipients_of_two_accounts(
    hass: HomeAssistant,
    short: MockConfigEntry,
    office: MockConfigEntry,
    sim: Simulator,
    unloaded: None,
) -> None:
    assert await hass.config_entries.async_setup(office.entry_id)
    await settle(hass)
    data = {"entity_id": ["notify.kitchen", "notify.gate"]}
    assert await refused(hass, sim, data) == "ask_one_account"


async def test_sms_user(
    hass: HomeAssistant, sms_user: MockConfigEntry, sim: Simulator
) -> None:
    data = {"sender_for_response": True}
    assert await refused(hass, sim, data) == "ask_not_with_sms_user"


async def test_answer_that_could_not_be_read(
    hass: HomeAssistant, short: MockConfigEntry, sim: Simulator
) -> None:
    take_right(sim, "GET", "/sms/*")
    assert await refused(hass, sim, {}) == "ask_unreadable"


async def test_virtual_number_that_is_not_there(
    hass: HomeAssistant, short: MockConfigEntry, sim: Simulator
) -> None:
    data = {"sender": "+33639980099"}
    assert await refused(hass, sim, data) == "ask_unreadable"


async def test_question_that_is_not_accepted(
    hass: HomeAssistant,
    short: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It does not wait to be sent later, and nobody waits for an answer."""
    sim.faults.add(Fault("status", status=429, method="POST", path="/sms/*", times=1))
    asked = await ask(hass, sim)
    assert await refusal(asked) == "throttled"
    assert short.runtime_data.incoming.questions == {}
    await pass_time(hass, freezer, 100)
    assert texts(sim, KITCHEN) == []


async def test_question_that_was_just_sent(
    hass: HomeAssistant, short: MockConfigEntry, sim: Simulator
) -> None:
    await set_options(hass, short, duplicate_window=600)
    await act(hass, "send_sms", entity_id="notify.kitchen", message=GATE["message"])
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "ask", **GATE)
    assert caught.value.translation_key == "ask_duplicate"
