"""The control interface, as the handset page uses it."""

import asyncio
import sys
from typing import Any

import aiohttp
import pytest

from simulator import CONSUMER_KEY, Simulator

BASE = "/sms/sms-ab12345-1"


@pytest.fixture
def control(sim: Simulator, web: aiohttp.ClientSession) -> Any:
    """Call the control interface and expect a status."""

    async def call(
        method: str, path: str, body: object = None, expected: int = 200
    ) -> Any:
        async with web.request(
            method, f"{sim.handset_url}/_control/{path}", json=body
        ) as response:
            answer = await response.json()
            assert response.status == expected, answer
            return answer

    return call


async def test_state(sim: Simulator, control: Any, send: Any) -> None:
    """Show accounts, phones, messages, credentials."""
    sms_id = (await send(tag="leak", senderForResponse=True))["ids"][0]
    state = await control("GET", "state")
    assert (state["now"], state["skew"], state["refusing"]) == (
        "2026-03-10T12:00:00+01:00",
        0,
        False,
    )
    assert state["api"] == sim.url
    assert state["requests"] == 2
    account = state["accounts"][0]
    assert (account["name"], account["description"], account["credits"]) == (
        "sms-ab12345-1",
        "Home",
        249,
    )
    assert {
        "sender": "ALARM2",
        "status": "waitingValidation",
        "type": "alpha",
    } in account["senders"]
    assert account["virtualNumbers"] == ["0033639980010"]
    phone = state["phones"][0]
    assert (phone["number"], phone["fate"], phone["blacklisted"]) == (
        "+33639980001",
        "delivered",
        False,
    )
    message = phone["messages"][0]
    sender = message.pop("sender")
    assert sender.isdecimal()
    assert message == {
        "id": sms_id,
        "direction": "in",
        "account": "sms-ab12345-1",
        "text": "Water leak in the cellar",
        "at": "2026-03-10T12:00:00+01:00",
        "parts": 1,
        "encoding": "gsm7",
        "characters": 24,
        "credits": 1.0,
        "flash": False,
        "deliveryReceipt": 0,
        "ptt": 0,
        "state": "pending",
        "tag": "leak",
        "canReply": True,
    }
    credential = state["credentials"][0]
    assert credential["consumerKey"] == CONSUMER_KEY[-4:]
    assert credential["status"] == "validated"


async def test_reply_fate_and_phones(sim: Simulator, control: Any, send: Any) -> None:
    """Answer, decide a phone's fate, and add a phone."""
    await send(senderForResponse=True)
    reply = await control(
        "POST", "reply", {"number": "+33639980001", "text": "Oui", "account": None}
    )
    assert sim.world.accounts["sms-ab12345-1"].incoming[reply["id"]].text == "Oui"
    assert (await control("POST", "reply", {"number": "+33639980001", "text": "STOP"}))[
        "id"
    ] is None
    assert (await control("GET", "state"))["phones"][0]["blacklisted"]
    await control(
        "POST",
        "fate",
        {"number": "+33639980002", "fate": "failed", "ptt": 24, "deliveryReceipt": 16},
    )
    phone = sim.phone("+33639980002")
    assert (phone.fate, phone.ptt, phone.receipt_on_failure) == ("failed", 24, 16)
    await control("POST", "phones", {"number": "0033639980099"})
    assert "+33639980099" in sim.world.phones


async def test_faults(sim: Simulator, control: Any) -> None:
    """Put faults in force and take them out."""
    given = {
        "kind": "status",
        "status": 503,
        "times": 2,
        "body": "html",
        "method": None,
        "retry_after": 5,
    }
    fault = await control("POST", "faults", given)
    assert fault == {
        "id": fault["id"],
        "kind": "status",
        "status": 503,
        "times": 2,
        "body": "html",
        "retry_after": 5,
        "left": 2,
    }
    assert (await control("GET", "faults"))["faults"] == [fault]
    assert (await control("GET", "state"))["faults"] == [fault]
    await control("DELETE", f"faults/{fault['id']}")
    await control("DELETE", f"faults/{fault['id']}", expected=400)
    await control("POST", "faults", {"kind": "skew", "seconds": 90})
    await control("POST", "faults", {"kind": "refuse"})
    state = await control("GET", "state")
    assert (state["skew"], state["refusing"]) == (90, True)
    await control("DELETE", "faults")
    state = await control("GET", "state")
    assert (state["faults"], state["skew"], state["refusing"]) == ([], 0, False)


async def test_requests(sim: Simulator, control: Any, send: Any) -> None:
    """Show the requests, the newer ones only on demand, and forget them."""
    await send()
    answer = await control("GET", "requests")
    assert [request["path"] for request in answer["requests"]] == [
        "/1.0/auth/time",
        f"/1.0{BASE}/jobs",
    ]
    assert answer["connections"] == 1
    last = answer["requests"][-1]
    assert (last["status"], last["json"]["sender"]) == (200, "HOUSE")
    assert (await control("GET", f"requests?since={last['number']}"))["requests"] == []
    await control("GET", "requests?since=x", expected=400)
    await control("DELETE", "requests")
    assert sim.requests == []


async def test_new_account(sim: Simulator, control: Any) -> None:
    """Open an account that an SMS user can send from."""
    user = {"login": "newuser", "password": "fake0pw1"}
    await control(
        "POST",
        "accounts",
        {"name": "sms-ab12345-3", "description": "Barn", "sender": "BARN"} | user,
    )
    account = sim.world.accounts["sms-ab12345-3"]
    assert (account.description, list(account.senders)) == ("Barn", ["BARN"])
    assert account.users["newuser"].password == "fake0pw1"


async def test_clock_account_and_senders(sim: Simulator, control: Any) -> None:
    """Move time, change an account, add a sender."""
    assert (await control("POST", "clock", {"advance": 3600}))[
        "now"
    ] == "2026-03-10T13:00:00+01:00"
    changes = {
        "creditsLeft": 3.5,
        "status": "disable",
        "channel": "marketing",
        "description": "",
    }
    await control("PATCH", "accounts/sms-ab12345-1", changes)
    account = sim.world.accounts["sms-ab12345-1"]
    assert (account.credits_left, account.status, account.channel) == (
        3.5,
        "disable",
        "marketing",
    )
    await control("PATCH", "accounts/sms-ab12345-1", {"status": "expired"})
    assert (await control("GET", "state"))["accounts"][0]["status"] == "expired"
    await control(
        "POST",
        "senders",
        {"account": "sms-ab12345-1", "sender": "ALARM2", "status": "enable"},
    )
    await control("POST", "senders", {"account": "sms-ab12345-1", "sender": "NEW"})
    assert account.senders["ALARM2"].status == account.senders["NEW"].status == "enable"


async def test_credentials(sim: Simulator, control: Any) -> None:
    """Make and change consumer keys."""
    rules = [{"method": "GET", "path": "/sms"}]
    keys = await control(
        "POST",
        "credentials",
        {"rules": rules, "expiration": 60, "application": "Other"},
    )
    key = sim.world.consumer_keys[keys["consumerKey"]]
    assert key.application_key == keys["applicationKey"]
    assert key.grants("GET", "/sms")
    assert not key.grants("GET", "/sms/x")
    await control(
        "PATCH",
        f"credentials/{keys['consumerKey'][-4:]}",
        {"status": "expired", "expiration": None},
    )
    assert (key.status, key.expiration) == ("expired", None)
    before = len(sim.world.consumer_keys)
    await control("POST", "credentials", {"rules": ["GET /sms"]}, expected=400)
    assert len(sim.world.consumer_keys) == before


async def test_reset(sim: Simulator, control: Any, send: Any, ask: Any) -> None:
    """Begin again."""
    await send(differedPeriod=5)
    await control("POST", "faults", {"kind": "expired"})
    await control("POST", "reset", {})
    assert sim.requests == []
    assert list(sim.faults) == []
    await sim.advance(600)
    assert not sim.phone("+33639980001").messages
    assert await ask("get", f"{BASE}/jobs") == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "reply", {"number": "+33639980003", "text": "x"}),
        ("POST", "reply", {"number": "0639980003", "text": "x"}),
        ("POST", "reply", {"number": "+33639980003", "text": ""}),
        ("POST", "reply", {"number": "+33639980003", "text": "x", "account": "nobody"}),
        ("POST", "fate", {"number": "+33639980003", "fate": "lost"}),
        ("POST", "fate", {"number": "+33639980003", "fate": "failed", "ptt": "x"}),
        (
            "POST",
            "fate",
            {"number": "+33639980003", "fate": "failed", "deliveryReceipt": 3},
        ),
        ("POST", "phones", {}),
        ("POST", "phones", ["+33639980003"]),
        ("POST", "faults", {}),
        ("POST", "faults", {"kind": "noise"}),
        ("POST", "faults", {"kind": "hang", "colour": "blue"}),
        ("POST", "faults", {"kind": "hang", "seconds": "1"}),
        ("POST", "clock", {"advance": -1}),
        ("POST", "clock", {"advance": True}),
        ("POST", "accounts", {"name": "sms-ab12345-1", "description": "Home"}),
        (
            "POST",
            "accounts",
            {"name": "sms-new-1", "description": "New", "sender": "NEW", "login": "me"},
        ),
        ("PATCH", "accounts/nobody", {"creditsLeft": 1}),
        ("PATCH", "accounts/sms-ab12345-1", {"status": "asleep"}),
        ("PATCH", "accounts/sms-ab12345-1", {"description": 1}),
        ("PATCH", "accounts/sms-ab12345-1", {"colour": 1}),
        (
            "POST",
            "senders",
            {"account": "sms-ab12345-1", "sender": "X", "status": "asleep"},
        ),
        ("POST", "credentials", {"status": "asleep"}),
        ("POST", "credentials", {"rules": "GET /sms"}),
        ("PATCH", "credentials/none", {}),
        ("DELETE", "faults/0", None),
    ],
)
async def test_orders_that_make_no_sense(
    control: Any, method: str, path: str, body: object
) -> None:
    """Refuse with a sentence."""
    assert (await control(method, path, body, expected=400))["error"].endswith(".")


async def test_guard(sim: Simulator, web: aiohttp.ClientSession) -> None:
    """Refuse what another site's page could make a browser do."""
    url = f"{sim.handset_url}/_control"
    for headers, data, expected in (
        ({"Host": "evil.example.org"}, "{}", 403),
        (
            {"Origin": "http://evil.example.org", "Content-Type": "application/json"},
            "{}",
            403,
        ),
        ({"Origin": "null", "Content-Type": "application/json"}, "{}", 403),
        ({"Content-Type": "text/plain"}, "{}", 400),
        ({"Content-Type": "application/json"}, "{", 400),
        ({"Content-Type": "application/json", "Origin": sim.handset_url}, "{}", 200),
    ):
        async with web.post(f"{url}/reset", headers=headers, data=data) as response:
            assert response.status == expected, headers
    async with web.get(
        f"{url}/state", headers={"Host": "evil.example.org"}
    ) as response:
        assert response.status == 403
    async with web.get(f"{url}/state", headers={"Host": "localhost:1"}) as response:
        assert response.status == 200
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]


async def test_events(sim: Simulator, web: aiohttp.ClientSession) -> None:
    """Tell of a change as it happens, and end with the simulator."""
    async with (
        asyncio.timeout(5),
        web.get(f"{sim.handset_url}/_control/events") as response,
    ):
        assert response.content_type == "text/event-stream"
        first = await response.content.readuntil(b"\n\n")
        assert first.startswith(b"data: ")
        sim.changed()
        second = await response.content.readuntil(b"\n\n")
        assert int(second.split()[1]) > int(first.split()[1])
        await sim.stop()


async def test_page(
    sim: Simulator, web: aiohttp.ClientSession, tmp_path: Any, monkeypatch: Any
) -> None:
    """Serve the page and its files, or say that it is not there."""
    (tmp_path / "index.html").write_text("<title>phones</title>")
    (tmp_path / "app.js").write_text("1")
    for folder, expected in ((tmp_path, 200), (tmp_path / "none", 404)):
        monkeypatch.setattr("simulator.server.HANDSET_FOLDER", folder)
        other = Simulator()
        await other.start()
        try:
            for path in ("/", "/app.js"):
                async with web.get(other.handset_url + path) as response:
                    assert response.status == expected
        finally:
            await other.stop()


async def test_port_that_is_taken(sim: Simulator) -> None:
    """Fail to start cleanly when a port is taken."""
    other = Simulator()
    with pytest.raises(OSError, match="in use"):
        await other.start(handset_port=int(sim.handset_url.rpartition(":")[2]))


async def test_command_line(socket_enabled: None, web: aiohttp.ClientSession) -> None:
    """Run as a program, say where, and stop when told to."""
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "simulator",
        "--port",
        "0",
        "--handset-port",
        "0",
        stdout=asyncio.subprocess.PIPE,
    )
    assert program.stdout is not None
    async with asyncio.timeout(20):
        async for line in program.stdout:
            if line.startswith(b"simulator ready: "):
                break
        api, handset = (part.partition("=")[2] for part in line.decode().split()[2:])
        async with web.get(f"{api}/1.0/auth/time") as response:
            assert response.status == 200
        async with web.get(f"{handset}/_control/state") as response:
            assert response.status == 200
        program.terminate()
        assert await program.wait() == 0
