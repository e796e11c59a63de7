"""Names, certificates and proxies: what keeps a request from leaving, and what does not."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
import socket
import ssl

import pytest

from benchmarks.certificate import make
from custom_components.ovh_sms.gateway import (
    NotSent,
    NotSentReason,
    OutcomeUnknown,
    RestGateway,
    UnknownReason,
)
from simulator import Simulator

from .conftest import (
    NUMBER,
    REPORT,
    MakeGateway,
    Scripted,
    failure_of,
    make_job,
    send,
    serve,
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for 127.0.0.1 that nobody has signed but itself."""
    return make(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    """Return a server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
async def secure(socket_enabled: None, tls: ssl.SSLContext) -> AsyncGenerator[Scripted]:
    """Run a server behind TLS that accepts a send."""
    async for server in serve(Scripted(body=REPORT), tls):
        yield server


class BreaksOff:
    """A TLS server that reads one request whole and then talks no TLS any more."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        """Listen."""
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listening.getsockname()[1]}"
        self.received = b""

    def serve(self, requests: int) -> None:
        """Answer all requests but the last, which is met with garbage."""
        connected = self._tls.wrap_socket(self._listening.accept()[0], server_side=True)
        for _ in range(requests - 1):
            connected.recv(65536)
            connected.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n1700000000"
            )
        while not self.received.endswith(b"}"):
            self.received += connected.recv(65536)
        with socket.socket(fileno=connected.detach()) as bare:
            bare.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")

    def close(self) -> None:
        """Cease to listen."""
        self._listening.close()


@pytest.fixture
def breaks_off(socket_enabled: None, tls: ssl.SSLContext) -> Generator[BreaksOff]:
    """Return a server whose TLS breaks after the request."""
    server = BreaksOff(tls)
    yield server
    server.close()


async def test_name_not_resolved(
    socket_enabled: None, make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tell that the name cannot be looked up."""

    def fail(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    failure = await failure_of(make_gateway("https://ovh.invalid"))
    assert (type(failure), failure.reason) == (
        NotSent,
        NotSentReason.NAME_NOT_RESOLVED,
    )


@pytest.mark.usefixtures("short_timeout")
async def test_connect_timeout(socket_enabled: None, make_gateway: MakeGateway) -> None:
    """Tell that nobody took the connection: the packets went nowhere."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        # Linux takes one connection more than the backlog says.
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(deaf.getsockname())
        gateway = make_gateway(f"http://127.0.0.1:{deaf.getsockname()[1]}")
        failure = await failure_of(gateway)
        for each in waiting:
            each.close()
    assert (type(failure), failure.reason) == (NotSent, NotSentReason.NO_CONNECTION)


async def test_no_tls_spoken(sim: Simulator, make_gateway: MakeGateway) -> None:
    """Tell that the other side speaks no TLS."""
    gateway = make_gateway(sim.url.replace("http:", "https:"))
    failure = await failure_of(gateway)
    assert (type(failure), failure.reason) == (NotSent, NotSentReason.TLS_FAILED)
    assert sim.requests == []


async def test_certificate_not_trusted(
    secure: Scripted, make_gateway: MakeGateway
) -> None:
    """Tell that the certificate is not to be trusted."""
    failure = await failure_of(make_gateway(secure.url))
    assert (type(failure), failure.reason) == (NotSent, NotSentReason.TLS_FAILED)
    assert secure.requests == []


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
async def test_certificates_of_the_host(
    secure: Scripted,
    make_gateway: MakeGateway,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """Trust what the host is told to trust."""
    monkeypatch.setenv(name, str(certificate))
    assert (await send(make_gateway(secure.url))).valid_receivers == (NUMBER,)


@pytest.fixture
def folder(certificate: Path, tmp_path: Path) -> Path:
    """Make a folder of certificates, each in a file that OpenSSL finds by its owner."""
    (tmp_path / "88d0bdcb.0").write_bytes(certificate.read_bytes())
    return tmp_path


async def test_certificates_in_a_folder(
    secure: Scripted,
    make_gateway: MakeGateway,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Trust the certificates in a folder, and no others."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder))
    assert (await send(make_gateway(secure.url))).valid_receivers == (NUMBER,)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder.parent))
    failure = await failure_of(make_gateway(secure.url))
    assert (type(failure), failure.reason) == (NotSent, NotSentReason.TLS_FAILED)


async def test_certificates_missing(
    secure: Scripted, make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tell that there is nothing to check certificates against."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    failure = await failure_of(make_gateway(secure.url))
    assert (type(failure), failure.reason) == (NotSent, NotSentReason.TLS_FAILED)
    assert secure.requests == []


async def test_tls_breaks_after_the_request(
    breaks_off: BreaksOff,
    make_gateway: MakeGateway,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A request that was read whole may have been carried out, whatever TLS does then."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    server = asyncio.create_task(asyncio.to_thread(breaks_off.serve, 2))
    failure = await failure_of(make_gateway(breaks_off.url))
    await server
    assert make_job().message.encode() in breaks_off.received
    assert (type(failure), failure.reason) == (
        OutcomeUnknown,
        UnknownReason.CONNECTION_LOST,
    )


@pytest.mark.parametrize("proxied", [False, True])
async def test_proxy(
    scripted: Scripted,
    make_gateway: MakeGateway,
    monkeypatch: pytest.MonkeyPatch,
    proxied: bool,
) -> None:
    """Go by the host's proxy, but not where the host says not to."""
    scripted.body = REPORT
    monkeypatch.setenv("http_proxy", scripted.url if proxied else "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    gateway = make_gateway("http://ovh.invalid" if proxied else scripted.url)
    await send(gateway)
    assert scripted.posts == 1
    assert scripted.requests[0].startswith("GET http://ovh.invalid/") is proxied


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_proxy_out_of_reach(
    socket_enabled: None,
    make_gateway: MakeGateway,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
) -> None:
    """Tell that nothing was sent where the proxy does not answer."""
    monkeypatch.setenv(f"{scheme}_proxy", "http://127.0.0.1:9")
    failure = await failure_of(make_gateway(f"{scheme}://ovh.invalid"))
    assert (type(failure), failure.reason) == (NotSent, NotSentReason.NO_CONNECTION)


async def test_proxy_refuses(
    scripted: Scripted, make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tell that nothing was sent where the proxy makes no tunnel."""
    scripted.status = 407
    monkeypatch.setenv("https_proxy", scripted.url)
    failure = await failure_of(make_gateway("https://ovh.invalid"))
    assert (type(failure), failure.reason) == (NotSent, NotSentReason.NO_CONNECTION)
    assert scripted.requests == ["CONNECT ovh.invalid:443"]


async def test_usual_addresses(make_gateway: MakeGateway) -> None:
    """Speak to OVHcloud itself unless told otherwise."""
    gateway: RestGateway = make_gateway(None)

    def endpoint() -> str:
        with gateway._pool.lend() as client:
            return str(client._endpoint)

    assert await asyncio.to_thread(endpoint) == "https://eu.api.ovh.com/1.0"
