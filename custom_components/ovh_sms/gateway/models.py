"""What goes to OVHcloud and what comes back, in our own words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from .rights import Right


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """The three keys that OVHcloud makes for an application."""

    application_key: str
    application_secret: str = field(repr=False)
    consumer_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """An OAuth2 client of OVHcloud's identity management."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SmsUser:
    """A user of one SMS account, who can send and nothing else."""

    login: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One `POST /sms/{serviceName}/jobs`; what is None is not sent.

    With `document_url` or `slot_id` OVHcloud has the numbers, and `receivers` is empty.
    """

    message: str
    receivers: tuple[str, ...]
    tag: str
    sender: str | None = None
    short_number: bool = False
    virtual_number: str | None = None
    no_stop_clause: bool = True
    priority: str = "high"
    validity_minutes: int | None = None
    delay_minutes: int | None = None
    message_class: str | None = None
    coding: str | None = None
    charset: str | None = None
    document_url: str | None = None
    slot_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReport:
    """What OVHcloud says it accepted; what is None it does not say."""

    ids: tuple[int, ...]
    valid_receivers: tuple[str, ...]
    invalid_receivers: tuple[str, ...]
    credits: float | None
    credits_left: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsRecord:
    """An SMS as OVHcloud remembers it: one that left, or one that waits there.

    Of one that waits no tag is told, and from a virtual number no sender.
    """

    sms_id: int
    receiver: str
    text: str
    created: datetime
    tag: str | None
    credits: float
    parts: int
    receipt: int
    ptt: int
    sender: str
    delay_minutes: int
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingSms:
    """A reply as OVHcloud has it; `tag` is that of the message it answers, or empty."""

    sms_id: int
    sender: str
    text: str
    created: datetime
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """The address that OVHcloud calls with receipts, and what it does with replies.

    `replies` is in OVHcloud's own words, so that all of it can be put back one day.
    """

    receipts: str | None
    replies: Mapping[str, Any]

    @property
    def reply_address(self) -> str | None:
        """Return the address that OVHcloud calls with replies, if it calls one."""
        if self.replies.get("responseType") != "cgi":
            return None
        return self.replies.get("cgiUrl") or None

    def with_reply_address(self, address: str) -> dict[str, Any]:
        """Return what OVHcloud shall do with replies to call this address."""
        return {**self.replies, "responseType": "cgi", "cgiUrl": address}


@dataclass(frozen=True, slots=True)
class PendingKey:
    """A consumer key that the user has yet to approve."""

    consumer_key: str = field(repr=False)
    validation_url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountInfo:
    """An SMS account; whom OVHcloud calls for it is None where that cannot be read."""

    name: str
    description: str
    enabled: bool
    credits_left: float
    credits_held: float
    channel: str
    callbacks: Callbacks | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceInfo:
    """The contract behind an SMS account: whether it is paid, and until when."""

    status: str
    expiration: date | None

    @property
    def is_expired(self) -> bool:
        """Return whether it has ended."""
        return self.status == "expired"

    @property
    def is_unpaid(self) -> bool:
        """Return whether OVHcloud waits for money."""
        return self.status in ("unPaid", "pendingDebt")

    @property
    def is_amiss(self) -> bool:
        """Return whether its owner has to act."""
        return self.is_expired or self.is_unpaid


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderInfo:
    """A sender of an SMS account and whether OVHcloud lets it send."""

    name: str
    status: str

    @property
    def enabled(self) -> bool:
        """Return whether it can be used."""
        return self.status == "enable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What the key in use may do, and until when."""

    rights: tuple[Right, ...]
    expiration: datetime | None
