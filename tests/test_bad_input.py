"""What cannot be sent is refused before anything reaches OVHcloud, and says why."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.script import Script
from homeassistant.util.yaml import parse_yaml
from simulator import Simulator

KITCHEN: Final = "+33639980001"
DOCUMENT: Final = "https://example.org/residents.csv"


async def refusal(hass: HomeAssistant, sim: Simulator, data: Mapping[str, Any]) -> str:
    """Return which sentence a call is refused with; nothing may have been asked of OVHcloud."""
    sim.clear_record()
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call(
            DOMAIN, "send_sms", {"message": "Water!", **data}, blocking=True
        )
    assert sim.requests == []
    assert str(caught.value).encode()
    assert caught.value.translation_key
    return caught.value.translation_key


@pytest.mark.parametrize(
    ("data", "key"),
    [
        # Who receives.
        ({"receivers": None}, "no_receivers"),
        ({"receivers": []}, "no_receivers"),
        ({"receivers": ""}, "no_receivers"),
        ({"receivers": [""]}, "receiver_empty"),
        ({"receivers": [KITCHEN, " "]}, "receiver_empty"),
        ({"receivers": "None"}, "receiver_empty"),
        ({"receivers": [KITCHEN, "unknown"]}, "receiver_empty"),
        ({"receivers": "['unavailable']"}, "receiver_empty"),
        ({"receivers": [f"+336{n:08}" for n in range(5000)]}, "too_many_receivers"),
        ({"receivers": {"Kitchen": KITCHEN}}, "field_not_list"),
        ({"receivers": [{"number": KITCHEN}]}, "field_not_list"),
        ({"receivers": True}, "field_not_list"),
        ({"receivers": 33639980001}, "receivers_not_quoted"),
        ({"receivers": [639980001]}, "receivers_not_quoted"),
        ({"receivers": "Mallory"}, "number_not_a_number"),
        ({"receivers": "+33\ud800"}, "number_not_a_number"),
        ({"receivers": "+3363998"}, "number_not_possible"),
        ({"receivers": "01 44 00 00 00"}, "number_landline"),
        ({"receivers_document_url": "residents.csv"}, "document_not_an_address"),
        ({"receivers_document_url": DOCUMENT}, "list_not_counted"),
        ({"receivers_slot_id": "first"}, "slot_not_a_number"),
        ({"receivers_slot_id": 1}, "list_not_counted"),
        ({"receivers": KITCHEN, "receivers_slot_id": 1}, "receivers_twice"),
        (
            {"entity_id": "notify.kitchen", "receivers_document_url": DOCUMENT},
            "receivers_twice",
        ),
        (
            {"receivers_slot_id": 1, "receivers_document_url": DOCUMENT},
            "receivers_twice",
        ),
        ({"entity_id": "notify.nobody"}, "entity_not_ours"),
        ({"entity_id": ["notify.kitchen", "light.other"]}, "entity_not_ours"),
        # Which account.
        (
            {"receivers": KITCHEN, "config_entry_id": "nope"},
            "service_config_entry_not_found",
        ),
        (
            {"receivers": KITCHEN, "config_entry_id": "\ud800"},
            "service_config_entry_not_found",
        ),
        (
            {"entity_id": "notify.kitchen", "config_entry_id": "nope"},
            "service_config_entry_not_found",
        ),
        ({"receivers": KITCHEN, "config_entry_id": 1}, "field_not_text"),
    ],
)
async def test_refused(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    data: dict[str, Any],
    key: str,
) -> None:
    assert await refusal(hass, sim, data) == key


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"sendr": "HOUSE"}, "unknown_field"),
        ({"data": {"tag": "mine"}}, "unknown_field"),
        # The text.
        ({"message": ""}, "message_empty"),
        ({"message": " \n\t "}, "message_empty"),
        ({"message": None}, "message_empty"),
        ({"message": "a" * 10_000}, "message_too_long"),
        ({"message": "a\ud800"}, "message_bad_character"),
        ({"message": "a\x00b"}, "message_bad_character"),
        ({"message": "a\x1b[0m"}, "message_bad_character"),
        ({"title": "a\x07"}, "message_bad_character"),
        ({"message": "None"}, "message_no_value"),
        ({"message": "unknown"}, "message_no_value"),
        ({"message": "unavailable"}, "message_no_value"),
        ({"message": {"a": 1}}, "field_not_text"),
        ({"message": ["Water!"]}, "field_not_text"),
        ({"message": b"Water!"}, "field_not_text"),
        ({"title": True}, "field_not_text"),
        # Who sends.
        ({"sender": "HOUSE", "sender_for_response": True}, "two_senders"),
        ({"sender": "+33639980010", "sender_for_response": True}, "two_senders"),
        ({"sender": "A" * 12}, "sender_too_long"),
        ({"sender": "My new house"}, "sender_too_long"),
        ({"sender": "HO/USE"}, "sender_bad_character"),
        ({"sender": "HOUSE\x00"}, "sender_bad_character"),
        ({"sender": " "}, "sender_blank"),
        ({"sender": ["HOUSE"]}, "field_not_text"),
        ({"sender_for_response": "maybe"}, "field_not_boolean"),
        # When.
        ({"delay": 10}, "duration_without_unit"),
        ({"delay": "10"}, "duration_without_unit"),
        ({"delay": {"minutes": -10}}, "duration_negative"),
        ({"delay": timedelta(seconds=-1)}, "duration_negative"),
        ({"delay": {}}, "duration_unreadable"),
        ({"delay": {"minutes": float("nan")}}, "duration_unreadable"),
        ({"delay": "unknown"}, "duration_unreadable"),
        ({"delay": True}, "duration_unreadable"),
        ({"delay": {"weeks": 1}}, "duration_unit"),
        ({"delay": {"days": 366}}, "delay_too_long"),
        ({"delay": {"days": 10**30}}, "delay_too_long"),
        ({"delay": "00:10", "send_at": "2099-01-01 20:00"}, "delay_and_send_at"),
        ({"send_at": "2099-01-01 20:00"}, "delay_too_long"),
        ({"send_at": "2020-01-01 20:00:00"}, "send_at_past"),
        ({"send_at": "20:00:00"}, "send_at_without_date"),
        ({"send_at": "2099-01-01"}, "send_at_without_time"),
        ({"send_at": 1795000000}, "send_at_unreadable"),
        ({"send_at": "unavailable"}, "send_at_unreadable"),
        ({"validity": 2880}, "duration_without_unit"),
        ({"validity": "00:00:30"}, "validity_out_of_range"),
        ({"validity": {"days": 3}}, "validity_out_of_range"),
        ({"retry_for": 60}, "duration_without_unit"),
        ({"retry_for": {"days": 8}}, "retry_for_too_long"),
        ({"queue": "sometimes"}, "field_not_boolean"),
        # How.
        ({"no_stop_clause": 2}, "field_not_boolean"),
        ({"priority": "urgent"}, "priority_unknown"),
        ({"priority": 1}, "priority_unknown"),
        ({"tag": "x" * 21}, "tag_too_long"),
        ({"tag": "a\nb"}, "tag_bad_character"),
        ({"message_class": "Flash"}, "word_unknown"),
        ({"coding": "unicode"}, "word_unknown"),
        ({"coding": "7bit", "message": "21 °C"}, "coding_not_7bit"),
        ({"charset": "latin1"}, "word_unknown"),
        ({"bypass_limits": "None"}, "field_not_boolean"),
    ],
)
async def test_refused_whoever_receives(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    data: dict[str, Any],
    key: str,
) -> None:
    assert await refusal(hass, sim, {"entity_id": "notify.kitchen", **data}) == key


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ("message: \"{{ none }}\"", "message_empty"),
        ("message: \"{{ states('sensor.nope') }}\"", "message_no_value"),
        ("receivers: \"{{ states('sensor.nope') }}\"", "receiver_empty"),
        ("receivers: \"{{ ['+33639980001', states('sensor.nope')] }}\"", "receiver_empty"),
        ("receivers: \"{{ 33639980001 }}\"", "receivers_not_quoted"),
        ("delay: \"{{ 10 }}\"", "duration_without_unit"),
        # YAML reads this as 36,000.
        ("delay: 10:00:00", "duration_without_unit"),
        ("send_at: \"{{ states('sensor.nope') }}\"", "send_at_unreadable"),
        ("send_at: \"{{ now() - timedelta(hours=1) }}\"", "send_at_past"),
        ("send_at: 2026-11-21", "send_at_without_time"),
    ],
)  # fmt: skip
async def test_refused_from_a_script(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    fields: str,
    key: str,
) -> None:
    """What templates and YAML make of a call, in an automation."""
    given: Any = parse_yaml(fields)
    data = {"message": "Water!", "receivers": KITCHEN, **given}
    actions = cv.SCRIPT_SCHEMA([{"action": "ovh_sms.send_sms", "data": data}])
    script = Script(hass, actions, "Example", "test")
    sim.clear_record()
    with pytest.raises(ServiceValidationError) as caught:
        await script.async_run()
    assert caught.value.translation_key == key
    assert sim.requests == []


async def test_national_number_in_a_house_without_a_country(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    hass.config.country = None
    data = {"receivers": "06 39 98 00 09"}
    assert await refusal(hass, sim, data) == "number_without_country"


async def test_entity_of_another_integration(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    entity_registry: er.EntityRegistry,
) -> None:
    other = entity_registry.async_get_or_create("notify", "smtp", "other")
    assert await refusal(hass, sim, {"entity_id": other.entity_id}) == "entity_not_ours"


async def test_account_of_another_integration(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    other = MockConfigEntry(domain="smtp")
    other.add_to_hass(hass)
    data = {"receivers": KITCHEN, "config_entry_id": other.entry_id}
    assert await refusal(hass, sim, data) == "service_config_entry_wrong_domain"


async def test_account_that_is_not_loaded(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    await hass.config_entries.async_unload(account.entry_id)
    for data, key in (
        ({"entity_id": "notify.kitchen"}, "account_not_loaded"),
        (
            {"receivers": KITCHEN, "config_entry_id": account.entry_id},
            "service_config_entry_not_loaded",
        ),
        ({"receivers_slot_id": 1, "bypass_limits": True}, "service_config_entry"),
    ):
        assert (await refusal(hass, sim, data)).startswith(key)


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"allow_unlisted": False}, "list_unlisted"),
        ({"allowed_countries": ["FR"]}, "list_abroad"),
    ],
)
async def test_list_where_numbers_have_to_be_known(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    options: dict[str, Any],
    key: str,
) -> None:
    hass.config_entries.async_update_entry(
        account, options={**account.options, **options}
    )
    await hass.async_block_till_done()
    data = {"receivers_document_url": DOCUMENT, "bypass_limits": True}
    assert await refusal(hass, sim, data) == key


async def test_nothing_is_half_sent(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    sim: Simulator,
) -> None:
    """A list at OVHcloud beside another account's recipients is refused for both."""
    assert await hass.config_entries.async_setup(office.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    data = {
        "entity_id": "notify.gate",
        "config_entry_id": account.entry_id,
        "receivers_slot_id": 1,
        "bypass_limits": True,
    }
    assert await refusal(hass, sim, data) == "receivers_twice"
    await hass.config_entries.async_unload(office.entry_id)
