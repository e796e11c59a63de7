"""OVHcloud calls Home Assistant: asked for, shown and agreed to."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.gateway.rights import IAM_ACTIONS
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulator import ACCOUNT, Fault, Simulator
from tests.callbacks import (
    MAY_CHANGE,
    MODES,
    NOTHING,
    RECEIPTS_ELSEWHERE,
    REPLIES_ELSEWHERE,
    THEIRS,
    allow,
    at_ovhcloud,
    called,
    changes,
    choose,
    confirm,
    feedback,
    go_on,
    options,
    set_elsewhere,
    shown,
)
from tests.cloud import use_cloud
from tests.conftest import Client, make_entry

from .steps import another_customer, approve, asked, typed_before


@pytest.mark.parametrize("chosen", MODES)
async def test_where_nothing_was(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    home: Client,
    chosen: str,
) -> None:
    allow(sim)
    result = await options(hass, account, *MODES[chosen])
    found = shown(result)
    kinds = [kind for kind in ("receipts", "replies") if chosen in (kind, "both")]
    assert found.splitlines() == [
        {
            "receipts": "- **Delivery receipts**: no address is called.",
            "replies": "- **Replies**: nothing is done with them.",
        }[kind]
        for kind in kinds
    ]
    address = result["description_placeholders"]["address"].strip("`")
    assert address.startswith(str(home.make_url("/api/webhook/")))
    # Nothing is set before it is agreed to.
    assert (changes(sim), feedback(account)) == ([], (None, None))
    result = await confirm(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert called(sim) == {
        **NOTHING,
        **dict.fromkeys(kinds, address),
    }
    assert len(changes(sim)) == len(kinds)
    assert feedback(account) == MODES[chosen]
    # What is in force is not asked about again, and may be out of reach.
    await sim.refuse()
    result = await options(hass, account, *MODES[chosen])
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_where_something_was(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, home: Client
) -> None:
    allow(sim)
    set_elsewhere(sim)
    result = await options(hass, account, "webhook", "webhook")
    assert shown(result).splitlines() == [
        f"- **Delivery receipts**: `{RECEIPTS_ELSEWHERE}` is called.",
        f"- **Replies**: `{REPLIES_ELSEWHERE}` is called.",
    ]
    await confirm(hass, result)
    assert str(home.make_url("")) in (called(sim)["receipts"] or "")
    assert called(sim)["receipts"] == called(sim)["replies"]
    # One is turned off, then the other.
    await choose(hass, account, "poll", "webhook")
    assert called(sim)["receipts"] == RECEIPTS_ELSEWHERE
    assert called(sim)["replies"] != REPLIES_ELSEWHERE
    await choose(hass, account, "poll", "off")
    assert called(sim) == THEIRS
    assert not {"webhook_id", "callbacks"} & account.options.keys()


async def test_replies_that_are_answered(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, home: Client
) -> None:
    allow(sim)
    response = at_ovhcloud(sim).response
    response.type, response.text = "text", "We `do not` read this"
    result = await options(hass, account, "poll", "webhook")
    assert shown(result) == (
        "- **Replies**: each gets the answer `We 'do not' read this`."
    )
    await confirm(hass, result)
    assert response.type == "cgi"
    await choose(hass, account, "poll", "poll")
    assert (response.type, response.text, response.cgi_url) == (
        "text",
        "We `do not` read this",
        None,
    )


async def test_sms_user_has_no_such_options(
    hass: HomeAssistant, sim: Simulator, unloaded: None
) -> None:
    entry = make_entry(hass, {})
    hass.config_entries.async_update_entry(
        entry,
        data={
            "auth_method": "sms_user",
            "login": "alarm",
            "password": "fake0pw1",
            "service_name": ACCOUNT,
        },
    )
    await hass.config_entries.async_setup(entry.entry_id)
    flows = hass.config_entries.options
    form: Any = await flows.async_init(entry.entry_id)
    sections = form["data_schema"].schema
    assert "feedback" not in sections and "limits" in sections
    typed = {str(n): f.schema({}) for n, f in sections.items() if n != "sender"}
    result = await flows.async_configure(form["flow_id"], {"sender": "HOUSE", **typed})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert feedback(entry) == (None, None)


async def test_no_address(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, home: Client
) -> None:
    allow(sim)
    url = hass.config.external_url
    await hass.config.async_update(
        external_url=None, internal_url="http://homeassistant.local:8123"
    )
    result = await options(hass, account, "webhook", "poll")
    # What is in a section shows its error there.
    assert (result["step_id"], result["errors"]) == (
        "init",
        {"feedback": "no_address"},
    )
    section = next(
        v for k, v in result["data_schema"].schema.items() if k == "feedback"
    )
    assert not section.options["collapsed"]
    assert typed_before({"data_schema": section.schema}) == {
        "receipts": "webhook",
        "replies": "poll",
    }
    await hass.config.async_update(external_url=url)
    result = await options(hass, account, "webhook", "poll")
    await hass.config.async_update(external_url=None)
    result = await confirm(hass, result)
    assert shown(result, "no_address")
    assert (changes(sim), feedback(account)) == ([], (None, None))
    await hass.config.async_update(external_url=url)
    await confirm(hass, result)
    assert called(sim)["receipts"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("refuse"), "no_connection"),
        (Fault("status", status=503), "server_trouble"),
        (Fault("status", status=429), "throttled"),
    ],
)
async def test_ovhcloud_away_when_it_is_chosen(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    home: Client,
    fault: Fault,
    error: str,
) -> None:
    allow(sim)
    sim.faults.add(fault)
    result = await options(hass, account, "webhook", "webhook")
    assert (result["step_id"], result["errors"]) == ("init", {"base": error})
    section = next(
        v for k, v in result["data_schema"].schema.items() if k == "feedback"
    )
    assert set(typed_before({"data_schema": section.schema}).values()) == {"webhook"}
    sim.faults.clear()
    await sim.accept_again()
    await choose(hass, account)


async def test_right_that_the_key_lacks(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, home: Client
) -> None:
    flows = hass.config_entries.options
    result = await options(hass, account, "webhook", "off")
    assert (result["step_id"], result["errors"]) == ("approve_rights", {})
    assert result["description_placeholders"]["rights"] == f"`PUT /sms/{ACCOUNT}`"
    result = await approve(
        hass, await go_on(hass, result), another_customer(sim), flows
    )
    assert result["errors"] == {"base": "wrong_account"}
    result = await approve(hass, await go_on(hass, result), flows=flows)
    assert shown(result)
    key = sim.world.consumer_keys[account.data["consumer_key"]]
    assert MAY_CHANGE in key.rules
    assert (changes(sim), feedback(account)) == ([], (None, None))
    await confirm(hass, result)
    assert feedback(account) == ("webhook", "off")
    assert called(sim)["receipts"]


async def test_right_that_ovhcloud_does_not_tell(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, home: Client
) -> None:
    fault = sim.faults.add(
        Fault("forbidden", path="/auth/currentCredential", reason="NOT_GRANTED_CALL")
    )
    result = await confirm(hass, await options(hass, account, "webhook", "off"))
    assert (result["step_id"], result["errors"]) == (
        "approve_rights",
        {"base": "missing_right"},
    )
    assert result["description_placeholders"]["rights"] == f"`PUT /sms/{ACCOUNT}`"
    assert feedback(account) == (None, None)
    sim.faults.remove(fault.id)
    result = await approve(
        hass, await go_on(hass, result), flows=hass.config_entries.options
    )
    await confirm(hass, result)
    assert feedback(account) == ("webhook", "off")


async def test_action_that_the_policy_lacks(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, home: Client
) -> None:
    client = sim.world.add_oauth2_client()
    client.actions = set(IAM_ACTIONS)
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
    result = await confirm(hass, await options(hass, account, "webhook", "webhook"))
    assert shown(result, "missing_action")
    assert result["description_placeholders"]["right"] == "sms:apiovh:put"
    assert (called(sim), feedback(account)) == (NOTHING, (None, None))
    client.actions.add("sms:apiovh:put")
    await confirm(hass, result)
    assert feedback(account) == ("webhook", "webhook")
    assert None not in called(sim).values()


async def test_changed_while_it_was_looked_at(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, home: Client
) -> None:
    allow(sim)
    result = await options(hass, account, "webhook", "webhook")
    set_elsewhere(sim)
    result = await confirm(hass, result)
    assert REPLIES_ELSEWHERE in shown(result, "callbacks_changed")
    assert called(sim) == THEIRS
    await confirm(hass, result)
    await choose(hass, account, "poll", "off")
    assert called(sim) == THEIRS


async def test_address_of_the_cloud(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    allow(sim)
    cloud = use_cloud(hass, monkeypatch)
    result = await options(hass, account, "webhook", "webhook")
    assert shown(result)
    # It is asked for only once it is agreed to.
    assert (cloud.hooks, result["description_placeholders"]["address"]) == (
        {},
        "`https://hooks.nabu.casa/…`",
    )
    cloud.is_broken = True
    result = await confirm(hass, result)
    assert shown(result, "no_address")
    cloud.is_broken = False
    fault = sim.faults.add(Fault("status", status=503, method="PUT"))
    result = await confirm(hass, result)
    assert shown(result, "server_error")
    assert cloud.hooks == {}
    sim.faults.remove(fault.id)
    await confirm(hass, result)
    assert set(called(sim).values()) == set(cloud.hooks.values())
    await choose(hass, account, "poll", "off")
    assert (called(sim), cloud.hooks) == (NOTHING, {})


async def test_what_is_in_force_needs_its_right(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, home: Client
) -> None:
    """Who approves again is asked for the right as well."""
    allow(sim)
    await choose(hass, account)
    flow = await account.start_reauth_flow(hass)
    sim.clear_record()
    await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"next_step_id": "approve_again"}
    )
    await hass.config_entries.flow.async_configure(flow["flow_id"], {})
    [request] = asked(sim, "/auth/credential")
    assert isinstance(request.json, dict)
    rules = request.json["accessRules"]
    assert {"method": "PUT", "path": f"/sms/{ACCOUNT}"} in rules
    hass.config_entries.flow.async_abort(flow["flow_id"])
