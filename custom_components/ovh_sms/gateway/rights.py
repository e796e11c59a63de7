"""The calls that the integration makes, as the rights that a key needs for them."""

from collections.abc import Iterable
from dataclasses import dataclass
import re
from typing import Final
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Right:
    """A method and a path pattern; `*` stands for anything, slashes included."""

    method: str
    path: str

    def allows(self, method: str, path: str) -> bool:
        """Tell whether it covers a call, or every call of a narrower pattern."""
        if self.method != method:
            return False
        pattern = ".*".join(re.escape(piece) for piece in self.path.split("*"))
        return re.fullmatch(pattern, path) is not None

    def __str__(self) -> str:
        """Return it as OVHcloud's pages write it."""
        return f"{self.method} {self.path}"


RIGHTS: Final = (
    Right("GET", "/sms"),
    Right("GET", "/sms/*"),
    Right("POST", "/sms/*/jobs"),
    Right("DELETE", "/sms/*/jobs/*"),
    Right("GET", "/auth/currentCredential"),
)
TOKEN_PAGE: Final = "https://auth.eu.ovhcloud.com/api/createToken"


def token_url(page: str = TOKEN_PAGE) -> str:
    """Return the address of OVHcloud's page that makes a key with just these rights."""
    return f"{page}?" + "&".join(
        f"{right.method}={quote(right.path, safe='/*')}" for right in RIGHTS
    )


def missing_rights(granted: Iterable[Right], service_name: str) -> tuple[Right, ...]:
    """Return the rights that sending from an account lacks.

    A key for one account is as good as one for all; only what a send and its
    receipt need counts, since the list of accounts is read at set-up alone.
    """
    account = f"/sms/{quote(service_name, safe='')}"
    needed = (
        Right("GET", account),
        Right("GET", f"{account}/*"),
        Right("POST", f"{account}/jobs"),
        Right("DELETE", f"{account}/jobs/*"),
    )
    granted = tuple(granted)
    return tuple(
        right
        for right in needed
        if not any(held.allows(right.method, right.path) for held in granted)
    )
