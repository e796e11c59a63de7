"""An account in trouble, and the dialog in which the user mends it."""

from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.ovh_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from simulator import ACCOUNT, USER_LOGIN, USER_PASSWORD, Simulator
from tests.conftest import make_entry
from tests.test_coordinator import set_up, settle
from tests.test_repairs import repair

KITCHEN = "+33639980001"


def reason(hass: HomeAssistant) -> str | None:
    """Return why the account cannot send, as its sensor has it."""
    state = hass.states.get("binary_sensor.home_problem")
    assert state and state.state in ("on", "off")
    told: str | None = state.attributes["reason"]
    assert (told is None) == (state.state == "off")
    return told


def told(hass: HomeAssistant, key: str, entry: MockConfigEntry) -> dict[str, str]:
    """Return what goes into the sentences of a repair, which must be there."""
    issue = repair(hass, key, entry)
    assert issue and issue.translation_placeholders
    return issue.translation_placeholders


async def change(hass: HomeAssistant, entry: MockConfigEntry, **options: Any) -> None:
    """Change options, as the user does."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    await settle(hass)


async def reload(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Load an account anew."""
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)


def write_protect(entry: MockConfigEntry, *, on: bool = True) -> None:
    """Have the disk refuse what is written to the ledger, as root sees it too."""
    ledger = entry.runtime_data.dispatcher._ledger
    ledger._database.execute(f"PRAGMA query_only = {on:d}")


class Repairs:
    """The dialog in which a user mends what can be mended."""

    def __init__(self, hass: HomeAssistant, client: TestClient[Any, Any]) -> None:
        """Talk to Home Assistant as the browser does."""
        self._hass = hass
        self._client = client

    async def confirm(self, key: str, entry: MockConfigEntry) -> dict[str, Any]:
        """Open a repair and confirm what it asks; return how that ended."""
        answer = await self._client.post(
            "/api/repairs/issues/fix",
            json={"handler": DOMAIN, "issue_id": f"{key}_{entry.entry_id}"},
        )
        form = await answer.json()
        assert (form["type"], form["step_id"]) == ("form", "confirm")
        answer = await self._client.post(
            f"/api/repairs/issues/fix/{form['flow_id']}", json={}
        )
        end: dict[str, Any] = await answer.json()
        await settle(self._hass)
        return end


@pytest.fixture
async def repairs(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Repairs:
    """Return the dialog of the repairs."""
    # Nobody can add an address once there is a connection.
    for domain in ("repairs", "webhook"):
        assert await async_setup_component(hass, domain, {})
    return Repairs(hass, await hass_client())


@pytest.fixture
async def sms_user(hass: HomeAssistant, sim: Simulator) -> MockConfigEntry:
    """Return an account that is used by an SMS user, loaded."""
    entry = make_entry(
        hass,
        {"Kitchen": [KITCHEN], "Night watch": ["+33639980002", "+33639980003"]},
    )
    credentials = {"login": USER_LOGIN, "password": USER_PASSWORD}
    hass.config_entries.async_update_entry(
        entry,
        data={"auth_method": "sms_user", "service_name": ACCOUNT, **credentials},
    )
    await set_up(hass, entry)
    return entry
