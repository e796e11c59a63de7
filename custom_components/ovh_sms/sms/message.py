"""A message that has been looked at and can be sent, and what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
import secrets
from typing import Final
import uuid

from ..gateway.errors import GatewayError
from ..gateway.models import Job
from .errors import InvalidRequest
from .recipients import Receiver, Recipient, resolve
from .request import SmsRequest
from .settings import Settings
from .text import STOP_CLAUSE_LENGTH, Size, compose, measure, shorten

# What a sender is called that asks OVHcloud for a short number which can be answered.
SHORT_NUMBER: Final = "short_number"
# Our spelling and OVHcloud's, with what OVHcloud takes.
PRIORITIES: Final = {
    "high": "high",
    "medium": "medium",
    "low": "low",
    "very_low": "veryLow",
    "veryLow": "veryLow",
}
MAX_SENDER_LENGTH: Final = 11
MAX_TAG_LENGTH: Final = 20
# OVHcloud names no bound; its guides send up to this many at a time.
MAX_RECEIVERS: Final = 500


class State(StrEnum):
    """How far a message, or its delivery to one number, has come."""

    SENDING = "sending"
    ACCEPTED = "accepted"
    PARTIAL = "partial"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One job for OVHcloud, ready to be written down and sent."""

    message_id: str
    receivers: tuple[Receiver, ...]
    job: Job
    size: Size
    shortened: bool
    bypass_limits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a message."""

    message: Message
    state: State
    ids: tuple[int, ...] = ()
    valid: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    credits: float = 0.0
    failure: GatewayError | None = None


def prepare(
    request: SmsRequest, recipients: Mapping[str, Recipient], settings: Settings
) -> Message:
    """Check a request and return the message it makes; nothing has been sent by then."""
    receivers = resolve(
        request.recipients, request.receivers, recipients, settings.country
    )
    if len(receivers) > MAX_RECEIVERS:
        raise InvalidRequest(
            "too_many_receivers", count=str(len(receivers)), limit=str(MAX_RECEIVERS)
        )
    sender = _sender(request, settings)
    short_number = sender == SHORT_NUMBER
    no_stop_clause = (
        settings.no_stop_clause
        if request.no_stop_clause is None
        else request.no_stop_clause
    )
    priority = request.priority or settings.priority
    if priority not in PRIORITIES:
        raise InvalidRequest("priority_unknown", allowed="high, medium, low, very_low")
    if request.tag and len(request.tag) > MAX_TAG_LENGTH:
        raise InvalidRequest("tag_too_long", limit=str(MAX_TAG_LENGTH))
    reserved = 0 if no_stop_clause else STOP_CLAUSE_LENGTH
    whole = compose(request.message, request.title)
    text = shorten(whole, settings.max_parts, reserved)
    return Message(
        message_id=uuid.uuid4().hex,
        receivers=receivers,
        job=Job(
            message=text,
            receivers=tuple(receiver.number for receiver in receivers),
            tag=request.tag or f"ha{secrets.token_hex(9)}",
            sender=None if short_number else sender,
            short_number=short_number,
            no_stop_clause=no_stop_clause,
            priority=PRIORITIES[priority],
            validity_minutes=settings.validity,
        ),
        size=measure(text, reserved),
        shortened=text != whole,
        bypass_limits=request.bypass_limits,
    )


def _sender(request: SmsRequest, settings: Settings) -> str:
    """Return exactly one sender: OVHcloud would silently prefer the short number."""
    if request.short_number and request.sender not in (None, SHORT_NUMBER):
        raise InvalidRequest("two_senders")
    if request.short_number:
        return SHORT_NUMBER
    sender = request.sender or settings.sender
    if sender == SHORT_NUMBER and request.short_number is False:
        raise InvalidRequest("no_sender")
    if sender != SHORT_NUMBER and len(sender) > MAX_SENDER_LENGTH:
        raise InvalidRequest("sender_too_long", limit=str(MAX_SENDER_LENGTH))
    return sender
