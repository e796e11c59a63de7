"""Recipients: added, changed, and tried with a test SMS."""

import asyncio
import sqlite3
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.sms.dispatcher import Dispatcher
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from simulator import ACCOUNT, CONSUMER_KEY, VIRTUAL_NUMBER, Fault, Simulator
from tests.conftest import jobs, texts

from .steps import offered, typed_before

TEST = "This is a test SMS from Home Assistant."
GATE = {
    "name": "Gate",
    "phone_numbers": ["06.39.98.00.09", "+33 6 39 98 00 09"],
    "queue": True,
}


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """Open the form for a new recipient."""
    result: Any = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "recipient"), context={"source": SOURCE_USER}
    )
    assert result["step_id"] == "user"
    return result


async def change(hass: HomeAssistant, entry: MockConfigEntry, title: str) -> Any:
    """Open the form for a recipient that there is."""
    [subentry] = [s for s in entry.subentries.values() if s.title == title]
    result: Any = await entry.start_subentry_reconfigure_flow(
        hass, subentry.subentry_id
    )
    assert result["step_id"] == "reconfigure"
    return result


async def go_on(hass: HomeAssistant, result: Any, typed: dict[str, Any]) -> Any:
    """Submit the form."""
    return await hass.config_entries.subentries.async_configure(
        result["flow_id"], typed
    )


def stored(entry: MockConfigEntry, title: str) -> dict[str, Any]:
    """Return what is stored of a recipient."""
    [subentry] = [s for s in entry.subentries.values() if s.title == title]
    return dict(subentry.data)


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"phone_numbers": ["06 39"]}, {"phone_numbers": "number_not_possible"}),
        ({"phone_numbers": ["Bob"]}, {"phone_numbers": "number_not_a_number"}),
        ({"phone_numbers": ["01 99 00 12 34"]}, {"phone_numbers": "number_landline"}),
        ({"phone_numbers": ["0899 12 34 56"]}, {"phone_numbers": "number_premium"}),
        ({"phone_numbers": []}, {"phone_numbers": "no_numbers"}),
        ({"phone_numbers": [""]}, {"phone_numbers": "no_numbers"}),
        ({"name": " "}, {"name": "name_empty"}),
        ({"name": "KITCHEN"}, {"name": "name_taken"}),
        ({"sender": "My long house"}, {"sender": "sender_too_long"}),
        (
            {"name": "", "phone_numbers": ["1"], "send_test": True},
            {"name": "name_empty", "phone_numbers": "number_not_possible"},
        ),
    ],
)
async def test_recipient_that_cannot_be(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    typed: dict[str, Any],
    errors: dict[str, str],
) -> None:
    result = await go_on(hass, await begin(hass, account), {**GATE, **typed})
    assert (result["step_id"], result["errors"]) == ("user", errors)
    assert typed_before(result) == {**GATE, "send_test": False, **typed}
    assert jobs(sim) == []
    result = await go_on(hass, result, GATE)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert hass.states.get("notify.gate")
    assert stored(account, "Gate") == {
        "phone_numbers": ["+33639980009"],
        "queue": True,
        "notify_service": "ovh_sms_gate",
    }


async def test_without_a_country(hass: HomeAssistant, account: MockConfigEntry) -> None:
    hass.config.country = None
    result = await go_on(hass, await begin(hass, account), GATE)
    assert result["errors"] == {"phone_numbers": "number_without_country"}
    result = await go_on(
        hass, result, {"name": "Gate", "phone_numbers": ["0033639980009"]}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_several_at_once_are_all_there(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    runtime = account.runtime_data
    forms = [await begin(hass, account) for _ in range(5)]
    await asyncio.gather(
        *(
            go_on(
                hass,
                form,
                {"name": f"Room {i}", "phone_numbers": [f"063998002{i}"]},
            )
            for i, form in enumerate(forms)
        )
    )
    await hass.async_block_till_done()
    assert account.runtime_data is runtime
    for i in range(5):
        assert hass.states.get(f"notify.room_{i}")
        for service, data in (
            ("send_message", {"entity_id": f"notify.room_{i}"}),
            (f"ovh_sms_room_{i}", {}),
        ):
            await hass.services.async_call(
                "notify", service, {**data, "message": service}, blocking=True
            )
        assert texts(sim, f"+3363998002{i}") == ["send_message", f"ovh_sms_room_{i}"]


async def test_changed(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    entity_registry: er.EntityRegistry,
) -> None:
    before = entity_registry.async_get("notify.kitchen")
    result = await change(hass, account, "Kitchen")
    assert typed_before(result) == {
        "name": "Kitchen",
        "phone_numbers": ["+33639980001"],
    }
    wrong = {"name": "Night watch", "phone_numbers": ["0639980005"]}
    result = await go_on(hass, result, wrong)
    assert result["errors"] == {"name": "name_taken"}
    assert typed_before(result) == {**wrong, "queue": True, "send_test": False}
    result = await go_on(hass, result, {**wrong, "name": "Cellar"})
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    state = hass.states.get("notify.kitchen")
    assert state and state.name == "Cellar"
    after = entity_registry.async_get("notify.kitchen")
    assert before and after and after.id == before.id
    for service, data in (
        ("send_message", {"entity_id": "notify.kitchen"}),
        ("ovh_sms_kitchen", {}),
    ):
        await hass.services.async_call(
            "notify", service, {**data, "message": service}, blocking=True
        )
    assert texts(sim, "+33639980005") == ["send_message", "ovh_sms_kitchen"]


async def test_name_may_change_its_case(
    hass: HomeAssistant, account: MockConfigEntry
) -> None:
    typed = {"name": "KITCHEN", "phone_numbers": ["0639980001"]}
    await go_on(hass, await change(hass, account, "Kitchen"), typed)
    assert stored(account, "KITCHEN")["phone_numbers"] == ["+33639980001"]


async def test_sender_of_its_own(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    result = await begin(hass, account)
    assert offered(result, "sender") == [
        "HOUSE",
        "My House",
        VIRTUAL_NUMBER,
        "Short number (can be replied to)",
    ]
    await go_on(hass, result, {**GATE, "sender": " My House "})
    await hass.async_block_till_done()
    assert stored(account, "Gate")["sender"] == "My House"
    result = await change(hass, account, "Gate")
    assert typed_before(result)["sender"] == "My House"
    await go_on(hass, result, {**GATE, "sender": "My House"})
    assert stored(account, "Gate")["sender"] == "My House"
    for cleared in ({}, {"sender": " "}):
        await go_on(hass, await change(hass, account, "Gate"), {**GATE, **cleared})
        assert stored(account, "Gate") == {
            "phone_numbers": ["+33639980009"],
            "queue": True,
            "notify_service": "ovh_sms_gate",
        }


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", TEST), ("fr", "Ceci est un SMS de test de Home Assistant.")],
)
async def test_test_sms_arrives(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    language: str,
    text: str,
) -> None:
    hass.config.language = language
    result = await begin(hass, account)
    await go_on(hass, result, {**GATE, "sender": "My House", "send_test": True})
    [message] = sim.phone("+33639980009").messages
    assert (message.text, message.sender) == (text, "My House")
    await hass.async_block_till_done()
    assert "send_test" not in stored(account, "Gate")


async def test_test_sms_can_be_repeated_to_someone_new(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    hass.config_entries.async_update_entry(
        account,
        options={**account.options, "allow_unlisted": False, "duplicate_window": 600},
    )
    result = await begin(hass, account)
    await go_on(hass, result, {**GATE, "send_test": True})
    await hass.async_block_till_done()
    result = await change(hass, account, "Gate")
    result = await go_on(hass, result, {**GATE, "send_test": True})
    assert result["reason"] == "reconfigure_successful"
    assert texts(sim, "+33639980009") == [TEST, TEST]


@pytest.mark.parametrize(
    ("fault", "typed", "error", "shown"),
    [
        (Fault("empty_ids"), {}, "receivers_refused", {"receivers": "+33639980009"}),
        (
            Fault("half"),
            {"phone_numbers": ["0639980009", "0639980008"]},
            "receivers_refused_in_part",
            {"receivers": "+33639980008"},
        ),
        (None, {"sender": "NOBODY"}, "sender_unknown", {}),
        (Fault("refuse"), {}, "no_connection", {}),
        (Fault("status", status=503, path="*/jobs"), {}, "server_error", {}),
        (
            Fault("status", status=503, body="html", path="*/jobs"),
            {},
            "server_error_silently",
            {},
        ),
        (
            Fault("status", status=400, body="empty", path="*/jobs"),
            {},
            "refused_silently",
            {},
        ),
        (Fault("reset", path="*/jobs"), {}, "connection_lost", {}),
        (Fault("expired", path="*/jobs"), {}, "account_expired", {}),
        (
            Fault("forbidden", reason="NOT_GRANTED_CALL", path="*/jobs"),
            {},
            "missing_right",
            {"right": f"POST /sms/{ACCOUNT}/jobs"},
        ),
        (
            Fault("forbidden", reason="IAM", path="*/jobs"),
            {},
            "missing_action",
            {"right": "sms:apiovh:jobs/create"},
        ),
    ],
)
async def test_test_sms_that_fails(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    fault: Fault | None,
    typed: dict[str, Any],
    error: str,
    shown: dict[str, str],
) -> None:
    if fault:
        sim.faults.add(fault)
    form = {**GATE, "send_test": True, **typed}
    result = await go_on(hass, await begin(hass, account), form)
    assert (result["step_id"], result["errors"]) == ("user", {"base": error})
    assert result["description_placeholders"].items() >= shown.items()
    assert typed_before(result) == form
    assert len(account.subentries) == 2
    sim.faults.clear()
    await sim.accept_again()
    sim.phone("+33639980009").messages.clear()
    result = await go_on(hass, result, {**GATE, "send_test": True})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert texts(sim, "+33639980009") == [TEST]
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"daily_limit": 1}, "daily_limit"),
        ({"allowed_countries": ["BE"]}, "number_abroad"),
    ],
)
async def test_test_sms_that_the_options_forbid(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    options: dict[str, Any],
    error: str,
) -> None:
    before = dict(account.options)
    hass.config_entries.async_update_entry(account, options={**before, **options})
    form = {"name": "Gate", "phone_numbers": ["0639980009", "0639980008"]}
    result = await begin(hass, account)
    result = await go_on(hass, result, {**form, "send_test": True})
    assert result["errors"] == {"base": error}
    assert jobs(sim) == []
    hass.config_entries.async_update_entry(account, options=before)
    await go_on(hass, result, {**form, "send_test": True})
    assert len(jobs(sim)) == 1
    await hass.async_block_till_done()


async def test_test_sms_that_needs_new_keys(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    sim.world.consumer_keys[CONSUMER_KEY].status = "expired"
    result = await begin(hass, account)
    result = await go_on(hass, result, {**GATE, "send_test": True})
    assert result["errors"] == {"base": "inactive_consumer_key"}
    [flow] = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
    sim.world.consumer_keys[CONSUMER_KEY].status = "validated"
    await go_on(hass, result, {**GATE, "send_test": True})
    assert texts(sim, "+33639980009") == [TEST]
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_test_sms_that_cannot_be_written_down(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    result = await begin(hass, account)
    with monkeypatch.context() as patch:
        patch.setattr(Dispatcher, "_opened", fail)
        result = await go_on(hass, result, {**GATE, "send_test": True})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert texts(sim, "+33639980009") == [TEST]
    await hass.async_block_till_done()


async def test_test_sms_from_an_account_that_is_not_loaded(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    await hass.config_entries.async_unload(account.entry_id)
    result = await begin(hass, account)
    result = await go_on(hass, result, {**GATE, "send_test": True})
    assert result["errors"] == {"base": "account_not_loaded"}
    assert typed_before(result) == {**GATE, "send_test": True}
    await go_on(hass, result, GATE)
    await hass.config_entries.async_setup(account.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    result = await change(hass, account, "Gate")
    await go_on(hass, result, {**GATE, "send_test": True})
    assert texts(sim, "+33639980009") == [TEST]
