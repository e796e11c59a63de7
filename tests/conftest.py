"""A Home Assistant with the integration, and a simulator of OVHcloud behind it."""

from collections.abc import AsyncGenerator, Generator

from homeassistant import block_async_io
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

# Before `hass`: its configuration folder has a package of the same name.
from custom_components.ovh_sms.const import DOMAIN, ENV_API_URL
from simulator import (
    ACCOUNT,
    APPLICATION_KEY,
    APPLICATION_SECRET,
    CONSUMER_KEY,
    Simulator,
)

API_KEYS = {
    "application_key": APPLICATION_KEY,
    "application_secret": APPLICATION_SECRET,
    "consumer_key": CONSUMER_KEY,
}


@pytest.fixture(autouse=True)
def in_home_assistant(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant find the integration, where a test uses one."""
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture(autouse=True)
def no_blocking_calls(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Generator[None]:
    """Fail a test in which the event loop was blocked."""
    if "hass" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("disable_block_async_io")
    block_async_io.enable()
    yield
    assert "Detected blocking call" not in caplog.text


@pytest.fixture
async def sim(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Simulator]:
    """Run a simulator and point the integration at it."""
    simulator = Simulator()
    await simulator.start()
    monkeypatch.setenv(ENV_API_URL, simulator.url)
    yield simulator
    await simulator.stop()


@pytest.fixture
def entry(hass: HomeAssistant) -> MockConfigEntry:
    """Return an account with two recipients, one of them a group; it is not loaded."""
    hass.config.country = "FR"
    entry = MockConfigEntry(
        domain=DOMAIN,
        version=2,
        title="Home",
        unique_id=ACCOUNT,
        data={"auth_method": "api_keys", **API_KEYS, "service_name": ACCOUNT},
        options={"sender": "HOUSE"},
        subentries_data=[
            {
                "data": {"phone_numbers": ["+33639980001"]},
                "subentry_id": "01JNS0000000000000000ALICE",
                "subentry_type": "recipient",
                "title": "Kitchen",
                "unique_id": None,
            },
            {
                "data": {"phone_numbers": ["+33639980002", "+33639980003"]},
                "subentry_id": "01JNS0000000000000000GROUP",
                "subentry_type": "recipient",
                "title": "Night watch",
                "unique_id": None,
            },
        ],
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def account(
    hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry
) -> AsyncGenerator[MockConfigEntry]:
    """Return the account, loaded."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield entry
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
