"""The way to one host, bare of what `requests` does anew for each call."""

import os
from typing import Any, Final, override

import requests
from requests import exceptions as transport
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers, get_environ_proxies
from urllib3 import Timeout, exceptions as connection
from urllib3.connection import HTTPConnection, HTTPSConnection


class Line(requests.Session):
    """The way to one host, made ready by `requests` once instead of for each call.

    It follows no redirection and keeps no cookie.
    """

    def __init__(self, url: str) -> None:
        """Prepare it; nothing is opened yet."""
        super().__init__()
        ignore_host_settings(self, url)
        # In its pool a request that went wrong is not repeated.
        self._adapter = HTTPAdapter(pool_maxsize=1)
        self._pool: Any = None
        self._target_begins = 0

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
        request = requests.PreparedRequest()
        request.method, request.url, request.body = method, url, data.encode() or None
        request.headers = CaseInsensitiveDict(
            (name, str(value))
            for name, value in {**self.headers, **headers}.items()
            if value is not None
        )
        connect, read = timeout
        pool = self._to(request)
        try:
            told = pool.urlopen(
                method,
                url[self._target_begins :],
                request.body,
                request.headers,
                self._adapter.max_retries,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
                decode_content=False,
                timeout=Timeout(connect=connect, read=read),
            )
        except connection.ReadTimeoutError as err:
            raise transport.ReadTimeout(err, request=request) from err
        except (connection.HTTPError, OSError) as err:
            raise transport.ConnectionError(err, request=request) from err
        answer = requests.Response()
        answer.status_code = told.status
        answer.headers = CaseInsensitiveDict(told.headers)
        answer.encoding = get_encoding_from_headers(answer.headers)
        answer.raw, answer.request = told, request
        # Read here, where a failure is known to be one of the connection.
        _ = answer.content
        return answer

    def _to(self, request: requests.PreparedRequest) -> Any:
        """Return the connection to the host, through the host's proxy if it has one."""
        if self._pool is None:
            verify = True if self.verify is None else self.verify
            pool: Any = self._adapter.get_connection_with_tls_context(
                request, verify, self.proxies
            )
            cert_verify: Any = self._adapter.cert_verify
            cert_verify(pool, request.url, verify, None)
            pool.ConnectionCls = _WHOLE.get(pool.ConnectionCls, pool.ConnectionCls)
            target = self._adapter.request_url(request, self.proxies)
            self._target_begins = len(request.url or "") - len(target)
            self._pool = pool
        return self._pool

    @override
    def close(self) -> None:
        """Close the connection; it is opened again when it is needed."""
        self._adapter.close()
        self._pool = None


class _Whole(HTTPConnection):
    """Sends a request in one piece: its head and its body would travel apart."""

    _held: bytearray | None = None

    @override
    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send a request."""
        self._held = held = bytearray()
        try:
            super().request(*args, **kwargs)
        finally:
            self._held = None
        super().send(held)

    @override
    def send(self, data: Any) -> None:
        """Send a piece, or hold it until the request is whole."""
        if self._held is None:
            super().send(data)
        else:
            self._held += data


class _WholeHttps(_Whole, HTTPSConnection):
    """Does the same over TLS."""


# A proxy that speaks SOCKS has connections of its own.
_WHOLE: Final = {HTTPConnection: _Whole, HTTPSConnection: _WholeHttps}


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
