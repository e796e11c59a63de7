"""`ovh_sms.send_sms`, over real HTTP."""

from datetime import datetime
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
from simulator import (
    ACCOUNT,
    SECOND_ACCOUNT,
    USER_LOGIN,
    USER_PASSWORD,
    Fault,
    Simulator,
)
from tests.conftest import jobs, texts

KITCHEN, NIGHT_1, NIGHT_2 = "+33639980001", "+33639980002", "+33639980003"


async def send_sms(hass: HomeAssistant, *, ask: bool = False, **data: Any) -> Any:
    """Call the action."""
    return await hass.services.async_call(
        DOMAIN,
        "send_sms",
        {"message": "Water!", **data},
        blocking=True,
        return_response=ask,
    )


async def test_response(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    response = await send_sms(
        hass,
        ask=True,
        entity_id="notify.kitchen",
        receivers=["00336 39 98 00 09"],
        message="21 °C",
        tag="weather",
    )
    [answer] = response["messages"]
    assert len(answer.pop("message_id")) == 32
    assert [
        sms.receiver for sms in sim.world.accounts[ACCOUNT].outgoing(sim.clock.now())
    ]
    assert answer == {
        "config_entry_id": account.entry_id,
        "service_name": ACCOUNT,
        "status": "accepted",
        "tag": "weather",
        "ids": answer["ids"],
        "valid_receivers": [KITCHEN, "+33639980009"],
        "invalid_receivers": [],
        "total_credits_removed": 2.0,
        "encoding": "unicode",
        "parts": 1,
        "shortened": False,
    }
    assert len(answer["ids"]) == 2


async def test_older_name_of_receivers(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    await send_sms(hass, recipients="+33639980009")
    assert texts(sim, "+33639980009") == ["Water!"]


async def test_long_message_is_shortened_and_says_so(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    response = await send_sms(
        hass, ask=True, entity_id="notify.kitchen", message="a" * 2000
    )
    [answer] = response["messages"]
    assert (answer["parts"], answer["shortened"]) == (6, True)
    assert texts(sim, KITCHEN) == ["a" * 915 + "..."]


async def test_area_takes_only_what_is_ours(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    area_registry: ar.AreaRegistry,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> None:
    area = area_registry.async_create("Hall")
    lamp = entity_registry.async_get_or_create("light", "other", "lamp")
    entity_registry.async_update_entity(lamp.entity_id, area_id=area.id)
    group = entity_registry.async_get("notify.night_watch")
    assert group
    assert group.device_id
    device_registry.async_update_device(group.device_id, area_id=area.id)
    await send_sms(hass, area_id=area.id)
    assert [job.json["receivers"] for job in jobs(sim)] == [[NIGHT_1, NIGHT_2]]
    with pytest.raises(ServiceValidationError, match=r"light\.other_lamp is not"):
        await send_sms(hass, entity_id=[lamp.entity_id, "notify.kitchen"])
    assert len(jobs(sim)) == 1


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, {"differedPeriod": None, "validityPeriod": 2880}),
        ({"delay": {"minutes": 10}}, {"differedPeriod": 10}),
        ({"delay": "00:00:30"}, {"differedPeriod": 1}),
        ({"delay": {"days": 0, "hours": 0, "minutes": 0}}, {"differedPeriod": None}),
        ({"send_at": "2026-11-21 20:00:00"}, {"differedPeriod": 90}),
        ({"send_at": datetime(2026, 11, 21, 20)}, {"differedPeriod": 90}),
        ({"send_at": "2026-11-21T20:00:00Z"}, {"differedPeriod": 150}),
        ({"send_at": "2026-11-21 18:30:00"}, {"differedPeriod": None}),
        ({"validity": {"hours": 6}}, {"validityPeriod": 360}),
        ({"message_class": "flash"}, {"class": "flash"}),
        ({"receivers": "['+33639980009']"}, {"receivers": [KITCHEN, "+33639980009"]}),
        (
            {"sender": "0033639980010", "coding": "8bit", "charset": "UTF-8"},
            {
                "sender": None,
                "senderForResponse": None,
                "noStopClause": None,
                "coding": "8bit",
                "charset": "UTF-8",
            },
        ),
    ],
)
async def test_parameters(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    data: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    await hass.config.async_set_time_zone("Europe/Paris")
    freezer.move_to("2026-11-21T17:30:00Z")
    await send_sms(hass, entity_id="notify.kitchen", **data)
    [job] = jobs(sim)
    assert {name: job.json.get(name) for name in expected} == expected


async def test_list_at_ovhcloud(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    sim.world.documents["https://example.org/a.csv"] = [NIGHT_1, NIGHT_2]
    response = await send_sms(
        hass,
        ask=True,
        receivers_document_url="https://example.org/a.csv",
        bypass_limits=True,
    )
    [answer] = response["messages"]
    assert (answer["status"], len(answer["ids"])) == ("accepted", 2)
    assert texts(sim, NIGHT_1) == texts(sim, NIGHT_2) == ["Water!"]


async def test_several_accounts_are_several_jobs(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    sim: Simulator,
) -> None:
    assert await hass.config_entries.async_setup(office.entry_id)
    await hass.async_block_till_done()
    response = await send_sms(
        hass, ask=True, entity_id=["notify.kitchen", "notify.gate"]
    )
    assert {
        answer["service_name"]: answer["valid_receivers"]
        for answer in response["messages"]
    } == {ACCOUNT: [KITCHEN], SECOND_ACCOUNT: ["+33639980008"]}
    with pytest.raises(ServiceValidationError):
        await send_sms(hass, receivers="+33639980009")
    await send_sms(hass, receivers="+33639980009", config_entry_id=office.entry_id)
    assert jobs(sim)[-1].json["sender"] == "OFFICE"
    sim.faults.add(Fault("expired", method="POST"))
    with pytest.raises(
        HomeAssistantError,
        match=r"(?s)Several.*account Office: .*expired.*account Home: .*expired",
    ):
        await send_sms(hass, entity_id=["notify.kitchen", "notify.gate"])
    await hass.config_entries.async_unload(office.entry_id)


async def test_wrong_for_one_of_several_accounts(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    sim: Simulator,
    unloaded: None,
) -> None:
    """Send from no account what one of them refuses; name the one that fails."""
    assert await hass.config_entries.async_setup(office.entry_id)
    both = ["notify.kitchen", "notify.gate"]
    hass.config_entries.async_update_entry(
        office, options={**office.options, "allowed_countries": ["PL"]}
    )
    with pytest.raises(ServiceValidationError, match="…08"):
        await send_sms(hass, entity_id=both)
    assert not jobs(sim)
    hass.config_entries.async_update_entry(office, options={"sender": "NOBODY"})
    with pytest.raises(HomeAssistantError, match=r"^From the account Office: .*NOBODY"):
        await send_sms(hass, entity_id=both)
    assert texts(sim, KITCHEN) == ["Water!"]


async def test_failure_of_one_of_several_messages_is_named(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    """Say whom the message that failed was for, where others got theirs."""
    kitchen = next(
        each for each in account.subentries.values() if each.title == "Kitchen"
    )
    hass.config_entries.async_update_subentry(
        account, kitchen, data={**kitchen.data, "sender": "NOBODY"}
    )
    with pytest.raises(HomeAssistantError, match=r"^To Kitchen: .*NOBODY"):
        await send_sms(hass, entity_id="notify.kitchen", receivers=["+33639980007"])
    assert texts(sim, "+33639980007") == ["Water!"]


async def test_named_entity_that_is_away_is_an_error(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    entity_registry: er.EntityRegistry,
) -> None:
    entity_registry.async_update_entity(
        "notify.kitchen", disabled_by=er.RegistryEntryDisabler.USER
    )
    with pytest.raises(ServiceValidationError, match=r"notify\.kitchen is disabled"):
        await send_sms(hass, entity_id="notify.kitchen")
    await hass.config_entries.async_set_disabled_by(
        account.entry_id, ConfigEntryDisabler.USER
    )
    with pytest.raises(ServiceValidationError, match="account Home is not loaded"):
        await send_sms(hass, entity_id="notify.night_watch")
    assert not jobs(sim)


async def test_only_who_asks_for_the_response_is_told_there(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    sim.faults.add(Fault("half", times=2))
    receivers = [KITCHEN, "+33639980009"]
    response = await send_sms(hass, ask=True, receivers=receivers)
    [answer] = response["messages"]
    assert answer["status"] == "partial"
    assert answer["invalid_receivers"] == ["+33639980009"]
    with pytest.raises(HomeAssistantError, match="these receivers: …09"):
        await send_sms(hass, receivers=receivers)
    sim.faults.add(Fault("reset", applied="after", method="POST", times=1))
    response = await send_sms(hass, ask=True, receivers=receivers)
    assert response["messages"][0]["status"] == "unknown"
    sim.faults.add(Fault("empty_ids", times=1))
    with pytest.raises(HomeAssistantError, match="any receiver"):
        await send_sms(hass, ask=True, receivers=receivers)


async def test_sms_user(hass: HomeAssistant, sim: Simulator) -> None:
    hass.config.country = "FR"
    entry = MockConfigEntry(
        domain=DOMAIN,
        version=2,
        title="Home",
        unique_id=ACCOUNT,
        data={
            "auth_method": "sms_user",
            "service_name": ACCOUNT,
            "login": USER_LOGIN,
            "password": USER_PASSWORD,
        },
        options={"sender": "HOUSE"},
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    receivers = [KITCHEN, NIGHT_1]
    response = await send_sms(hass, ask=True, receivers=receivers)
    [answer] = response["messages"]
    assert (answer["status"], answer["valid_receivers"]) == ("accepted", receivers)
    assert answer["total_credits_removed"] is None
    assert texts(sim, KITCHEN) == ["Water!"]
    assert all(request.route.startswith("/cgi-bin/") for request in sim.requests)
    sim.faults.add(Fault("half"))
    with pytest.raises(HomeAssistantError, match="for 1 of 2 receivers"):
        await send_sms(hass, receivers=receivers)
    refused: list[dict[str, Any]] = [{"priority": "low"}, {"sender": "0033639980010"}]
    for data in refused:
        with pytest.raises(
            ServiceValidationError, match="An SMS user cannot send with"
        ):
            await send_sms(hass, receivers=receivers, **data)
    await hass.config_entries.async_unload(entry.entry_id)
