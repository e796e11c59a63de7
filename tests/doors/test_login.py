"""Two-factor login with a code by SMS."""

from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from homeassistant.auth import auth_manager_from_config
from homeassistant.auth.providers.homeassistant import HassAuthProvider
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from simulator import Simulator
from tests.conftest import texts

# The codes are made by a library that Home Assistant installs once they are used.
pytest.importorskip("pyotp")

PHONE = "+33639980001"
CLIENT = "http://127.0.0.1:8123/"
ANN = {"username": "ann", "password": "correct horse"}


@pytest.fixture
async def token(hass: HomeAssistant) -> str:
    """Let Ann have an account with a password, and return a token of hers."""
    hass.auth = await auth_manager_from_config(
        hass, [{"type": "homeassistant"}], [{"type": "notify"}]
    )
    [provider] = hass.auth.auth_providers
    assert isinstance(provider, HassAuthProvider)
    await provider.async_initialize()
    await provider.async_add_auth(**ANN)
    user = await hass.auth.async_create_user("Ann", group_ids=["system-admin"])
    await hass.auth.async_link_user(
        user, await provider.async_get_or_create_credentials({"username": "ann"})
    )
    refresh_token = await hass.auth.async_create_refresh_token(user, CLIENT)
    return hass.auth.async_create_access_token(refresh_token)


def code_on(sim: Simulator, phone: str) -> str:
    """Return the code that stands in the last SMS."""
    return texts(sim, phone)[-1].split()[0]


async def enrol(hass: HomeAssistant, ws: Any, sim: Simulator) -> dict[str, Any]:
    """Go through the dialog of the profile page."""

    async def step(**data: Any) -> dict[str, Any]:
        await ws.send_json_auto_id({"type": "auth/setup_mfa", **data})
        answer = await ws.receive_json()
        await hass.async_block_till_done(wait_background_tasks=True)
        result: dict[str, Any] = answer["result"]
        return result

    form = await step(mfa_module_id="notify")
    [services] = [f for f in form["data_schema"] if f["name"] == "notify_service"]
    assert ["ovh_sms_kitchen", "ovh_sms_kitchen"] in services["options"]
    form = await step(
        flow_id=form["flow_id"], user_input={"notify_service": "ovh_sms_kitchen"}
    )
    return await step(flow_id=form["flow_id"], user_input={"code": code_on(sim, PHONE)})


async def log_in(client: TestClient[Any, Any], *steps: dict[str, str]) -> Any:
    """Go through the login page, and return its last answer."""
    path = "/auth/login_flow"
    answer = await client.post(
        path,
        json={
            "client_id": CLIENT,
            "handler": ["homeassistant", None],
            "redirect_uri": CLIENT,
        },
    )
    flow = await answer.json()
    for step in steps:
        answer = await client.post(
            f"{path}/{flow['flow_id']}", json={"client_id": CLIENT, **step}
        )
    return await answer.json()


async def test_login_with_a_code_by_sms(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    token: str,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    assert await async_setup_component(hass, "auth", {})
    ws = await hass_ws_client(hass, token)
    assert (await enrol(hass, ws, sim))["type"] == "create_entry"

    client = await hass_client_no_auth()
    form = await log_in(client, ANN)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (form["type"], form["step_id"]) == ("form", "mfa")
    assert len(texts(sim, PHONE)) == 2

    path = f"/auth/login_flow/{form['flow_id']}"
    answer = await client.post(path, json={"client_id": CLIENT, "code": "000000"})
    assert (await answer.json())["errors"] == {"base": "invalid_code"}
    answer = await client.post(
        path, json={"client_id": CLIENT, "code": code_on(sim, PHONE)}
    )
    done = await answer.json()
    assert done["type"] == "create_entry"
    answer = await client.post(
        "/auth/token",
        data={
            "client_id": CLIENT,
            "grant_type": "authorization_code",
            "code": done["result"],
        },
    )
    assert (await answer.json())["access_token"]
