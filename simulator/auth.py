"""Who is calling: signatures, consumer keys and bearer tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
import hashlib
import hmac

from . import errors
from .credentials import Application, ConsumerKey, OAuth2Client
from .world import World

# Unknown: the skew that the real service accepts.
ACCEPTED_SKEW = 30.0


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: a consumer key, a service account, or just an application."""

    consumer_key: ConsumerKey | None = None
    oauth2_client: OAuth2Client | None = None
    application: Application | None = None

    @property
    def customer(self) -> str | None:
        """Tell whose accounts the caller sees."""
        if self.consumer_key is not None:
            return self.consumer_key.customer
        return self.oauth2_client.customer if self.oauth2_client is not None else None


@dataclass(frozen=True, slots=True)
class SignedCall:
    """What of a call its signature and rights are about."""

    method: str
    url: str
    path: str
    body: str
    headers: Mapping[str, str]
    remote: str | None


def sign(
    secret: str, consumer_key: str, method: str, url: str, body: str, timestamp: str
) -> str:
    """Compute the signature of a call."""
    text = f"{secret}+{consumer_key}+{method}+{url}+{body}+{timestamp}"
    return "$1$" + hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class Doorkeeper:
    """Lets callers in, as strictly as the real service."""

    def __init__(self, world: World) -> None:
        """Guard a world."""
        self._world = world
        self._travels = [0.0]
        self.skew = 0.0

    def server_time(self) -> float:
        """Tell the service's time, as `/auth/time` does."""
        return self._world.now().timestamp() + self.skew

    def application(self, headers: Mapping[str, str]) -> Application:
        """Identify the application, which every way with keys begins with."""
        key = headers.get("X-Ovh-Application")
        if key is None:
            raise errors.unauthorized()
        if key not in self._world.applications:
            raise errors.invalid_key()
        return self._world.applications[key]

    def identify(self, call: SignedCall, *, needs_right: bool) -> Principal:
        """Identify the caller and check a consumer key's rights."""
        authorization = call.headers.get("Authorization", "")
        if authorization.startswith("Bearer "):
            client = self._world.client_of_token(authorization.removeprefix("Bearer "))
            if client is None:
                raise errors.unauthorized("Invalid or expired token")
            return Principal(oauth2_client=client)
        application = self.application(call.headers)
        consumer_key = self._world.consumer_keys.get(
            call.headers.get("X-Ovh-Consumer", "")
        )
        if consumer_key is None or consumer_key.application_key != application.key:
            raise errors.not_credential()
        self._check_signature(call, application, consumer_key)
        now = self._world.now()
        if consumer_key.status_at(now) != "validated":
            raise errors.invalid_credential()
        if not consumer_key.admits(call.remote):
            raise errors.forbidden()
        if needs_right and not consumer_key.grants(call.method, call.path):
            raise errors.not_granted()
        consumer_key.last_use = now
        return Principal(consumer_key=consumer_key, application=application)

    def _check_signature(
        self, call: SignedCall, application: Application, consumer_key: ConsumerKey
    ) -> None:
        """Refuse a stale or wrong signature."""
        timestamp = call.headers.get("X-Ovh-Timestamp", "")
        if not timestamp.isdecimal() or not self._is_timely(int(timestamp)):
            raise errors.query_time_out()
        expected = sign(
            application.secret,
            consumer_key.key,
            call.method,
            call.url,
            call.body,
            timestamp,
        )
        if not hmac.compare_digest(expected, call.headers.get("X-Ovh-Signature", "")):
            raise errors.invalid_signature()

    def _is_timely(self, timestamp: int) -> bool:
        """Tell whether a timestamp is near enough.

        A clock that was advanced is no skew: the caller's own clock did not travel along, so
        an offset that it learned before the journey still counts.
        """
        travelled = self._world.clock.travelled
        if self._travels[-1] != travelled:
            self._travels.append(travelled)
        late = self.server_time() - timestamp
        return any(
            abs(late - (travelled - earlier)) <= ACCEPTED_SKEW
            for earlier in self._travels
        )
