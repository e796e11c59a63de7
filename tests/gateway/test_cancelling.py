"""An SMS is withdrawn, or has left; and what goes wrong with that and with reading."""

import asyncio
from collections.abc import Callable
import logging
from typing import Any

import pytest

from custom_components.ovh_sms.gateway import (
    ApiKeys,
    AuthFailed,
    AuthReason,
    GatewayError,
    MissingRight,
    NotSent,
    NotSentReason,
    OutcomeUnknown,
    Refused,
    RefusedReason,
    RestGateway,
    UnknownReason,
)
from custom_components.ovh_sms.gateway.errors import NotFound
from custom_components.ovh_sms.gateway.rights import IAM_ACTIONS, Need, account_rights
from simulator import (
    ACCOUNT,
    APPLICATION_KEY,
    APPLICATION_SECRET,
    CLIENT_ID,
    CONSUMER_KEY,
    VIRTUAL_NUMBER,
    Fault,
    Rule,
    Simulator,
)
from tests.conftest import texts

from .conftest import (
    LOGGER,
    NUMBER,
    TEXT,
    MakeGateway,
    Scripted,
    assert_discreet,
    make_job,
    routes,
    send,
)
from .faults import name

type Call = Callable[[RestGateway, str, str | None], object]

# Every call that reads back or cancels, on an account or a virtual number of it.
CALLS: dict[str, Call] = {
    "pending": lambda gateway, name, number: gateway.pending(name, number),
    "pending_sms": lambda gateway, name, number: gateway.pending_sms(name, [7], number),
    "pending_batch": lambda gateway, name, number: gateway.pending_sms(
        name, [7, 8], number
    ),
    "outgoing": lambda gateway, name, number: gateway.outgoing(
        name, tag="leak", virtual_number=number
    ),
    "outgoing_sms": lambda gateway, name, number: gateway.outgoing_sms(
        name, [7], number
    ),
    "outgoing_batch": lambda gateway, name, number: gateway.outgoing_sms(
        name, [7, 8], number
    ),
    "cancel": lambda gateway, name, number: gateway.cancel(name, 7, number),
}
# The right that each of them needs, below the account or the virtual number.
NEEDS = {
    "pending": "GET jobs",
    "pending_sms": "GET jobs/*",
    "pending_batch": "GET jobs/*",
    "outgoing": "GET outgoing",
    "outgoing_sms": "GET outgoing/*",
    "outgoing_batch": "GET outgoing/*",
    "cancel": "DELETE jobs/*",
}
every_call = pytest.mark.parametrize("call", CALLS)
every_scope = pytest.mark.parametrize(
    ("number", "scope"),
    [(None, ""), (VIRTUAL_NUMBER, "virtualNumbers/")],
    ids=["account", "number"],
)


async def make(
    gateway: RestGateway, call: str, name: str = ACCOUNT, number: str | None = None
) -> Any:
    """Make a call on a worker thread."""
    return await asyncio.to_thread(CALLS[call], gateway, name, number)


async def failure_of(*arguments: Any) -> GatewayError:
    """Return why a call did not succeed."""
    with pytest.raises(GatewayError) as caught:
        await make(*arguments)
    return caught.value


@pytest.mark.parametrize("number", [None, VIRTUAL_NUMBER])
async def test_cancel(sim: Simulator, gateway: RestGateway, number: str | None) -> None:
    """Withdraw what waits: it never leaves, and what it cost comes back."""
    job = make_job(virtual_number=number, delay_minutes=60)
    [sms_id] = (await send(gateway, job)).ids
    assert sim.world.accounts[ACCOUNT].credits_left == 249
    assert await asyncio.to_thread(gateway.cancel, ACCOUNT, sms_id, number) is True
    assert sim.world.accounts[ACCOUNT].credits_left == 250
    await sim.advance(3600)
    assert texts(sim, NUMBER) == []
    scope = f"virtualNumbers/{number}/" if number else ""
    assert routes(sim)[-1] == f"DELETE /sms/{ACCOUNT}/{scope}jobs/{sms_id}"
    # A second time there is nothing to withdraw.
    assert await asyncio.to_thread(gateway.cancel, ACCOUNT, sms_id, number) is False


async def test_cancel_what_left(sim: Simulator, gateway: RestGateway) -> None:
    """Tell that it is too late, and touch nothing."""
    [sms_id] = (await send(gateway, make_job(delay_minutes=1))).ids
    await sim.advance(60)
    assert await asyncio.to_thread(gateway.cancel, ACCOUNT, sms_id) is False
    assert texts(sim, NUMBER) == [TEXT]
    assert await asyncio.to_thread(gateway.outgoing, ACCOUNT) == [sms_id]


@every_call
async def test_account_unknown(gateway: RestGateway, call: str) -> None:
    """An unknown account is told, and not taken for an SMS that is gone."""
    failure = await failure_of(gateway, call, "sms-zz99999-9")
    assert type(failure) is Refused
    assert failure.reason is RefusedReason.ACCOUNT_UNKNOWN


@pytest.mark.parametrize("call", ["pending", "outgoing"])
async def test_virtual_number_unknown(gateway: RestGateway, call: str) -> None:
    """The list of a number that is not the account's is refused, not empty."""
    failure = await failure_of(gateway, call, ACCOUNT, "0033639989999")
    assert (type(failure), failure.reason) == (NotFound, RefusedReason.OTHER)
    assert failure.sentence


@pytest.mark.parametrize("body", ["json", "html", "empty", "list", "odd"])
@pytest.mark.parametrize("call", ["pending_sms", "outgoing_batch", "cancel"])
async def test_404_that_tells_nothing(
    sim: Simulator, gateway: RestGateway, call: str, body: str
) -> None:
    """A 404 that does not say what is missing is no proof that an SMS is gone."""
    sim.faults.add(Fault("status", path="/sms/*", status=404, body=body))
    failure = await failure_of(gateway, call)
    assert (type(failure), failure.reason) == (Refused, RefusedReason.OTHER)


@pytest.mark.parametrize("call", ["outgoing_sms", "cancel"])
async def test_unknown_path(
    scripted: Scripted, make_gateway: MakeGateway, call: str
) -> None:
    """A path that the server does not know is no SMS that is gone either."""
    scripted.status = 404
    scripted.body = (
        '{"errorCode": "NOT_FOUND", "message": "Got an invalid (or empty) URL"}'
    )
    assert type(await failure_of(make_gateway(scripted.url), call)) is Refused


@every_scope
@every_call
async def test_rights_that_are_asked_for(
    sim: Simulator, gateway: RestGateway, call: str, number: str | None, scope: str
) -> None:
    """The rights of a key for one account are enough for every call."""
    sim.world.consumer_keys[CONSUMER_KEY].rules = [
        Rule(right.method, right.path)
        for right in account_rights(ACCOUNT, [Need.VIRTUAL_NUMBER] if scope else [])
    ]
    assert await make(gateway, call, ACCOUNT, number) in ([], False)


@every_scope
@every_call
async def test_missing_right(
    sim: Simulator,
    gateway: RestGateway,
    caplog: pytest.LogCaptureFixture,
    call: str,
    number: str | None,
    scope: str,
) -> None:
    """Name the right that is missing, without the number or the SMS in question."""
    caplog.set_level(logging.DEBUG, LOGGER)
    sim.world.consumer_keys[CONSUMER_KEY].rules = []
    failure = await failure_of(gateway, call, ACCOUNT, number)
    assert isinstance(failure, MissingRight)
    method, _, path = NEEDS[call].partition(" ")
    prefix = f"{scope}*/" if number else ""
    assert failure.right == f"{method} /sms/{ACCOUNT}/{prefix}{path}"
    assert_discreet(failure, caplog)


@every_scope
@every_call
async def test_service_account(
    sim: Simulator,
    service_account: RestGateway,
    call: str,
    number: str | None,
    scope: str,
) -> None:
    """The actions that a policy is asked for are enough, and a missing one is named."""
    client = sim.world.oauth2_clients[CLIENT_ID]
    client.actions = set(IAM_ACTIONS)
    assert await make(service_account, call, ACCOUNT, number) in ([], False)
    method, _, path = NEEDS[call].partition(" ")
    verb = "delete" if method == "DELETE" else "get"
    action = f"sms:apiovh:{scope}{path.removesuffix('/*')}/{verb}"
    client.actions = set(IAM_ACTIONS) - {action}
    failure = await failure_of(service_account, call, ACCOUNT, number)
    assert isinstance(failure, MissingRight)
    assert failure.right == action


@pytest.mark.parametrize(
    ("fault", "kind", "reason"),
    [
        ({"kind": "reset"}, OutcomeUnknown, UnknownReason.CONNECTION_LOST),
        ({"kind": "status", "status": 500}, OutcomeUnknown, UnknownReason.SERVER_ERROR),
        (
            {"kind": "status", "status": 429, "retry_after": 3},
            NotSent,
            NotSentReason.THROTTLED,
        ),
        ({"kind": "expired"}, Refused, RefusedReason.ACCOUNT_EXPIRED),
        ({"kind": "signature"}, AuthFailed, AuthReason.APPLICATION_SECRET),
        ({"kind": "forbidden"}, AuthFailed, AuthReason.CONSUMER_KEY_INACTIVE),
    ],
    ids=name,
)
@every_call
async def test_faults(
    sim: Simulator,
    gateway: RestGateway,
    caplog: pytest.LogCaptureFixture,
    call: str,
    fault: dict[str, Any],
    kind: type[GatewayError],
    reason: str,
) -> None:
    """Tell what went wrong, showing nothing, with one request."""
    caplog.set_level(logging.DEBUG, LOGGER)
    sim.faults.add(Fault(**fault, path="/sms/*"))
    failure = await failure_of(gateway, call)
    assert (type(failure), failure.reason) == (kind, reason)
    assert_discreet(failure, caplog)
    assert len(routes(sim)) == 2


@pytest.mark.parametrize(("applied", "waiting"), [("before", 1), ("after", 0)])
async def test_cancel_without_answer(
    sim: Simulator, gateway: RestGateway, applied: str, waiting: int
) -> None:
    """Nobody can tell whether it was withdrawn; it is not tried again."""
    [sms_id] = (await send(gateway, make_job(delay_minutes=60))).ids
    sim.faults.add(Fault("reset", method="DELETE", applied=applied))
    with pytest.raises(OutcomeUnknown, match="connection_lost"):
        await asyncio.to_thread(gateway.cancel, ACCOUNT, sms_id)
    assert sum(route.startswith("DELETE") for route in routes(sim)) == 1
    assert len(sim.world.accounts[ACCOUNT].jobs) == waiting


async def test_wrong_secret(sim: Simulator, make_gateway: MakeGateway) -> None:
    """Tell that the credentials are not good."""
    wrong = ApiKeys(APPLICATION_KEY, APPLICATION_SECRET[::-1], CONSUMER_KEY)
    failure = await failure_of(make_gateway(sim.url, wrong), "pending")
    assert failure.reason is AuthReason.APPLICATION_SECRET


@every_call
async def test_out_of_reach(sim: Simulator, gateway: RestGateway, call: str) -> None:
    """Tell that OVHcloud cannot be reached."""
    await sim.refuse()
    failure = await failure_of(gateway, call)
    assert (type(failure), failure.reason) == (NotSent, NotSentReason.NO_CONNECTION)
