"""What comes before a send: the time, or a token. A failure there has sent nothing."""

import asyncio

import pytest

from custom_components.ovh_sms.gateway import (
    ApiKeys,
    AuthFailed,
    AuthReason,
    NotSent,
    NotSentReason,
)
from custom_components.ovh_sms.gateway.client import Client, ClockOffset
from custom_components.ovh_sms.gateway.models import ServiceAccount
from custom_components.ovh_sms.gateway.rest import RestGateway
from simulator import (
    APPLICATION_KEY,
    APPLICATION_SECRET,
    CLIENT_ID,
    CLIENT_SECRET,
    CONSUMER_KEY,
    Fault,
    Simulator,
)
from tests.conftest import jobs, texts

from .conftest import (
    KEYS,
    NUMBER,
    TEXT,
    MakeGateway,
    Scripted,
    failure_of,
    routes,
    send,
)
from .faults import BODIES

ANSWERS = [
    *((status, "json") for status in (204, 400, 401, 403, 404, 408, 460, 500)),
    *((status, body) for status in (200, 429, 503) for body in BODIES),
]
TROUBLE = NotSentReason.SERVER_TROUBLE


@pytest.mark.parametrize(("status", "body"), ANSWERS)
@pytest.mark.parametrize("path", ["/auth/time", "/auth/oauth2/token"])
async def test_odd_preparation(
    sim: Simulator,
    gateway: RestGateway,
    service_account: RestGateway,
    path: str,
    status: int,
    body: str,
) -> None:
    """Whatever the answer before a send is, the send can be tried again."""
    chosen = gateway if path == "/auth/time" else service_account
    sim.faults.add(Fault("status", status=status, body=body, path=path, retry_after=9))
    failure = await failure_of(chosen)
    assert isinstance(failure, NotSent)
    throttled = status == 429
    assert failure.reason is (NotSentReason.THROTTLED if throttled else TROUBLE)
    assert failure.retry_after == (9 if throttled else None)
    assert jobs(sim) == []
    sim.faults.clear()
    await send(chosen)
    assert texts(sim, NUMBER) == [TEXT]


@pytest.mark.parametrize("kind", ["reset", "hang"])
@pytest.mark.parametrize("path", ["/auth/time", "/auth/oauth2/token"])
@pytest.mark.usefixtures("short_timeout")
async def test_preparation_without_answer(
    sim: Simulator,
    gateway: RestGateway,
    service_account: RestGateway,
    path: str,
    kind: str,
) -> None:
    """No answer before a send means that nothing was sent; it is bounded in time."""
    sim.faults.add(Fault(kind, path=path))
    failure = await failure_of(gateway if path == "/auth/time" else service_account)
    assert (type(failure), failure.reason) == (NotSent, NotSentReason.NO_CONNECTION)
    assert jobs(sim) == []
    assert len(sim.requests) == 1


@pytest.mark.parametrize(
    "body", ['"soon"', "1e999", "true x", "[1]", "{}", "null", "[" * 9999]
)
async def test_odd_time(
    scripted: Scripted, make_gateway: MakeGateway, body: str
) -> None:
    """A time that is none has sent nothing."""
    scripted.bodies["/auth/time"] = body
    failure = await failure_of(make_gateway(scripted.url))
    assert (type(failure), failure.reason) == (NotSent, TROUBLE)
    assert scripted.posts == 0


async def test_time_is_asked_once(sim: Simulator, gateway: RestGateway) -> None:
    """Ask for the time once for all that follows."""
    for _ in range(3):
        await send(gateway)
    assert routes(sim).count("GET /auth/time") == 1


async def test_time_is_never_asked_during_a_send(sim: Simulator) -> None:
    """Sign with the time that was prepared, even if another thread forgot it since."""
    clock = ClockOffset()
    client = Client(KEYS, clock, sim.url)
    await asyncio.to_thread(client.prepare)
    clock.forget()
    sim.clear_record()
    await asyncio.to_thread(client.call, "GET", "/sms")
    client.close()
    assert routes(sim) == ["GET /sms"]


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (("", APPLICATION_SECRET, CONSUMER_KEY), AuthReason.APPLICATION_KEY),
        ((APPLICATION_KEY, "", CONSUMER_KEY), AuthReason.APPLICATION_SECRET),
        ((APPLICATION_KEY, APPLICATION_SECRET, ""), AuthReason.CONSUMER_KEY_UNKNOWN),
        (("a\nb", APPLICATION_SECRET, CONSUMER_KEY), AuthReason.APPLICATION_KEY),
        ((" key", APPLICATION_SECRET, CONSUMER_KEY), AuthReason.APPLICATION_KEY),
        (("clé", APPLICATION_SECRET, CONSUMER_KEY), AuthReason.APPLICATION_KEY),
        (("“key”", APPLICATION_SECRET, CONSUMER_KEY), AuthReason.APPLICATION_KEY),
        ((APPLICATION_KEY, "\ud800", CONSUMER_KEY), AuthReason.APPLICATION_SECRET),
        ((APPLICATION_KEY, "…", CONSUMER_KEY), AuthReason.APPLICATION_SECRET),
        (
            (APPLICATION_KEY, APPLICATION_SECRET, "key\n"),
            AuthReason.CONSUMER_KEY_UNKNOWN,
        ),
        ((APPLICATION_KEY, APPLICATION_SECRET, "…"), AuthReason.CONSUMER_KEY_UNKNOWN),
    ],
)
async def test_keys_that_cannot_be_keys(
    sim: Simulator,
    make_gateway: MakeGateway,
    keys: tuple[str, str, str],
    reason: AuthReason,
) -> None:
    """Tell which key is wrong where it cannot even be sent."""
    failure = await failure_of(make_gateway(sim.url, ApiKeys(*keys)))
    assert (type(failure), failure.reason) == (AuthFailed, reason)
    assert jobs(sim) == []


@pytest.mark.parametrize(
    ("client_id", "client_secret"),
    [("", CLIENT_SECRET), (CLIENT_ID, ""), ("“id”", CLIENT_SECRET), (CLIENT_ID, "…")],
)
async def test_service_accounts_that_cannot_be(
    sim: Simulator, make_gateway: MakeGateway, client_id: str, client_secret: str
) -> None:
    """Tell that a service account is wrong where it cannot even be sent."""
    gateway = make_gateway(sim.url, ServiceAccount(client_id, client_secret))
    failure = await failure_of(gateway)
    assert (type(failure), failure.reason) == (AuthFailed, AuthReason.SERVICE_ACCOUNT)
    assert sim.requests == []


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (("unknown", APPLICATION_SECRET, CONSUMER_KEY), AuthReason.APPLICATION_KEY),
        ((APPLICATION_KEY, "wrong", CONSUMER_KEY), AuthReason.APPLICATION_SECRET),
        (
            (APPLICATION_KEY, APPLICATION_SECRET, "unknown"),
            AuthReason.CONSUMER_KEY_UNKNOWN,
        ),
    ],
)
async def test_wrong_keys(
    sim: Simulator,
    make_gateway: MakeGateway,
    keys: tuple[str, str, str],
    reason: AuthReason,
) -> None:
    """Tell which key OVHcloud does not accept, after asking once."""
    failure = await failure_of(make_gateway(sim.url, ApiKeys(*keys)))
    assert (type(failure), failure.reason) == (AuthFailed, reason)
    assert len(jobs(sim)) == 1


async def test_key_not_validated(sim: Simulator, gateway: RestGateway) -> None:
    """Tell that nobody approved the consumer key, or that it has expired."""
    sim.world.consumer_keys[CONSUMER_KEY].status = "pendingValidation"
    failure = await failure_of(gateway)
    assert (type(failure), failure.reason) == (
        AuthFailed,
        AuthReason.CONSUMER_KEY_INACTIVE,
    )
