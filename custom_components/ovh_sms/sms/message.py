"""A message that has been looked at and can be sent, and what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import batched
import re
import secrets
from typing import Final
import uuid

from ..gateway.errors import GatewayError
from ..gateway.models import Job
from .economy import economise
from .errors import InvalidRequest
from .numbers import is_in
from .privacy import mask
from .recipients import Receiver, Recipient, resolve
from .request import SmsRequest
from .settings import Settings, TextMode, TooLong
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
MAX_RECEIVERS_OF_JOB: Final = 500
# More in one call are surely a mistake.
MAX_RECEIVERS: Final = 2500


class State(StrEnum):
    """How far a message, or its delivery to one number, has come."""

    SENDING = "sending"
    ACCEPTED = "accepted"
    PARTIAL = "partial"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    DUPLICATE = "duplicate"


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
    credits: float | None = 0.0
    failure: GatewayError | None = None


def prepare(
    request: SmsRequest, recipients: Mapping[str, Recipient], settings: Settings
) -> tuple[Message, ...]:
    """Check a request and return the messages it makes; nothing has been sent by then.

    It is one, unless the receivers have different senders or are too many for one job.
    """
    receivers = resolve(
        request.recipients, request.receivers, recipients, settings.country
    )
    if len(receivers) > MAX_RECEIVERS:
        raise InvalidRequest(
            "too_many_receivers", count=str(len(receivers)), limit=str(MAX_RECEIVERS)
        )
    for receiver in receivers:
        _check_receiver(receiver, settings)
    if request.tag and len(request.tag) > MAX_TAG_LENGTH:
        raise InvalidRequest("tag_too_long", limit=str(MAX_TAG_LENGTH))
    by_sender: dict[str, list[Receiver]] = {}
    for receiver in receivers:
        sender = sender_for(request, receiver, settings)
        by_sender.setdefault(sender, []).append(receiver)
    text = compose(request.message, request.title)
    if settings.text_mode == TextMode.ECONOMICAL:
        text = economise(text)
    return tuple(
        _message(request, sender, tuple(chunk), text, settings)
        for sender, group in by_sender.items()
        for chunk in batched(group, MAX_RECEIVERS_OF_JOB, strict=False)
    )


def _message(
    request: SmsRequest,
    sender: str,
    receivers: tuple[Receiver, ...],
    whole: str,
    settings: Settings,
) -> Message:
    """Return the message for receivers who all get it from the same sender."""
    priority = request.priority or settings.priority
    if priority not in PRIORITIES:
        raise InvalidRequest("priority_unknown", allowed="high, medium, low, very_low")
    from_number = is_number(sender)
    if settings.sends_only and request.priority:
        raise InvalidRequest("not_with_sms_user", field="priority")
    reserved = reserved_for(request, sender, settings)
    text = shorten(whole, settings.max_parts, reserved)
    if text != whole and settings.too_long == TooLong.REFUSE:
        raise InvalidRequest(
            "message_too_many_parts",
            parts=str(measure(whole, reserved).parts),
            limit=str(settings.max_parts),
        )
    return Message(
        message_id=uuid.uuid4().hex,
        receivers=receivers,
        job=Job(
            message=text,
            receivers=tuple(receiver.number for receiver in receivers),
            tag=request.tag or f"ha{secrets.token_hex(9)}",
            sender=None if from_number or sender == SHORT_NUMBER else sender,
            short_number=sender == SHORT_NUMBER,
            virtual_number=_in_path(sender) if from_number else None,
            no_stop_clause=_no_stop_clause(request, settings),
            priority=PRIORITIES[priority],
            validity_minutes=settings.validity,
        ),
        size=measure(text, reserved),
        shortened=text != whole,
        bypass_limits=request.bypass_limits,
    )


def reserved_for(request: SmsRequest, sender: str, settings: Settings) -> int:
    """Return the room that the STOP clause takes; a virtual number adds none."""
    if is_number(sender) or _no_stop_clause(request, settings):
        return 0
    return STOP_CLAUSE_LENGTH


def _no_stop_clause(request: SmsRequest, settings: Settings) -> bool:
    if request.no_stop_clause is None:
        return settings.no_stop_clause
    return request.no_stop_clause


def sender_for(
    request: SmsRequest, receiver: Receiver | None, settings: Settings
) -> str:
    """Return exactly one sender: OVHcloud would silently prefer the short number."""
    if request.short_number and request.sender not in (None, "", SHORT_NUMBER):
        raise InvalidRequest("two_senders")
    if request.short_number:
        return SHORT_NUMBER
    own = receiver.sender if receiver else None
    sender = request.sender or own or settings.sender
    if sender == SHORT_NUMBER and request.short_number is False:
        raise InvalidRequest("no_sender")
    if settings.sends_only and is_number(sender):
        raise InvalidRequest("not_with_sms_user", field="sender")
    if (
        sender != SHORT_NUMBER
        and not is_number(sender)
        and len(sender) > MAX_SENDER_LENGTH
    ):
        raise InvalidRequest("sender_too_long", limit=str(MAX_SENDER_LENGTH))
    return sender


def is_number(sender: str) -> bool:
    """Tell a virtual number from a sender's name, which has letters."""
    return re.fullmatch(r"\+?\d{6,}", sender) is not None


def _in_path(virtual_number: str) -> str:
    """Return a virtual number as OVHcloud's paths have it."""
    return virtual_number.replace("+", "00")


def _check_receiver(receiver: Receiver, settings: Settings) -> None:
    """Refuse who may not be written to."""
    if receiver.recipient_id is None and not settings.allow_unlisted:
        raise InvalidRequest("number_unlisted", number=mask(receiver.number))
    if settings.allowed_countries and not is_in(
        receiver.number, settings.allowed_countries
    ):
        raise InvalidRequest("number_abroad", number=mask(receiver.number))
