"""The limits that keep a mistake from becoming a bill; all of them are counted from the ledger."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from .errors import LimitReached
from .ledger import Ledger
from .message import Message
from .privacy import mask
from .settings import Settings

DAILY_LIMIT: Final = "daily_limit"
RECIPIENT_LIMIT: Final = "recipient_limit"
RECIPIENT_WINDOW: Final = 600
# When the clocks go back.
LONGEST_DAY: Final = 25 * 60 * 60
# What is noted for longer was noted while the clock was wrong.
_LONGEST: Final = {DAILY_LIMIT: LONGEST_DAY, RECIPIENT_LIMIT: RECIPIENT_WINDOW}


def check(message: Message, ledger: Ledger, settings: Settings, now: float) -> None:
    """Refuse a message that would go over a limit."""
    if message.bypass_limits:
        return
    if settings.daily_limit:
        used = ledger.parts_since(_day_begins(ledger, settings, now))
        if used + message.size.parts * len(message.receivers) > settings.daily_limit:
            raise LimitReached(
                DAILY_LIMIT,
                midnight(now, settings, days=1).timestamp(),
                limit=str(settings.daily_limit),
            )
    if settings.recipient_limit:
        since = _window_begins(ledger, now)
        for number, sent in ledger.sent_to(message.job.receivers, since).items():
            if len(sent) >= settings.recipient_limit:
                raise LimitReached(
                    RECIPIENT_LIMIT,
                    sent[-settings.recipient_limit] + RECIPIENT_WINDOW,
                    limit=str(settings.recipient_limit),
                    number=mask(number),
                )


def count_ahead(ledger: Ledger, settings: Settings, now: float) -> None:
    """Count what the next message is checked by: nobody waits for it yet."""
    if settings.daily_limit:
        ledger.parts_since(_day_begins(ledger, settings, now))
    if settings.recipient_limit:
        ledger.sent_to((), _window_begins(ledger, now))


def note(ledger: Ledger, reached: LimitReached, now: float) -> None:
    """Remember that a limit has stopped a message, and for how long it does."""
    # Of several numbers the last one to be free counts.
    until = max(reached.until, _holds_until(ledger, reached.key, now) or 0.0)
    with ledger.transaction():
        ledger.note(f"reached_{reached.key}", until)
        ledger.note(f"stopped_at_{reached.key}", float(reached.placeholders["limit"]))


def reached(ledger: Ledger, settings: Settings, now: float) -> dict[str, float]:
    """Return the limits that stop messages, and until when they do.

    One that has been raised or set off since does so no longer.
    """
    allowed = {
        DAILY_LIMIT: settings.daily_limit,
        RECIPIENT_LIMIT: settings.recipient_limit,
    }
    return {
        limit: until
        for limit, most in allowed.items()
        if (until := _holds_until(ledger, limit, now))
        and 0 < most <= (ledger.noted(f"stopped_at_{limit}") or most)
    }


def carry_on(ledger: Ledger, limit: str, now: float) -> None:
    """Begin to count for a limit from now."""
    with ledger.transaction():
        ledger.note(f"counted_from_{limit}", now)
        ledger.note(f"reached_{limit}", None)


def without_duplicates(
    message: Message, ledger: Ledger, settings: Settings, now: float
) -> Message | None:
    """Return the message for those who were not sent it a moment ago, if there are any."""
    if message.bypass_limits or not settings.duplicate_window:
        return message
    got = ledger.receivers_of(
        message.whole, message.job.receivers, now - settings.duplicate_window
    )
    receivers = tuple(r for r in message.receivers if r.number not in got)
    if len(receivers) == len(message.receivers):
        return message
    if not receivers:
        return None
    numbers = tuple(receiver.number for receiver in receivers)
    return replace(
        message, receivers=receivers, job=replace(message.job, receivers=numbers)
    )


def midnight(now: float, settings: Settings, days: int = 0) -> datetime:
    """Return when the house's day has begun, or when another one does."""
    today = datetime.fromtimestamp(now, settings.time_zone)
    return (today + timedelta(days=days)).replace(
        hour=0, minute=0, second=0, microsecond=0, fold=0
    )


def _holds_until(ledger: Ledger, limit: str, now: float) -> float | None:
    until = ledger.noted(f"reached_{limit}")
    return until if until and now < until <= now + _LONGEST[limit] else None


def _day_begins(ledger: Ledger, settings: Settings, now: float) -> float:
    today = midnight(now, settings).timestamp()
    return max(today, _counted_from(ledger, DAILY_LIMIT))


def _window_begins(ledger: Ledger, now: float) -> float:
    return max(now - RECIPIENT_WINDOW, _counted_from(ledger, RECIPIENT_LIMIT))


def _counted_from(ledger: Ledger, limit: str) -> float:
    return ledger.noted(f"counted_from_{limit}") or 0.0
