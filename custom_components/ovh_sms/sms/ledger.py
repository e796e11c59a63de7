"""The ledger: every message is on disk before OVHcloud hears of it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
import json
import os
from pathlib import Path
import sqlite3
import threading
from typing import Final

from .message import Message, Outcome, State

SCHEMA_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE messages (
    message_id TEXT PRIMARY KEY,
    tag TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    created_at REAL NOT NULL,
    changed_at REAL NOT NULL,
    job TEXT NOT NULL,
    parts INTEGER NOT NULL,
    credits REAL NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX messages_by_time ON messages (created_at);
CREATE TABLE deliveries (
    message_id TEXT NOT NULL REFERENCES messages ON DELETE CASCADE,
    number TEXT NOT NULL,
    recipient_id TEXT,
    state TEXT NOT NULL,
    PRIMARY KEY (message_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_by_number ON deliveries (number);
"""
# A message in one of these states cost nothing and counts for no limit.
_FREE: Final = (State.REFUSED, State.EXPIRED)
# A message in one of these states has not come to its end.
_OPEN: Final = (State.SENDING, State.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFacts:
    """What a ledger is like, without anything of what its messages say."""

    schema_version: int
    size: int
    messages: dict[str, int]
    oldest_open: float | None


class LedgerTooNew(Exception):
    """The file was written by a later version of the integration."""


class Ledger:
    """The messages of one account, in one file; safe to use from any thread."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it if there is none; only its owner may read it."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        # A file that was brought back from a backup may be open to others.
        with suppress(OSError):
            os.fchmod(file, 0o600)
        os.close(file)
        self._lock = threading.RLock()
        self._database = sqlite3.connect(
            path, check_same_thread=False, isolation_level=None, timeout=5
        )
        try:
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.execute("PRAGMA foreign_keys = ON")
            # What is forgotten must not linger in the file.
            self._database.execute("PRAGMA secure_delete = ON")
            self._migrate()
        except BaseException:
            self._database.close()
            raise

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what is done inside one durable step, or none of it."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                # A full disk may have rolled it back already.
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    def add(self, message: Message, now: float) -> None:
        """Write a message down, as being sent."""
        with self._lock:
            self._database.execute(
                "INSERT INTO messages (message_id, tag, state, created_at, changed_at,"
                " job, parts) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    message.message_id,
                    message.job.tag,
                    State.SENDING,
                    now,
                    now,
                    json.dumps(asdict(message.job)),
                    message.size.parts,
                ),
            )
            self._database.executemany(
                "INSERT INTO deliveries VALUES (?, ?, ?, ?)",
                [
                    (
                        message.message_id,
                        receiver.number,
                        receiver.recipient_id,
                        State.SENDING,
                    )
                    for receiver in message.receivers
                ],
            )

    def settle(self, outcome: Outcome, now: float) -> None:
        """Write down what became of a message and of each of its numbers."""
        message_id = outcome.message.message_id
        with self.transaction():
            self._database.execute(
                "UPDATE messages SET state = ?, reason = ?, changed_at = ?, credits = ?"
                " WHERE message_id = ?",
                (
                    outcome.state,
                    outcome.failure and outcome.failure.reason,
                    now,
                    outcome.credits or 0.0,
                    message_id,
                ),
            )
            self._database.execute(
                "UPDATE deliveries SET state = ? WHERE message_id = ?",
                (
                    State.ACCEPTED if outcome.state is State.PARTIAL else outcome.state,
                    message_id,
                ),
            )
            self._database.executemany(
                "UPDATE deliveries SET state = ? WHERE message_id = ? AND number = ?",
                [(State.REFUSED, message_id, number) for number in outcome.invalid],
            )

    def mark_interrupted(self, now: float) -> int:
        """Mark what was being sent when the last run ended; return how many there were."""
        with self.transaction():
            self._database.execute(
                "UPDATE deliveries SET state = ? WHERE state = ?",
                (State.UNKNOWN, State.SENDING),
            )
            return self._database.execute(
                "UPDATE messages SET state = ?, changed_at = ? WHERE state = ?",
                (State.UNKNOWN, now, State.SENDING),
            ).rowcount

    def parts_since(self, moment: float) -> int:
        """Return the SMS parts sent since a moment, one for each number."""
        return self._count(
            "SELECT SUM(parts) FROM messages JOIN deliveries USING (message_id)"
            " WHERE created_at >= ? AND deliveries.state NOT IN (?, ?)",
            (moment, *_FREE),
        )

    def messages_to(self, number: str, moment: float) -> int:
        """Return how many messages went to a number since a moment."""
        return self._count(
            "SELECT COUNT(*) FROM deliveries JOIN messages USING (message_id)"
            " WHERE number = ? AND created_at >= ? AND deliveries.state NOT IN (?, ?)",
            (number, moment, *_FREE),
        )

    def receivers_of(self, text: str, moment: float) -> set[str]:
        """Return the numbers that were sent a text since a moment."""
        with self._lock:
            rows = self._database.execute(
                "SELECT number FROM messages JOIN deliveries USING (message_id)"
                " WHERE created_at >= ? AND json_extract(job, '$.message') = ?"
                " AND deliveries.state NOT IN (?, ?)",
                (moment, text, *_FREE),
            )
            return {number for (number,) in rows}

    def forget(self, moment: float) -> None:
        """Remove what was written down before a moment, but for what is under way."""
        with self.transaction():
            self._database.execute(
                "DELETE FROM messages WHERE created_at < ? AND state != ?",
                (moment, State.SENDING),
            )

    def states(self) -> dict[str, State]:
        """Return the state of every message."""
        with self._lock:
            rows = self._database.execute("SELECT message_id, state FROM messages")
            return {message_id: State(state) for message_id, state in rows}

    def _count(self, query: str, values: tuple[object, ...]) -> int:
        with self._lock, closing(self._database.execute(query, values)) as cursor:
            return int(cursor.fetchone()[0] or 0)

    def _migrate(self) -> None:
        """Bring the file to this version's form."""
        version = self._count("PRAGMA user_version", ())
        if version > SCHEMA_VERSION:
            raise LedgerTooNew
        if version == 0:
            with self.transaction():
                for statement in filter(str.strip, _SCHEMA.split(";")):
                    self._database.execute(statement)
                self._database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def inspect(path: Path) -> LedgerFacts:
    """Look at a ledger's file, open or not, without changing it.

    One of another version is not looked into; what is no ledger raises sqlite3.Error.
    """
    messages: dict[str, int] = {}
    oldest_open = None
    with closing(
        sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)
    ) as database:
        [version] = database.execute("PRAGMA user_version").fetchone()
        if version == SCHEMA_VERSION:
            messages = dict(
                database.execute("SELECT state, COUNT(*) FROM messages GROUP BY state")
            )
            [oldest_open] = database.execute(
                "SELECT MIN(created_at) FROM messages WHERE state IN (?, ?)", _OPEN
            ).fetchone()
    return LedgerFacts(
        schema_version=version,
        size=path.stat().st_size,
        messages=messages,
        oldest_open=oldest_open,
    )
