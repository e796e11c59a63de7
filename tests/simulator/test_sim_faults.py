"""Every fault, as a client sees it."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import ovh
import pytest
import requests

from simulator import Fault, Simulator

BASE = "/sms/sms-ab12345-1"
JOBS = "/sms/*/jobs"


@pytest.fixture
async def warm(ask: Callable[..., Any]) -> None:
    """Have the client learn the time, so that the next call is one request."""
    await ask("get", "/sms")


def _accepted(sim: Simulator) -> int:
    """Count the messages that were accepted."""
    return len(sim.world.accounts["sms-ab12345-1"].messages)


async def test_refuse(sim: Simulator, ask: Any, send: Any) -> None:
    """Really refuse connections, drop the live ones, and take them again."""
    await ask("get", "/sms")
    port = sim.url
    await sim.refuse()
    assert sim.refusing
    connections = sim.connections
    with pytest.raises(ovh.HTTPError) as raised:
        await send()
    original = raised.value.args[1]
    assert isinstance(original, requests.ConnectionError)
    assert type(original.args[0].reason).__name__ == "NewConnectionError"
    assert sim.connections == connections
    await sim.accept_again()
    assert (await send())["ids"]
    assert sim.url == port


async def test_refuse_as_a_fault(sim: Simulator, ask: Any) -> None:
    """Refuse while the fault is in force."""
    fault = sim.faults.add(Fault("refuse"))
    with pytest.raises(ovh.HTTPError):
        await ask("get", "/sms")
    assert sim.faults.remove(fault.id)
    assert not sim.faults.remove(fault.id)
    assert await ask("get", "/sms")


@pytest.mark.parametrize(("applied", "accepted"), [("before", 0), ("after", 1)])
async def test_reset(
    sim: Simulator, warm: None, send: Any, applied: str, accepted: int
) -> None:
    """Break the connection with or without having accepted the message."""
    sim.faults.add(Fault("reset", times=1, path=JOBS, applied=applied))
    with pytest.raises(ovh.HTTPError) as raised:
        await send()
    assert "reset" in str(raised.value.args[1]).lower()
    assert _accepted(sim) == accepted
    assert sim.requests[-1].status is None
    assert (await send())["ids"]


@pytest.mark.parametrize(("applied", "accepted"), [("before", 0), ("after", 1)])
async def test_hang(
    sim: Simulator, make_client: Any, applied: str, accepted: int
) -> None:
    """Keep the client waiting with or without having accepted the message."""
    client = make_client(timeout=0.2)
    await asyncio.to_thread(client.get, "/sms")
    sim.faults.add(Fault("hang", times=1, path=JOBS, applied=applied))
    body = {
        "message": "x",
        "receivers": ["+33639980001"],
        "sender": "HOUSE",
        "noStopClause": True,
    }
    with pytest.raises(ovh.HTTPError) as raised:
        await asyncio.to_thread(client.call, "POST", f"{BASE}/jobs", body)
    assert isinstance(raised.value.args[1], requests.ReadTimeout)
    sim.faults.clear()
    await asyncio.to_thread(client.get, "/sms")
    assert _accepted(sim) == accepted


async def test_hang_ends(sim: Simulator, warm: None, send: Any) -> None:
    """Go on when the fault's time is over, or when it is cleared."""
    sim.faults.add(Fault("hang", times=1, seconds=0.01, path=JOBS))
    assert (await send())["ids"]
    sim.faults.add(Fault("hang", times=1, path=JOBS))
    waiting = asyncio.create_task(send())
    async with asyncio.timeout(5):
        while len([record for record in sim.requests if record.method == "POST"]) < 2:
            await asyncio.sleep(0)
    sim.faults.clear()
    assert (await waiting)["ids"]


async def test_slow(sim: Simulator, warm: None, send: Any) -> None:
    """Answer late."""
    sim.faults.add(Fault("slow", seconds=0.01, path=JOBS))
    assert (await send())["ids"]


@pytest.mark.parametrize(("applied", "accepted"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (429, "json", ovh.APIError),
        (500, "json", ovh.APIError),
        (503, "json", ovh.APIError),
        (408, "html", ovh.InvalidResponse),
        (502, "html", ovh.InvalidResponse),
        (200, "empty", ovh.InvalidResponse),
        (500, "list", AttributeError),
        (500, "string", AttributeError),
        (500, "null", AttributeError),
        (500, "odd", ovh.APIError),
    ],
)
async def test_status(
    sim: Simulator,
    warm: None,
    send: Any,
    status: int,
    body: str,
    error: type[Exception],
    applied: str,
    accepted: int,
) -> None:
    """Answer with any status and body, before or after the message was accepted."""
    sim.faults.add(
        Fault("status", times=1, status=status, body=body, path=JOBS, applied=applied)
    )
    with pytest.raises(error):
        await send()
    assert _accepted(sim) == accepted
    assert sim.requests[-1].status == status
    assert (await send())["ids"]


async def test_retry_after(sim: Simulator, web: aiohttp.ClientSession) -> None:
    """Tell when to come back."""
    sim.faults.add(Fault("status", status=429, retry_after=30))
    async with web.get(f"{sim.url}/1.0/auth/time") as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "30")


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("INVALID_CREDENTIAL", ovh.InvalidCredential),
        ("NOT_CREDENTIAL", ovh.NotCredential),
        ("NOT_GRANTED_CALL", ovh.NotGrantedCall),
        ("INVALID_KEY", ovh.InvalidKey),
        ("FORBIDDEN", ovh.Forbidden),
        ("IAM", ovh.APIError),
    ],
)
async def test_forbidden(
    sim: Simulator, send: Any, reason: str, error: type[ovh.APIError]
) -> None:
    """Forbid for each reason, without minding the unsigned call for the time."""
    sim.faults.add(Fault("forbidden", reason=reason))
    with pytest.raises(error) as raised:
        await send()
    if reason == "IAM":
        details = raised.value.response.json()["details"]
        assert details["unauthorizedActionsByIAM"] == "sms:apiovh:jobs/create"
    assert _accepted(sim) == 0


async def test_signature_and_expired(sim: Simulator, ask: Any) -> None:
    """Find a signature wrong, or a service over."""
    sim.faults.add(Fault("signature", times=1))
    with pytest.raises(ovh.BadParametersError, match="Invalid signature"):
        await ask("get", "/sms")
    sim.faults.add(Fault("expired"))
    assert await ask("get", "/sms")
    with pytest.raises(ovh.exceptions.ResourceExpiredError):
        await ask("get", BASE)


async def test_lag(sim: Simulator, ask: Any, send: Any) -> None:
    """Show a message late."""
    sim.faults.add(Fault("lag", times=1, seconds=60))
    late = (await send())["ids"]
    prompt = (await send())["ids"]
    assert await ask("get", f"{BASE}/outgoing") == prompt
    await sim.advance(60)
    assert await ask("get", f"{BASE}/outgoing") == late + prompt


async def test_empty_ids_and_half(sim: Simulator, send: Any) -> None:
    """Refuse all receivers, or the second half of them."""
    sim.faults.add(Fault("empty_ids", times=1))
    receivers = ["+33639980001", "+33639980002", "+33639980003"]
    answer = await send(receivers=receivers)
    assert (answer["ids"], answer["invalidReceivers"]) == ([], receivers)
    sim.faults.add(Fault("half", times=1))
    answer = await send(receivers=receivers)
    assert (answer["validReceivers"], answer["invalidReceivers"]) == (
        receivers[:2],
        receivers[2:],
    )


async def test_where_and_how_often(sim: Simulator, ask: Any) -> None:
    """Keep to a method, a path and a number of times."""
    sim.faults.add(
        Fault("status", times=2, status=500, method="get", path="/sms/*/senders")
    )
    assert await ask("get", "/sms")
    for _ in range(2):
        with pytest.raises(ovh.APIError):
            await ask("get", f"{BASE}/senders")
    assert await ask("get", f"{BASE}/senders")
    assert list(sim.faults) == []


async def test_other_doors(sim: Simulator, web: aiohttp.ClientSession) -> None:
    """Meet faults at the gateway and at the token endpoint too."""
    gateway = f"{sim.url}/cgi-bin/sms/http2sms.cgi"
    sim.faults.add(Fault("forbidden"))
    async with web.get(gateway, params={"contentType": "text/json"}) as response:
        assert (await response.json(content_type=None))["status"] == 401
    async with web.post(f"{sim.url}/auth/oauth2/token") as response:
        assert (response.status, (await response.json())["error"]) == (
            401,
            "invalid_client",
        )
    sim.faults.clear()
    sim.faults.add(Fault("status", status=502, body="html"))
    for url in (gateway, f"{sim.url}/auth/oauth2/token"):
        async with web.post(url) as response:
            assert (response.status, response.content_type) == (502, "text/html")


async def test_stopping_while_calls_hang(
    socket_enabled: None, web: aiohttp.ClientSession
) -> None:
    """Stop although somebody is kept waiting."""
    sim = Simulator()
    await sim.start()
    sim.faults.add(Fault("hang"))
    waiting = asyncio.create_task(web.get(f"{sim.url}/1.0/auth/time").__aenter__())
    async with asyncio.timeout(5):
        while not sim.requests:
            await asyncio.sleep(0)
        await sim.stop()
        await asyncio.wait([waiting])
    assert sim.requests[0].number == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "noise"},
        {"kind": "status"},
        {"kind": "status", "status": 99},
        {"kind": "slow"},
        {"kind": "status", "status": 500, "body": "gif"},
        {"kind": "reset", "applied": "during"},
        {"kind": "forbidden", "reason": "MOOD"},
        {"kind": "reset", "times": 0},
    ],
)
def test_faults_that_make_no_sense(wrong: dict[str, Any]) -> None:
    """Refuse a fault that would do nothing."""
    with pytest.raises(ValueError, match=r"must be|needs"):
        Fault(**wrong)


async def test_record(sim: Simulator, ask: Any, send: Any) -> None:
    """Write down every request, and forget them on demand."""
    await send()
    record = sim.requests[-1]
    assert (record.method, record.path, record.route, record.status) == (
        "POST",
        f"/1.0{BASE}/jobs",
        f"{BASE}/jobs",
        200,
    )
    assert isinstance(record.json, dict)
    assert record.json["sender"] == "HOUSE"
    assert '"sender":"HOUSE"' in record.body
    assert record.at == sim.world.now()
    assert (record.connection, sim.connections) == (1, 1)
    await ask("get", f"{BASE}/outgoing", tag="x")
    assert sim.requests[-1].path == f"/1.0{BASE}/outgoing?tag=x"
    assert sim.requests[-1].route == f"{BASE}/outgoing"
    sim.clear_record()
    assert (sim.requests, sim.connections) == ([], 0)
