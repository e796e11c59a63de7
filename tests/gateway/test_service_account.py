"""OAuth2 service accounts."""

import asyncio

import pytest

from custom_components.ovh_sms.gateway import (
    AuthFailed,
    AuthReason,
    MissingRight,
    NotSent,
    NotSentReason,
    OutcomeUnknown,
    RestGateway,
    UnknownReason,
)
from custom_components.ovh_sms.gateway.errors import RightReason
from custom_components.ovh_sms.gateway.models import ServiceAccount
from simulator import ACCOUNT, CLIENT_ID, Simulator, oauth2, world
from tests.conftest import jobs, texts

from .conftest import (
    NUMBER,
    TEXT,
    MakeGateway,
    Scripted,
    failure_of,
    make_job,
    routes,
    send,
)
from .faults import on_post

TOKEN = "POST /auth/oauth2/token"
POST = f"POST /sms/{ACCOUNT}/jobs"


async def test_send(sim: Simulator, service_account: RestGateway) -> None:
    """Send with one token for all that follows, and without a signature."""
    await send(service_account)
    await send(service_account, make_job(message="Second"))
    assert texts(sim, NUMBER) == [TEXT, "Second"]
    assert routes(sim) == [TOKEN, POST, POST]
    for request in jobs(sim):
        assert request.headers["Authorization"].startswith("Bearer ")
        assert "X-Ovh-Signature" not in request.headers


async def test_read(service_account: RestGateway) -> None:
    """Read with a service account."""
    info = await asyncio.to_thread(service_account.account, ACCOUNT)
    assert info.description == "Home"


async def test_token_near_its_end(
    sim: Simulator, service_account: RestGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Renew a token that might expire on the way, before the call."""
    monkeypatch.setattr(oauth2, "TOKEN_SECONDS", 30)
    monkeypatch.setattr(world, "TOKEN_SECONDS", 30)
    await send(service_account)
    await send(service_account)
    assert routes(sim) == [TOKEN, POST, TOKEN, POST]


async def test_token_refused(sim: Simulator, service_account: RestGateway) -> None:
    """Renew a token that OVHcloud no longer takes, and send once more."""
    await send(service_account)
    sim.world.oauth2_clients[CLIENT_ID].tokens.clear()
    sim.clear_record()
    await send(service_account, make_job(message="Second"))
    assert routes(sim) == [POST, TOKEN, POST]
    assert texts(sim, NUMBER) == [TEXT, "Second"]


async def test_token_refused_twice(
    sim: Simulator, service_account: RestGateway
) -> None:
    """Try once more, not for ever."""
    sim.faults.add(on_post({"kind": "status", "status": 401}))
    failure = await failure_of(service_account)
    assert (type(failure), failure.reason) == (AuthFailed, AuthReason.SERVICE_ACCOUNT)
    assert routes(sim) == [TOKEN, POST, TOKEN, POST]


@pytest.mark.parametrize(
    "wrong", [ServiceAccount(CLIENT_ID, "wrong"), ServiceAccount("EU.unknown", "x")]
)
async def test_wrong_secret(
    sim: Simulator, make_gateway: MakeGateway, wrong: ServiceAccount
) -> None:
    """Tell that OVHcloud does not accept the service account."""
    failure = await failure_of(make_gateway(sim.url, wrong))
    assert (type(failure), failure.reason) == (AuthFailed, AuthReason.SERVICE_ACCOUNT)
    assert jobs(sim) == []


async def test_policy_lacks_the_call(
    sim: Simulator, service_account: RestGateway
) -> None:
    """Name the call that the policy does not allow."""
    sim.world.oauth2_clients[CLIENT_ID].actions = set()
    failure = await failure_of(service_account)
    assert isinstance(failure, MissingRight)
    assert failure.reason is RightReason.MISSING_ACTION
    assert failure.right == "sms:apiovh:jobs/create"
    assert len(jobs(sim)) == 1


@pytest.mark.usefixtures("short_timeout")
async def test_send_without_answer(
    sim: Simulator, service_account: RestGateway
) -> None:
    """A send that hangs is bounded in time here too."""
    sim.faults.add(on_post({"kind": "hang"}))
    failure = await failure_of(service_account)
    assert (type(failure), failure.reason) == (OutcomeUnknown, UnknownReason.NO_ANSWER)
    assert len(jobs(sim)) == 1


async def test_refused_connection(sim: Simulator, service_account: RestGateway) -> None:
    """Tell that nothing was sent where the token endpoint cannot be reached."""
    await sim.refuse()
    failure = await failure_of(service_account)
    assert (type(failure), failure.reason) == (NotSent, NotSentReason.NO_CONNECTION)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("invalid_client", (AuthFailed, AuthReason.SERVICE_ACCOUNT)),
        ("unauthorized_client", (AuthFailed, AuthReason.SERVICE_ACCOUNT)),
        ("access_denied", (AuthFailed, AuthReason.SERVICE_ACCOUNT)),
        ("server_error", (NotSent, NotSentReason.SERVER_TROUBLE)),
        ("temporarily_unavailable", (NotSent, NotSentReason.SERVER_TROUBLE)),
        ("something_new", (NotSent, NotSentReason.SERVER_TROUBLE)),
    ],
)
async def test_why_no_token(
    scripted: Scripted,
    make_gateway: MakeGateway,
    error: str,
    expected: tuple[type[Exception], str],
) -> None:
    """Ask for other credentials only where these are at fault."""
    scripted.status = 400
    scripted.body = f'{{"error": "{error}"}}'
    gateway = make_gateway(scripted.url, ServiceAccount("EU.a", "b"))
    failure = await failure_of(gateway)
    assert (type(failure), failure.reason) == expected


async def test_token_without_an_end(
    scripted: Scripted, make_gateway: MakeGateway
) -> None:
    """Use a token that does not tell how long it lasts for one call."""
    scripted.body = '{"access_token": "t", "token_type": "Bearer"}'
    scripted.bodies["/sms"] = '["sms-a"]'
    gateway = make_gateway(scripted.url, ServiceAccount("EU.a", "b"))
    for _ in range(2):
        assert await asyncio.to_thread(gateway.accounts) == ["sms-a"]
    assert scripted.requests == [TOKEN, "GET /1.0/sms"] * 2
