"""The calls that the integration makes, as the rights that a key needs for them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
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
        return _pattern(self.path).fullmatch(path) is not None

    def __str__(self) -> str:
        """Return it as OVHcloud's pages write it."""
        return f"{self.method} {self.path}"


class Need(Enum):
    """What takes rights that not every account needs."""

    VIRTUAL_NUMBER = auto()
    CALLBACKS = auto()


READ_RIGHTS: Final = Right("GET", "/auth/currentCredential")
# What an operator's code means.
READ_CODES: Final = Right("GET", "/sms/ptts")
RIGHTS: Final = (
    Right("GET", "/sms"),
    Right("GET", "/sms/*"),
    Right("POST", "/sms/*/jobs"),
    Right("DELETE", "/sms/*/jobs/*"),
    READ_RIGHTS,
)
# On one account: what every account needs, and what is asked for only where it is used.
_OF_ACCOUNT: Final = (
    ("GET", ""),
    ("GET", "/*"),
    ("POST", "/jobs"),
    ("DELETE", "/jobs/*"),
)
_ON_TOP: Final = {
    Need.VIRTUAL_NUMBER: (
        ("POST", "/virtualNumbers/*/jobs"),
        ("DELETE", "/virtualNumbers/*/jobs/*"),
    ),
    Need.CALLBACKS: (("PUT", ""),),
}
# What an identity policy must allow a service account for the same calls. Callbacks take
# `sms:apiovh:put` on top.
IAM_ACTIONS: Final = (
    "sms:apiovh:blacklists/get",
    "sms:apiovh:get",
    "sms:apiovh:incoming/get",
    "sms:apiovh:jobs/create",
    "sms:apiovh:jobs/delete",
    "sms:apiovh:jobs/get",
    "sms:apiovh:outgoing/get",
    "sms:apiovh:senders/get",
    "sms:apiovh:serviceInfos/get",
    "sms:apiovh:virtualNumbers/get",
    "sms:apiovh:virtualNumbers/incoming/get",
    "sms:apiovh:virtualNumbers/jobs/create",
    "sms:apiovh:virtualNumbers/jobs/delete",
    "sms:apiovh:virtualNumbers/jobs/get",
    "sms:apiovh:virtualNumbers/outgoing/get",
)
TOKEN_PAGE: Final = "https://auth.eu.ovhcloud.com/api/createToken"


def token_url(page: str = TOKEN_PAGE) -> str:
    """Return the address of OVHcloud's page that makes a key with just these rights."""
    return f"{page}?" + "&".join(
        f"{right.method}={quote(right.path, safe='/*')}" for right in RIGHTS
    )


def account_rights(
    service_name: str, needs: Collection[Need] = ()
) -> tuple[Right, ...]:
    """Return the rights that one account takes, with those for what it needs on top."""
    account = f"/sms/{quote(service_name, safe='')}"
    rights = [*_OF_ACCOUNT]
    for need, on_top in _ON_TOP.items():
        if need in needs:
            rights += on_top
    return tuple(Right(method, f"{account}{path}") for method, path in rights)


def with_reading(rights: Iterable[Right]) -> tuple[Right, ...]:
    """Return rights with those to read on top; nothing is amiss where they are lacking."""
    asked = tuple(rights)
    return asked + tuple(
        right
        for right in (READ_CODES, READ_RIGHTS)
        if not any(other.allows(right.method, right.path) for other in asked)
    )


def is_to_send(right: str) -> bool:
    """Tell a right, or an action, that messages need from one to read or to cancel."""
    return right.startswith("POST ") or right.endswith("jobs/create")


def missing_rights(
    granted: Iterable[Right], service_name: str, needs: Collection[Need] = ()
) -> tuple[Right, ...]:
    """Return the rights that are not granted; one for all accounts is as good."""
    granted = tuple(granted)
    return tuple(
        right
        for right in account_rights(service_name, needs)
        if not any(held.allows(right.method, right.path) for held in granted)
    )


@lru_cache(maxsize=64)
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, path.split("*"))), re.DOTALL)
