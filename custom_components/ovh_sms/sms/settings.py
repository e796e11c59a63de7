"""The settings of an account, with the values that hold until the user changes them."""

from dataclasses import dataclass, fields
from datetime import tzinfo
from enum import StrEnum
from typing import Final


class TextMode(StrEnum):
    """What is done with characters that would make a message dear."""

    EXACT = "exact"
    ECONOMICAL = "economical"


class TooLong(StrEnum):
    """What is done with a message of too many parts."""

    SHORTEN = "shorten"
    REFUSE = "refuse"


class Feedback(StrEnum):
    """How it is noticed that OVHcloud has a receipt or a reply."""

    OFF = "off"
    POLL = "poll"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user set for an account, and where the house stands.

    `low_credit` is when to warn, `history_days` how long messages are remembered.
    `sends_only` is for an SMS user, whose way to OVHcloud has no word for all options;
    `can_look_up` is off where the key may not read what was sent; `virtual_numbers` are
    those that the account and its recipients send from.
    `validity` and `retry_for` are in minutes, `duplicate_window` in seconds; a limit of
    0 is none, and `retry_for` 0 is not to try again.
    """

    sender: str
    country: str | None
    time_zone: tzinfo
    sends_only: bool = False
    can_look_up: bool = True
    virtual_numbers: tuple[str, ...] = ()
    no_stop_clause: bool = True
    priority: str = "high"
    validity: int = 2880
    text_mode: str = TextMode.EXACT
    max_parts: int = 6
    too_long: str = TooLong.SHORTEN
    retry_for: int = 60
    late_prefix: bool = True
    daily_limit: int = 100
    recipient_limit: int = 10
    duplicate_window: int = 0
    allow_unlisted: bool = True
    allowed_countries: tuple[str, ...] = ()
    low_credit: int = 10
    replies: str = Feedback.OFF
    receipts: str = Feedback.POLL
    history_days: int = 30


# What of it the user chooses; the rest is Home Assistant's.
_GIVEN: Final = ("country", "time_zone", "sends_only", "can_look_up", "virtual_numbers")
OPTIONS: Final = tuple(
    field.name for field in fields(Settings) if field.name not in _GIVEN
)
