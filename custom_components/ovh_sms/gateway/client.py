"""OVHcloud's own client, made safe for a house: bounded in time, deaf to the host's settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
import logging
import os
import re
import threading
import time
from typing import Any, Final, override
from urllib.parse import urlsplit

from oauthlib.oauth2 import BackendApplicationClient
import ovh
from ovh.client import ENDPOINTS, OAUTH2_TOKEN_URLS
from ovh.oauth2 import OAuth2, RefreshOAuth2Session
import requests

from .errors import AuthFailed, AuthReason
from .line import Line, ignore_host_settings
from .models import ApiKeys, ServiceAccount

# Seconds to connect and to wait for the answer; the library's own are 180 each.
TIMEOUT: Final = (5, 20)
# A name of our own, so that no [ovh-eu] section of an ovh.conf on the host applies.
ENDPOINT: Final = "home-assistant"
API_URL: Final = "https://eu.api.ovh.com"
TOKEN_URL: Final = "https://www.ovh.com/auth/oauth2/token"
# After so many seconds of silence a connection is not trusted any more: the other side
# may be closing it, or the house may have another way to the internet since. A message
# sent into it could be called neither sent nor unsent.
SILENCE: Final = 4
_RENEWED_BEFORE_END: Final = 60
# Anything else cannot be sent in a header, and is no key of OVHcloud's.
_KEY: Final = re.compile(r"[!-~]+")


class ClockOffset:
    """By how much OVHcloud's clock is ahead of ours, asked once for all clients."""

    def __init__(self) -> None:
        """Start without knowing it."""
        self._lock = threading.Lock()
        self._seconds: int | None = None

    def seconds(self, client: Client) -> int:
        """Return it, asking OVHcloud the first time."""
        with self._lock:
            if self._seconds is None:
                now = client.get("/auth/time", _need_auth=False)
                self._seconds = int(now) - int(time.time())
            return self._seconds

    @property
    def known(self) -> int | None:
        """Return it without asking."""
        return self._seconds

    def forget(self) -> None:
        """Have it asked again."""
        with self._lock:
            self._seconds = None


_is_unlogged: Final = ContextVar("_is_unlogged", default=False)
# At its debug level it tells the token, the secret, the texts and the numbers.
logging.getLogger("requests_oauthlib.oauth2_session").addFilter(
    lambda record: not _is_unlogged.get()
)


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep what the OAuth2 library tells of our calls, and of nobody else's, out of the log."""
    before = _is_unlogged.set(True)
    try:
        yield
    finally:
        _is_unlogged.reset(before)


class _BoundedSession(RefreshOAuth2Session):
    """An OAuth2 session whose token call ends in time too."""

    @override
    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request, never without a timeout."""
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = TIMEOUT
        with _unlogged():
            response: requests.Response = super().request(*args, **kwargs)
        return response

    @override
    def fetch_token(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Ask for a token, for no log to read."""
        with _unlogged():
            token: dict[str, Any] = super().fetch_token(*args, **kwargs)
        return token


def _refuse_trouble(answer: requests.Response) -> requests.Response:
    """Keep a server's trouble from being read as a refusal of the credentials."""
    if (
        answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        or answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    ):
        answer.raise_for_status()
    return answer


class _BoundedOAuth2(OAuth2):
    """The library's keeper of the token, on bounded sessions."""

    _token: dict[str, Any] | None = None
    _session: _BoundedSession | None = None

    def renew_if_old(self) -> None:
        """Have a token that lasts a little longer than one call."""
        if (
            self._token
            and self._token.get("expires_at", 0) > time.time() + _RENEWED_BEFORE_END
        ):
            return
        self.forget()
        with self._new_session() as session:
            session.register_compliance_hook("access_token_response", _refuse_trouble)
            self._token = session.fetch_token(
                token_url=self.token_url,
                client_id=self.client_id,
                client_secret=self.client_secret,
            )
        self._session = self._new_session(self._token)

    def forget(self) -> None:
        """Have a new token fetched before the next call."""
        self.close()
        self._token = None
        self._session = None

    def close(self) -> None:
        """Close the connections; the token stays."""
        if self._session:
            self._session.close()

    def _new_session(self, token: dict[str, Any] | None = None) -> _BoundedSession:
        session = _BoundedSession(
            token_url=self.token_url,
            client=BackendApplicationClient(client_id=self.client_id, scope=["all"]),
            token=token,
        )
        ignore_host_settings(session, self.token_url)
        return session


class Client(ovh.Client):
    """A connection to OVHcloud for one thread at a time.

    Made on a worker thread: the library reads configuration files in its constructor.
    """

    answer: requests.Response | None = None

    def __init__(
        self,
        credentials: ApiKeys | ServiceAccount,
        clock: ClockOffset,
        url: str | None = None,
    ) -> None:
        """Prepare it; nothing is sent yet."""
        if isinstance(credentials, ApiKeys):
            _check(credentials.application_key, AuthReason.APPLICATION_KEY)
            _check(credentials.application_secret, AuthReason.APPLICATION_SECRET)
        else:
            _check(credentials.client_id, AuthReason.SERVICE_ACCOUNT)
            _check(credentials.client_secret, AuthReason.SERVICE_ACCOUNT)
        ENDPOINTS[ENDPOINT] = f"{url or API_URL}/1.0"
        OAUTH2_TOKEN_URLS[ENDPOINT] = f"{url}/auth/oauth2/token" if url else TOKEN_URL
        if url and urlsplit(url).scheme == "http":
            os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
        if isinstance(credentials, ApiKeys):
            super().__init__(
                endpoint=ENDPOINT,
                timeout=TIMEOUT,
                application_key=credentials.application_key,
                application_secret=credentials.application_secret,
                consumer_key=credentials.consumer_key,
            )
        else:
            super().__init__(
                endpoint=ENDPOINT,
                timeout=TIMEOUT,
                client_id=credentials.client_id,
                client_secret=credentials.client_secret,
            )
            self._oauth2 = _BoundedOAuth2(
                client_id=credentials.client_id,
                client_secret=credentials.client_secret,
                token_url=OAUTH2_TOKEN_URLS[ENDPOINT],
            )
        self._clock = clock
        self._offset = 0
        self._headers: dict[str, str] = {}
        self._used = time.monotonic()
        self._session = Line(self._endpoint)

    @property
    @override
    def time_delta(self) -> int:
        """Return the offset of OVHcloud's clock, as `prepare` got it."""
        return self._offset

    def prepare(self) -> None:
        """Get what signing needs, so that a failure here is known to have sent nothing."""
        self.answer = None
        if time.monotonic() - self._used > SILENCE:
            self.close()
        if self._oauth2:
            self._oauth2.renew_if_old()
        else:
            _check(self._consumer_key, AuthReason.CONSUMER_KEY_UNKNOWN)
            self._offset = self._clock.seconds(self)

    def forget(self) -> None:
        """Drop what `prepare` got, since OVHcloud does not accept it any more."""
        if self._oauth2:
            self._oauth2.forget()
        else:
            self._clock.forget()

    @override
    def call(self, *args: Any, headers: dict[str, str] | None = None) -> Any:
        """Make a call, with headers that the library has no place for here."""
        self._headers = headers or {}
        return super().call(*args)

    @override
    def raw_call(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Make a call and keep its answer, which the library's errors leave out."""
        self.answer = None
        answer: requests.Response = super().raw_call(
            *args, **kwargs, headers={**self._headers}
        )
        self.answer = answer
        self._used = time.monotonic()
        return answer

    def close(self) -> None:
        """Close the connections; they are opened again when they are needed."""
        self._session.close()
        if self._oauth2:
            self._oauth2.close()


def _check(part: str, reason: AuthReason) -> None:
    """Refuse what cannot even be sent: the library fails on it in the midst of a call."""
    if not _KEY.fullmatch(part):
        raise AuthFailed(reason)
