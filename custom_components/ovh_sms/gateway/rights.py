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
        return re.fullmatch(pattern, path, re.DOTALL) is not None

    def __str__(self) -> str:
        """Return it as OVHcloud's pages write it."""
        return f"{self.method} {self.path}"


READ_RIGHTS: Final = Right("GET", "/auth/currentCredential")
RIGHTS: Final = (
    Right("GET", "/sms"),
    Right("GET", "/sms/*"),
    Right("POST", "/sms/*/jobs"),
    Right("DELETE", "/sms/*/jobs/*"),
    READ_RIGHTS,
)
# What an identity policy must allow a service account for the same calls.
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
    service_name: str, *, from_number: bool = False
) -> tuple[Right, ...]:
    """Return the rights that sending from one account, or its virtual number, needs."""
    account = f"/sms/{quote(service_name, safe='')}"
    rights: tuple[Right, ...] = (
        Right("GET", account),
        Right("GET", f"{account}/*"),
        Right("POST", f"{account}/jobs"),
        Right("DELETE", f"{account}/jobs/*"),
    )
    if from_number:
        rights += (
            Right("POST", f"{account}/virtualNumbers/*/jobs"),
            Right("DELETE", f"{account}/virtualNumbers/*/jobs/*"),
        )
    return rights


def missing_rights(
    granted: Iterable[Right], service_name: str, *, from_number: bool = False
) -> tuple[Right, ...]:
    """Return the rights that are not granted; one for all accounts is as good."""
    granted = tuple(granted)
    return tuple(
        right
        for right in account_rights(service_name, from_number=from_number)
        if not any(held.allows(right.method, right.path) for held in granted)
    )
