"""The limits that keep a mistake from becoming a bill; all of them are read from the ledger."""

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
            hour=0, minute=0, second=0, microsecond=0
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
