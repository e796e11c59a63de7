"""Having OVHcloud call Home Assistant, as a person does in the options."""

from collections.abc import Mapping
from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulator import ACCOUNT, CONSUMER_KEY, Rule, Simulator
from simulator.account import Account

RECEIPTS_ELSEWHERE = "https://customer.example/receipts?token=fake0token"
REPLIES_ELSEWHERE = "https://customer.example/replies"
type Stands = Mapping[str, str | None]

NOTHING: Stands = {"receipts": None, "replies": None}
THEIRS: Stands = {"receipts": RECEIPTS_ELSEWHERE, "replies": REPLIES_ELSEWHERE}
MODES = {
    "receipts": ("webhook", "off"),
    "replies": ("poll", "webhook"),
    "both": ("webhook", "webhook"),
}
MAY_CHANGE = Rule("PUT", f"/sms/{ACCOUNT}")


def allow(sim: Simulator) -> None:
    """Give the key the right to change the account."""
    sim.world.consumer_keys[CONSUMER_KEY].rules.append(MAY_CHANGE)


def at_ovhcloud(sim: Simulator) -> Account:
    """Return the account as OVHcloud has it."""
    return sim.world.accounts[ACCOUNT]


def called(sim: Simulator) -> dict[str, str | None]:
    """Return whom OVHcloud calls, with what."""
    account = at_ovhcloud(sim)
    replies = account.response
    return {
        "receipts": account.call_back,
        "replies": replies.cgi_url if replies.type == "cgi" else None,
    }


def changes(sim: Simulator) -> list[str]:
    """Return what of the account was asked to be changed."""
    return [
        field
        for request in sim.requests
        if request.method == "PUT"
        for field in (request.json if isinstance(request.json, dict) else {})
    ]


def set_elsewhere(sim: Simulator) -> None:
    """Let OVHcloud call addresses of the customer's own."""
    account = at_ovhcloud(sim)
    account.call_back = RECEIPTS_ELSEWHERE
    account.response.type, account.response.cgi_url = "cgi", REPLIES_ELSEWHERE


def feedback(entry: MockConfigEntry) -> tuple[str | None, str | None]:
    """Return how it is noticed what comes back."""
    return entry.options.get("receipts"), entry.options.get("replies")


def shown(result: Any, error: str | None = None) -> str:
    """Return what the step that asks shows."""
    errors = {"base": error} if error else {}
    assert (result["step_id"], result["errors"]) == ("callbacks", errors)
    found: str = result["description_placeholders"]["found"]
    return found


async def options(
    hass: HomeAssistant, entry: MockConfigEntry, receipts: str, replies: str
) -> Any:
    """Choose in the options how it is noticed what comes back; the rest is as it comes."""
    flows = hass.config_entries.options
    form: Any = await flows.async_init(entry.entry_id)
    typed: dict[str, Any] = {
        str(name): field.schema({})
        for name, field in form["data_schema"].schema.items()
        if name != "sender"
    }
    typed |= {
        "sender": "HOUSE",
        "feedback": {"receipts": receipts, "replies": replies},
    }
    return await flows.async_configure(form["flow_id"], typed)


async def go_on(hass: HomeAssistant, result: Any) -> Any:
    """Submit a step of the options in which nothing is typed."""
    return await hass.config_entries.options.async_configure(result["flow_id"], {})


async def confirm(hass: HomeAssistant, result: Any) -> Any:
    """Confirm a step of the options, and let what follows from it happen."""
    result = await go_on(hass, result)
    await hass.async_block_till_done(wait_background_tasks=True)
    return result


async def choose(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    receipts: str = "webhook",
    replies: str = "webhook",
) -> None:
    """Choose how it is noticed what comes back, and confirm what that takes."""
    result = await options(hass, entry, receipts, replies)
    if result["type"] is FlowResultType.FORM:
        assert (result["step_id"], result["errors"]) == ("callbacks", {})
        result = await confirm(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await read_account(hass, entry)


async def read_account(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Read the account, as it is done every quarter of an hour."""
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done(wait_background_tasks=True)
