"""What a message would take, told before it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
import sys

import phonenumbers

from .economy import economise
from .message import Message, prepare, reserved_for, sender_for
from .recipients import Recipient
from .request import SmsRequest
from .settings import Settings, TextMode, TooLong
from .text import Size, compose, costly, measure, shorten


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as it would leave with the account's settings."""

    text: str
    size: Size
    shortened: bool


@dataclass(slots=True)
class Share:
    """What goes to one country: how many receivers, and the parts for all of them."""

    receivers: int = 0
    parts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a message takes as it is written; `sent` is None where it would be refused."""

    size: Size
    reserved: int
    costly: tuple[str, ...]
    economical: str
    sent: Sent | None
    shares: dict[str, Share]


def estimate(
    request: SmsRequest, recipients: Mapping[str, Recipient], settings: Settings
) -> Estimate:
    """Check a request as it is checked before it is sent, and return what it takes."""
    text = compose(request.message, request.title)
    messages: tuple[Message, ...] = ()
    if request.receivers:
        # A message that is too long is refused only when it is sent.
        whole = replace(settings, max_parts=sys.maxsize)
        messages = prepare(
            request,
            recipients,
            whole if settings.too_long == TooLong.REFUSE else settings,
            # An estimate is for no moment.
            now=0,
        )
    receivers = [receiver for message in messages for receiver in message.receivers]
    senders = {sender_for(request, receiver.sender, settings) for receiver in receivers}
    reserved = max(
        reserved_for(request, sender, settings)
        for sender in senders or {sender_for(request, None, settings)}
    )
    return Estimate(
        size=measure(text, reserved),
        reserved=reserved,
        costly=costly(text),
        economical=economise(text),
        sent=_sent(text, reserved, settings),
        shares=_shares(messages),
    )


def _sent(text: str, reserved: int, settings: Settings) -> Sent | None:
    whole = economise(text) if settings.text_mode == TextMode.ECONOMICAL else text
    short = shorten(whole, settings.max_parts, reserved)
    if short != whole and settings.too_long == TooLong.REFUSE:
        return None
    return Sent(short, measure(short, reserved), short != whole)


def _shares(messages: tuple[Message, ...]) -> dict[str, Share]:
    shares: dict[str, Share] = {}
    for message in messages:
        for receiver in message.receivers:
            share = shares.setdefault(_country(receiver.number), Share())
            share.receivers += 1
            share.parts += message.size.parts
    return shares


def _country(number: str) -> str:
    """Return the ISO code of the country that a number in E.164 belongs to."""
    parsed = phonenumbers.parse(number)
    return phonenumbers.region_code_for_number(
        parsed
    ) or phonenumbers.region_code_for_country_code(parsed.country_code or 0)
