"""Connections: kept warm, few in a burst, and never trusted after a long silence."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from custom_components.ovh_sms.gateway import RestGateway, client as connection
from custom_components.ovh_sms.gateway.models import ApiKeys, ServiceAccount
from custom_components.ovh_sms.gateway.pool import MAX_CONNECTIONS
from simulator import ACCOUNT, Fault, Simulator
from tests.conftest import jobs, texts

from .conftest import (
    KEYS,
    NUMBER,
    REPORT,
    SERVICE_ACCOUNT,
    MakeGateway,
    make_job,
    routes,
    send,
)
from .faults import on_post

BURST = 40


async def burst(gateway: RestGateway) -> None:
    """Send from many threads at the same time."""
    loop = asyncio.get_running_loop()
    threads = ThreadPoolExecutor(BURST)
    try:
        await asyncio.gather(
            *(
                loop.run_in_executor(
                    threads, gateway.send, ACCOUNT, make_job(message=f"Message {each}")
                )
                for each in range(BURST)
            )
        )
    finally:
        await asyncio.to_thread(threads.shutdown)


async def test_warm_connection(sim: Simulator, gateway: RestGateway) -> None:
    """Use one connection for the messages that follow on each other, and one to read."""
    for _ in range(3):
        await send(gateway)
    assert sim.connections == 1
    for _ in range(3):
        await asyncio.to_thread(gateway.senders, ACCOUNT)
    await send(gateway)
    assert sim.connections == 2


async def test_message_while_something_is_read(
    sim: Simulator, gateway: RestGateway
) -> None:
    """Send on the connection that is warm: nobody else has taken it."""
    await send(gateway)
    await asyncio.to_thread(gateway.account, ACCOUNT)
    with gateway._pool.lend(reads=True):
        await send(gateway)
    assert sim.connections == 2


async def test_one_piece(socket_enabled: None, make_gateway: MakeGateway) -> None:
    """Send the head and the body of a message together: one packet, not two."""
    pieces: list[bytes] = []

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while piece := await reader.read(65536):
            pieces.append(piece)
            body = b"1700000000" if piece.startswith(b"GET") else REPORT.encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1")
    host, port = server.sockets[0].getsockname()
    gateway = make_gateway(f"http://{host}:{port}")
    await send(gateway)
    await asyncio.to_thread(gateway.close)
    server.close()
    await server.wait_closed()
    [_, message] = pieces
    assert message.startswith(b"POST ") and message.endswith(b"}")


async def test_burst(sim: Simulator, gateway: RestGateway) -> None:
    """Send a burst over few connections, each message once, the time asked once."""
    await burst(gateway)
    assert sim.connections <= MAX_CONNECTIONS == 6
    assert routes(sim).count("GET /auth/time") == 1
    assert sorted(texts(sim, NUMBER)) == sorted(f"Message {n}" for n in range(BURST))
    assert len(jobs(sim)) == BURST


async def test_burst_after_a_jump_of_the_clock(
    sim: Simulator, gateway: RestGateway
) -> None:
    """Send each message of a burst once, also where the clocks parted before."""
    await send(gateway, make_job(message="First"))
    sim.faults.add(Fault("skew", seconds=-5000))
    await burst(gateway)
    expected = ["First", *(f"Message {n}" for n in range(BURST))]
    assert sorted(texts(sim, NUMBER)) == sorted(expected)
    assert len(jobs(sim)) <= 1 + BURST + MAX_CONNECTIONS


@pytest.mark.parametrize("credentials", [KEYS, SERVICE_ACCOUNT])
async def test_connection_that_was_silent(
    sim: Simulator,
    make_gateway: MakeGateway,
    monkeypatch: pytest.MonkeyPatch,
    credentials: ApiKeys | ServiceAccount,
) -> None:
    """Make a new connection after a silence: the old one may lead nowhere by now."""
    gateway = make_gateway(sim.url, credentials)
    await send(gateway)
    sim.clear_record()
    monkeypatch.setattr(connection, "SILENCE", 0)
    await send(gateway)
    assert (sim.connections, len(jobs(sim)), len(sim.requests)) == (1, 1, 1)


async def test_connection_closed_by_the_other_side(
    sim: Simulator, gateway: RestGateway
) -> None:
    """Make a new connection where OVHcloud closed the idle one; send once."""
    await send(gateway)
    await sim.refuse()
    await sim.accept_again()
    sim.clear_record()
    await send(gateway)
    assert (sim.connections, len(jobs(sim))) == (1, 1)


async def test_use_after_close(sim: Simulator, gateway: RestGateway) -> None:
    """A send that comes just after new credentials were taken over is not stuck."""
    await send(gateway)
    gateway.close()
    async with asyncio.timeout(5):
        for _ in range(MAX_CONNECTIONS + 1):
            await send(gateway)
    assert len(jobs(sim)) == MAX_CONNECTIONS + 2


@pytest.mark.parametrize("credentials", [KEYS, SERVICE_ACCOUNT])
async def test_close_during_a_send(
    sim: Simulator,
    make_gateway: MakeGateway,
    credentials: ApiKeys | ServiceAccount,
) -> None:
    """Let a send end that is under way, and close its connection then."""
    gateway = make_gateway(sim.url, credentials)
    await send(gateway)
    sim.clear_record()
    hang = sim.faults.add(on_post({"kind": "hang", "times": 1}))
    sending = asyncio.create_task(send(gateway))
    while not jobs(sim):
        await asyncio.sleep(0)
    gateway.close()
    sim.faults.remove(hang.id)
    assert (await sending).valid_receivers == (NUMBER,)
    assert list(gateway._pool._idle) == [None] * MAX_CONNECTIONS
