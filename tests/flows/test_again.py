"""Sign in again: asked for by Home Assistant, or because the user wants to."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms import approval
from custom_components.ovh_sms.const import DOMAIN
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from simulator import (
    ACCOUNT,
    CLIENT_ID,
    CLIENT_SECRET,
    CONSUMER_KEY,
    USER_LOGIN,
    USER_PASSWORD,
    VIRTUAL_NUMBER,
    Fault,
    Simulator,
)
from tests.conftest import API_KEYS, make_entry, texts

from .conftest import waiting_tasks
from .steps import (
    FROM_NUMBER,
    FROM_NUMBER_SHOWN,
    ONE_ACCOUNT,
    another_customer,
    answer,
    approve,
    asked,
    go_on,
    progress,
    typed_before,
)

CLIENT = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
USER = {"login": USER_LOGIN, "password": USER_PASSWORD}


async def send(hass: HomeAssistant, text: str) -> None:
    """Send a message."""
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": "notify.kitchen", "message": text},
        blocking=True,
    )


async def begin(hass: HomeAssistant, entry: MockConfigEntry, source: str) -> Any:
    """Start to sign in again."""
    if source == "reconfigure":
        return await entry.start_reconfigure_flow(hass)
    return await entry.start_reauth_flow(hass)


@pytest.fixture(params=["reauth", "reconfigure"])
def source(request: pytest.FixtureRequest) -> str:
    """Return why one signs in again."""
    name: str = request.param
    return name


def first_step(source: str) -> str:
    """Return the step that signing in again begins with."""
    return "reauth_confirm" if source == "reauth" else "reconfigure"


def done(result: Any, source: str) -> None:
    """Check that a flow has ended well."""
    assert (result["type"], result["reason"]) == (
        FlowResultType.ABORT,
        f"{source}_successful",
    )


async def check(
    hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry, runtime: object
) -> None:
    """Check that messages leave with what is stored now, without a reload."""
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data is runtime
    await send(hass, "Water!")
    assert texts(sim, "+33639980001") == ["Water!"]
    assert hass.config_entries.flow.async_progress() == []


async def test_asked_for_after_a_send(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    runtime = account.runtime_data
    sim.world.consumer_keys[CONSUMER_KEY].status = "expired"
    with pytest.raises(HomeAssistantError, match="consumer key has expired"):
        await send(hass, "Fire!")
    [flow] = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == "reauth"
    new = sim.world.add_consumer_key().key
    result = await go_on(hass, flow, {"next_step_id": "new_keys"})
    result = await go_on(hass, result, {**API_KEYS, "consumer_key": new})
    done(result, "reauth")
    assert account.data["consumer_key"] == new
    await check(hass, sim, account, runtime)


async def test_new_keys(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, source: str
) -> None:
    runtime = account.runtime_data
    result = await begin(hass, account, source)
    assert (result["type"], result["step_id"]) == (
        FlowResultType.MENU,
        first_step(source),
    )
    result = await go_on(hass, result, {"next_step_id": "new_keys"})
    assert typed_before(result) == {"application_key": API_KEYS["application_key"]}
    customer = another_customer(sim)
    for keys, errors in (
        ({"consumer_key": "fake1unknown"}, {"base": "unknown_consumer_key"}),
        ({"consumer_key": " "}, {"consumer_key": "empty"}),
        (
            {"consumer_key": sim.world.add_consumer_key(customer=customer).key},
            {"base": "wrong_account"},
        ),
        (
            {"consumer_key": sim.world.add_consumer_key(FROM_NUMBER).key},
            {"base": "wrong_account"},
        ),
        (
            {"consumer_key": sim.world.add_consumer_key(ONE_ACCOUNT[:3]).key},
            {"base": "rights_missing"},
        ),
    ):
        result = await go_on(hass, result, {**API_KEYS, **keys})
        assert (result["step_id"], result["errors"]) == ("new_keys", errors)
        assert typed_before(result) == {**API_KEYS, **keys}
        assert account.data["consumer_key"] == CONSUMER_KEY
    new = sim.world.add_consumer_key(ONE_ACCOUNT).key
    result = await go_on(hass, result, {**API_KEYS, "consumer_key": new})
    done(result, source)
    assert account.data == {
        "auth_method": "api_keys",
        **API_KEYS,
        "consumer_key": new,
        "service_name": ACCOUNT,
    }
    await check(hass, sim, account, runtime)


async def test_approve_again(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, source: str
) -> None:
    runtime = account.runtime_data
    result = await begin(hass, account, source)
    result = await go_on(hass, result, {"next_step_id": "approve_again"})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "approve_again")
    sim.faults.add(Fault("status", times=1, status=503, path="/auth/credential"))
    result = await go_on(hass, result, {})
    assert (result["step_id"], result["errors"]) == (
        "approve_again",
        {"base": "server_error"},
    )
    result = await go_on(hass, result, {})
    result = await approve(hass, result, another_customer(sim))
    assert (result["step_id"], result["errors"]) == (
        "approve_again",
        {"base": "wrong_account"},
    )
    assert account.data["consumer_key"] == CONSUMER_KEY
    result = await go_on(hass, result, {})
    async with progress(hass, result):
        page = await answer(result, "approve")
    assert f"POST /sms/{ACCOUNT}/jobs" in page
    assert "virtualNumbers" not in page
    done(await go_on(hass, result), source)
    assert account.data["consumer_key"] != CONSUMER_KEY
    assert account.data["service_name"] == ACCOUNT
    await check(hass, sim, account, runtime)
    assert waiting_tasks() == []


async def test_not_approved_again_in_time(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
) -> None:
    runtime = account.runtime_data
    result = await begin(hass, account, source)
    result = await go_on(hass, result, {"next_step_id": "approve_again"})
    with monkeypatch.context() as patch:
        patch.setattr(approval, "APPROVAL_TIMEOUT", 0.05)
        result = await go_on(hass, result, {})
        async with progress(hass, result):
            pass
    result = await go_on(hass, result)
    assert (result["step_id"], result["errors"]) == (
        "approve_again",
        {"base": "approval_timeout"},
    )
    assert account.data["consumer_key"] == CONSUMER_KEY
    done(await approve(hass, await go_on(hass, result, {})), source)
    await check(hass, sim, account, runtime)


async def test_application_that_was_deleted(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, source: str
) -> None:
    runtime = account.runtime_data
    del sim.world.applications[API_KEYS["application_key"]]
    result = await begin(hass, account, source)
    result = await go_on(hass, result, {"next_step_id": "approve_again"})
    result = await go_on(hass, result, {})
    assert (result["step_id"], result["errors"]) == (
        "new_keys",
        {"base": "invalid_application_key"},
    )
    application = sim.world.add_application()
    key = sim.world.add_consumer_key(application_key=application.key)
    result = await go_on(
        hass,
        result,
        {
            "application_key": application.key,
            "application_secret": application.secret,
            "consumer_key": key.key,
        },
    )
    done(result, source)
    await check(hass, sim, account, runtime)


async def test_dialog_closed_while_waiting(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, source: str
) -> None:
    result = await begin(hass, account, source)
    result = await go_on(hass, result, {"next_step_id": "approve_again"})
    result = await go_on(hass, result, {})
    hass.config_entries.flow.async_abort(result["flow_id"])
    await hass.async_block_till_done()
    assert waiting_tasks() == []
    await answer(result, "approve")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert waiting_tasks() == []
    assert account.data["consumer_key"] == CONSUMER_KEY


@pytest.mark.parametrize("sender_of", ["account", "recipient"])
async def test_virtual_number_keeps_its_rights(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, sender_of: str
) -> None:
    if sender_of == "account":
        hass.config_entries.async_update_entry(
            account, options={**account.options, "sender": VIRTUAL_NUMBER}
        )
    else:
        recipient = next(iter(account.subentries.values()))
        hass.config_entries.async_update_subentry(
            account, recipient, data={**recipient.data, "sender": VIRTUAL_NUMBER}
        )
    result = await begin(hass, account, "reconfigure")
    result = await go_on(hass, result, {"next_step_id": "new_keys"})
    new = sim.world.add_consumer_key(ONE_ACCOUNT).key
    result = await go_on(hass, result, {**API_KEYS, "consumer_key": new})
    assert result["errors"] == {"base": "rights_missing"}
    assert result["description_placeholders"]["rights"] == FROM_NUMBER_SHOWN
    hass.config_entries.flow.async_abort(result["flow_id"])

    result = await begin(hass, account, "reconfigure")
    result = await go_on(hass, result, {"next_step_id": "approve_again"})
    done(await approve(hass, await go_on(hass, result, {})), "reconfigure")
    key = sim.world.consumer_keys[account.data["consumer_key"]]
    assert set(FROM_NUMBER).issubset(key.rules)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize(
    ("method", "stored", "names", "wrong", "error"),
    [
        (
            "service_account",
            {**CLIENT, "client_secret": "fake1old"},
            {"client_id": CLIENT_ID},
            {**CLIENT, "client_secret": "fake1wrong"},
            {"base": "invalid_service_account"},
        ),
        (
            "sms_user",
            {**USER, "password": "fake1old"},
            {"login": USER_LOGIN},
            {**USER, "password": " "},
            {"password": "empty"},
        ),
    ],
)
async def test_other_ways(
    hass: HomeAssistant,
    sim: Simulator,
    source: str,
    method: str,
    stored: dict[str, str],
    names: dict[str, str],
    wrong: dict[str, str],
    error: dict[str, str],
) -> None:
    entry = make_entry(hass, {"Kitchen": ["+33639980001"]})
    hass.config_entries.async_update_entry(
        entry, data={"auth_method": method, **stored, "service_name": ACCOUNT}
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    for flow in hass.config_entries.flow.async_progress():
        hass.config_entries.flow.async_abort(flow["flow_id"])
    runtime = entry.runtime_data
    result = await begin(hass, entry, source)
    assert (result["type"], result["step_id"]) == (
        FlowResultType.FORM,
        first_step(source),
    )
    assert typed_before(result) == names
    result = await go_on(hass, result, wrong)
    assert (result["step_id"], result["errors"]) == (first_step(source), error)
    assert typed_before(result) == wrong
    right = {"service_account": CLIENT, "sms_user": USER}[method]
    done(await go_on(hass, result, right), source)
    assert entry.data == {
        "auth_method": method,
        **right,
        "service_name": ACCOUNT,
    }
    await check(hass, sim, entry, runtime)
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_service_account_of_another_customer(
    hass: HomeAssistant, sim: Simulator, source: str
) -> None:
    entry = make_entry(hass, {"Kitchen": ["+33639980001"]})
    hass.config_entries.async_update_entry(
        entry,
        data={"auth_method": "service_account", **CLIENT, "service_name": ACCOUNT},
    )
    other = sim.world.add_oauth2_client(customer=another_customer(sim))
    result = await begin(hass, entry, source)
    result = await go_on(
        hass,
        result,
        {"client_id": other.identifier, "client_secret": other.secret},
    )
    assert result["errors"] == {"base": "wrong_account"}
    assert entry.data["client_id"] == CLIENT_ID
    done(await go_on(hass, result, CLIENT), source)
    assert asked(sim, f"/sms/{ACCOUNT}")
