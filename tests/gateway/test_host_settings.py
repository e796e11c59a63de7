"""What is set on the host does not change who we are."""

import asyncio
from pathlib import Path
import threading

import ovh.client
import ovh.config
import pytest

from custom_components.ovh_sms.gateway import AuthFailed, AuthReason, RestGateway
from custom_components.ovh_sms.gateway.models import ServiceAccount
from simulator import ACCOUNT, Simulator
from tests.conftest import jobs

from .conftest import KEYS, SERVICE_ACCOUNT, MakeGateway, failure_of, send


@pytest.fixture
def home() -> Path:
    """Return the home folder that the tests have."""
    return Path.home()


@pytest.mark.parametrize("credentials", [KEYS, SERVICE_ACCOUNT])
async def test_netrc_is_ignored(
    sim: Simulator, make_gateway: MakeGateway, home: Path, credentials: ServiceAccount
) -> None:
    """Send no password of the host's to OVHcloud."""
    netrc = home / ".netrc"
    netrc.write_text("default login someone password hunter2\n")
    netrc.chmod(0o600)
    await send(make_gateway(sim.url, credentials))
    for request in jobs(sim):
        assert not request.headers.get("Authorization", "").startswith("Basic")


async def test_configuration_file_is_ignored(
    sim: Simulator, gateway: RestGateway, home: Path
) -> None:
    """Use our credentials and our address, not those of an ovh.conf."""
    (home / ".ovh.conf").write_text(
        "[default]\nendpoint=ovh-us\n"
        "[ovh-eu]\napplication_key=other\napplication_secret=other\n"
        "consumer_key=other\nclient_id=other\nclient_secret=other\n"
    )
    await send(gateway)
    assert len(jobs(sim)) == 1


@pytest.mark.parametrize(
    ("names", "credentials"),
    [
        (("OVH_CLIENT_ID", "OVH_CLIENT_SECRET"), KEYS),
        (("OVH_CLIENT_ID",), KEYS),
        (("OVH_APPLICATION_KEY", "OVH_APPLICATION_SECRET"), SERVICE_ACCOUNT),
    ],
)
async def test_environment_in_the_way(
    sim: Simulator,
    make_gateway: MakeGateway,
    monkeypatch: pytest.MonkeyPatch,
    names: tuple[str, ...],
    credentials: ServiceAccount,
) -> None:
    """Tell that the host's own credentials get in the way, and recover without them."""
    for name in names:
        monkeypatch.setenv(name, "other")
    gateway = make_gateway(sim.url, credentials)
    failure = await failure_of(gateway)
    assert (type(failure), failure.reason) == (
        AuthFailed,
        AuthReason.HOST_CONFIGURATION,
    )
    assert sim.requests == []
    for name in names:
        monkeypatch.delenv(name)
    await send(gateway)


async def test_environment_that_is_not_in_the_way(
    sim: Simulator, gateway: RestGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Use our keys, not those of the environment."""
    for name in ("ENDPOINT", "APPLICATION_KEY", "APPLICATION_SECRET", "CONSUMER_KEY"):
        monkeypatch.setenv(f"OVH_{name}", "ovh-us")
    await send(gateway)
    assert jobs(sim)[0].headers["X-Ovh-Application"] == KEYS.application_key


async def test_other_clients_keep_their_endpoints(
    sim: Simulator, gateway: RestGateway
) -> None:
    """Leave the library's own endpoints to whoever else uses it."""
    await send(gateway)
    assert ovh.client.ENDPOINTS["ovh-eu"] == "https://eu.api.ovh.com/1.0"


async def test_nothing_is_read_on_the_event_loop(
    sim: Simulator, make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read the library's files on a worker thread, not where a gateway is made."""
    readers: list[threading.Thread] = []
    read = ovh.config.ConfigurationManager.__init__

    def notice(self: object) -> None:
        readers.append(threading.current_thread())
        read(self)

    monkeypatch.setattr(ovh.config.ConfigurationManager, "__init__", notice)
    gateway = make_gateway(sim.url)
    assert readers == []
    await asyncio.to_thread(gateway.account, ACCOUNT)
    assert readers and threading.main_thread() not in readers
