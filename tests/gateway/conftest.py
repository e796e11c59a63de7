"""Gateways to the simulator, and to a server that answers whatever a test tells it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass, field
import os
from pathlib import Path
import ssl
import time
import traceback
from typing import Any

from aiohttp import web
import ovh.config
import pytest

from custom_components.ovh_sms.gateway import (
    ApiKeys,
    GatewayError,
    Job,
    JobReport,
    RestGateway,
    client as connection,
)
from custom_components.ovh_sms.gateway.models import ServiceAccount
from simulator import (
    ACCOUNT,
    APPLICATION_KEY,
    APPLICATION_SECRET,
    CLIENT_ID,
    CLIENT_SECRET,
    CONSUMER_KEY,
    Simulator,
)

KEYS = ApiKeys(APPLICATION_KEY, APPLICATION_SECRET, CONSUMER_KEY)
SERVICE_ACCOUNT = ServiceAccount(CLIENT_ID, CLIENT_SECRET)
NUMBER = "+33639980001"
TEXT = "Water leak in the cellar"
# A message that was accepted.
REPORT = (
    '{"ids": [1], "validReceivers": ["+33639980001"], "invalidReceivers": [],'
    ' "totalCreditsRemoved": 1}'
)
SECRETS = (APPLICATION_SECRET, CONSUMER_KEY, CLIENT_SECRET, NUMBER, NUMBER[1:], TEXT)
LOGGER = "custom_components.ovh_sms"

type MakeGateway = Callable[..., RestGateway]


def make_job(**changes: Any) -> Job:
    """Return a job that is accepted as it is, but for the changes."""
    given: dict[str, Any] = {
        "message": TEXT,
        "receivers": (NUMBER,),
        "tag": "ha0123456789abcdef00",
        "sender": "HOUSE",
    }
    return Job(**(given | changes))


async def send(
    gateway: RestGateway, job: Job | None = None, account: str = ACCOUNT
) -> JobReport:
    """Send on a worker thread."""
    return await asyncio.to_thread(gateway.send, account, job or make_job())


async def failure_of(gateway: RestGateway, job: Job | None = None) -> GatewayError:
    """Return why a send did not succeed."""
    with pytest.raises(GatewayError) as caught:
        await send(gateway, job)
    return caught.value


def assert_discreet(failure: GatewayError, caplog: pytest.LogCaptureFixture) -> None:
    """Look for secrets wherever an error may be shown."""
    shown = [
        str(failure),
        repr(failure),
        repr(failure.args),
        *traceback.format_exception(failure),
        *(
            f"{record.getMessage()} {record.exc_text} {record.args}"
            for record in caplog.records
            if record.name.startswith(LOGGER)
        ),
    ]
    for secret in SECRETS:
        assert not any(secret in text for text in shown)


def routes(sim: Simulator) -> list[str]:
    """Return what was asked of the simulator, in order."""
    return [f"{request.method} {request.route}" for request in sim.requests]


@dataclass
class Scripted:
    """A server that answers `/auth/time` well and everything else as it is told."""

    url: str = ""
    body: str = "null"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Answer a request."""
        self.requests.append(f"{request.method} {request.raw_path}")
        route = request.raw_path.partition("/1.0")[2]
        if route == "/auth/time" and route not in self.bodies:
            return web.json_response(int(time.time()))
        return web.Response(
            text=self.bodies.get(route, self.body),
            status=self.status,
            headers=self.headers,
            content_type="application/json",
        )

    @property
    def posts(self) -> int:
        """Count the sends that reached it."""
        return sum(request.startswith("POST") for request in self.requests)


async def serve(
    scripted: Scripted, tls: ssl.SSLContext | None = None
) -> AsyncGenerator[Scripted]:
    """Run a scripted server."""
    runner = web.ServerRunner(web.Server(scripted.answer), shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    port = runner.addresses[0][1]
    scripted.url = f"http{'s' if tls else ''}://127.0.0.1:{port}"
    yield scripted
    await runner.cleanup()


@pytest.fixture
async def scripted(socket_enabled: None) -> AsyncGenerator[Scripted]:
    """Run a server that answers whatever a test tells it."""
    async for server in serve(Scripted()):
        yield server


@pytest.fixture(autouse=True)
def bare_host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take away what the host that runs the tests has set."""
    for name in list(os.environ):
        if name.startswith("OVH_") or name.lower().endswith(("_proxy", "_ca_bundle")):
            monkeypatch.delenv(name)
    monkeypatch.delenv("NETRC", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(ovh.config, "CONFIG_PATH", [str(tmp_path / ".ovh.conf")])


@pytest.fixture
def short_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a call give up soon."""
    monkeypatch.setattr(connection, "TIMEOUT", (0.5, 0.5))


@pytest.fixture
def make_gateway() -> Generator[MakeGateway]:
    """Make gateways that are closed at the end."""
    made: list[RestGateway] = []

    def make(
        url: str | None, credentials: ApiKeys | ServiceAccount = KEYS
    ) -> RestGateway:
        made.append(RestGateway(credentials, url))
        return made[-1]

    yield make
    for gateway in made:
        gateway.close()


@pytest.fixture
def gateway(sim: Simulator, make_gateway: MakeGateway) -> RestGateway:
    """Return a gateway with API keys to the simulator."""
    return make_gateway(sim.url)


@pytest.fixture
def service_account(sim: Simulator, make_gateway: MakeGateway) -> RestGateway:
    """Return a gateway with a service account to the simulator."""
    return make_gateway(sim.url, SERVICE_ACCOUNT)
