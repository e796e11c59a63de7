"""The options: kept, changed, and in force from the next message on."""

import asyncio
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms import approval, senders
from custom_components.ovh_sms.options_flow import SECTIONS
from custom_components.ovh_sms.sms.settings import OPTIONS
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
from homeassistant.exceptions import ServiceValidationError
from simulator import ACCOUNT, CONSUMER_KEY, VIRTUAL_NUMBER, Fault, Simulator
from tests.conftest import jobs, texts

from .conftest import waiting_tasks
from .steps import (
    FROM_NUMBER,
    FROM_NUMBER_AS_CODE,
    ONE_ACCOUNT,
    another_customer,
    answer,
    approve,
    asked,
    offered,
    progress,
    typed_before,
)

DEFAULTS: dict[str, dict[str, Any]] = {
    "sending": {"no_stop_clause": True, "priority": "high", "validity": 2880},
    "waiting": {"retry_for": 60, "late_prefix": True},
    "text": {"text_mode": "exact", "max_parts": 6, "too_long": "shorten"},
    "limits": {
        "daily_limit": 100,
        "recipient_limit": 10,
        "duplicate_window": 0,
        "low_credit": 10,
    },
    "feedback": {"receipts": "poll", "replies": "off"},
    "receivers": {"allow_unlisted": True, "allowed_countries": []},
    "privacy": {"history_days": 30},
}


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """Open the options."""
    result: Any = await hass.config_entries.options.async_init(entry.entry_id)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "init")
    return result


async def go_on(hass: HomeAssistant, result: Any, typed: Any = None) -> Any:
    """Submit a step."""
    return await hass.config_entries.options.async_configure(result["flow_id"], typed)


def filled_in(result: Any) -> dict[str, Any]:
    """Return what the form has filled in, section by section."""
    found = {}
    for name, field in result["data_schema"].schema.items():
        if name in SECTIONS:
            found[str(name)] = field.schema({}) | typed_before(
                {"data_schema": field.schema}
            )
    return typed_before(result) | found


async def send(hass: HomeAssistant, text: str = "Water!", **data: Any) -> None:
    """Send a message to the kitchen."""
    await hass.services.async_call(
        "ovh_sms",
        "send_sms",
        {"entity_id": "notify.kitchen", "message": text, **data},
        blocking=True,
    )


def test_every_option_is_in_the_form() -> None:
    in_form = {"sender", *(name for names in SECTIONS.values() for name in names)}
    assert in_form == set(OPTIONS)


async def test_defaults(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    result = await begin(hass, account)
    assert filled_in(result) == {"sender": "HOUSE", **DEFAULTS}
    assert offered(result, "sender") == [
        "HOUSE",
        "My House",
        VIRTUAL_NUMBER,
        "Short number (can be replied to)",
    ]
    assert result["description_placeholders"]["withheld"] == (
        "\n\nSome senders cannot be chosen. Waiting for OVHcloud's approval: ALARM2;"
        " refused by OVHcloud: PAYMENT; disabled: OLDNAME."
    )
    before = dict(account.options)
    result = await go_on(hass, result, {"sender": "HOUSE", **DEFAULTS})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    flat = {k: v for section in DEFAULTS.values() for k, v in section.items()}
    assert account.options == {**before, **flat}
    assert account.options["notify_service"] == "ovh_sms"
    assert account.runtime_data.settings.validity == 2880


@pytest.mark.parametrize(
    ("section", "changed"),
    [
        ("sending", {"no_stop_clause": False, "priority": "very_low", "validity": 5}),
        ("waiting", {"retry_for": 0, "late_prefix": False}),
        ("waiting", {"retry_for": 10_080, "late_prefix": True}),
        ("text", {"text_mode": "economical", "max_parts": 1, "too_long": "refuse"}),
        (
            "limits",
            {
                "daily_limit": 0,
                "recipient_limit": 0,
                "duplicate_window": 60,
                "low_credit": 0,
            },
        ),
        ("feedback", {"receipts": "off", "replies": "poll"}),
        ("receivers", {"allow_unlisted": False, "allowed_countries": ["FR", "BE"]}),
        ("privacy", {"history_days": 0}),
    ],
)
async def test_what_was_changed_is_there_again(
    hass: HomeAssistant,
    account: MockConfigEntry,
    section: str,
    changed: dict[str, Any],
) -> None:
    runtime = account.runtime_data
    typed = {"sender": "My House", **DEFAULTS, section: changed}
    await go_on(hass, await begin(hass, account), typed)
    await hass.async_block_till_done()
    assert account.runtime_data is runtime
    assert account.options["notify_service"] == "ovh_sms"
    for name, value in changed.items():
        assert account.options[name] == value
    assert filled_in(await begin(hass, account)) == typed


async def test_in_force_from_the_next_message_on(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    await send(hass)
    typed = {
        "sender": "My House",
        "sending": {"no_stop_clause": False, "priority": "low", "validity": 30.0},
        "waiting": DEFAULTS["waiting"],
        "text": {"text_mode": "economical", "max_parts": 1, "too_long": "shorten"},
        "limits": {**DEFAULTS["limits"], "daily_limit": 2},
        "feedback": DEFAULTS["feedback"],
        "receivers": {"allow_unlisted": False, "allowed_countries": ["FR"]},
        "privacy": DEFAULTS["privacy"],
    }
    await go_on(hass, await begin(hass, account), typed)
    await send(hass, "ê" * 200)
    first, second = (job.json for job in jobs(sim))
    assert isinstance(first, dict) and isinstance(second, dict)
    assert (first["sender"], first["priority"], first["noStopClause"]) == (
        "HOUSE",
        "high",
        True,
    )
    assert (second["sender"], second["priority"], second["noStopClause"]) == (
        "My House",
        "low",
        False,
    )
    assert (first["validityPeriod"], second["validityPeriod"]) == (2880, 30)
    assert set(second["message"]) == {"e", "."}
    with pytest.raises(ServiceValidationError, match="2 SMS a day"):
        await send(hass)
    with pytest.raises(ServiceValidationError, match="12"):
        await send(hass, receivers=["+33639980012"])


@pytest.mark.parametrize(
    ("typed", "error"),
    [(" ", "sender_empty"), ("My long house", "sender_too_long")],
)
async def test_sender_that_cannot_be(
    hass: HomeAssistant, account: MockConfigEntry, typed: str, error: str
) -> None:
    other = {**DEFAULTS, "limits": {**DEFAULTS["limits"], "daily_limit": 7}}
    result = await begin(hass, account)
    result = await go_on(hass, result, {"sender": typed, **other})
    assert (result["step_id"], result["errors"]) == ("init", {"sender": error})
    assert filled_in(result) == {"sender": typed, **other}
    assert account.options["sender"] == "HOUSE"
    await go_on(hass, result, {"sender": " OTHER", **other})
    assert (account.options["sender"], account.options["daily_limit"]) == ("OTHER", 7)


async def test_ovhcloud_away(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    await sim.refuse()
    result = await begin(hass, account)
    assert offered(result, "sender") == ["Short number (can be replied to)"]
    assert filled_in(result)["sender"] == "HOUSE"
    await go_on(
        hass, result, {"sender": "Short number (can be replied to)", **DEFAULTS}
    )
    assert account.options["sender"] == "short_number"
    again = await begin(hass, account)
    assert filled_in(again)["sender"] == "Short number (can be replied to)"


async def test_ovhcloud_slow(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(senders, "_TIMEOUT", 0.01)
    sim.faults.add(Fault("hang", path="/sms/*"))
    assert offered(await begin(hass, account), "sender") == [
        "Short number (can be replied to)"
    ]
    sim.faults.clear()


async def test_virtual_number_that_the_key_is_good_for(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    result = await begin(hass, account)
    result = await go_on(hass, result, {"sender": VIRTUAL_NUMBER, **DEFAULTS})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await send(hass)
    assert texts(sim, "+33639980001") == ["Water!"]
    # What is in force already is not asked about, so OVHcloud may be away.
    await sim.refuse()
    result = await begin(hass, account)
    result = await go_on(hass, result, {"sender": VIRTUAL_NUMBER, **DEFAULTS})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_rights_that_ovhcloud_does_not_tell(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    sim.faults.add(
        Fault("forbidden", path="/auth/currentCredential", reason="NOT_GRANTED_CALL")
    )
    result = await begin(hass, account)
    result = await go_on(hass, result, {"sender": VIRTUAL_NUMBER, **DEFAULTS})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_service_account_needs_no_other_key(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    client = sim.world.add_oauth2_client()
    hass.config_entries.async_update_entry(
        account,
        data={
            "auth_method": "service_account",
            "client_id": client.identifier,
            "client_secret": client.secret,
            "service_name": ACCOUNT,
        },
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    sim.clear_record()
    result = await begin(hass, account)
    result = await go_on(hass, result, {"sender": VIRTUAL_NUMBER, **DEFAULTS})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert asked(sim, "/auth/currentCredential") == []


@pytest.fixture
async def narrow(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> MockConfigEntry:
    """Return the account with a key that may not send from a virtual number."""
    key = sim.world.add_consumer_key(ONE_ACCOUNT)
    hass.config_entries.async_update_entry(
        account, data={**account.data, "consumer_key": key.key}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    return account


async def ask_for_number(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """Choose a virtual number, which needs other rights."""
    result = await begin(hass, entry)
    result = await go_on(hass, result, {"sender": VIRTUAL_NUMBER, **DEFAULTS})
    assert (result["step_id"], result["errors"]) == ("approve_rights", {})
    assert result["description_placeholders"]["rights"] == FROM_NUMBER_AS_CODE
    return result


async def test_virtual_number_that_needs_other_rights(
    hass: HomeAssistant, narrow: MockConfigEntry, sim: Simulator
) -> None:
    runtime, old = narrow.runtime_data, narrow.data["consumer_key"]
    flows = hass.config_entries.options
    result = await ask_for_number(hass, narrow)
    # What else is stored with the options meanwhile is kept.
    hass.config_entries.async_update_entry(
        narrow, options={**narrow.options, "notify_service": "ovh_sms_other"}
    )
    sim.faults.add(Fault("status", times=1, status=429, path="/auth/credential"))
    result = await go_on(hass, result, {})
    assert result["errors"] == {"base": "throttled"}
    result = await go_on(hass, result, {})
    result = await approve(hass, result, another_customer(sim), flows)
    assert (result["step_id"], result["errors"]) == (
        "approve_rights",
        {"base": "wrong_account"},
    )
    assert narrow.data["consumer_key"] == old
    result = await approve(hass, await go_on(hass, result, {}), flows=flows)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert narrow.options["sender"] == VIRTUAL_NUMBER
    assert narrow.options["notify_service"] == "ovh_sms_other"
    key = sim.world.consumer_keys[narrow.data["consumer_key"]]
    assert set(FROM_NUMBER).issubset(key.rules)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert narrow.runtime_data is runtime
    await send(hass)
    assert texts(sim, "+33639980001") == ["Water!"]
    assert asked(sim, f"/sms/{ACCOUNT}/virtualNumbers/{VIRTUAL_NUMBER}/jobs")
    assert waiting_tasks() == []


async def test_other_rights_that_are_not_approved(
    hass: HomeAssistant,
    narrow: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = narrow.data["consumer_key"]
    result = await ask_for_number(hass, narrow)
    with monkeypatch.context() as patch:
        patch.setattr(approval, "APPROVAL_TIMEOUT", 0.05)
        result = await go_on(hass, result, {})
        async with progress(hass, result):
            await answer(result, "refuse")
    result = await go_on(hass, result)
    assert (result["step_id"], result["errors"]) == (
        "approve_rights",
        {"base": "approval_timeout"},
    )
    assert (narrow.data["consumer_key"], narrow.options["sender"]) == (old, "HOUSE")
    result = await go_on(hass, result, {})
    result = await approve(hass, result, flows=hass.config_entries.options)
    assert narrow.options["sender"] == VIRTUAL_NUMBER


async def test_dialog_closed_while_waiting(
    hass: HomeAssistant, narrow: MockConfigEntry
) -> None:
    old = narrow.data["consumer_key"]
    result = await go_on(hass, await ask_for_number(hass, narrow), {})
    hass.config_entries.options.async_abort(result["flow_id"])
    await hass.async_block_till_done()
    assert waiting_tasks() == []
    await answer(result, "approve")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert waiting_tasks() == []
    assert (narrow.data["consumer_key"], narrow.options["sender"]) == (old, "HOUSE")


async def test_dialog_closed_while_a_key_is_asked_for(
    hass: HomeAssistant, narrow: MockConfigEntry, sim: Simulator
) -> None:
    result = await ask_for_number(hass, narrow)
    fault = sim.faults.add(Fault("hang", path="/auth/credential"))
    step = hass.async_create_task(go_on(hass, result, {}))
    async with asyncio.timeout(10):
        while not asked(sim, "/auth/credential"):
            await asyncio.sleep(0)
    hass.config_entries.options.async_abort(result["flow_id"])
    sim.faults.remove(fault.id)
    with pytest.raises(UnknownFlow):
        await step
    assert waiting_tasks() == []


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (Fault("refuse"), "no_connection"),
        (Fault("status", status=503), "server_trouble"),
        (
            Fault("forbidden", reason="INVALID_CREDENTIAL", path="/auth/current*"),
            "inactive_consumer_key",
        ),
        (
            Fault("forbidden", reason="NOT_CREDENTIAL", path="/auth/current*"),
            "unknown_consumer_key",
        ),
        (
            Fault("forbidden", reason="INVALID_KEY", path="/auth/current*"),
            "invalid_application_key",
        ),
        (Fault("signature", path="/auth/current*"), "invalid_application_secret"),
    ],
)
async def test_rights_that_cannot_be_read(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    spoil: Fault,
    error: str,
) -> None:
    result = await begin(hass, account)
    sim.faults.add(spoil)
    result = await go_on(hass, result, {"sender": VIRTUAL_NUMBER, **DEFAULTS})
    assert (result["step_id"], result["errors"]) == ("init", {"base": error})
    assert filled_in(result) == {"sender": VIRTUAL_NUMBER, **DEFAULTS}
    assert account.options["sender"] == "HOUSE"
    sim.faults.clear()
    await sim.accept_again()
    await go_on(hass, result, {"sender": VIRTUAL_NUMBER, **DEFAULTS})
    assert account.options["sender"] == VIRTUAL_NUMBER
    assert account.data["consumer_key"] == CONSUMER_KEY
