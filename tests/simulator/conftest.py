"""A running simulator, and OVHcloud's own client pointed at it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import ovh
import ovh.client
import pytest

from simulator import (
    APPLICATION_KEY,
    APPLICATION_SECRET,
    CONSUMER_KEY,
    DrivenClock,
    Simulator,
)

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=ZoneInfo("Europe/Paris"))

type Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
async def sim(socket_enabled: None) -> AsyncIterator[Simulator]:
    """Run a simulator whose time stands at noon of a Tuesday."""
    simulator = Simulator(clock=DrivenClock(NOON))
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def web(socket_enabled: None) -> AsyncIterator[aiohttp.ClientSession]:
    """Give a plain HTTP client."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def make_client(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., ovh.Client]]:
    """Make clients of the simulator, with the default keys unless told otherwise."""
    monkeypatch.setitem(ovh.client.ENDPOINTS, "ovh-eu", f"{sim.url}/1.0")
    made: list[ovh.Client] = []

    def make(
        application_key: str = APPLICATION_KEY,
        application_secret: str = APPLICATION_SECRET,
        consumer_key: str = CONSUMER_KEY,
        timeout: float = 5,
    ) -> ovh.Client:
        client = ovh.Client(
            "ovh-eu", application_key, application_secret, consumer_key, timeout=timeout
        )
        made.append(client)
        return client

    yield make
    for client in made:
        client._session.close()


@pytest.fixture
def ask(make_client: Callable[..., ovh.Client]) -> Ask:
    """Call the API with the default keys."""
    clients: list[ovh.Client] = []

    async def call(method: str, path: str, **parameters: object) -> Any:
        if not clients:
            clients.append(make_client())
        return await asyncio.to_thread(getattr(clients[0], method), path, **parameters)

    return call


@pytest.fixture
def send(ask: Ask) -> Ask:
    """Send from the first account; whatever is given replaces the defaults."""

    async def post(**changes: object) -> Any:
        body = {
            "message": "Water leak in the cellar",
            "receivers": ["+33639980001"],
            "sender": "HOUSE",
            "noStopClause": True,
        }
        given = {
            name: value for name, value in (body | changes).items() if value is not ...
        }
        return await ask("post", "/sms/sms-ab12345-1/jobs", **given)

    return post


@pytest.fixture
def call(sim: Simulator, make_client: Callable[..., ovh.Client]) -> Ask:
    """Call the API with every right."""
    rights = [(method, "/*") for method in ("GET", "POST", "PUT", "DELETE")]
    client = make_client(consumer_key=sim.world.add_consumer_key(rules=rights).key)

    async def ask_all(method: str, path: str, **parameters: object) -> Any:
        return await asyncio.to_thread(getattr(client, method), path, **parameters)

    return ask_all
