"""The limits that keep a mistake from becoming a bill; all of them are read from the ledger."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from .errors import LimitReached
from .ledger import Ledger
from .message import Message
from .privacy import mask
from .settings import Settings

RECIPIENT_WINDOW: Final = 600


def check(message: Message, ledger: Ledger, settings: Settings, now: float) -> None:
    """Refuse a message that would go over a limit."""
    if message.bypass_limits:
        return
    if settings.daily_limit:
        midnight = datetime.fromtimestamp(now, settings.time_zone).replace(
            hour=0, minute=0, second=0, microsecond=0, fold=0
        )
        used = ledger.parts_since(midnight.timestamp())
        if used + message.size.parts * len(message.receivers) > settings.daily_limit:
            raise LimitReached("daily_limit", limit=str(settings.daily_limit))
    if settings.recipient_limit:
        for receiver in message.receivers:
            sent = ledger.messages_to(receiver.number, now - RECIPIENT_WINDOW)
            if sent >= settings.recipient_limit:
                raise LimitReached(
                    "recipient_limit",
                    limit=str(settings.recipient_limit),
                    number=mask(receiver.number),
                )


def without_duplicates(
    message: Message, ledger: Ledger, settings: Settings, now: float
) -> Message | None:
    """Return the message for those who were not sent it a moment ago, if there are any."""
    if message.bypass_limits or not settings.duplicate_window:
        return message
    got = ledger.receivers_of(message.job.message, now - settings.duplicate_window)
    receivers = tuple(r for r in message.receivers if r.number not in got)
    if len(receivers) == len(message.receivers):
        return message
    if not receivers:
        return None
    numbers = tuple(receiver.number for receiver in receivers)
    return replace(
        message, receivers=receivers, job=replace(message.job, receivers=numbers)
    )
