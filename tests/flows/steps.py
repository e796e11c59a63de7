"""Take the steps of a flow, as the dialog in the browser does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.data_entry_flow import (
    EVENT_DATA_ENTRY_FLOW_PROGRESSED,
    FlowResultType,
)
from simulator import ACCOUNT, CUSTOMER, RequestRecord, Rule, Simulator

ONE_ACCOUNT = (
    Rule("GET", f"/sms/{ACCOUNT}"),
    Rule("GET", f"/sms/{ACCOUNT}/*"),
    Rule("POST", f"/sms/{ACCOUNT}/jobs"),
    Rule("DELETE", f"/sms/{ACCOUNT}/jobs/*"),
    Rule("GET", "/auth/currentCredential"),
)
FROM_NUMBER = (
    Rule("POST", f"/sms/{ACCOUNT}/virtualNumbers/*/jobs"),
    Rule("DELETE", f"/sms/{ACCOUNT}/virtualNumbers/*/jobs/*"),
)
FROM_NUMBER_SHOWN = ", ".join(f"{rule.method} {rule.path}" for rule in FROM_NUMBER)
# In a description, where the stars would be taken for emphasis.
FROM_NUMBER_AS_CODE = ", ".join(f"`{rule.method} {rule.path}`" for rule in FROM_NUMBER)


def another_customer(sim: Simulator) -> str:
    """Return a customer of OVHcloud who has another SMS account."""
    sim.world.add_account("sms-zz99999-1", customer="zz99999-ovh")
    return "zz99999-ovh"


async def choose(hass: HomeAssistant, way: str) -> Any:
    """Start to set up an account, and choose a way to sign in."""
    result: Any = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "user")
    result = await go_on(hass, result, {"next_step_id": way})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, way)
    return result


async def go_on(
    hass: HomeAssistant, result: Any, typed: dict[str, Any] | None = None
) -> Any:
    """Submit a step of a config flow."""
    return await hass.config_entries.flow.async_configure(result["flow_id"], typed)


async def finish(hass: HomeAssistant, result: Any) -> MockConfigEntry:
    """Pick the first account, if it is asked for, and its sender; return the entry."""
    if result["step_id"] == "account":
        result = await go_on(hass, result, {"service_name": ACCOUNT})
    assert result["step_id"] == "sender"
    result = await go_on(hass, result, {"sender": "HOUSE"})
    return await entry_of(hass, result)


async def entry_of(hass: HomeAssistant, result: Any) -> MockConfigEntry:
    """Return the entry that a flow has made; it is unloaded again."""
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done(wait_background_tasks=True)
    entry: MockConfigEntry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    await hass.config_entries.async_unload(entry.entry_id)
    return entry


def typed_before(result: Any) -> dict[str, Any]:
    """Return what a form has filled in."""
    return {
        str(field): field.description["suggested_value"]
        for field in result["data_schema"].schema
        if field.description and field.description["suggested_value"] is not None
    }


def offered(result: Any, field: str) -> list[Any]:
    """Return what a field offers to choose from."""
    options: list[Any] = result["data_schema"].schema[field].config["options"]
    return options


def asked(sim: Simulator, route: str) -> list[RequestRecord]:
    """Return the requests to a path, without its prefix."""
    return [request for request in sim.requests if request.route == route]


@asynccontextmanager
async def progress(hass: HomeAssistant, result: Any) -> AsyncIterator[None]:
    """Wait at the end until the flow has gone on by itself."""
    gone_on = asyncio.Event()

    @callback
    def notice(event: Event) -> None:
        if event.data["flow_id"] == result["flow_id"]:
            gone_on.set()

    forget = hass.bus.async_listen(EVENT_DATA_ENTRY_FLOW_PROGRESSED, notice)
    yield
    async with asyncio.timeout(10):
        await gone_on.wait()
    forget()


async def answer(result: Any, action: str, customer: str = CUSTOMER) -> str:
    """Answer on OVHcloud's page, as a person does; return what it asked for."""
    assert (result["type"], result["step_id"]) == (
        FlowResultType.EXTERNAL_STEP,
        "authorize",
    )
    form = {"action": action, "account": customer, "validity": ""}
    async with aiohttp.ClientSession() as session:
        async with session.get(result["url"]) as page:
            text = await page.text()
        async with session.post(result["url"], data=form) as done:
            assert done.status == 200
    return text


async def approve(
    hass: HomeAssistant, result: Any, customer: str = CUSTOMER, flows: Any = None
) -> Any:
    """Approve on OVHcloud's page, and return the step that the flow goes on to."""
    async with progress(hass, result):
        await answer(result, "approve", customer)
    flows = flows or hass.config_entries.flow
    return await flows.async_configure(result["flow_id"])
