"""How things stand with an account's messages: what a restart must not forget to tell."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
import sqlite3
from typing import Final

from . import limits
from .ledger import InDoubt, Ledger
from .ledger_file import set_aside
from .settings import Settings

# For how long a message is told of whose outcome nobody can find out.
DOUBT_LASTS: Final = 7 * 24 * 60 * 60
_CHECKED: Final = "checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What waits, and what of it the user may have to act on.

    `limits` says until when a limit holds that has stopped a message.
    """

    waiting: int = 0
    limits: Mapping[str, float] = field(default_factory=dict)
    in_doubt: InDoubt | None = None
    set_aside: Path | None = None
    is_unwritable: bool = False

    @property
    def changes_at(self) -> float | None:
        """Return when some of it holds no longer, if nothing happens before."""
        moments = list(self.limits.values())
        if self.in_doubt:
            moments.append(self.in_doubt.asked_at + DOUBT_LASTS)
        return min(moments, default=None)


def read_standing(
    ledgers: Sequence[Ledger], settings: Settings, now: float
) -> Standing:
    """Return how things stand in the ledger that is written to now, and in the other one."""
    current, *others = ledgers
    waiting, in_doubt = _open_matters(current, now)
    for other in others:
        # The disk, where it fails, or what memory keeps of the time when it did.
        with suppress(sqlite3.Error):
            more, doubt = _open_matters(other, now)
            waiting += more
            if doubt and (not in_doubt or doubt.asked_at > in_doubt.asked_at):
                in_doubt = doubt
    path = next((ledger.path for ledger in ledgers if ledger.path), None)
    return Standing(
        waiting=waiting,
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
