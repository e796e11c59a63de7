"""What goes wrong on the way, how connections are used, and what is told of it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
import logging
import socket
import traceback

import pytest

from custom_components.ovh_sms.gateway import (
    AuthFailed,
    AuthReason,
    GatewayError,
    Http2SmsGateway,
    NotSent,
    NotSentReason,
    OutcomeUnknown,
    Refused,
    RefusedReason,
    UnknownReason,
    http2sms,
)
from custom_components.ovh_sms.gateway.pool import MAX_CONNECTIONS
from simulator import ACCOUNT, USER_LOGIN, USER_PASSWORD, Fault, Simulator
from tests.conftest import texts

from ..conftest import NUMBER, TEXT, Scripted, make_job
from ..faults import BODIES, Meaning
from .conftest import ODD, USER, MakeGateway, failure_of, meaning, send

SERVER = (OutcomeUnknown, UnknownReason.SERVER_ERROR)
LOST = (OutcomeUnknown, UnknownReason.CONNECTION_LOST)


class TestFaults:
    """What goes wrong on the way."""

    @pytest.mark.parametrize("body", BODIES)
    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            (200, ODD),
            (400, ODD),
            (403, ODD),
            (404, ODD),
            (408, SERVER),
            (429, (NotSent, NotSentReason.THROTTLED)),
            (500, SERVER),
            (502, SERVER),
            (599, SERVER),
        ],
    )
    async def test_status(
        self,
        sim: Simulator,
        gateway: Http2SmsGateway,
        status: int,
        expected: Meaning,
        body: str,
    ) -> None:
        """Tell what HTTP says, and go on afterwards."""
        sim.faults.add(Fault("status", status=status, body=body, times=1))
        failure = await failure_of(gateway)
        assert meaning(failure) == expected
        assert (len(sim.requests), texts(sim, NUMBER)) == (1, [])
        await send(gateway)
        assert texts(sim, NUMBER) == [TEXT]

    @pytest.mark.parametrize(
        ("fault", "expected"),
        [
            (Fault("forbidden"), (AuthFailed, AuthReason.IP_NOT_ALLOWED)),
            (Fault("empty_ids"), (Refused, RefusedReason.OTHER)),
            (Fault("reset"), LOST),
            (Fault("reset", applied="after"), LOST),
            (Fault("status", status=503, applied="after"), SERVER),
        ],
        ids=lambda value: value.kind if isinstance(value, Fault) else "",
    )
    async def test_fault(
        self, sim: Simulator, gateway: Http2SmsGateway, fault: Fault, expected: Meaning
    ) -> None:
        """Tell what a failure means, and never send a second time."""
        sim.faults.add(fault)
        assert meaning(await failure_of(gateway)) == expected
        assert len(sim.requests) == 1
        assert texts(sim, NUMBER) == ([TEXT] if fault.applied == "after" else [])
        sim.faults.clear()

    @pytest.mark.parametrize("applied", ["before", "after"])
    @pytest.mark.usefixtures("short_timeout")
    async def test_hang(
        self, sim: Simulator, gateway: Http2SmsGateway, applied: str
    ) -> None:
        """Give up on an answer that does not come."""
        sim.faults.add(Fault("hang", applied=applied))
        failure = await failure_of(gateway)
        assert meaning(failure) == (OutcomeUnknown, UnknownReason.NO_ANSWER)
        assert texts(sim, NUMBER) == ([TEXT] if applied == "after" else [])

    @pytest.mark.parametrize("warm", [False, True])
    async def test_refused_connection(
        self, sim: Simulator, gateway: Http2SmsGateway, warm: bool
    ) -> None:
        """Tell that nothing was sent, also where a connection was open before."""
        if warm:
            await send(gateway)
        await sim.refuse()
        sim.clear_record()
        failure = await failure_of(gateway)
        assert meaning(failure) == (NotSent, NotSentReason.NO_CONNECTION)
        await sim.accept_again()
        await send(gateway)
        assert len(sim.requests) == 1

    async def test_throttled(self, sim: Simulator, gateway: Http2SmsGateway) -> None:
        """Tell when OVHcloud wants to be asked again."""
        sim.faults.add(Fault("status", status=429, retry_after=7))
        failure = await failure_of(gateway)
        assert isinstance(failure, NotSent)
        assert failure.retry_after == 7

    async def test_name_not_resolved(
        self,
        socket_enabled: None,
        make_gateway: MakeGateway,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Tell that the name cannot be looked up."""

        def fail(*args: object, **kwargs: object) -> None:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")

        monkeypatch.setattr(socket, "getaddrinfo", fail)
        failure = await failure_of(make_gateway("https://ovh.invalid"))
        assert meaning(failure) == (NotSent, NotSentReason.NAME_NOT_RESOLVED)

    async def test_no_tls_spoken(
        self, sim: Simulator, make_gateway: MakeGateway
    ) -> None:
        """Tell that the other side speaks no TLS."""
        gateway = make_gateway(sim.url.replace("http:", "https:"))
        failure = await failure_of(gateway)
        assert meaning(failure) == (NotSent, NotSentReason.TLS_FAILED)
        assert sim.requests == []

    async def test_host_in_the_way(
        self,
        sim: Simulator,
        gateway: Http2SmsGateway,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Get stuck on nothing that the host does, however often."""
        with monkeypatch.context() as patch:
            patch.setattr(http2sms, "ignore_host_settings", lambda *_: 1 / 0)
            for _ in range(MAX_CONNECTIONS + 1):
                assert isinstance(await failure_of(gateway), NotSent)
        await send(gateway)
        assert len(sim.requests) == 1


class TestConnections:
    """How the connections are used."""

    async def test_warm(self, sim: Simulator, gateway: Http2SmsGateway) -> None:
        """Use one connection for what follows on each other."""
        for _ in range(3):
            await send(gateway)
        assert sim.connections == 1

    async def test_silent(
        self,
        sim: Simulator,
        gateway: Http2SmsGateway,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Make a new connection after a silence: the old one may lead nowhere by now."""
        await send(gateway)
        monkeypatch.setattr(http2sms, "SILENCE", 0)
        await send(gateway)
        assert [request.connection for request in sim.requests] == [1, 2]

    async def test_burst(self, sim: Simulator, gateway: Http2SmsGateway) -> None:
        """Send a burst over few connections, each message once."""
        loop = asyncio.get_running_loop()
        sending = [make_job(message=f"Message {each}") for each in range(40)]
        with ThreadPoolExecutor(40) as threads:
            reports = await asyncio.gather(
                *(
                    loop.run_in_executor(threads, gateway.send, ACCOUNT, job)
                    for job in sending
                )
            )
        assert sim.connections <= MAX_CONNECTIONS == 6
        assert len({report.ids for report in reports}) == len(sim.requests) == 40
        assert sorted(texts(sim, NUMBER)) == sorted(job.message for job in sending)

    async def test_use_after_close(
        self, sim: Simulator, gateway: Http2SmsGateway
    ) -> None:
        """A send that comes just after new credentials were taken over is not stuck."""
        await send(gateway)
        gateway.close()
        async with asyncio.timeout(5):
            for _ in range(MAX_CONNECTIONS + 1):
                await send(gateway)
        assert sim.connections == len(sim.requests) == MAX_CONNECTIONS + 2

    async def test_close_during_a_send(
        self, sim: Simulator, gateway: Http2SmsGateway
    ) -> None:
        """Let a send end that is under way, and close its connection then."""
        hang = sim.faults.add(Fault("hang", times=1))
        sending = asyncio.create_task(send(gateway))
        while not sim.requests:
            await asyncio.sleep(0)
        gateway.close()
        sim.faults.remove(hang.id)
        assert (await sending).valid_receivers == (NUMBER,)
        assert list(gateway._pool._idle) == [None] * MAX_CONNECTIONS


class TestSecrecy:
    """No password, number or text in errors and logs."""

    SECRETS = (USER_PASSWORD, NUMBER[1:], TEXT)

    def assert_discreet(
        self, failure: GatewayError, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Look for secrets wherever an error may be shown, or hang on to them."""
        shown = [
            str(failure),
            repr(failure),
            str(failure.sentence),
            *traceback.format_exception(failure),
            *(
                f"{record.getMessage()} {record.exc_text} {record.args}"
                for record in caplog.records
            ),
        ]
        for secret in self.SECRETS:
            assert not any(secret in text for text in shown)

    @pytest.mark.parametrize("kind", ["reset", "refuse", "status", "forbidden"])
    async def test_failed_sends(
        self,
        sim: Simulator,
        gateway: Http2SmsGateway,
        caplog: pytest.LogCaptureFixture,
        kind: str,
    ) -> None:
        """Show nothing, whatever goes wrong; the error does not keep the request either."""
        caplog.set_level(logging.DEBUG)
        sim.faults.add(Fault(kind, status=500 if kind == "status" else None))
        failure = await failure_of(gateway)
        self.assert_discreet(failure, caplog)
        assert failure.__context__ is None

    async def test_successful_send(
        self,
        gateway: Http2SmsGateway,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Show nothing when all goes well."""
        caplog.set_level(logging.DEBUG)
        await send(gateway)
        assert not any(secret in caplog.text for secret in self.SECRETS)

    @pytest.mark.parametrize(
        "body",
        [
            f'{{"status": "{USER_PASSWORD} {NUMBER}"}}',
            f'{{"status": 100, "SmsIds": ["{NUMBER}x"]}}',
            f'["{NUMBER} {TEXT}"',
            f'{{"status": 202, "message": "Invalid password {USER_PASSWORD}"}}',
        ],
    )
    async def test_echo(
        self,
        scripted: Scripted,
        make_gateway: MakeGateway,
        caplog: pytest.LogCaptureFixture,
        body: str,
    ) -> None:
        """Show nothing that an answer repeats."""
        caplog.set_level(logging.DEBUG)
        scripted.body = body
        self.assert_discreet(await failure_of(make_gateway(scripted.url)), caplog)

    def test_user(self) -> None:
        """Show the login, not the password."""
        assert repr(USER) == f"SmsUser(login={USER_LOGIN!r})"
