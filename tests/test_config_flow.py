"""Every path of the config flow, to its recovery, against the simulator."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, FlowType
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulator import ACCOUNT, SECOND_ACCOUNT, Fault, Rule, Simulator
from tests.conftest import API_KEYS

RECIPIENT = {"name": "Kitchen", "phone_numbers": ["06 39 98 00 01"]}


async def begin(hass: HomeAssistant, keys: dict[str, str] | None = None) -> Any:
    """Start the flow; with keys, type them in."""
    result: Any = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "api_keys")
    return await go_on(hass, result, keys) if keys else result


async def go_on(hass: HomeAssistant, result: Any, typed: dict[str, Any]) -> Any:
    """Submit a step."""
    return await hass.config_entries.flow.async_configure(result["flow_id"], typed)


async def finish(hass: HomeAssistant, result: Any) -> MockConfigEntry:
    """Pick the first account and its sender, and return the entry."""
    if result["step_id"] == "account":
        result = await go_on(hass, result, {"service_name": ACCOUNT})
    assert result["step_id"] == "sender"
    result = await go_on(hass, result, {"sender": "HOUSE"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    entry: MockConfigEntry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    return entry


async def unload(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Unload an entry made by the flow."""
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_from_keys_to_the_first_recipient(
    hass: HomeAssistant, sim: Simulator
) -> None:
    hass.config.country = "FR"
    result = await begin(hass)
    assert "GET=/sms&GET=/sms/*" in result["description_placeholders"]["token_url"]
    result = await go_on(hass, result, API_KEYS)
    assert result["step_id"] == "account"
    options = result["data_schema"].schema["service_name"].config["options"]
    assert options == [
        {"value": ACCOUNT, "label": f"Home ({ACCOUNT}): 250"},
        {"value": SECOND_ACCOUNT, "label": f"Office ({SECOND_ACCOUNT}): 40.5"},
    ]
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    senders = result["data_schema"].schema["sender"].config["options"]
    assert senders == ["HOUSE", "My House", "short_number"]
    result = await go_on(hass, result, {"sender": "HOUSE"})
    await hass.async_block_till_done()
    entry = result["result"]
    assert entry.title == "Home"
    assert entry.unique_id == ACCOUNT
    assert entry.data == {
        "auth_method": "api_keys",
        **API_KEYS,
        "service_name": ACCOUNT,
    }
    assert entry.options["sender"] == "HOUSE"

    flow_type, flow_id = result["next_flow"]
    assert flow_type is FlowType.CONFIG_SUBENTRIES_FLOW
    result = await hass.config_entries.subentries.async_configure(flow_id, RECIPIENT)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": "notify.kitchen", "message": "Water!"},
        blocking=True,
    )
    assert [m.text for m in sim.phone("+33639980001").messages] == ["Water!"]
    await unload(hass, entry)


async def test_one_account_is_not_asked_about(
    hass: HomeAssistant, sim: Simulator
) -> None:
    sim.world.remove_account(SECOND_ACCOUNT)
    result = await begin(hass, API_KEYS)
    assert result["step_id"] == "sender"
    await unload(hass, await finish(hass, result))


async def test_typed_keys_are_trimmed(hass: HomeAssistant, sim: Simulator) -> None:
    result = await begin(hass, {key: f" {value}\n" for key, value in API_KEYS.items()})
    await unload(hass, await finish(hass, result))


type Spoil = Callable[[Simulator], object]


@pytest.mark.parametrize(
    ("keys", "spoil", "error"),
    [
        ({"application_key": "fake1unknown1key"}, None, "invalid_application_key"),
        ({"application_secret": "fake1wrong"}, None, "invalid_application_secret"),
        ({"consumer_key": "fake1unknown"}, None, "unknown_consumer_key"),
        ({}, Fault("forbidden", reason="INVALID_CREDENTIAL"), "inactive_consumer_key"),
        ({}, Fault("status", status=500), "server_trouble"),
        ({}, Fault("status", status=500, path="/sms"), "server_error"),
        ({}, Fault("status", status=429), "throttled"),
        ({}, Fault("status", status=502, body="html", path="/sms"), "server_error"),
        ({}, Fault("status", status=200, body="string", path="/sms"), "odd_answer"),
        ({}, Fault("reset", path="/sms"), "connection_lost"),
        ({}, Fault("refuse"), "no_connection"),
    ],
)
async def test_keys_that_do_not_work(
    hass: HomeAssistant,
    sim: Simulator,
    keys: dict[str, str],
    spoil: Fault | None,
    error: str,
) -> None:
    if spoil:
        sim.faults.add(spoil)
    result = await begin(hass, {**API_KEYS, **keys})
    assert result["step_id"] == "api_keys"
    assert result["errors"] == {"base": error}
    schema = result["data_schema"].schema
    typed = {key.schema: key.description["suggested_value"] for key in schema}
    assert typed == {**API_KEYS, **keys}
    await sim.accept_again()
    sim.faults.clear()
    await unload(hass, await finish(hass, await go_on(hass, result, API_KEYS)))


async def test_no_account(hass: HomeAssistant, sim: Simulator) -> None:
    for name in (ACCOUNT, SECOND_ACCOUNT):
        sim.world.remove_account(name)
    result = await begin(hass, API_KEYS)
    assert result["errors"] == {"base": "no_accounts"}
    sim.world.add_account(ACCOUNT, "Home")
    await unload(hass, await finish(hass, await go_on(hass, result, API_KEYS)))


@pytest.mark.parametrize("tells_rights", [True, False])
async def test_key_for_one_account(
    hass: HomeAssistant, sim: Simulator, tells_rights: bool
) -> None:
    if not tells_rights:
        sim.faults.add(
            Fault(
                "forbidden", path="/auth/currentCredential", reason="NOT_GRANTED_CALL"
            )
        )
    key = sim.world.add_consumer_key(
        rules=[
            Rule("GET", f"/sms/{ACCOUNT}"),
            Rule("GET", f"/sms/{ACCOUNT}/*"),
            Rule("POST", f"/sms/{ACCOUNT}/jobs"),
            Rule("DELETE", f"/sms/{ACCOUNT}/jobs/*"),
        ]
    )
    keys = {**API_KEYS, "consumer_key": key.key}
    result = await begin(hass, keys)
    assert result["step_id"] == "account"
    result = await go_on(hass, result, {"service_name": SECOND_ACCOUNT})
    shown = result["description_placeholders"]
    if tells_rights:
        assert result["errors"] == {"base": "rights_missing"}
        assert shown["rights"].startswith(f"GET /sms/{SECOND_ACCOUNT}, ")
    else:
        assert result["errors"] == {"base": "missing_right"}
        assert shown["right"] == f"GET /sms/{SECOND_ACCOUNT}"
    await unload(hass, await finish(hass, result))


async def test_unknown_account(hass: HomeAssistant, sim: Simulator) -> None:
    result = await begin(hass, API_KEYS)
    result = await go_on(hass, result, {"service_name": "sms-zz99999-9"})
    assert result["errors"] == {"base": "account_unknown"}
    await unload(hass, await finish(hass, result))


async def test_disabled_account(hass: HomeAssistant, sim: Simulator) -> None:
    sim.world.accounts[ACCOUNT].status = "disable"
    result = await begin(hass, API_KEYS)
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    assert result["errors"] == {"base": "account_disabled"}
    sim.world.accounts[ACCOUNT].status = "enable"
    await unload(hass, await finish(hass, result))


async def test_missing_rights_are_named(hass: HomeAssistant, sim: Simulator) -> None:
    key = sim.world.add_consumer_key(
        rules=[
            Rule("GET", "/sms"),
            Rule("GET", "/sms/*"),
            Rule("GET", "/auth/currentCredential"),
        ]
    )
    result = await begin(hass, {**API_KEYS, "consumer_key": key.key})
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    assert result["errors"] == {"base": "rights_missing"}
    assert result["description_placeholders"]["rights"] == (
        f"POST /sms/{ACCOUNT}/jobs, DELETE /sms/{ACCOUNT}/jobs/*"
    )
    key.rules.extend([Rule("POST", "/sms/*/jobs"), Rule("DELETE", "/sms/*/jobs/*")])
    await unload(hass, await finish(hass, result))


async def test_account_only_once(hass: HomeAssistant, account: MockConfigEntry) -> None:
    result = await begin(hass, API_KEYS)
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_reauth_takes_new_keys_in_place(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    old, new = API_KEYS["consumer_key"], sim.world.add_consumer_key().key
    sim.world.consumer_keys[old].status = "expired"
    with pytest.raises(Exception, match="consumer key has expired"):
        await hass.services.async_call(
            "notify",
            "send_message",
            {"entity_id": "notify.kitchen", "message": "Water!"},
            blocking=True,
        )
    [flow] = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == "reauth"
    result = await go_on(hass, flow, {**API_KEYS, "consumer_key": "fake1unknown"})
    assert result["step_id"] == "reauth_confirm"
    assert result["errors"] == {"base": "unknown_consumer_key"}
    result = await go_on(hass, result, {**API_KEYS, "consumer_key": new})
    assert result["reason"] == "reauth_successful"
    assert account.data["consumer_key"] == new
    await hass.async_block_till_done()
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": "notify.kitchen", "message": "Fire!"},
        blocking=True,
    )
    assert [m.text for m in sim.phone("+33639980001").messages] == ["Fire!"]


async def add_recipient(
    hass: HomeAssistant, entry: MockConfigEntry, typed: dict[str, Any]
) -> Any:
    """Start the recipient flow and submit its form."""
    result: Any = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "recipient"), context={"source": SOURCE_USER}
    )
    assert result["step_id"] == "user"
    return await hass.config_entries.subentries.async_configure(
        result["flow_id"], typed
    )


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"phone_numbers": ["06 39"]}, {"phone_numbers": "number_not_possible"}),
        ({"phone_numbers": ["Bob"]}, {"phone_numbers": "number_not_a_number"}),
        ({"phone_numbers": ["01 99 00 12 34"]}, {"phone_numbers": "number_landline"}),
        ({"phone_numbers": ["0899 12 34 56"]}, {"phone_numbers": "number_premium"}),
        ({"phone_numbers": []}, {"phone_numbers": "no_numbers"}),
        ({"name": " "}, {"name": "name_empty"}),
        ({"name": "KITCHEN"}, {"name": "name_taken"}),
        (
            {"name": "", "phone_numbers": ["1"]},
            {"name": "name_empty", "phone_numbers": "number_not_possible"},
        ),
    ],
)
async def test_recipient_that_cannot_be(
    hass: HomeAssistant,
    account: MockConfigEntry,
    typed: dict[str, Any],
    errors: dict[str, str],
) -> None:
    good = {"name": "Gate", "phone_numbers": ["06.39.98.00.09", "+33 6 39 98 00 09"]}
    result = await add_recipient(hass, account, {**good, **typed})
    assert result["errors"] == errors
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], good
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert hass.states.get("notify.gate")
    [subentry] = [s for s in account.subentries.values() if s.title == "Gate"]
    assert subentry.data["phone_numbers"] == ["+33639980009"]


async def test_recipient_without_a_country(
    hass: HomeAssistant, account: MockConfigEntry
) -> None:
    hass.config.country = None
    result = await add_recipient(
        hass, account, {"name": "Gate", "phone_numbers": ["06 39 98 00 09"]}
    )
    assert result["errors"] == {"phone_numbers": "number_without_country"}
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], {"name": "Gate", "phone_numbers": ["0033639980009"]}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_recipient_changed(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    [kitchen, _] = account.subentries.values()
    result: Any = await account.start_subentry_reconfigure_flow(
        hass, kitchen.subentry_id
    )
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], {"name": "Night watch", "phone_numbers": ["0639980005"]}
    )
    assert result["errors"] == {"name": "name_taken"}
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], {"name": "Cellar", "phone_numbers": ["0639980005"]}
    )
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    state = hass.states.get("notify.kitchen")
    assert state
    assert state.name == "Cellar"
    for service, data in (
        ("send_message", {"entity_id": "notify.kitchen"}),
        ("ovh_sms_kitchen", {}),
    ):
        await hass.services.async_call(
            "notify", service, {**data, "message": service}, blocking=True
        )
    assert [m.text for m in sim.phone("+33639980005").messages] == [
        "send_message",
        "ovh_sms_kitchen",
    ]
