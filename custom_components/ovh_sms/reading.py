"""One round of calls that tells how things stand with an account at OVHcloud."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from .gateway import (
    AccountGateway,
    AccountInfo,
    AuthFailed,
    Credential,
    GatewayError,
    NotSent,
    SenderInfo,
    ServiceInfo,
)
from .sms.pending import pending_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a round asks for besides the account; not all of it each time.

    `pending` says where to look for what waits: None is the account, the others are its
    virtual numbers.
    """

    key: bool
    service: bool
    blacklist: bool
    senders: frozenset[str]
    pending: tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRead:
    """What a round brought; None is what was not asked for."""

    account: AccountInfo | GatewayError
    key_asked: bool = False
    key: Credential | GatewayError | None = None
    service: ServiceInfo | GatewayError | None = None
    stopped: frozenset[str] | GatewayError | None = None
    pending: int | GatewayError | None = None
    senders: dict[str, SenderInfo | GatewayError | None] = field(default_factory=dict)


def read(gateway: AccountGateway, service_name: str, wanted: Wanted) -> AccountRead:
    """Ask OVHcloud; it blocks. A call that fails does not spoil the others."""
    account = _attempt(lambda: gateway.account(service_name))
    if isinstance(account, NotSent | AuthFailed):
        return AccountRead(account=account)
    # Why nothing can be sent is asked as soon as nothing can.
    service_asked = wanted.service or not (
        isinstance(account, AccountInfo) and account.enabled
    )
    return AccountRead(
        account=account,
        key_asked=wanted.key,
        key=_attempt(gateway.credential) if wanted.key else None,
        service=_attempt(lambda: gateway.service(service_name))
        if service_asked
        else None,
        stopped=_attempt(lambda: frozenset(gateway.blacklisted(service_name)))
        if wanted.blacklist
        else None,
        pending=_attempt(lambda: _count_pending(gateway, service_name, wanted.pending))
        if wanted.pending
        else None,
        senders={
            name: _attempt(partial(gateway.sender, service_name, name))
            for name in sorted(wanted.senders)
        },
    )


def _count_pending(
    gateway: AccountGateway, service_name: str, places: Iterable[str | None]
) -> int:
    """Count the SMS that wait; one may be listed at its number and at the account."""
    return len(
        {
            sms_id
            for number in places
            for sms_id in pending_ids(gateway, service_name, number)
        }
    )


def _attempt[T](call: Callable[[], T]) -> T | GatewayError:
    try:
        return call()
    except GatewayError as failure:
        return failure
