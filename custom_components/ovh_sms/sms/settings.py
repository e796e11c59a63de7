"""The settings of an account, with the values that hold until the user changes them."""

from dataclasses import dataclass
from datetime import tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user set for an account, and where the house stands."""

    sender: str
    country: str | None
    time_zone: tzinfo
    no_stop_clause: bool = True
    priority: str = "high"
    validity: int = 2880
    max_parts: int = 6
    daily_limit: int = 100
    recipient_limit: int = 10
