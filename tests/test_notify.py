"""The notify entities and the notify service, over real HTTP."""

import asyncio
from types import MappingProxyType
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from simulator import Fault, Simulator
from tests.conftest import jobs, texts

KITCHEN, NIGHT_1, NIGHT_2 = "+33639980001", "+33639980002", "+33639980003"


async def send_message(hass: HomeAssistant, entity_id: str, **data: Any) -> None:
    """Call notify.send_message."""
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": entity_id, "message": "Water!", **data},
        blocking=True,
    )


async def notify(hass: HomeAssistant, service: str = "ovh_sms", **data: Any) -> None:
    """Call the notify service."""
    await hass.services.async_call(
        "notify", service, {"message": "Water!", **data}, blocking=True
    )


async def test_entity_sends_with_title_and_shows_it(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    state = hass.states.get("notify.kitchen")
    assert state and state.state == "unknown"
    await send_message(hass, "notify.kitchen", title="Alarm")
    state = hass.states.get("notify.kitchen")
    assert state and state.state != "unknown"
    [job] = jobs(sim)
    assert job.json | {"tag": "…"} == {
        "message": "Alarm\nWater!",
        "receivers": [KITCHEN],
        "sender": "HOUSE",
        "senderForResponse": False,
        "noStopClause": True,
        "priority": "high",
        "validityPeriod": 2880,
        "tag": "…",
    }


async def test_group_is_one_job(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    await send_message(hass, "notify.night_watch")
    assert [job.json["receivers"] for job in jobs(sim)] == [[NIGHT_1, NIGHT_2]]


async def test_devices(
    hass: HomeAssistant,
    account: MockConfigEntry,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> None:
    devices = {
        device.name: device
        for device in dr.async_entries_for_config_entry(
            device_registry, account.entry_id
        )
    }
    assert devices.keys() == {"Home", "Kitchen", "Night watch"}
    assert devices["Kitchen"].via_device_id == devices["Home"].id
    entity = entity_registry.async_get("notify.kitchen")
    assert entity and entity.device_id == devices["Kitchen"].id
    assert entity.config_subentry_id == entity.unique_id


async def test_recipients_come_and_go_without_a_reload(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    loaded = account.runtime_data
    new = ConfigSubentry(
        data=MappingProxyType({"phone_numbers": ["+33639980007"]}),
        subentry_type="recipient",
        title="Gate",
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(account, new)
    await hass.async_block_till_done()
    await send_message(hass, "notify.gate")
    await notify(hass, "ovh_sms_gate")
    assert texts(sim, "+33639980007") == ["Water!", "Water!"]
    hass.config_entries.async_remove_subentry(account, new.subentry_id)
    await hass.async_block_till_done()
    assert hass.states.get("notify.gate") is None
    assert not hass.services.has_service("notify", "ovh_sms_gate")
    assert hass.services.has_service("notify", "ovh_sms_kitchen")
    assert account.runtime_data is loaded


async def test_service_without_target_writes_to_all(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    await notify(hass)
    [job] = jobs(sim)
    assert job.json["receivers"] == [KITCHEN, NIGHT_1, NIGHT_2]
    state = hass.states.get("notify.kitchen")
    assert state and state.state != "unknown"


@pytest.mark.parametrize(
    ("target", "receivers"),
    [
        ("06 39 98 00 09", ["+33639980009"]),
        (["+33639980009", "kitchen"], ["+33639980009", KITCHEN]),
        ("0033639980009, Night Watch", ["+33639980009", NIGHT_1, NIGHT_2]),
        (["notify.night_watch", "+33 6 39 98 00 02"], [NIGHT_1, NIGHT_2]),
        ("notify.kitchen, +33639980009,", [KITCHEN, "+33639980009"]),
    ],
)
async def test_service_targets(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    target: Any,
    receivers: list[str],
) -> None:
    await notify(hass, target=target)
    assert [job.json["receivers"] for job in jobs(sim)] == [receivers]


@pytest.mark.parametrize(
    "data",
    [
        {"sender_for_response": True, "no_stop_clause": False, "priority": "very_low"},
        {"senderForResponse": "yes", "noStopClause": 0, "priority": "veryLow"},
    ],
)
async def test_service_data_in_both_spellings(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, data: dict[str, Any]
) -> None:
    await notify(hass, "ovh_sms_kitchen", data={**data, "tag": "leak"}, title="Alarm")
    [job] = jobs(sim)
    assert job.json == {
        "message": "Alarm\nWater!",
        "receivers": [KITCHEN],
        "senderForResponse": True,
        "noStopClause": False,
        "priority": "veryLow",
        "validityPeriod": 2880,
        "tag": "leak",
    }


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"data": {"sender": "HOUSE", "senderForResponse": True}}, "not both"),
        ({"data": {"sender": "TWELVELETTER"}}, "longer than the 11"),
        ({"data": {"noStopClause": "perhaps"}}, "no_stop_clause must be true or false"),
        ({"data": {"priority": "hihg"}}, "high, medium, low, very_low"),
        ({"message": "  \n"}, "message is empty"),
        ({"message": "a\x00b"}, r"U\+0000"),
        ({"message": "x" * 5001}, "5001 characters"),
        ({"target": []}, "addressed to nobody"),
        ({"target": ""}, "receivers is “”"),
        ({"target": ["Kitchen", " "]}, "receivers is “”"),
        ({"target": ["Kitchen", "notify.nobody, Kitchen"]}, "notify.nobody is not"),
        ({"target": "notify.nobody"}, "notify.nobody is not a recipient"),
        ({"target": "light.kitchen"}, "neither a phone number"),
        ({"target": "Nobody"}, "“Nobody” is neither"),
        ({"target": "06 39 98"}, "too few or too many digits"),
    ],
)
async def test_bad_calls_are_refused_before_any_request(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    data: dict[str, Any],
    error: str,
) -> None:
    with pytest.raises(ServiceValidationError, match=error):
        await notify(hass, **{"target": "Kitchen", **data})
    assert not jobs(sim)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("refuse"), "cannot be reached, so the SMS was not sent"),
        (
            Fault("reset", applied="after", method="POST"),
            "not known whether the SMS was sent",
        ),
        (Fault("status", status=429), "too many requests"),
        (Fault("status", status=500, method="POST"), "an error of its own"),
        (
            Fault("forbidden", reason="NOT_GRANTED_CALL", method="POST"),
            "the right POST",
        ),
        (Fault("expired", method="POST"), "has expired"),
        (Fault("empty_ids"), "nothing was sent: Kitchen"),
    ],
)
async def test_faults_are_never_a_success_where_nothing_waits(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    fault: Fault,
    error: str,
) -> None:
    kitchen = next(iter(account.subentries.values()))
    hass.config_entries.async_update_subentry(
        account, kitchen, data={**kitchen.data, "queue": False}
    )
    sim.faults.add(fault)
    with pytest.raises(HomeAssistantError, match=error) as raised:
        await send_message(hass, "notify.kitchen")
    assert KITCHEN not in str(raised.value)
    state = hass.states.get("notify.kitchen")
    assert state and state.state == "unknown"
    assert len(jobs(sim)) <= 1


async def test_accepted_in_part(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    sim.faults.add(Fault("half"))
    with pytest.raises(HomeAssistantError, match="these receivers: …45"):
        await notify(hass, target=["Kitchen", "+33639981245"])
    assert texts(sim, KITCHEN) == ["Water!"]
    state = hass.states.get("notify.kitchen")
    assert state and state.state != "unknown"


async def test_limits_protect_from_a_runaway_automation(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    for _ in range(10):
        await send_message(hass, "notify.kitchen")
    with pytest.raises(ServiceValidationError, match="…01 got 10 messages"):
        await send_message(hass, "notify.kitchen")
    await notify(hass, "ovh_sms_kitchen", data={"bypass_limits": True})
    with pytest.raises(ServiceValidationError, match="100 SMS a day"):
        await notify(
            hass, target=[f"+3363998{number:04}" for number in range(1000, 1090)]
        )
    assert len(jobs(sim)) == 11


async def test_recipient_removed_while_its_message_waits(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    sim.faults.add(Fault("hang", method="POST"))
    ahead = [
        hass.async_create_task(notify(hass, target=f"+3363998{number:04}"))
        for number in range(1000, 1004)
    ]
    waiting = hass.async_create_task(send_message(hass, "notify.kitchen"))
    async with asyncio.timeout(10):
        while len(jobs(sim)) < len(ahead):
            await asyncio.sleep(0)
    kitchen = next(iter(account.subentries))
    hass.config_entries.async_remove_subentry(account, kitchen)
    sim.faults.clear()
    await asyncio.gather(*ahead, waiting)
    assert texts(sim, KITCHEN) == ["Water!"]
