"""The way to one host, bare of what `requests` does anew for each call."""

from http.client import HTTPConnection, HTTPException, HTTPSConnection
import os
from pathlib import Path
import socket
import ssl
from typing import Any, Final, cast, override
from urllib.parse import urlsplit

from certifi import where
import requests
from requests import exceptions as transport
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies, select_proxy
from urllib3.util import wait_for_read

from .errors import NotSent, NotSentReason
from .head import Told

# What `requests` says of itself and of what it takes.
_ALWAYS: Final = ("User-Agent", "Accept")


class Line(requests.Session):
    """The way to one host: bare, or as `requests` goes it where the host has a proxy.

    It follows no redirection.
    """

    def __init__(self, url: str) -> None:
        """Prepare it; nothing is opened yet."""
        super().__init__()
        ignore_host_settings(self, url)
        self._host = urlsplit(url)
        self._is_direct = select_proxy(url, self.proxies) is None
        self._connection: _Connection | None = None
        self._target_begins = len(f"{self._host.scheme}://{self._host.netloc}")
        self._always = {name: str(self.headers[name]) for name in _ALWAYS}

    @override
    def request(  # type: ignore[override]  # as the library calls it
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str | None],
        data: str,
        timeout: tuple[float, float],
    ) -> requests.Response:
        """Send a request whose address, headers and body are as they leave."""
        if not self._is_direct:
            return super().request(
                method,
                url,
                headers=headers,
                data=data,
                timeout=timeout,
                allow_redirects=False,
            )
        given = self._always | {
            name: value for name, value in headers.items() if value is not None
        }
        connect, read = timeout
        connection = self._opened(connect, read)
        try:
            connection.request(
                method, url[self._target_begins :], data.encode() or None, given
            )
            told = cast(Told, connection.getresponse())
            return _Answer(url, told, told.read())
        except BaseException as err:
            # What is left in it must not be taken for the next answer.
            connection.close()
            match err:
                case TimeoutError():
                    raise transport.ReadTimeout(err) from err
                case HTTPException() | OSError():
                    raise transport.ConnectionError(err) from err
            raise

    @override
    def close(self) -> None:
        """Close the connection; it is opened again when it is needed."""
        if self._connection:
            self._connection.close()
        super().close()

    def _opened(self, connect: float, read: float) -> _Connection:
        """Return the open connection; what goes wrong here has sent nothing."""
        try:
            connection = self._connection = self._connection or self._make()
        except OSError:
            # It is about the file of certificates.
            raise NotSent(NotSentReason.TLS_FAILED) from None
        if connection.sock and wait_for_read(connection.sock, 0):
            # The other side has closed it.
            connection.close()
        if not connection.sock:
            connection.timeout = connect
            try:
                connection.connect()
            except OSError as err:
                connection.close()
                raise NotSent(_meaning(err)) from None
            connection.sock.settimeout(read)
        return connection

    def _make(self) -> _Connection:
        if self._host.scheme == "http":
            return _Connection(self._host.netloc)
        authorities = where() if self.verify in (True, None) else str(self.verify)
        is_folder = Path(authorities).is_dir()
        context = ssl.create_default_context(
            cafile=None if is_folder else authorities,
            capath=authorities if is_folder else None,
        )
        context.set_alpn_protocols(["http/1.1"])
        return _SecureConnection(self._host.netloc, context=context)


class _Answer(requests.Response):
    """An answer that is there as a whole, in the form that the library reads."""

    # What went with a token went another way.
    request = requests.PreparedRequest()
    request.headers = CaseInsensitiveDict()

    def __init__(self, url: str, told: Told, content: bytes) -> None:
        """Keep what came; `requests` would first prepare for all that can come."""
        self.status_code = told.status
        self.reason = told.reason
        self.url = url
        self.headers = told.headers
        self.encoding = "utf-8"
        self.history = []
        self._content = content
        self._content_consumed = True


class _Connection(HTTPConnection):
    """Sends a request in one piece: its head and its body would travel apart."""

    response_class = Told
    _held = b""

    @override
    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send a request."""
        self._held = b""
        super().request(*args, **kwargs)
        whole, self._held = self._held, b""
        super().send(whole)

    @override
    def send(self, data: Any) -> None:
        """Hold a piece until the request is whole."""
        self._held += data


class _SecureConnection(_Connection, HTTPSConnection):
    """Does the same over TLS."""


def ignore_host_settings(session: requests.Session, url: str) -> None:
    """Keep the host's proxies and certificates, read once, and nothing else of it.

    Otherwise `requests` reads the environment at each call, and adds to it the password
    that a ~/.netrc may hold.
    """
    session.trust_env = False
    session.proxies = get_environ_proxies(url)
    session.verify = (
        os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    )


def _meaning(err: OSError) -> NotSentReason:
    """Tell why a connection could not be opened."""
    match err:
        case socket.gaierror():
            return NotSentReason.NAME_NOT_RESOLVED
        case ssl.SSLError():
            return NotSentReason.TLS_FAILED
    return NotSentReason.NO_CONNECTION
