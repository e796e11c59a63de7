"""The file that the ledger is kept in: private, durable, checked, and safe to copy."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
import hmac
import os
from pathlib import Path
import secrets
import sqlite3
import threading
from typing import Any, Final, override

MEMORY: Final = ":memory:"
# Seconds to wait for another process that has the file locked.
BUSY_TIMEOUT: Final = 2
# Noted in every copy that a backup takes of the file.
IN_BACKUP: Final = "in_backup"
_CHECKPOINT_PAGES: Final = 1000
SCHEMA_VERSION: Final = 3
_FIRST: Final = """
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
# `place` is the order in which messages came in, whatever the clock said. `owed` is set
# as long as nobody was told how the message ended, `closed` where that cannot be found
# out. Text and numbers can be forgotten; their marks, which limits are counted by, stay.
_SECOND: Final = """
ALTER TABLE messages RENAME TO old_messages;
ALTER TABLE deliveries RENAME TO old_deliveries;
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO facts VALUES ('secret', new_secret());
CREATE TABLE messages (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL UNIQUE,
    tag TEXT NOT NULL,
    own_tag INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    run TEXT,
    owed INTEGER NOT NULL DEFAULT 0,
    closed INTEGER NOT NULL DEFAULT 0,
    can_wait INTEGER NOT NULL,
    created_at REAL NOT NULL,
    changed_at REAL NOT NULL,
    send_at REAL,
    deadline REAL NOT NULL,
    handed_at REAL NOT NULL,
    job TEXT,
    whole TEXT,
    text_mark BLOB NOT NULL,
    shortened INTEGER NOT NULL,
    bypass_limits INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    credits REAL NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE deliveries (
    message_id TEXT NOT NULL REFERENCES messages (message_id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    number TEXT,
    number_mark BLOB,
    recipient_id TEXT,
    state TEXT NOT NULL,
    reason TEXT,
    sms_id INTEGER,
    PRIMARY KEY (message_id, position)
) STRICT, WITHOUT ROWID;
INSERT INTO messages (message_id, tag, own_tag, state, reason, closed, can_wait,
        created_at, changed_at, deadline, handed_at, job, whole, text_mark, shortened,
        bypass_limits, parts, credits)
    SELECT message_id, tag, tag GLOB 'ha*', state, reason, state = 'unknown', 0,
        created_at, changed_at, created_at, created_at, job,
        json_extract(job, '$.message'), mark(json_extract(job, '$.message')), 0,
        0, parts, credits
    FROM old_messages ORDER BY created_at, rowid;
INSERT INTO deliveries (message_id, position, number, number_mark, recipient_id, state)
    SELECT message_id, row_number() OVER (PARTITION BY message_id ORDER BY number) - 1,
        number, mark(number), recipient_id, state
    FROM old_deliveries;
DROP TABLE old_deliveries;
DROP TABLE old_messages;
CREATE INDEX messages_by_time ON messages (created_at);
CREATE INDEX messages_open ON messages (state, place)
    WHERE state IN ('waiting', 'sending', 'unknown');
CREATE INDEX messages_owed ON messages (place) WHERE owed;
CREATE INDEX deliveries_by_mark ON deliveries (number_mark);
CREATE INDEX deliveries_by_sms ON deliveries (sms_id) WHERE sms_id IS NOT NULL;
"""
# `look_at` is when OVHcloud is asked next whether an SMS arrived, and `owed` is set as
# long as nobody was told how that ended. In `replies` are those to be told of yet.
_THIRD: Final = """
ALTER TABLE deliveries ADD COLUMN look_at REAL;
ALTER TABLE deliveries ADD COLUMN owed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deliveries_by_look ON deliveries (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX deliveries_owed ON deliveries (message_id) WHERE owed;
CREATE TABLE replies (
    sms_id INTEGER NOT NULL,
    virtual_number TEXT NOT NULL,
    PRIMARY KEY (sms_id, virtual_number)
) STRICT, WITHOUT ROWID;
"""
_MIGRATIONS: Final = (_FIRST, _SECOND, _THIRD)
_TABLES: Final = frozenset({"facts", "messages", "deliveries", "replies"})


class LedgerTooNew(Exception):
    """The file was written by a later version of the integration."""


class LedgerDamaged(Exception):
    """The file is no ledger any more."""


class _Connection(sqlite3.Connection):
    """The way to a file: what SQLite says of a damaged one need not be text."""

    @override
    def execute(self, *args: Any) -> sqlite3.Cursor:
        """Run a statement."""
        try:
            return super().execute(*args)
        except UnicodeDecodeError as err:
            raise sqlite3.DatabaseError("the file is damaged") from err

    @override
    def executemany(self, *args: Any) -> sqlite3.Cursor:
        """Run a statement for each of some values."""
        try:
            return super().executemany(*args)
        except UnicodeDecodeError as err:
            raise sqlite3.DatabaseError("the file is damaged") from err


class Database:
    """A file, or memory, that messages are written to; safe to use from any thread."""

    def __init__(self, path: Path | None) -> None:
        """Open the file, making it if there is none; only its owner may read it."""
        self.path = path
        if path:
            _make_private(path)
        self._lock = threading.RLock()
        self._secret = b""
        # What was read of the numbers that are kept: nobody else writes to the file.
        self._noted: dict[str, float | None] = {}
        self._database = sqlite3.connect(
            path or MEMORY,
            factory=_Connection,
            check_same_thread=False,
            isolation_level=None,
            timeout=BUSY_TIMEOUT,
        )
        try:
            self._open()
        except sqlite3.DatabaseError as err:
            self._database.close()
            # A disk that is full or a lock says nothing of the file.
            if isinstance(err, sqlite3.OperationalError) and not _is_of_other_form(err):
                raise
            raise LedgerDamaged from err
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
            if self._is_in_transaction():
                yield
                return
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                self._noted.clear()
                # A full disk may have rolled it back already.
                if self._is_in_transaction():
                    self._database.execute("ROLLBACK")
                raise

    def hold_for_backup(self) -> None:
        """Leave the file as it is from now on: what is written goes to the log beside it.

        A copy of both is whole then, whenever each of them is copied.
        """
        with self._lock:
            self._database.execute("PRAGMA wal_autocheckpoint = 0")
            self._database.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
            self.note(IN_BACKUP, 1)
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def go_on_after_backup(self) -> None:
        """Write to the file again."""
        with self._lock:
            self._database.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            self._database.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, False)
            self.note(IN_BACKUP, None)

    def note(self, name: str, value: float | None) -> None:
        """Keep a number under a name, or forget it."""
        with self._lock:
            self._noted.pop(name, None)
            if value is None:
                self._database.execute("DELETE FROM facts WHERE name = ?", (name,))
            else:
                self._database.execute(
                    "INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value)
                )

    def noted(self, name: str) -> float | None:
        """Return the number that is kept under a name."""
        with self._lock:
            if name not in self._noted:
                row = self._database.execute(
                    "SELECT value FROM facts WHERE name = ?", (name,)
                ).fetchone()
                self._noted[name] = row and float(row[0])
            return self._noted[name]

    def mark(self, text: str) -> bytes:
        """Return what a text can be recognised by, without being read from it."""
        return hmac.digest(self._secret, text.encode(), "sha256")[:16]

    def rows(
        self, query: str, values: Sequence[object] | Mapping[str, object] = ()
    ) -> list[sqlite3.Row]:
        """Return what a query finds, by the names of its columns."""
        with self._lock, closing(self._database.execute(query, values)) as cursor:
            cursor.row_factory = sqlite3.Row
            found: list[sqlite3.Row] = cursor.fetchall()
            return found

    def change(self, statement: str, values: Sequence[object] = ()) -> None:
        """Change what is written down."""
        with self._lock:
            self._noted.clear()
            self._database.execute(statement, values)

    def _count(self, query: str, values: tuple[object, ...] = ()) -> int:
        with self._lock, closing(self._database.execute(query, values)) as cursor:
            return int(cursor.fetchone()[0] or 0)

    def _is_in_transaction(self) -> bool:
        return self._database.in_transaction

    def _open(self) -> None:
        """Check the file and bring it to this version's form."""
        database = self._database
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA foreign_keys = ON")
        # What is forgotten must not linger in the file.
        database.execute("PRAGMA secure_delete = ON")
        database.create_function("mark", 1, self.mark)
        database.create_function("new_secret", 0, self._new_secret)
        version = self._count("PRAGMA user_version")
        if version > SCHEMA_VERSION:
            raise LedgerTooNew
        if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise LedgerDamaged
        for number, script in enumerate(_MIGRATIONS[version:], version + 1):
            with self.transaction():
                for statement in filter(str.strip, script.split(";")):
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {number}")
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not _TABLES.issubset(name for (name,) in tables):
            raise LedgerDamaged
        match database.execute(
            "SELECT value FROM facts WHERE name = 'secret'"
        ).fetchone():
            case (bytes() as secret,):
                self._secret = secret
            case _:
                raise LedgerDamaged

    def _new_secret(self) -> bytes:
        self._secret = secrets.token_bytes(32)
        return self._secret


def _is_of_other_form(err: sqlite3.OperationalError) -> bool:
    """Tell whether the file is a database, but lacks what a ledger has."""
    return getattr(err, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR


def _make_private(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    # A file that was brought back from a backup may be open to others.
    with suppress(OSError):
        os.fchmod(file, 0o600)
    os.close(file)
