"""Home Assistant's address at OVHcloud is kept right, and put back when it is not wanted."""

from collections.abc import Callable
import logging
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.diagnostics import async_get_config_entry_diagnostics
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from simulator import ACCOUNT, CONSUMER_KEY, Fault, Simulator
from tests.callbacks import (
    RECEIPTS_ELSEWHERE,
    REPLIES_ELSEWHERE,
    allow,
    at_ovhcloud,
    called,
    changes,
    choose,
    confirm,
    options,
    read_account,
)
from tests.cloud import use_cloud

from .conftest import Hints

ELSEWHERE = "https://other-house.example/api/webhook/fake0id"
BEFORE = {"receipts": RECEIPTS_ELSEWHERE, "replies": None}


def notifications(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return what is told."""
    return [*hass.data.get("persistent_notification", {}).values()]


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the log warns of."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name.endswith("upkeep")
    ]


def modes(entry: MockConfigEntry) -> tuple[str, str]:
    """Return how it is really noticed what comes back."""
    settings = entry.runtime_data.settings
    return settings.receipts, settings.replies


async def test_nothing_to_do(
    hass: HomeAssistant, listening: MockConfigEntry, sim: Simulator
) -> None:
    stored = dict(listening.options)
    await read_account(hass, listening)
    assert (changes(sim), dict(listening.options)) == ([], stored)
    assert modes(listening) == ("webhook", "webhook")


async def test_home_assistant_has_another_address(
    hass: HomeAssistant, listening: MockConfigEntry, sim: Simulator
) -> None:
    await hass.config.async_update(external_url="https://new-house.example")
    await read_account(hass, listening)
    address = f"https://new-house.example/api/webhook/{listening.options['webhook_id']}"
    assert called(sim) == {"receipts": address, "replies": address}
    assert modes(listening) == ("webhook", "webhook")
    await read_account(hass, listening)
    assert len(changes(sim)) == 2
    await choose(hass, listening, "off", "off")
    assert called(sim) == BEFORE


async def test_somebody_took_it_out(
    hass: HomeAssistant, listening: MockConfigEntry, sim: Simulator
) -> None:
    """Where nothing stands, nobody loses anything."""
    ours = called(sim)
    at_ovhcloud(sim).call_back = None
    at_ovhcloud(sim).response.type = "none"
    await read_account(hass, listening)
    assert called(sim) == ours


def call_elsewhere(sim: Simulator) -> None:
    """Let OVHcloud call another address with both."""
    account = at_ovhcloud(sim)
    account.call_back = ELSEWHERE
    account.response.cgi_url = ELSEWHERE


def answer_replies(sim: Simulator) -> None:
    """Let OVHcloud answer replies, and call another address with receipts."""
    account = at_ovhcloud(sim)
    account.call_back = ELSEWHERE
    account.response.type, account.response.text = "text", "Thank you"


@pytest.mark.parametrize("change", [call_elsewhere, answer_replies])
async def test_somebody_set_something_else(
    hass: HomeAssistant,
    listening: MockConfigEntry,
    sim: Simulator,
    hints: Hints,
    caplog: pytest.LogCaptureFixture,
    change: Callable[[Simulator], None],
) -> None:
    """It is left alone and told of once; OVHcloud is asked instead, until it is set again."""
    change(sim)
    theirs = called(sim)
    await read_account(hass, listening)
    await read_account(hass, listening)
    assert (called(sim), changes(sim)) == (theirs, [])
    assert modes(listening) == ("poll", "poll")
    assert len(warnings(caplog)) == 2
    assert all(ELSEWHERE not in warning for warning in warnings(caplog))
    assert hints.replies == 1
    # Who saves the options again is asked whether to replace it.
    result = await options(hass, listening, "webhook", "webhook")
    assert result["step_id"] == "callbacks"
    await confirm(hass, result)
    await read_account(hass, listening)
    assert modes(listening) == ("webhook", "webhook")
    await choose(hass, listening, "poll", "off")
    assert called(sim) == theirs


async def test_turned_off_where_something_else_stands(
    hass: HomeAssistant, listening: MockConfigEntry, sim: Simulator
) -> None:
    call_elsewhere(sim)
    theirs = called(sim)
    await choose(hass, listening, "poll", "off")
    assert (called(sim), changes(sim)) == (theirs, [])
    assert "callbacks" not in listening.options


async def test_no_address_any_more(
    hass: HomeAssistant,
    listening: MockConfigEntry,
    sim: Simulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = hass.config.external_url
    await hass.config.async_update(external_url=None)
    await read_account(hass, listening)
    assert (modes(listening), changes(sim)) == (("poll", "poll"), [])
    assert len(warnings(caplog)) == 2
    await hass.config.async_update(external_url=url)
    await read_account(hass, listening)
    assert modes(listening) == ("webhook", "webhook")


async def test_new_address_that_cannot_be_set(
    hass: HomeAssistant,
    listening: MockConfigEntry,
    sim: Simulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ours = called(sim)
    await hass.config.async_update(external_url="https://new-house.example")
    fault = sim.faults.add(Fault("status", status=503, method="PUT"))
    await read_account(hass, listening)
    assert (modes(listening), called(sim)) == (("poll", "poll"), ours)
    sim.faults.remove(fault.id)
    await read_account(hass, listening)
    assert modes(listening) == ("webhook", "webhook")
    assert "https://new-house.example" in (called(sim)["replies"] or "")


async def test_cloud_that_comes_and_goes(
    hass: HomeAssistant,
    listening: MockConfigEntry,
    sim: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An address of the cloud takes over, and stays while the cloud is away for a moment."""
    cloud = use_cloud(hass, monkeypatch)
    await read_account(hass, listening)
    [hook] = cloud.hooks.values()
    assert called(sim) == {"receipts": hook, "replies": hook}
    cloud.is_connected = False
    await read_account(hass, listening)
    assert called(sim) == {"receipts": hook, "replies": hook}
    assert modes(listening) == ("webhook", "webhook")
    cloud.is_logged_in = False
    await read_account(hass, listening)
    assert hook not in called(sim).values()
    assert modes(listening) == ("webhook", "webhook")


async def test_after_a_restore_of_a_backup(
    hass: HomeAssistant, listening: MockConfigEntry, sim: Simulator
) -> None:
    """What OVHcloud calls already is right, whatever address was stored once."""
    stored = {kind: dict(v) for kind, v in listening.options["callbacks"].items()}
    for place in stored.values():
        place["address"] = "https://old-house.example/api/webhook/fake0id"
    hass.config_entries.async_update_entry(
        listening, options={**listening.options, "callbacks": stored}
    )
    await read_account(hass, listening)
    assert (modes(listening), changes(sim)) == (("webhook", "webhook"), [])
    await choose(hass, listening, "poll", "poll")
    assert called(sim) == BEFORE


async def test_options_that_were_never_agreed_to(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    hass.config_entries.async_update_entry(
        account, options={**account.options, "receipts": "webhook"}
    )
    await read_account(hass, account)
    assert (modes(account)[0], changes(sim)) == ("poll", [])


async def test_turned_off_while_ovhcloud_is_away(
    hass: HomeAssistant, listening: MockConfigEntry, sim: Simulator
) -> None:
    """The user is told what was there, and it is put back once OVHcloud can be reached."""
    at_ovhcloud(sim).response.text = "x"
    await sim.refuse()
    await choose(hass, listening, "poll", "off")
    [told] = notifications(hass)
    assert told["title"] == "Home: OVHcloud still calls Home Assistant"
    assert (
        f"- **Delivery receipts**: `{RECEIPTS_ELSEWHERE}` is called." in told["message"]
    )
    assert "- **Replies**: nothing is done with them." in told["message"]
    await read_account(hass, listening)
    assert len(notifications(hass)) == 1
    await sim.accept_again()
    await read_account(hass, listening)
    assert (called(sim), notifications(hass)) == (BEFORE, [])
    assert not {"webhook_id", "callbacks"} & listening.options.keys()


async def test_put_back_that_is_refused(
    hass: HomeAssistant, listening: MockConfigEntry, sim: Simulator
) -> None:
    fault = sim.faults.add(Fault("status", status=503, method="PUT"))
    await choose(hass, listening, "poll", "webhook")
    assert len(notifications(hass)) == 1
    assert listening.options["callbacks"].keys() == {"receipts", "replies"}
    sim.faults.remove(fault.id)
    await read_account(hass, listening)
    assert (called(sim)["receipts"], notifications(hass)) == (RECEIPTS_ELSEWHERE, [])
    assert listening.options["callbacks"].keys() == {"replies"}
    assert modes(listening) == ("poll", "webhook")


async def test_right_that_is_lost(
    hass: HomeAssistant, listening: MockConfigEntry, sim: Simulator
) -> None:
    """A key that may not change the account any more is told of in repairs."""
    rules = sim.world.consumer_keys[CONSUMER_KEY].rules
    rules[:] = [rule for rule in rules if rule.method != "PUT"]
    await hass.config_entries.async_reload(listening.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    [issue] = ir.async_get(hass).issues.values()
    assert (issue.translation_placeholders or {})["rights"] == f"`PUT /sms/{ACCOUNT}`"


async def test_removed(
    hass: HomeAssistant,
    listening: MockConfigEntry,
    sim: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloud = use_cloud(hass, monkeypatch)
    await read_account(hass, listening)
    assert cloud.hooks
    await hass.config_entries.async_remove(listening.entry_id)
    assert (called(sim), cloud.hooks) == (BEFORE, {})
    [told] = notifications(hass)
    assert RECEIPTS_ELSEWHERE not in told["message"]


async def test_removed_while_ovhcloud_is_away(
    hass: HomeAssistant, listening: MockConfigEntry, sim: Simulator
) -> None:
    await sim.refuse()
    await hass.config_entries.async_remove(listening.entry_id)
    [told] = notifications(hass)
    assert "OVHcloud still calls Home Assistant for this SMS account" in told["message"]
    assert f"`{RECEIPTS_ELSEWHERE}` is called" in told["message"]
    assert "https://www.ovh.com/manager/" in told["message"]


async def test_diagnostics(
    hass: HomeAssistant, listening: MockConfigEntry, sim: Simulator
) -> None:
    """Support sees whether OVHcloud calls, and no address."""
    at_ovhcloud(sim).response.cgi_url = REPLIES_ELSEWHERE
    await read_account(hass, listening)
    told = await async_get_config_entry_diagnostics(hass, listening)
    assert told["called_by_ovhcloud"] == {"receipts": True, "replies": False}
    assert told["options"]["receipts"] == told["options"]["replies"] == "webhook"
    assert listening.options["webhook_id"] not in str(told)
    assert "127.0.0.1" not in str(told) and REPLIES_ELSEWHERE not in str(told)


async def test_who_may_not_change_the_account_is_not_asked_to(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    """Who wants none of it needs no right for it, and nothing is changed."""
    allow(sim)
    await read_account(hass, account)
    assert (changes(sim), account.runtime_data.coordinator.missing) == ([], ())
