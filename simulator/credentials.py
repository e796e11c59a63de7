"""Applications, consumer keys with their rights, and service accounts."""

from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network
import re
from typing import Literal

type CredentialStatus = Literal["expired", "pendingValidation", "refused", "validated"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A right: a method and a pattern of paths."""

    method: str
    path: str

    def allows(self, method: str, path: str) -> bool:
        """Tell whether the pattern covers a path as it was called; a star spans slashes."""
        pattern = ".*".join(re.escape(piece) for piece in self.path.split("*"))
        return (
            self.method == method and re.fullmatch(pattern, path, re.DOTALL) is not None
        )


@dataclass(slots=True)
class Application:
    """An application, known by its key."""

    key: str
    secret: str
    identifier: int
    name: str
    description: str = ""


@dataclass(slots=True)
class ConsumerKey:
    """A consumer key: what one customer lets one application do."""

    key: str
    application_key: str
    identifier: int
    rules: list[Rule]
    creation: datetime
    customer: str
    status: CredentialStatus = "validated"
    expiration: datetime | None = None
    last_use: datetime | None = None
    allowed_ips: list[str] | None = None
    redirection: str | None = None
    token: str = ""

    def status_at(self, now: datetime) -> CredentialStatus:
        """Tell the status, which time alone can turn into expired."""
        if (
            self.status == "validated"
            and self.expiration is not None
            and self.expiration <= now
        ):
            return "expired"
        return self.status

    def grants(self, method: str, path: str) -> bool:
        """Tell whether a call is among the rights."""
        return any(rule.allows(method, path) for rule in self.rules)

    def admits(self, remote: str | None) -> bool:
        """Tell whether a caller's address may use the key."""
        return is_admitted(remote, self.allowed_ips)


@dataclass(slots=True)
class OAuth2Client:
    """A service account; `actions` is None when its policy allows everything."""

    identifier: str
    secret: str
    customer: str
    actions: set[str] | None = None
    tokens: dict[str, datetime] = field(default_factory=dict)

    def may(self, action: str | None) -> bool:
        """Tell whether the policy allows an action."""
        if action is None or self.actions is None:
            return True
        return any(fnmatchcase(action, allowed) for allowed in self.actions)


def is_admitted(remote: str | None, blocks: list[str] | None) -> bool:
    """Tell whether an address lies in one of the blocks; no block at all admits everyone."""
    if not blocks:
        return True
    if remote is None:
        return False
    address = ip_address(remote)
    return any(address in ip_network(block, strict=False) for block in blocks)
