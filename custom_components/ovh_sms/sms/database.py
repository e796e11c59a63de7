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

from .schema import MIGRATIONS, SCHEMA_VERSION, SORT_IN, TABLES

MEMORY: Final = ":memory:"
# Seconds to wait for another process that has the file locked.
BUSY_TIMEOUT: Final = 2
# Noted in every copy that a backup takes of the file.
IN_BACKUP: Final = "in_backup"
_CHECKPOINT_PAGES: Final = 1000


# Another one whenever something else is written down.
type Version = tuple[int, int]


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
        self._undone = 0
        # Whether messages were taken in that are not sorted in yet.
        self._has_intake = False
        self._connection = sqlite3.connect(
            path or MEMORY,
            factory=_Connection,
            check_same_thread=False,
            isolation_level=None,
            timeout=BUSY_TIMEOUT,
        )
        try:
            self._open()
        except sqlite3.DatabaseError as err:
            self._connection.close()
            # A disk that is full or a lock says nothing of the file.
            if isinstance(err, sqlite3.OperationalError) and not _is_of_other_form(err):
                raise
            raise LedgerDamaged from err
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what is done inside one durable step, or none of it."""
        with self._lock:
            if self._is_in_transaction():
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            had_intake = self._has_intake
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._noted.clear()
                self._undone += 1
                self._has_intake = had_intake
                # A full disk may have rolled it back already.
                if self._is_in_transaction():
                    self._connection.execute("ROLLBACK")
                raise

    def hold_for_backup(self) -> None:
        """Leave the file as it is from now on: what is written goes to the log beside it.

        A copy of both is whole then, whenever each of them is copied.
        """
        with self._lock:
            self._connection.execute("PRAGMA wal_autocheckpoint = 0")
            self._connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
            self.note(IN_BACKUP, 1)
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def go_on_after_backup(self) -> None:
        """Write to the file again."""
        with self._lock:
            self._connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            self._connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, False)
            self.note(IN_BACKUP, None)

    def note(self, name: str, value: float | None) -> None:
        """Keep a number under a name, or forget it."""
        with self._lock:
            self._noted.pop(name, None)
            if value is None:
                self._connection.execute("DELETE FROM facts WHERE name = ?", (name,))
            else:
                self._connection.execute(
                    "INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value)
                )

    def noted(self, name: str) -> float | None:
        """Return the number that is kept under a name."""
        with self._lock:
            if name not in self._noted:
                row = self._connection.execute(
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

    @property
    def _database(self) -> sqlite3.Connection:
        """Return the way to the tables, with every message in them."""
        if self._has_intake:
            self._sort_in()
        return self._connection

    def _sort_in(self) -> None:
        with self.transaction():
            for statement in SORT_IN:
                self._connection.execute(statement)
            self._has_intake = False

    @property
    def _version(self) -> Version:
        return self._database.total_changes, self._undone

    def _is_in_transaction(self) -> bool:
        return self._connection.in_transaction

    def _open(self) -> None:
        """Check the file and bring it to this version's form."""
        database = self._connection
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
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            with self.transaction():
                for statement in filter(str.strip, script.split(";")):
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {number}")
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not TABLES.issubset(name for (name,) in tables):
            raise LedgerDamaged
        match database.execute(
            "SELECT value FROM facts WHERE name = 'secret'"
        ).fetchone():
            case (bytes() as secret,):
                self._secret = secret
            case _:
                raise LedgerDamaged
        # Now: what cannot be sorted in would keep the ledger from being read for ever.
        [self._has_intake] = database.execute(
            "SELECT EXISTS (SELECT 1 FROM intake)"
        ).fetchone()
        if self._has_intake:
            self._sort_in()

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
