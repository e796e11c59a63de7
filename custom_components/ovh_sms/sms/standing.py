"""How things stand with an account's messages: what a restart must not forget to tell."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
import sqlite3
from typing import Final

from . import limits
from .ledger import Ledger
from .ledger_file import set_aside
from .settings import Settings
from .written import InDoubt

# For how long a message is told of whose outcome nobody can find out.
DOUBT_LASTS: Final = 7 * 24 * 60 * 60
_CHECKED: Final = "checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What was sent on a day of the house, of what was asked for on that day."""

    begins: float
    ends: float
    messages: int
    credits: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What waits, what was sent, and what of it the user may have to act on.

    `waiting` and `today` are None while the ledger cannot be read, `limits` says until
    when a limit holds that has stopped a message. The later it was looked, the higher
    is `number`.
    """

    number: int = 0
    waiting: int | None = None
    today: Today | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    in_doubt: InDoubt | None = None
    set_aside: Path | None = None
    is_unwritable: bool = False

    @property
    def changes_at(self) -> float | None:
        """Return when some of it holds no longer, if nothing happens before."""
        moments = list(self.limits.values())
        if self.today:
            moments.append(self.today.ends)
        if self.in_doubt:
            moments.append(self.in_doubt.asked_at + DOUBT_LASTS)
        return min(moments, default=None)


def read_standing(
    ledgers: Sequence[Ledger], settings: Settings, now: float
) -> Standing:
    """Return how things stand in the ledger that is written to now, and in the other one."""
    current, *others = ledgers
    waiting, in_doubt = _open_matters(current, now)
    today = _today(current, settings, now)
    path = next((ledger.path for ledger in ledgers if ledger.path), None)
    is_known = path is not None
    for other in others:
        # The disk, where it fails, or what memory keeps of the time when it did.
        try:
            more, doubt = _open_matters(other, now)
            today = _both(today, _today(other, settings, now))
        except sqlite3.Error:
            is_known = False
            continue
        waiting += more
        if doubt and (not in_doubt or doubt.asked_at > in_doubt.asked_at):
            in_doubt = doubt
    return Standing(
        waiting=waiting if is_known else None,
        today=today if is_known else None,
        limits=limits.reached(current, settings, now),
        in_doubt=in_doubt,
        set_aside=path and set_aside(path),
        is_unwritable=current.path is None,
    )


def confirm_checked(ledgers: Sequence[Ledger], now: float) -> None:
    """Note that the user knows of the messages that are in doubt."""
    current, *others = ledgers
    current.note(_CHECKED, now)
    for other in others:
        with suppress(sqlite3.Error):
            other.note(_CHECKED, now)


def _open_matters(ledger: Ledger, now: float) -> tuple[int, InDoubt | None]:
    since = max(now - DOUBT_LASTS, ledger.noted(_CHECKED) or 0.0)
    return ledger.count_waiting(), ledger.in_doubt(since)


def _today(ledger: Ledger, settings: Settings, now: float) -> Today:
    begins = limits.midnight(now, settings).timestamp()
    messages, paid = ledger.sent_since(begins)
    return Today(
        begins=begins,
        ends=limits.midnight(now, settings, days=1).timestamp(),
        messages=messages,
        # Halves and hundredths do not add up exactly.
        credits=round(paid, 4),
    )


def _both(one: Today, other: Today) -> Today:
    return replace(
        one,
        messages=one.messages + other.messages,
        credits=round(one.credits + other.credits, 4),
    )
