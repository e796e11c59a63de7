"""Set-up by approving on OVHcloud's page."""

import asyncio
from typing import Any

import pytest

from custom_components.ovh_sms import approval
from custom_components.ovh_sms.gateway.rights import RIGHTS
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
from simulator import ACCOUNT, CONSUMER_KEY, SECOND_ACCOUNT, Fault, Simulator
from tests.conftest import API_KEYS

from .conftest import Tries, waiting_tasks
from .steps import answer, approve, asked, choose, finish, go_on, progress, typed_before

APPLICATION = {
    "application_key": API_KEYS["application_key"],
    "application_secret": API_KEYS["application_secret"],
}
TRY = "/auth/currentCredential"


async def begin(hass: HomeAssistant, **application: str) -> Any:
    """Type in the application, some of it changed."""
    result = await choose(hass, "sign_in")
    return await go_on(hass, result, {**APPLICATION, **application})


async def test_approved(hass: HomeAssistant, sim: Simulator) -> None:
    result = await begin(hass)
    assert asked(sim, "/auth/credential")[0].json == {
        "accessRules": [
            {"method": right.method, "path": right.path} for right in RIGHTS
        ]
    }
    # Looking at the dialog anew changes nothing.
    assert (await go_on(hass, result))["type"] is FlowResultType.EXTERNAL_STEP
    async with progress(hass, result):
        page = await answer(result, "approve")
    assert "POST /sms/*/jobs" in page
    result = await go_on(hass, result)
    assert result["step_id"] == "account"
    entry = await finish(hass, result)
    key = sim.world.consumer_keys[entry.data["consumer_key"]]
    assert key.key != CONSUMER_KEY
    assert entry.data == {
        "auth_method": "api_keys",
        **APPLICATION,
        "consumer_key": key.key,
        "service_name": ACCOUNT,
    }
    assert waiting_tasks() == []


async def test_application_that_does_not_exist(
    hass: HomeAssistant, sim: Simulator
) -> None:
    result = await begin(hass, application_key="fake1unknown1key")
    assert (result["step_id"], result["errors"]) == (
        "sign_in",
        {"base": "invalid_application_key"},
    )
    assert typed_before(result) == {
        **APPLICATION,
        "application_key": "fake1unknown1key",
    }
    result = await go_on(hass, result, APPLICATION)
    await finish(hass, await approve(hass, result))


async def test_nothing_typed_in_a_field(hass: HomeAssistant, sim: Simulator) -> None:
    result = await begin(hass, application_secret=" ")
    assert (result["step_id"], result["errors"]) == (
        "sign_in",
        {"application_secret": "empty"},
    )
    result = await go_on(hass, result, APPLICATION)
    await finish(hass, await approve(hass, result))


async def test_no_network(hass: HomeAssistant, sim: Simulator) -> None:
    await sim.refuse()
    result = await begin(hass)
    assert (result["step_id"], result["errors"]) == (
        "sign_in",
        {"base": "no_connection"},
    )
    await sim.accept_again()
    result = await go_on(hass, result, APPLICATION)
    await finish(hass, await approve(hass, result))


@pytest.mark.parametrize("refused", [True, False])
async def test_not_approved_in_time(
    hass: HomeAssistant,
    sim: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    refused: bool,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(approval, "APPROVAL_TIMEOUT", 0.1)
        result = await begin(hass)
        async with progress(hass, result):
            if refused:
                await answer(result, "refuse")
    result = await go_on(hass, result)
    assert (result["step_id"], result["errors"]) == (
        "sign_in",
        {"base": "approval_timeout"},
    )
    assert typed_before(result) == APPLICATION
    assert waiting_tasks() == []
    result = await go_on(hass, result, APPLICATION)
    await finish(hass, await approve(hass, result))


async def test_wrong_secret(
    hass: HomeAssistant, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(approval, "SECRET_TIMEOUT", 0.05)
        result = await begin(hass, application_secret="fake1wrong")
        async with progress(hass, result):
            await answer(result, "approve")
    result = await go_on(hass, result)
    assert (result["step_id"], result["errors"]) == (
        "sign_in",
        {"base": "invalid_application_secret"},
    )
    assert typed_before(result) == {**APPLICATION, "application_secret": "fake1wrong"}
    result = await go_on(hass, result, APPLICATION)
    await finish(hass, await approve(hass, result))


async def test_secret_is_right_once_it_was_accepted(
    hass: HomeAssistant,
    sim: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    tries: Tries,
) -> None:
    monkeypatch.setattr(approval, "SECRET_TIMEOUT", 0)
    result = await begin(hass)
    await tries(2)
    fault = sim.faults.add(Fault("signature", path=TRY))
    await tries(2)
    sim.faults.remove(fault.id)
    assert (await go_on(hass, result))["type"] is FlowResultType.EXTERNAL_STEP
    await finish(hass, await approve(hass, result))


@pytest.mark.parametrize(
    "fault",
    [
        Fault("refuse"),
        Fault("reset", path=TRY),
        Fault("status", status=503),
        Fault("signature", path=TRY),
    ],
)
async def test_trouble_while_waiting(
    hass: HomeAssistant, sim: Simulator, tries: Tries, fault: Fault
) -> None:
    result = await begin(hass)
    sim.faults.add(fault)
    await tries(3)
    assert (await go_on(hass, result))["type"] is FlowResultType.EXTERNAL_STEP
    sim.faults.clear()
    await sim.accept_again()
    await finish(hass, await approve(hass, result))


async def test_dialog_closed(hass: HomeAssistant, sim: Simulator, tries: Tries) -> None:
    result = await begin(hass)
    await tries(1)
    hass.config_entries.flow.async_abort(result["flow_id"])
    await hass.async_block_till_done()
    assert waiting_tasks() == []
    await answer(result, "approve")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert waiting_tasks() == []
    assert hass.config_entries.async_entries() == []
    assert hass.config_entries.flow.async_progress() == []
    result = await begin(hass)
    await finish(hass, await approve(hass, result))


async def test_dialog_closed_while_a_key_is_asked_for(
    hass: HomeAssistant, sim: Simulator
) -> None:
    fault = sim.faults.add(Fault("hang", path="/auth/credential"))
    result = await choose(hass, "sign_in")
    step = hass.async_create_task(go_on(hass, result, APPLICATION))
    async with asyncio.timeout(10):
        while not asked(sim, "/auth/credential"):
            await asyncio.sleep(0)
    hass.config_entries.flow.async_abort(result["flow_id"])
    sim.faults.remove(fault.id)
    with pytest.raises(UnknownFlow):
        await step
    assert waiting_tasks() == []


async def test_approved_when_nobody_waits_any_more(
    hass: HomeAssistant, sim: Simulator
) -> None:
    asked_for = await approval.Approval.async_request(
        hass, {"auth_method": "api_keys", **APPLICATION}, RIGHTS
    )
    sim.world.consumer_keys[asked_for.data["consumer_key"]].status = "validated"
    asked_for.watch(hass.config_entries.flow, "gone")
    await hass.async_block_till_done(wait_background_tasks=True)
    await hass.async_block_till_done()
    assert (asked_for.over, asked_for.error) == (True, None)


async def test_approved_by_a_customer_without_an_account(
    hass: HomeAssistant, sim: Simulator
) -> None:
    mine = [sim.world.accounts.pop(name) for name in (ACCOUNT, SECOND_ACCOUNT)]
    result = await approve(hass, await begin(hass))
    assert (result["step_id"], result["errors"]) == ("sign_in", {"base": "no_accounts"})
    assert typed_before(result) == APPLICATION
    sim.world.accounts.update({account.name: account for account in mine})
    result = await go_on(hass, result, APPLICATION)
    await finish(hass, await approve(hass, result))
