"""A message that leaves later than it was asked for, and says so."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from .message import Message
from .settings import Settings
from .text import STOP_CLAUSE_LENGTH, measure, shorten
from .written import Written

# Seconds after which the reader must be told.
LATE_AFTER: Final = 5 * 60


def late_message(written: Written, settings: Settings, now: float) -> Message:
    """Return a message that was written down as it is sent now."""
    message = written.message
    if not settings.late_prefix or now - written.asked_at <= LATE_AFTER:
        return message
    asked = datetime.fromtimestamp(written.asked_at, settings.time_zone)
    today = datetime.fromtimestamp(now, settings.time_zone).date()
    when = f"{asked:%H:%M}" if asked.date() == today else f"{asked:%Y-%m-%d %H:%M}"
    whole = f"[{when}] {message.whole}"
    job = message.job
    reserved = 0 if job.no_stop_clause or job.virtual_number else STOP_CLAUSE_LENGTH
    forced = settings.sends_only and job.coding == "8bit"
    text = shorten(whole, settings.max_parts, reserved, forced=forced)
    return replace(
        message,
        job=replace(job, message=text),
        size=measure(text, reserved, forced=forced),
        shortened=text != whole,
    )
