"""A message that has been looked at and can be sent, and what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import batched
import math
import re
import secrets
from typing import Final
from urllib.parse import urlsplit

from ..gateway.errors import GatewayError
from ..gateway.models import Job, JobReport
from .economy import economise
from .errors import InvalidRequest
from .numbers import as_in_paths, is_in
from .privacy import mask, shown
from .recipients import Receiver, Recipient, resolve
from .request import LONGEST_DELAY, SmsRequest
from .settings import Settings, TextMode, TooLong
from .states import OPEN, State
from .text import STOP_CLAUSE_LENGTH, Size, compose, is_plain, measure, shorten
from .when import seconds_at

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
MESSAGE_CLASSES: Final = ("flash", "phoneDisplay", "sim", "toolkit")
CODINGS: Final = ("7bit", "8bit")
CHARSETS: Final = ("UTF-8",)
MAX_SENDER_LENGTH: Final = 11
# New senders are letters and digits; OVHcloud has older ones with more.
_NOT_IN_SENDERS: Final = re.compile(r"[^A-Za-z0-9 _.,&+-]")
_NUMBER: Final = re.compile(r"\+?\d{6,}")
MAX_TAG_LENGTH: Final = 20
# OVHcloud names no bound; its guides send up to this many at a time.
MAX_RECEIVERS_OF_JOB: Final = 500
# More in one call are surely a mistake.
MAX_RECEIVERS: Final = 2500


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One job for OVHcloud, ready to be written down and sent.

    `send_at` is when it shall leave, in seconds of the epoch, or None for now. Where
    OVHcloud is out of reach a message with `queue` waits, for `retry_for` seconds at
    most. `whole` is the text before it was shortened.
    """

    message_id: str
    receivers: tuple[Receiver, ...]
    job: Job
    size: Size
    shortened: bool
    whole: str
    retry_for: float
    queue: bool
    own_tag: bool = True
    send_at: float | None = None
    bypass_limits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a message.

    `is_unprovable` is for one that is unknown and can never be looked up.
    """

    message: Message
    state: State
    ids: tuple[int, ...] = ()
    valid: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    credits: float | None = 0.0
    failure: GatewayError | None = None
    noted_reason: str | None = None
    is_unprovable: bool = False

    @property
    def is_over(self) -> bool:
        """Return whether nothing more will become of it."""
        return self.is_unprovable or self.state not in OPEN

    @property
    def reason(self) -> str | None:
        """Return why it did not go as it should, as far as that is known."""
        return self.failure.reason.value if self.failure else self.noted_reason


def prepare(
    request: SmsRequest,
    recipients: Mapping[str, Recipient],
    settings: Settings,
    now: float,
) -> tuple[Message, ...]:
    """Check a request and return the messages it makes; nothing has been sent by then.

    It is one, unless the receivers have different senders or are too many for one job.
    """
    _check_words(request, settings)
    send_at = _send_at(request, settings, now)
    groups = _groups(request, recipients, settings)
    text = compose(request.message, request.title)
    if settings.text_mode == TextMode.ECONOMICAL:
        text = economise(text)
    if request.coding == "7bit" and not is_plain(text):
        odd = next(character for character in text if not is_plain(character))
        raise InvalidRequest("coding_not_7bit", character=shown(odd))
    return tuple(
        _message(request, sender, receivers, text, settings, send_at, now)
        for sender, receivers in groups
    )


def outcome_reported(message: Message, report: JobReport) -> Outcome:
    """Tell what was accepted: OVHcloud answers 200 also where it accepted nothing."""
    invalid = report.invalid_receivers
    if report.valid_receivers or not report.ids:
        told = {*report.valid_receivers, *invalid}
        silent = tuple(number for number in message.job.receivers if number not in told)
        # Only where some are left out: its spelling may not be ours.
        if len(told) < len(message.job.receivers):
            invalid += silent
    if not report.ids:
        state = State.REFUSED
    elif invalid or len(report.ids) < len(message.receivers):
        state = State.PARTIAL
    else:
        state = State.ACCEPTED
    return Outcome(
        message=message,
        state=state,
        ids=report.ids,
        valid=report.valid_receivers,
        invalid=invalid,
        credits=report.credits,
    )


def with_delay(job: Job, send_at: float | None, now: float) -> Job:
    """Return a job that OVHcloud keeps until a moment; at once if that has passed."""
    minutes = _delay(send_at, now)
    return job if minutes == job.delay_minutes else replace(job, delay_minutes=minutes)


def _delay(send_at: float | None, now: float) -> int | None:
    minutes = 0 if send_at is None else math.ceil((send_at - now) / 60)
    return minutes if minutes > 0 else None


def _message(
    request: SmsRequest,
    sender: str,
    receivers: tuple[Receiver, ...],
    whole: str,
    settings: Settings,
    send_at: float | None,
    now: float,
) -> Message:
    """Return the message for receivers who all get it from the same sender."""
    from_number = is_number(sender)
    reserved = reserved_for(request, sender, settings)
    # REST deduces the alphabet from the text; http2sms takes the caller's word for it.
    forced = settings.sends_only and request.coding == "8bit"
    text, size = whole, measure(whole, reserved, forced=forced)
    if size.parts > settings.max_parts:
        if settings.too_long == TooLong.REFUSE:
            raise InvalidRequest(
                "message_too_many_parts",
                parts=str(size.parts),
                limit=str(settings.max_parts),
            )
        text = shorten(whole, settings.max_parts, reserved, forced=forced)
        size = measure(text, reserved, forced=forced)
    return Message(
        message_id=secrets.token_hex(16),
        receivers=receivers,
        job=Job(
            message=text,
            receivers=tuple(receiver.number for receiver in receivers),
            document_url=request.document_url or None,
            slot_id=request.slot_id or None,
            tag=_tag(request),
            sender=None if from_number or sender == SHORT_NUMBER else sender,
            short_number=sender == SHORT_NUMBER,
            virtual_number=as_in_paths(sender) if from_number else None,
            no_stop_clause=_no_stop_clause(request, settings),
            priority=PRIORITIES[request.priority or settings.priority],
            validity_minutes=(
                settings.validity
                if request.validity is None
                else math.ceil(request.validity.total_seconds() / 60)
            ),
            delay_minutes=_delay(send_at, now),
            message_class=request.message_class or None,
            coding=request.coding or None,
            charset=request.charset or None,
        ),
        size=size,
        shortened=text != whole,
        whole=whole,
        own_tag=not (request.tag or "").strip(),
        send_at=send_at,
        retry_for=(
            settings.retry_for * 60
            if request.retry_for is None
            else request.retry_for.total_seconds()
        ),
        queue=(
            not receivers or any(receiver.queue for receiver in receivers)
            if request.queue is None
            else request.queue
        ),
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


def _check_words(request: SmsRequest, settings: Settings) -> None:
    """Refuse words that OVHcloud, or its way in for SMS users, does not know."""
    if (request.priority or settings.priority) not in PRIORITIES:
        raise InvalidRequest("priority_unknown", allowed="high, medium, low, very_low")
    for field, value, allowed in (
        ("message_class", request.message_class, MESSAGE_CLASSES),
        ("coding", request.coding, CODINGS),
        ("charset", request.charset, CHARSETS),
    ):
        if value and value not in allowed:
            raise InvalidRequest(
                "word_unknown", field=field, allowed=", ".join(allowed)
            )
    if settings.sends_only:
        asked = {
            "priority": request.priority,
            "validity": request.validity,
            "charset": request.charset,
            "receivers_document_url": request.document_url,
            "receivers_slot_id": request.slot_id,
        }
        for field, wish in asked.items():
            if wish:
                raise InvalidRequest("not_with_sms_user", field=field)


def _send_at(request: SmsRequest, settings: Settings, now: float) -> float | None:
    """Return when a message shall leave; None for now."""
    if request.delay:
        return now + request.delay.total_seconds()
    if request.send_at is None:
        return None
    send_at = seconds_at(request.send_at, settings.time_zone, now)
    if send_at is not None and send_at > now + LONGEST_DELAY.total_seconds():
        raise InvalidRequest("delay_too_long")
    return send_at


def _groups(
    request: SmsRequest, recipients: Mapping[str, Recipient], settings: Settings
) -> list[tuple[str, tuple[Receiver, ...]]]:
    """Return the receivers of each message, behind whom it comes from."""
    if request.document_url or request.slot_id:
        _check_list(request, settings)
        return [(sender_for(request, None, settings), ())]
    by_sender: dict[str, list[Receiver]] = {}
    for receiver in _receivers(request, recipients, settings):
        sender = sender_for(request, receiver.sender, settings)
        by_sender.setdefault(sender, []).append(receiver)
    return [
        (sender, chunk)
        for sender, group in by_sender.items()
        for chunk in batched(group, MAX_RECEIVERS_OF_JOB, strict=False)
    ]


def _receivers(
    request: SmsRequest, recipients: Mapping[str, Recipient], settings: Settings
) -> tuple[Receiver, ...]:
    """Return whom a message goes to, all of whom may be written to."""
    receivers = resolve(
        request.recipients, request.receivers, recipients, settings.country
    )
    if len(receivers) > MAX_RECEIVERS:
        raise InvalidRequest(
            "too_many_receivers", count=str(len(receivers)), limit=str(MAX_RECEIVERS)
        )
    for receiver in receivers:
        if receiver.recipient_id is None and not settings.allow_unlisted:
            raise InvalidRequest("number_unlisted", number=mask(receiver.number))
        if settings.allowed_countries and not is_in(
            receiver.number, settings.allowed_countries
        ):
            raise InvalidRequest("number_abroad", number=mask(receiver.number))
    return receivers


def _check_list(request: SmsRequest, settings: Settings) -> None:
    """Refuse a list at OVHcloud where its numbers would have to be known here."""
    if request.document_url and not _is_address(request.document_url):
        raise InvalidRequest("document_not_an_address")
    if request.slot_id and not re.fullmatch(r"[0-9]{1,9}", request.slot_id):
        raise InvalidRequest("slot_not_a_number")
    if not request.bypass_limits:
        raise InvalidRequest("list_not_counted")
    if not settings.allow_unlisted:
        raise InvalidRequest("list_unlisted")
    if settings.allowed_countries:
        raise InvalidRequest("list_abroad")


def _is_address(text: str) -> bool:
    """Tell whether OVHcloud could fetch a document from there."""
    if not re.fullmatch(r"[!-~]{1,2000}", text):
        return False
    try:
        address = urlsplit(text)
        return address.scheme in ("http", "https") and bool(address.hostname)
    except ValueError:
        return False


def _tag(request: SmsRequest) -> str:
    """Return the caller's tag, or one of our own."""
    tag = request.tag or ""
    if len(tag) > MAX_TAG_LENGTH:
        raise InvalidRequest("tag_too_long", limit=str(MAX_TAG_LENGTH))
    if not tag.isprintable():
        raise InvalidRequest("tag_bad_character")
    return tag if tag.strip() else f"ha{secrets.token_hex(9)}"


def sender_for(request: SmsRequest, own: str | None, settings: Settings) -> str:
    """Return exactly one sender: OVHcloud would silently prefer the short number.

    `own` is the one that the receiver's messages come from.
    """
    asked = (request.sender or "").strip()
    if request.sender and not asked:
        raise InvalidRequest("sender_blank")
    if request.short_number and asked not in ("", SHORT_NUMBER):
        raise InvalidRequest("two_senders")
    if request.short_number:
        return SHORT_NUMBER
    if odd := _NOT_IN_SENDERS.search(asked):
        raise InvalidRequest("sender_bad_character", character=shown(odd[0]))
    sender = asked or own or settings.sender
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
    return _NUMBER.fullmatch(sender) is not None
