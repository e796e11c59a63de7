"""What happens as time passes: receipts, replies, callbacks."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import web
import pytest

from simulator import Clock, DrivenClock, Simulator
from simulator.callbacks import is_loopback
from simulator.messages import Fate
from simulator.network import ReplyError

BASE = "/sms/sms-ab12345-1"


@dataclass
class Customer:
    """A customer's web server, which notes what it is told."""

    url: str = ""
    calls: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)


@pytest.fixture
async def customer(socket_enabled: None) -> AsyncIterator[Customer]:
    """Run a customer's web server."""
    customer = Customer()

    async def take(request: web.Request) -> web.Response:
        fields = {
            **request.query,
            **{name: str(value) for name, value in (await request.post()).items()},
        }
        customer.calls.append((request.method, request.path, fields))
        customer.called.set()
        return web.Response()

    application = web.Application()
    application.router.add_route("*", "/{path}", take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    customer.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield customer
    await runner.cleanup()


@pytest.mark.parametrize(
    ("fate", "after", "receipt", "ptt", "state"),
    [
        ("delivered", 4, 1, 4, "delivered"),
        ("failed", 4, 2, 23, "failed"),
        ("slow", 600, 1, 4, "delivered"),
        ("expired", 4, 2, 8, "expired"),
        ("never", 48 * 3600, 2, 8, "expired"),
    ],
)
async def test_fates(
    sim: Simulator, send: Any, fate: Any, after: int, receipt: int, ptt: int, state: str
) -> None:
    """Give each message the receipt of its phone, at its time."""
    phone = sim.phone("+33639980001")
    phone.fate = fate
    await send()
    message = phone.messages[0]
    await sim.advance(after - 1)
    assert (message.delivery_receipt, message.state) == (0, "pending")
    await sim.advance(1)
    assert (message.delivery_receipt, message.ptt, message.state) == (
        receipt,
        ptt,
        state,
    )


async def test_chosen_failure(sim: Simulator, send: Any) -> None:
    """Fail with the code and the receipt that the phone says."""
    phone = sim.phone("+33639980001")
    phone.fate, phone.ptt, phone.receipt_on_failure = "failed", 53, 16
    await send()
    await sim.advance(4)
    assert (phone.messages[0].delivery_receipt, phone.messages[0].ptt) == (16, 53)


async def test_validity(sim: Simulator, send: Any) -> None:
    """Give up when the validity is over, also on a slow phone."""
    fates: tuple[Fate, ...] = ("never", "slow")
    for fate in fates:
        phone = sim.phone("+33639980001")
        phone.fate = fate
        await send(validityPeriod=5)
        await sim.advance(300)
        assert phone.messages[-1].state == "expired"


async def test_lag(sim: Simulator, ask: Any, send: Any) -> None:
    """Show a message in the history only after the lag."""
    sim.world.outgoing_lag = 30
    ids = (await send())["ids"]
    assert await ask("get", f"{BASE}/outgoing") == []
    assert await ask("get", f"{BASE}/jobs") == []
    await sim.advance(30)
    assert await ask("get", f"{BASE}/outgoing") == ids


async def test_deferred(sim: Simulator, ask: Any, send: Any) -> None:
    """Keep a deferred message among the jobs, under its id, until its time."""
    ids = (await send(differedPeriod=10))["ids"]
    await sim.advance(599)
    assert await ask("get", f"{BASE}/jobs") == ids
    assert await ask("get", f"{BASE}/outgoing") == []
    await sim.advance(1)
    assert await ask("get", f"{BASE}/jobs") == []
    assert await ask("get", f"{BASE}/outgoing") == ids


async def test_delivery_callback(sim: Simulator, customer: Customer, send: Any) -> None:
    """Call the account's URL with the receipt."""
    sim.world.accounts["sms-ab12345-1"].call_back = f"{customer.url}/dlr?secret=1"
    sms_id = (await send())["ids"][0]
    await sim.advance(4)
    assert customer.calls == [
        (
            "GET",
            "/dlr",
            {
                "secret": "1",
                "id": str(sms_id),
                "ptt": "4",
                "date": "2026-03-10 12:00:04",
                "description": "1",
                "descriptionDlr": "Delivered",
            },
        )
    ]
    assert [record.status for record in sim.callbacks] == [200]


async def test_reply(sim: Simulator, customer: Customer, ask: Any, send: Any) -> None:
    """Bring a reply to the account: listed, paid for, tagged, and posted to its URL."""
    account = sim.world.accounts["sms-ab12345-1"]
    account.response.type, account.response.cgi_url = "cgi", f"{customer.url}/reply"
    await send(senderForResponse=True, tag="ask-1")
    short = sim.phone("+33639980001").messages[0].sender
    reply = await sim.reply("+33639980001", "Oui")
    assert reply is not None
    assert account.credits_left == 248
    fields = {
        "id": str(reply.id),
        "senderid": "+33639980001",
        "message": "Oui",
        "shortcode": short,
        "tag": "ask-1",
    }
    assert customer.calls == [("POST", "/reply", fields)]
    assert await ask("get", f"{BASE}/incoming", tag="ask-1") == [reply.id]
    assert await ask("get", f"{BASE}/incoming", sender="+33639980002") == []
    detail = await ask("get", f"{BASE}/incoming/{reply.id}")
    assert detail == {
        "id": reply.id,
        "creationDatetime": "2026-03-10T12:00:00+01:00",
        "sender": "+33639980001",
        "message": "Oui",
        "credits": 1,
        "tag": "ask-1",
    }
    assert [message.direction for message in sim.phone("+33639980001").messages] == [
        "in",
        "out",
    ]


async def test_automatic_answer(sim: Simulator, send: Any) -> None:
    """Answer replies with the account's text."""
    account = sim.world.accounts["sms-ab12345-1"]
    account.response.type, account.response.text = "text", "Thank you"
    await send(senderForResponse=True)
    await sim.reply("+33639980001", "Oui")
    assert [message.text for message in sim.phone("+33639980001").messages][
        -1
    ] == "Thank you"
    assert account.credits_left == 247
    account.credits_left = 1
    await sim.reply("+33639980001", "Oui")
    assert len(sim.phone("+33639980001").messages) == 4


async def test_stop(sim: Simulator, customer: Customer, ask: Any, send: Any) -> None:
    """Blacklist whoever answers STOP, which even a name's message allows."""
    account = sim.world.accounts["sms-ab12345-1"]
    account.stop_call_back = f"{customer.url}/stop"
    sms_id = (await send())["ids"][0]
    assert await sim.reply("+33639980001", "Stop") is None
    assert await ask("get", f"{BASE}/blacklists") == ["+33639980001"]
    assert await ask("get", f"{BASE}/blacklists", smsOutgoingID=sms_id) == [
        "+33639980001"
    ]
    assert await ask("get", f"{BASE}/incoming") == []
    assert customer.calls == [
        ("GET", "/stop", {"number": "+33639980001", "id": str(sms_id)})
    ]


async def test_replies_that_cannot_be(sim: Simulator, send: Any) -> None:
    """Refuse to answer nobody, a name, or a short number after 48 hours."""
    sim.world.accounts["sms-ab12345-1"].virtual_numbers.clear()
    with pytest.raises(ReplyError):
        await sim.reply("+33639980003", "hello")
    await send()
    with pytest.raises(ReplyError):
        await sim.reply("+33639980001", "hello", account="sms-ab12345-1")
    await send(senderForResponse=True)
    await sim.advance(48 * 3600 + 1)
    with pytest.raises(ReplyError):
        await sim.reply("+33639980001", "hello")


async def test_writing_to_a_virtual_number(sim: Simulator) -> None:
    """Let anybody write to a virtual number."""
    incoming = await sim.reply("+33639980003", "hello", account="sms-ab12345-1")
    assert incoming is not None
    assert incoming.virtual_number == "0033639980010"


async def test_only_this_machine_is_called(sim: Simulator, send: Any) -> None:
    """Refuse to call elsewhere, and note it."""
    account = sim.world.accounts["sms-ab12345-1"]
    for url in (
        "http://192.0.2.1/dlr",
        "ftp://127.0.0.1/",
        "http://127.0.0.1:1/nobody",
    ):
        account.call_back = url
        await send()
        await sim.advance(4)
    assert [record.status for record in sim.callbacks] == [None, None, None]
    assert all(record.error for record in sim.callbacks)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1/x", True),
        ("https://[::1]:8123/x", True),
        ("http://localhost:8123/x", True),
        ("http://localhost.example.org/x", False),
        ("http://10.0.0.1/", False),
        ("file:///etc/passwd", False),
        ("nonsense", False),
    ],
)
def test_loopback(url: str, loopback: bool) -> None:
    """Tell this machine from others."""
    assert is_loopback(url) is loopback


async def test_user_callback(sim: Simulator, customer: Customer, web: Any) -> None:
    """Prefer the user's own URL for what the user sent."""
    sim.world.accounts["sms-ab12345-1"].call_back = f"{customer.url}/account"
    sim.world.accounts["sms-ab12345-1"].users[
        "houseuser"
    ].call_back = f"{customer.url}/user"
    fields = {
        "account": "sms-ab12345-1",
        "login": "houseuser",
        "password": "fake0pw0",
        "from": "HOUSE",
        "to": "0033639980001",
        "message": "x",
        "noStop": "1",
    }
    async with web.get(f"{sim.url}/cgi-bin/sms/http2sms.cgi", params=fields):
        await sim.advance(4)
    assert [path for _, path, _ in customer.calls] == ["/user"]


async def test_real_time(customer: Customer) -> None:
    """Let time pass by itself with a real clock, and jump on demand."""
    sim = Simulator(clock=Clock())
    await sim.start()
    try:
        account = sim.world.accounts["sms-ab12345-1"]
        account.call_back = f"{customer.url}/dlr"
        account.response.type, account.response.text = "text", "Thank you"
        sim.world.receipt_delay = 0.02
        await sim.reply("+33639980001", "hello", account="sms-ab12345-1")
        async with asyncio.timeout(5):
            await customer.called.wait()
        assert sim.phone("+33639980001").messages[-1].state == "delivered"
        before = sim.world.now()
        sim.world.receipt_delay = 3600
        await sim.reply("+33639980001", "hello", account="sms-ab12345-1")
        await sim.advance(3600)
        assert sim.phone("+33639980001").messages[-1].state == "delivered"
        assert sim.world.now() - before >= timedelta(hours=1)
    finally:
        await sim.stop()


async def test_order_of_events(sim: Simulator, customer: Customer, send: Any) -> None:
    """Do what comes due in its order, each at its own time."""
    sim.world.accounts["sms-ab12345-1"].call_back = f"{customer.url}/dlr"
    sim.phone("+33639980002").fate = "slow"
    slow = (await send(receivers=["+33639980002"]))["ids"][0]
    later = (await send(differedPeriod=5))["ids"][0]
    prompt = (await send())["ids"][0]
    await sim.advance(3600)
    assert [call[2]["id"] for call in customer.calls] == [
        str(prompt),
        str(later),
        str(slow),
    ]
    assert [call[2]["date"][11:] for call in customer.calls] == [
        "12:00:04",
        "12:05:04",
        "12:10:00",
    ]


@pytest.mark.parametrize("clock", [Clock(), DrivenClock(Clock().now())])
async def test_time_only_goes_forward(clock: Clock) -> None:
    """Refuse to go back."""
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)
    with pytest.raises(ValueError, match="forward"):
        await Simulator(clock=clock).advance(-1)
