"""OVHcloud calls Home Assistant: nothing is left half done, whatever fails."""

import asyncio
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import UnknownFlow
from simulator import ACCOUNT, Fault, Simulator
from simulator.rest import account as rest
from tests.callbacks import (
    MODES,
    NOTHING,
    RECEIPTS_ELSEWHERE,
    REPLIES_ELSEWHERE,
    THEIRS,
    allow,
    at_ovhcloud,
    called,
    choose,
    confirm,
    feedback,
    options,
    read_account,
    set_elsewhere,
    shown,
)
from tests.conftest import Client


@pytest.fixture
def puts(sim: Simulator) -> str:
    """Let the key change the account; return the path for faults."""
    allow(sim)
    set_elsewhere(sim)
    return f"/sms/{ACCOUNT}"


@pytest.mark.parametrize("applied", ["before", "after"])
async def test_one_of_two_fails(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    home: Client,
    puts: str,
    applied: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result = await options(hass, account, "webhook", "webhook")
    fail_second_put(sim, monkeypatch, Fault("reset", method="PUT", applied=applied))
    result = await confirm(hass, result)
    assert shown(result, "connection_lost")
    assert (called(sim), feedback(account)) == (THEIRS, (None, None))
    assert "callbacks" not in account.options
    await confirm(hass, result)
    assert not set(called(sim).values()) & set(THEIRS.values())
    await choose(hass, account, "off", "off")
    assert called(sim) == THEIRS


@pytest.mark.parametrize("goes_on", [False, True])
async def test_away_in_between(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    home: Client,
    puts: str,
    goes_on: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What could not be put back at once is put back later, whatever the user does."""
    result = await options(hass, account, "webhook", "webhook")
    fail_second_put(sim, monkeypatch, Fault("refuse"))
    result = await confirm(hass, result)
    assert shown(result, "connection_lost")
    assert shown(await confirm(hass, result), "no_connection")
    assert called(sim)["receipts"] != RECEIPTS_ELSEWHERE
    await sim.accept_again()
    if goes_on:
        result = await confirm(hass, result)
        assert shown(result, "callbacks_changed").splitlines() == [
            "- **Delivery receipts**: Home Assistant is called already.",
            f"- **Replies**: `{REPLIES_ELSEWHERE}` is called.",
        ]
        await confirm(hass, result)
        assert not set(called(sim).values()) & set(THEIRS.values())
        await choose(hass, account, "poll", "off")
    else:
        hass.config_entries.options.async_abort(result["flow_id"])
        await read_account(hass, account)
        assert feedback(account) == (None, None)
    assert called(sim) == THEIRS
    assert "callbacks" not in account.options


def fail_second_put(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    """Have a fault meet the second change of the account, the first being through."""
    fault.times = fault.left = None if fault.kind == "refuse" else 1
    original = rest._assign
    done: list[object] = []

    def assign(target: object, given: dict[str, object], names: Any) -> None:
        original(target, given, names)
        if "callBack" in given and not done:
            done.append(target)
            sim.faults.add(fault)

    monkeypatch.setattr(rest, "_assign", assign)


@pytest.mark.parametrize("kind", ["receipts", "replies"])
async def test_our_address_that_was_set_by_hand(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    home: Client,
    kind: str,
) -> None:
    """Our own address is not taken for the customer's, which would be put back one day."""
    allow(sim)
    other = {"receipts": "replies", "replies": "receipts"}[kind]
    await choose(hass, account, *MODES[other])
    ours = called(sim)[other]
    at_ovhcloud(sim).call_back = ours
    at_ovhcloud(sim).response.type = "cgi"
    at_ovhcloud(sim).response.cgi_url = ours
    result = await options(hass, account, "webhook", "webhook")
    fault = sim.faults.add(Fault("status", status=503, method="PUT"))
    result = await confirm(hass, result)
    # It may have been set all the same, and is put back where that can be.
    assert shown(result, "server_error")
    sim.faults.remove(fault.id)
    await read_account(hass, account)
    assert called(sim) == {kind: None, other: ours}
    result = await confirm(hass, result)
    await confirm(hass, result)
    await choose(hass, account, "poll", "off")
    assert called(sim) == NOTHING


async def test_refused_where_one_is_called_already(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, home: Client
) -> None:
    allow(sim)
    await choose(hass, account, "webhook", "off")
    ours = called(sim)
    result = await options(hass, account, "webhook", "webhook")
    fault = sim.faults.add(Fault("status", status=429, method="PUT"))
    result = await confirm(hass, result)
    assert shown(result, "throttled")
    assert (called(sim), feedback(account)) == (ours, ("webhook", "off"))
    sim.faults.remove(fault.id)
    await confirm(hass, result)
    assert called(sim)["replies"] == called(sim)["receipts"] == ours["receipts"]


async def test_dialog_closed_while_ovhcloud_is_asked(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    home: Client,
    puts: str,
) -> None:
    result = await options(hass, account, "webhook", "webhook")
    fault = sim.faults.add(Fault("hang", method="PUT", path=puts))
    sim.clear_record()
    step = hass.async_create_task(confirm(hass, result))
    async with asyncio.timeout(10):
        while not any(request.method == "PUT" for request in sim.requests):
            await asyncio.sleep(0)
    hass.config_entries.options.async_abort(result["flow_id"])
    sim.faults.remove(fault.id)
    with pytest.raises(UnknownFlow):
        await step
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (called(sim), feedback(account)) == (THEIRS, (None, None))
    assert "callbacks" not in account.options
