"""The ledger: what is in it, who may read it, and what happens when it cannot be written."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
import json
import os
from pathlib import Path
import sqlite3
import stat

import pytest

from custom_components.ovh_sms.gateway import NotSent, NotSentReason
from custom_components.ovh_sms.sms.database import LedgerDamaged, LedgerTooNew
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.ledger_file import inspect
from custom_components.ovh_sms.sms.message import Message, Outcome
from custom_components.ovh_sms.sms.schema import MIGRATIONS, SCHEMA_VERSION
from custom_components.ovh_sms.sms.states import State
from tests.ledgers import states_in

from .conftest import ALICE, BOB, CAROL, NOW, RUN, OpenLedger, make_message


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    """Look into the file with other eyes."""
    database = sqlite3.connect(path)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def deliveries(path: Path) -> dict[str, str]:
    """Return the state of each delivery."""
    found = rows(path, "SELECT number, state FROM deliveries")
    return {str(number): str(state) for number, state in found}


def mode(path: Path) -> int:
    """Return a file's permissions."""
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_may_read_it(ledger: Ledger, path: Path) -> None:
    """Keep everyone else out of the folder and of each file, whatever the umask."""
    ledger.add(make_message(), NOW, RUN)
    assert mode(path.parent) == 0o700
    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == ["entry.db", "entry.db-shm", "entry.db-wal"]
    assert {mode(file) for file in files} == {0o600}


def test_open_umask(path: Path, open_ledger: OpenLedger) -> None:
    """Keep everyone else out also where new files are open to all."""
    before = os.umask(0)
    try:
        open_ledger()
    finally:
        os.umask(before)
    assert (mode(path.parent), mode(path)) == (0o700, 0o600)


def test_file_that_was_open_to_others(path: Path, open_ledger: OpenLedger) -> None:
    """Keep everyone else out of a file that came back from a backup."""
    open_ledger().close()
    path.chmod(0o644)
    open_ledger()
    assert mode(path) == 0o600


def test_message(ledger: Ledger, path: Path) -> None:
    """Write down all of a message before it is sent."""
    message = make_message(ALICE, "Night Watch", text="Fuite 🚨", tag="mine")
    ledger.add(message, NOW, RUN)
    assert states_in(ledger) == {message.message_id: State.SENDING}
    [row] = rows(
        path, "SELECT message_id, tag, state, reason, created_at, parts FROM messages"
    )
    assert row == (message.message_id, "mine", "sending", None, NOW, 1)
    [(job,)] = rows(path, "SELECT job FROM messages")
    written = json.loads(str(job))
    assert written["message"] == "Fuite 🚨"
    assert written["receivers"] == [ALICE, BOB, CAROL]
    assert rows(
        path, "SELECT message_id, number, recipient_id, state FROM deliveries"
    ) == [
        (message.message_id, ALICE, "alice", "sending"),
        (message.message_id, BOB, "watch", "sending"),
        (message.message_id, CAROL, "watch", "sending"),
    ]


@pytest.mark.parametrize(
    "state", [State.ACCEPTED, State.REFUSED, State.UNKNOWN, State.EXPIRED]
)
def test_settle(ledger: Ledger, path: Path, state: State) -> None:
    """Write down what became of a message and of each of its numbers."""
    message, other = make_message(ALICE, BOB), make_message(CAROL)
    ledger.add(message, NOW, RUN)
    ledger.add(other, NOW, RUN)
    ledger.settle(Outcome(message=message, state=state, credits=1.5), NOW + 1)
    assert states_in(ledger) == {
        message.message_id: state,
        other.message_id: State.SENDING,
    }
    assert deliveries(path) == {ALICE: state, BOB: state, CAROL: "sending"}
    where = f"FROM messages WHERE message_id = '{message.message_id}'"
    assert rows(path, f"SELECT changed_at, credits, reason {where}") == [
        (NOW + 1, 1.5, None)
    ]


def test_settle_in_part(ledger: Ledger, path: Path) -> None:
    """Tell the numbers that were accepted from those that were not."""
    message = make_message(ALICE, BOB, CAROL)
    ledger.add(message, NOW, RUN)
    outcome = Outcome(message=message, state=State.PARTIAL, invalid=(BOB, "+000"))
    ledger.settle(outcome, NOW)
    assert states_in(ledger) == {message.message_id: State.PARTIAL}
    assert deliveries(path) == {ALICE: "accepted", BOB: "refused", CAROL: "accepted"}


def test_reason(ledger: Ledger, path: Path) -> None:
    """Write down why a message was not sent, and that its cost is not known."""
    message = make_message()
    ledger.add(message, NOW, RUN)
    failure = NotSent(NotSentReason.NAME_NOT_RESOLVED)
    ledger.settle(
        Outcome(message=message, state=State.EXPIRED, failure=failure, credits=None),
        NOW,
    )
    assert rows(path, "SELECT reason, credits FROM messages") == [
        ("name_not_resolved", 0.0)
    ]


def test_interrupted(ledger: Ledger, path: Path) -> None:
    """Tell what was being sent at the end of the last run; leave the rest alone."""
    sent, sending = make_message(ALICE), make_message(BOB)
    for message in (sent, sending):
        ledger.add(message, NOW, RUN)
    ledger.settle(Outcome(message=sent, state=State.ACCEPTED), NOW + 1)
    assert ledger.mark_interrupted(NOW + 2) == 1
    assert ledger.mark_interrupted(NOW + 3) == 0
    assert states_in(ledger)[sending.message_id] is State.UNKNOWN
    assert deliveries(path) == {ALICE: "accepted", BOB: "unknown"}
    changed = rows(path, "SELECT changed_at FROM messages ORDER BY changed_at")
    assert changed == [(NOW + 1,), (NOW + 2,)]


def test_kept(path: Path, open_ledger: OpenLedger) -> None:
    """Find everything again in the next run."""
    ledger = open_ledger()
    message = make_message()
    ledger.add(message, NOW, RUN)
    ledger.close()
    assert states_in(open_ledger()) == {message.message_id: State.SENDING}
    assert rows(path, "PRAGMA user_version") == [(SCHEMA_VERSION,)]


def test_durable_settings(ledger: Ledger) -> None:
    """Have each step on the disk before it counts as done."""
    assert ledger._database.execute("PRAGMA synchronous").fetchone() == (2,)
    assert ledger._database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert ledger._database.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_too_new(path: Path, open_ledger: OpenLedger) -> None:
    """Do not touch what a later version has written, nor keep the file open."""
    open_ledger().close()
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    database.close()
    with pytest.raises(LedgerTooNew):
        Ledger(path)
    assert rows(path, "PRAGMA user_version") == [(SCHEMA_VERSION + 1,)]
    assert not [fd for fd in open_files() if fd.startswith(str(path))]


def test_damaged(path: Path) -> None:
    """Say that a file is no ledger, and do not keep it open."""
    path.parent.mkdir()
    path.write_bytes(b"This is not a database at all." * 100)
    with pytest.raises(LedgerDamaged):
        Ledger(path)
    assert not [fd for fd in open_files() if fd.startswith(str(path))]


def test_inspect(ledger: Ledger, path: Path) -> None:
    """Count what is in a ledger that is open, without a word of what it says."""
    sent, sending = make_message(ALICE), make_message(BOB)
    ledger.add(sent, NOW, RUN)
    ledger.settle(Outcome(message=sent, state=State.ACCEPTED), NOW)
    ledger.add(sending, NOW + 5, RUN)
    facts = inspect(path)
    assert (facts.schema_version, facts.size) == (SCHEMA_VERSION, path.stat().st_size)
    assert facts.messages == {"accepted": 1, "sending": 1}
    assert facts.oldest_open == NOW + 5


def test_inspect_too_new(ledger: Ledger, path: Path) -> None:
    """Look no further into a file of a later version."""
    ledger.add(make_message(), NOW, RUN)
    ledger._database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    facts = inspect(path)
    assert (facts.schema_version, facts.messages) == (SCHEMA_VERSION + 1, {})


def test_inspect_nothing(path: Path) -> None:
    """Make no file where there is none."""
    with pytest.raises(sqlite3.Error):
        inspect(path)
    assert not path.exists()


def open_files() -> list[str]:
    """Return the files that this process has open."""
    found = []
    for fd in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(fd.readlink()))
        except FileNotFoundError:
            continue
    return found


class TestTransaction:
    """One durable step, or none of it."""

    def test_undone(self, ledger: Ledger) -> None:
        """Undo what was done before it failed."""

        def fail() -> None:
            with ledger.transaction():
                ledger.add(make_message(), NOW, RUN)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            fail()
        self.goes_on(ledger)

    def test_commit_fails(self, ledger: Ledger) -> None:
        """Undo what could not be made durable."""

        def fail() -> None:
            with ledger.transaction():
                ledger._database.execute("PRAGMA defer_foreign_keys = ON")
                ledger.add(make_message(), NOW, RUN)
                ledger._database.execute(
                    "INSERT INTO deliveries (message_id, position, state)"
                    " VALUES ('none', 0, 'sending')"
                )

        with pytest.raises(sqlite3.IntegrityError):
            fail()
        self.goes_on(ledger)

    def test_undone_by_the_database(self, ledger: Ledger) -> None:
        """Say why it failed, also where the database undid it by itself."""

        def fail() -> None:
            with ledger.transaction():
                ledger.add(make_message(), NOW, RUN)
                ledger._database.execute("ROLLBACK")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        self.goes_on(ledger)

    def test_full_disk(self, ledger: Ledger) -> None:
        """Undo everything when the disk is full, and go on when it is not."""
        used = ledger._database.execute("PRAGMA page_count").fetchone()[0]
        ledger._database.execute(f"PRAGMA max_page_count = {used}")

        def fail() -> None:
            with ledger.transaction():
                for _ in range(40):
                    ledger.add(make_message(text="a" * 900), NOW, RUN)

        with pytest.raises(sqlite3.OperationalError, match="full"):
            fail()
        ledger._database.execute("PRAGMA max_page_count = 100000")
        self.goes_on(ledger)

    def goes_on(self, ledger: Ledger) -> None:
        """Look that nothing is left, and that the next step works."""
        assert states_in(ledger) == {}
        with ledger.transaction():
            ledger.add(make_message(), NOW, RUN)
        assert len(states_in(ledger)) == 1


def test_many_threads(ledger: Ledger, path: Path) -> None:
    """Write and read from many threads; nothing is lost, mixed up or counted twice."""
    messages = [make_message(ALICE, BOB) for _ in range(60)]

    def go(message: Message) -> int:
        with ledger.transaction():
            count = len(ledger.sent_to([ALICE], NOW)[ALICE])
            ledger.add(message, NOW, RUN)
        ledger.settle(Outcome(message=message, state=State.ACCEPTED), NOW)
        states_in(ledger)
        return count

    with ThreadPoolExecutor(12) as threads:
        counts = list(threads.map(go, messages))
    # Each saw a number of its own: nobody slipped in between the count and the add.
    assert sorted(counts) == list(range(60))
    assert set(states_in(ledger).values()) == {State.ACCEPTED}
    assert ledger.parts_since(NOW) == 120
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


class TestBackup:
    """A copy of the file while messages are written down."""

    def test_closed_meanwhile(self, ledger: Ledger, path: Path) -> None:
        """Leave the file as it was copied, also when the account is unloaded."""
        ledger.hold_for_backup()
        copied = path.read_bytes()
        ledger.add(make_message(), NOW, RUN)
        ledger.close()
        assert path.read_bytes() == copied
        assert path.with_name(f"{path.name}-wal").stat().st_size

    def test_goes_on(self, ledger: Ledger, path: Path) -> None:
        """Write to the file again afterwards."""
        ledger.hold_for_backup()
        ledger.add(make_message(), NOW, RUN)
        ledger.go_on_after_backup()
        ledger.close()
        assert not path.with_name(f"{path.name}-wal").exists()
        assert inspect(path).messages == {"sending": 1}


class TestOlderForms:
    """A file that an earlier version of the integration has written."""

    def write(self, path: Path, version: int, *statements: str) -> None:
        """Write one."""
        path.parent.mkdir()
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.create_function("mark", 1, lambda text: text.encode())
            database.create_function("new_secret", 0, lambda: b"secret")
            for script in (*MIGRATIONS[:version], *statements):
                database.executescript(script)
            database.execute(f"PRAGMA user_version = {version}")

    def test_first(self, path: Path, open_ledger: OpenLedger) -> None:
        """Keep the messages of the first form, by what they can be found by now."""
        self.write(
            path,
            1,
            "INSERT INTO messages VALUES ('a', 'ha1', 'accepted', NULL, 5, 5,"
            ' \'{"message": "Leak", "receivers": ["+33639980001"]}\', 2, 1.5);'
            "INSERT INTO deliveries VALUES ('a', '+33639980001', 'alice', 'accepted')",
        )
        ledger = open_ledger()
        assert states_in(ledger) == {"a": State.ACCEPTED}
        assert ledger.sent_to([ALICE], 0) == {ALICE: [5.0]}
        assert ledger.parts_since(0) == 2
        assert ledger.receivers_of("Leak", [ALICE, BOB], 0) == {ALICE}
        ledger.add(make_message(), NOW, RUN)
        assert len(states_in(ledger)) == 2

    @pytest.mark.parametrize("version", range(2, SCHEMA_VERSION))
    def test_later(self, path: Path, open_ledger: OpenLedger, version: int) -> None:
        """Go on with a message that is on its way in a form since."""
        self.write(
            path,
            version,
            "INSERT INTO messages (message_id, tag, own_tag, state, run, can_wait,"
            " created_at, changed_at, deadline, handed_at, job, whole, text_mark,"
            " shortened, bypass_limits, parts) VALUES ('a', 'ha1', 1, 'sending', 'old', 1,"
            " 5, 5, 9, 5, '{}', 'Leak', x'00', 0, 0, 1);"
            "INSERT INTO deliveries (message_id, position, number, state)"
            " VALUES ('a', 0, '+33639980001', 'sending')",
        )
        ledger = open_ledger()
        assert ledger.mark_interrupted(NOW) == 1
        assert ledger.doubtful() == ["a"]
        assert rows(path, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
