"""The file of a ledger: opened, looked into without changing it, set aside when it is damaged."""

from contextlib import closing
from dataclasses import dataclass
import logging
from pathlib import Path
import sqlite3
import time
from typing import Final

from .database import LedgerDamaged
from .ledger import Ledger
from .schema import SCHEMA_VERSION
from .written import IS_OPEN

_LOGGER = logging.getLogger(__name__)
# With what came in last: whoever only looks cannot sort it in.
_ALL: Final = (
    "SELECT state, created_at, closed FROM messages"
    " UNION ALL SELECT state, created_at, 0 FROM intake"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFacts:
    """What a ledger is like, without anything of what its messages say."""

    schema_version: int
    size: int
    messages: dict[str, int]
    oldest_open: float | None
    receipts_awaited: int


def open_ledger(path: Path) -> Ledger:
    """Open a ledger; a damaged file is set aside, and a new one begun."""
    try:
        return Ledger(path)
    except LedgerDamaged:
        _LOGGER.exception("The ledger is damaged: it is set aside, and a new one begun")
    aside = path.with_suffix(f".damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    for suffix in ("", "-wal", "-shm"):
        file = path.with_name(path.name + suffix)
        if file.exists():
            file.replace(aside.with_name(aside.name + suffix))
    return Ledger(path)


def set_aside(path: Path) -> Path | None:
    """Return the last damaged ledger that was set aside, as long as it is there."""
    return max(path.parent.glob(f"{path.stem}.damaged-*-??????"), default=None)


def remove_set_aside(path: Path) -> None:
    """Remove the damaged ledgers that were set aside."""
    for file in path.parent.glob(f"{path.stem}.damaged-*"):
        file.unlink()


def inspect(path: Path) -> LedgerFacts:
    """Look at a ledger's file, open or not, without changing it.

    One of another version is not looked into; what is no ledger raises sqlite3.Error.
    """
    messages: dict[str, int] = {}
    oldest_open = None
    receipts_awaited = 0
    with closing(
        sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)
    ) as database:
        [version] = database.execute("PRAGMA user_version").fetchone()
        if version == SCHEMA_VERSION:
            messages = dict(
                database.execute(f"SELECT state, COUNT(*) FROM ({_ALL}) GROUP BY state")
            )
            [oldest_open] = database.execute(
                f"SELECT MIN(created_at) FROM ({_ALL}) WHERE {IS_OPEN}"
            ).fetchone()
            [receipts_awaited] = database.execute(
                "SELECT COUNT(*) FROM deliveries WHERE look_at IS NOT NULL"
            ).fetchone()
    return LedgerFacts(
        schema_version=version,
        size=path.stat().st_size,
        messages=messages,
        oldest_open=oldest_open,
        receipts_awaited=receipts_awaited,
    )
