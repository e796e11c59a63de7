"""A Home Assistant with the integration, and a simulator of OVHcloud behind it."""

from collections.abc import AsyncGenerator, Generator

from aiohttp import web
from aiohttp.test_utils import TestClient
from hypothesis import settings
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

# Before `hass`: its configuration folder has a package of the same name.
from custom_components.ovh_sms.const import DOMAIN, ENV_API_URL
from custom_components.ovh_sms.sms.clock import SystemClock
from homeassistant import block_async_io
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant
from simulator import (
    ACCOUNT,
    APPLICATION_KEY,
    APPLICATION_SECRET,
    CONSUMER_KEY,
    SECOND_ACCOUNT,
    RequestRecord,
    Simulator,
)
from tests import shown
from tests.deliveries import Deliveries

# The same examples in each run; scripts/fuzz looks for new ones.
settings.register_profile("suite", derandomize=True)
settings.load_profile("suite")

# They need a browser: scripts/e2e runs them.
collect_ignore = ["e2e"]

type Client = TestClient[web.Request, web.Application]

API_KEYS = {
    "application_key": APPLICATION_KEY,
    "application_secret": APPLICATION_SECRET,
    "consumer_key": CONSUMER_KEY,
}


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Give each Home Assistant a configuration folder of its own."""
    return hass_tmp_config_dir


@pytest.fixture(autouse=True)
def in_home_assistant(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant find the integration, where a test uses one."""
    if "recorder_db_url" in request.fixturenames:
        # It wants to be there before Home Assistant is.
        request.getfixturevalue("recorder_db_url")
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture(autouse=True)
def one_time(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the time that passes for a test pass for the road as well."""
    if "hass" in request.fixturenames:
        monkeypatch.setattr(SystemClock, "steady", SystemClock.now)


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


@pytest.fixture(autouse=True)
def everything_has_its_words(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Generator[None]:
    """Fail a test in which something was shown that a language has no words for."""
    missing: list[str] = []
    if "hass" in request.fixturenames:
        shown.watch(monkeypatch, missing)
    yield
    assert sorted(set(missing)) == []


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


def make_entry(
    hass: HomeAssistant,
    recipients: dict[str, list[str]],
    *,
    service_name: str = ACCOUNT,
    title: str = "Home",
    sender: str = "HOUSE",
) -> MockConfigEntry:
    """Return an account with recipients; it is not loaded."""
    hass.config.country = "FR"
    entry = MockConfigEntry(
        domain=DOMAIN,
        version=2,
        title=title,
        unique_id=service_name,
        data={"auth_method": "api_keys", **API_KEYS, "service_name": service_name},
        options={"sender": sender},
        subentries_data=[
            ConfigSubentryData(
                data={"phone_numbers": numbers},
                subentry_type="recipient",
                title=name,
                unique_id=None,
            )
            for name, numbers in recipients.items()
        ],
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
def entry(hass: HomeAssistant) -> MockConfigEntry:
    """Return an account with two recipients, one of them a group; it is not loaded."""
    return make_entry(
        hass,
        {
            "Kitchen": ["+33639980001"],
            "Night watch": ["+33639980002", "+33639980003"],
        },
    )


@pytest.fixture
def office(hass: HomeAssistant) -> MockConfigEntry:
    """Return a second account with one recipient; it is not loaded."""
    return make_entry(
        hass,
        {"Gate": ["+33639980008"]},
        service_name=SECOND_ACCOUNT,
        title="Office",
        sender="OFFICE",
    )


@pytest.fixture
async def account(
    hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry
) -> AsyncGenerator[MockConfigEntry]:
    """Return the account, loaded."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    yield entry
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_block_till_done()


@pytest.fixture
def deliveries(hass: HomeAssistant) -> Deliveries:
    """Return what the account tells."""
    return Deliveries(hass)


@pytest.fixture
async def unloaded(hass: HomeAssistant) -> AsyncGenerator[None]:
    """Unload at the end what a test has loaded by itself."""
    yield
    await hass.async_block_till_done(wait_background_tasks=True)
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


@pytest.fixture
async def home(
    hass: HomeAssistant,
    account: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> Client:
    """Let Home Assistant be called, at the address that is set for calls from outside."""
    client = await hass_client_no_auth()
    await hass.config.async_update(external_url=str(client.make_url("")).rstrip("/"))
    return client


def jobs(sim: Simulator) -> list[RequestRecord]:
    """Return the messages that reached OVHcloud, as requests."""
    return [
        request
        for request in sim.requests
        if request.method == "POST" and request.path.endswith("/jobs")
    ]


def texts(sim: Simulator, number: str) -> list[str]:
    """Return what a phone got."""
    return [
        message.text
        for message in sim.phone(number).messages
        if message.direction == "in"
    ]
