"""Set-up: the account and its sender."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulator import ACCOUNT, SECOND_ACCOUNT, VIRTUAL_NUMBER, Fault, Rule, Simulator
from tests.conftest import API_KEYS

from .steps import (
    FROM_NUMBER,
    FROM_NUMBER_AS_CODE,
    ONE_ACCOUNT,
    another_customer,
    approve,
    choose,
    entry_of,
    finish,
    go_on,
    offered,
    typed_before,
)


async def begin(hass: HomeAssistant, sim: Simulator, *rules: Rule) -> Any:
    """Type in keys, with rights of their own if any are given."""
    keys = dict(API_KEYS)
    if rules:
        keys["consumer_key"] = sim.world.add_consumer_key(rules=rules).key
    return await go_on(hass, await choose(hass, "api_keys"), keys)


async def test_one_account_is_not_asked_about(
    hass: HomeAssistant, sim: Simulator
) -> None:
    sim.world.remove_account(SECOND_ACCOUNT)
    result = await begin(hass, sim)
    assert result["step_id"] == "sender"
    await finish(hass, result)


async def test_no_account(hass: HomeAssistant, sim: Simulator) -> None:
    for name in (ACCOUNT, SECOND_ACCOUNT):
        sim.world.remove_account(name)
    result = await begin(hass, sim)
    assert (result["step_id"], result["errors"]) == (
        "api_keys",
        {"base": "no_accounts"},
    )
    sim.world.add_account(ACCOUNT, "Home")
    await finish(hass, await go_on(hass, result, API_KEYS))


async def test_account_without_a_description(
    hass: HomeAssistant, sim: Simulator
) -> None:
    sim.world.accounts[ACCOUNT].description = ""
    result = await begin(hass, sim)
    assert offered(result, "service_name")[0]["label"] == f"{ACCOUNT} ({ACCOUNT}): 250"
    entry = await finish(hass, result)
    assert entry.title == ACCOUNT


@pytest.mark.parametrize(
    "fault",
    [
        Fault("expired", path=f"/sms/{SECOND_ACCOUNT}"),
        Fault("forbidden", reason="NOT_GRANTED_CALL", path=f"/sms/{SECOND_ACCOUNT}"),
        Fault("status", status=500, path=f"/sms/{SECOND_ACCOUNT}"),
    ],
)
async def test_account_that_cannot_be_read_does_not_hide_the_others(
    hass: HomeAssistant, sim: Simulator, fault: Fault
) -> None:
    sim.faults.add(fault)
    result = await begin(hass, sim)
    assert offered(result, "service_name") == [
        {"value": ACCOUNT, "label": f"Home ({ACCOUNT}): 250"},
        {"value": SECOND_ACCOUNT, "label": SECOND_ACCOUNT},
    ]
    await finish(hass, result)


async def test_expired_account(hass: HomeAssistant, sim: Simulator) -> None:
    sim.world.remove_account(SECOND_ACCOUNT)
    sim.world.accounts[ACCOUNT].service_status = "expired"
    result = await begin(hass, sim)
    assert (result["step_id"], result["errors"]) == (
        "account",
        {"base": "account_expired"},
    )
    assert typed_before(result) == {"service_name": ACCOUNT}
    sim.world.accounts[ACCOUNT].service_status = "ok"
    await finish(hass, result)


async def test_disabled_account(hass: HomeAssistant, sim: Simulator) -> None:
    sim.world.accounts[ACCOUNT].status = "disable"
    result = await begin(hass, sim)
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    assert (result["step_id"], result["errors"]) == (
        "account",
        {"base": "account_disabled"},
    )
    sim.world.accounts[ACCOUNT].status = "enable"
    await finish(hass, result)


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ("sms-zz99999-9", {"base": "account_unknown"}),
        (" ", {"service_name": "empty"}),
    ],
)
async def test_account_that_does_not_exist(
    hass: HomeAssistant, sim: Simulator, typed: str, errors: dict[str, str]
) -> None:
    result = await begin(hass, sim)
    result = await go_on(hass, result, {"service_name": typed})
    assert (result["step_id"], result["errors"]) == ("account", errors)
    assert typed_before(result) == {"service_name": typed}
    await finish(hass, result)


async def test_network_that_goes_away(hass: HomeAssistant, sim: Simulator) -> None:
    result = await begin(hass, sim)
    await sim.refuse()
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    assert (result["step_id"], result["errors"]) == (
        "account",
        {"base": "no_connection"},
    )
    await sim.accept_again()
    await finish(hass, result)


async def test_account_only_once(hass: HomeAssistant, account: MockConfigEntry) -> None:
    result = await go_on(hass, await choose(hass, "api_keys"), API_KEYS)
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


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
    result = await begin(hass, sim, *ONE_ACCOUNT)
    assert offered(result, "service_name") == []
    result = await go_on(hass, result, {"service_name": SECOND_ACCOUNT})
    shown = result["description_placeholders"]
    assert result["step_id"] == "account"
    if tells_rights:
        assert result["errors"] == {"base": "account_not_granted"}
        assert shown["service_name"] == SECOND_ACCOUNT
    else:
        assert result["errors"] == {"base": "missing_right"}
        assert shown["right"] == f"GET /sms/{SECOND_ACCOUNT}"
    await finish(hass, result)


@pytest.mark.parametrize("listed", [True, False])
async def test_missing_rights_are_named_where_a_new_key_can_be_typed(
    hass: HomeAssistant, sim: Simulator, listed: bool
) -> None:
    rules = [Rule("GET", "/sms"), Rule("GET", "/sms/*")] if listed else ONE_ACCOUNT[:2]
    result = await begin(hass, sim, *rules)
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    assert (result["step_id"], result["errors"]) == (
        "api_keys",
        {"base": "rights_missing"},
    )
    assert result["description_placeholders"]["rights"] == (
        f"POST /sms/{ACCOUNT}/jobs, DELETE /sms/{ACCOUNT}/jobs/*"
    )
    assert typed_before(result)["application_key"] == API_KEYS["application_key"]
    await finish(hass, await go_on(hass, result, API_KEYS))


async def test_key_that_may_only_list(hass: HomeAssistant, sim: Simulator) -> None:
    result = await begin(hass, sim, Rule("GET", "/sms"))
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    assert (result["step_id"], result["errors"]) == (
        "api_keys",
        {"base": "account_not_granted"},
    )
    await finish(hass, await go_on(hass, result, API_KEYS))


async def test_key_that_expires_on_the_way(hass: HomeAssistant, sim: Simulator) -> None:
    key = sim.world.add_consumer_key()
    result = await go_on(
        hass, await choose(hass, "api_keys"), {**API_KEYS, "consumer_key": key.key}
    )
    key.status = "expired"
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    assert (result["step_id"], result["errors"]) == (
        "api_keys",
        {"base": "inactive_consumer_key"},
    )
    await finish(hass, await go_on(hass, result, API_KEYS))


@pytest.mark.parametrize("path", ["senders", "virtualNumbers"])
async def test_senders_that_may_not_be_read(
    hass: HomeAssistant, sim: Simulator, path: str
) -> None:
    sim.faults.add(
        Fault("forbidden", reason="NOT_GRANTED_CALL", path=f"/sms/{ACCOUNT}/{path}")
    )
    result = await begin(hass, sim)
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    assert offered(result, "sender") == (
        [VIRTUAL_NUMBER, "Short number (can be replied to)"]
        if path == "senders"
        else ["HOUSE", "My House", "Short number (can be replied to)"]
    )
    await finish(hass, result)


@pytest.mark.parametrize(
    ("typed", "error"),
    [("  ", "sender_empty"), ("My long house", "sender_too_long")],
)
async def test_sender_that_cannot_be(
    hass: HomeAssistant, sim: Simulator, typed: str, error: str
) -> None:
    result = await begin(hass, sim)
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    result = await go_on(hass, result, {"sender": typed})
    assert (result["step_id"], result["errors"]) == ("sender", {"sender": error})
    assert typed_before(result) == {"sender": typed}
    entry = await entry_of(hass, await go_on(hass, result, {"sender": " Other "}))
    assert entry.options["sender"] == "Other"


@pytest.mark.parametrize("sender", ["short_number", VIRTUAL_NUMBER])
async def test_sender_that_is_a_number(
    hass: HomeAssistant, sim: Simulator, sender: str
) -> None:
    result = await begin(hass, sim)
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    entry = await entry_of(hass, await go_on(hass, result, {"sender": sender}))
    assert entry.options["sender"] == sender


async def test_virtual_number_that_needs_another_right(
    hass: HomeAssistant, sim: Simulator
) -> None:
    result = await begin(hass, sim, *ONE_ACCOUNT)
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    result = await go_on(hass, result, {"sender": VIRTUAL_NUMBER})
    assert result["step_id"] == "approve_rights"
    assert result["description_placeholders"]["rights"] == FROM_NUMBER_AS_CODE
    sim.faults.add(Fault("status", times=1, status=429, path="/auth/credential"))
    result = await go_on(hass, result, {})
    assert (result["step_id"], result["errors"]) == (
        "approve_rights",
        {"base": "throttled"},
    )
    result = await go_on(hass, result, {})
    result = await approve(hass, result, another_customer(sim))
    assert (result["step_id"], result["errors"]) == (
        "approve_rights",
        {"base": "wrong_account"},
    )
    result = await approve(hass, await go_on(hass, result, {}))
    entry = await entry_of(hass, result)
    assert entry.options["sender"] == VIRTUAL_NUMBER
    assert entry.unique_id == entry.data["service_name"] == ACCOUNT
    key = sim.world.consumer_keys[entry.data["consumer_key"]]
    assert set(FROM_NUMBER).issubset(key.rules)
