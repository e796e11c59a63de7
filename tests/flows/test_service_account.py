"""Set-up with a service account."""

from typing import Any

import pytest

from custom_components.ovh_sms.gateway.rights import IAM_ACTIONS
from homeassistant.core import HomeAssistant
from simulator import (
    ACCOUNT,
    CLIENT_ID,
    CLIENT_SECRET,
    VIRTUAL_NUMBER,
    Fault,
    Simulator,
)

from .steps import choose, entry_of, finish, go_on, offered, typed_before

CLIENT = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
TOKEN = "/auth/oauth2/token"


async def begin(hass: HomeAssistant, **client: str) -> Any:
    """Type in the service account, some of it changed."""
    result = await choose(hass, "service_account")
    for action in IAM_ACTIONS:
        assert action in result["description_placeholders"]["actions"]
    return await go_on(hass, result, {**CLIENT, **client})


async def test_entry(hass: HomeAssistant, sim: Simulator) -> None:
    entry = await finish(hass, await begin(hass))
    assert entry.data == {
        "auth_method": "service_account",
        **CLIENT,
        "service_name": ACCOUNT,
    }


async def test_virtual_number_needs_no_other_key(
    hass: HomeAssistant, sim: Simulator
) -> None:
    result = await begin(hass)
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    entry = await entry_of(hass, await go_on(hass, result, {"sender": VIRTUAL_NUMBER}))
    assert entry.options["sender"] == VIRTUAL_NUMBER


@pytest.mark.parametrize(
    ("client", "spoil", "errors"),
    [
        ({"client_id": "EU.unknown"}, None, {"base": "invalid_service_account"}),
        ({"client_secret": "fake1wrong"}, None, {"base": "invalid_service_account"}),
        ({"client_secret": " "}, None, {"client_secret": "empty"}),
        ({}, Fault("status", status=503, path=TOKEN), {"base": "server_trouble"}),
        ({}, Fault("refuse"), {"base": "no_connection"}),
    ],
)
async def test_service_account_that_does_not_work(
    hass: HomeAssistant,
    sim: Simulator,
    client: dict[str, str],
    spoil: Fault | None,
    errors: dict[str, str],
) -> None:
    if spoil:
        sim.faults.add(spoil)
    result = await begin(hass, **client)
    assert (result["step_id"], result["errors"]) == ("service_account", errors)
    assert typed_before(result) == {**CLIENT, **client}
    sim.faults.clear()
    await sim.accept_again()
    await finish(hass, await go_on(hass, result, CLIENT))


async def test_host_settings_in_the_way(
    hass: HomeAssistant, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("OVH_APPLICATION_KEY", "other")
        patch.setenv("OVH_APPLICATION_SECRET", "other")
        result = await begin(hass)
    assert result["errors"] == {"base": "host_configuration"}
    await finish(hass, await go_on(hass, result, CLIENT))


async def test_policy_that_lacks_an_action(hass: HomeAssistant, sim: Simulator) -> None:
    fault = Fault("forbidden", reason="IAM", path=f"/sms/{ACCOUNT}")
    sim.faults.add(fault)
    result = await begin(hass)
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    assert (result["step_id"], result["errors"]) == (
        "service_account",
        {"base": "missing_action"},
    )
    assert result["description_placeholders"]["right"] == "sms:apiovh:get"
    assert typed_before(result) == CLIENT
    sim.faults.clear()
    await finish(hass, await go_on(hass, result, CLIENT))


async def test_policy_that_allows_nothing(hass: HomeAssistant, sim: Simulator) -> None:
    client = sim.world.oauth2_clients[CLIENT_ID]
    client.actions = set()
    result = await begin(hass)
    assert offered(result, "service_name") == []
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    assert (result["step_id"], result["errors"]) == (
        "account",
        {"base": "missing_action"},
    )
    client.actions = set(IAM_ACTIONS)
    await finish(hass, result)
