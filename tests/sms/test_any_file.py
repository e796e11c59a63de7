"""Whatever lies where the ledger should be: messages are sent, and what was there is kept."""

from contextlib import closing
from pathlib import Path
import sqlite3

from hypothesis import HealthCheck, example, given, settings, strategies as st
import pytest

from custom_components.ovh_sms.sms.database import LedgerTooNew
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.ledger_file import open_ledger, set_aside

from .conftest import ALICE, NOW, RUN, make_message

_TABLES = ("facts", "messages", "deliveries", "replies", "intake")
_FOREIGN = (
    "CREATE TABLE messages (x)",
    "CREATE TABLE facts (name, value); INSERT INTO facts VALUES ('secret', 7)",
    "CREATE TABLE facts (name, value); INSERT INTO facts VALUES ('secret', x'00')",
    "CREATE VIEW deliveries AS SELECT 1",
    "CREATE TABLE other (x); INSERT INTO other VALUES (1)",
)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a ledger's file with messages in it."""
    path = tmp_path_factory.mktemp("good") / "entry.db"
    with closing(Ledger(path)) as ledger:
        for _ in range(3):
            ledger.add(make_message(), NOW, RUN)
        ledger.count_waiting()
        ledger.add(make_message(text="What came last"), NOW, RUN)
    return path


def check(path: Path) -> None:
    """Open what is there: it serves, or it is set aside as it was and a new one does."""
    try:
        ledger = open_ledger(path)
    except LedgerTooNew:
        return
    with closing(ledger):
        try:
            ledger.mark_interrupted(NOW)
            ledger.add(make_message(), NOW, RUN)
        except sqlite3.DatabaseError:
            # Damage that its own check does not see; messages are sent all the same.
            assert not set_aside(path)
            return
        assert ledger.sent_to([ALICE], 0)[ALICE]


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_damaged(
    tmp_path_factory: pytest.TempPathFactory, good: Path, data: st.DataObject
) -> None:
    """Random bytes, a file that was cut, and one with some bytes overwritten."""
    path = tmp_path_factory.mktemp("any") / "entry.db"
    whole = good.read_bytes()
    told = data.draw(st.binary(max_size=200))
    place = data.draw(st.integers(0, len(whole)) | st.integers(0, 200))
    match data.draw(st.sampled_from(["random", "cut", "overwritten"])):
        case "random":
            content = data.draw(st.sampled_from([b"", whole[:16], whole[:100]])) + told
        case "cut":
            content = whole[:place]
        case _:
            content = whole[:place] + told + whole[place + len(told) :]
    path.write_bytes(content)
    check(path)


def test_damage_that_is_told_in_no_text(tmp_path: Path, good: Path) -> None:
    """Set a file aside of which SQLite quotes something that is no text any more."""
    path = tmp_path / "entry.db"
    whole = good.read_bytes()
    damaged = whole.replace(b"CREATE TABLE replies", b"CREATE \x80ABLE replies")
    assert damaged != whole
    path.write_bytes(damaged)
    check(path)
    assert set_aside(path)


@pytest.mark.parametrize(
    ("good_part", "bad_part"),
    [(b"What came last", b"What came l\x80st"), (b'[["+33', b'[["+3"')],
    ids=["text", "receivers"],
)
def test_damage_in_what_came_in_last(
    tmp_path: Path, good: Path, good_part: bytes, bad_part: bytes
) -> None:
    """Set a file aside in which a message came in that can never be sorted in."""
    path = tmp_path / "entry.db"
    whole = good.read_bytes()
    path.write_bytes(whole.replace(good_part, bad_part))
    assert path.read_bytes() != whole
    check(path)
    assert set_aside(path)
    with closing(open_ledger(path)) as ledger:
        assert ledger.mark_interrupted(NOW) == 1


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(version=4, scripts=[], lost=["facts"])
@example(version=4, scripts=[], lost=["intake"])
@example(version=0, scripts=list(_FOREIGN), lost=[])
@given(
    version=st.integers(-1, 5),
    scripts=st.lists(st.sampled_from(_FOREIGN), unique=True, max_size=2),
    lost=st.lists(st.sampled_from(_TABLES), unique=True, max_size=2),
)
def test_foreign(
    tmp_path_factory: pytest.TempPathFactory,
    good: Path,
    version: int,
    scripts: list[str],
    lost: list[str],
) -> None:
    """Another program's database, or a ledger of which tables are gone."""
    path = tmp_path_factory.mktemp("any") / "entry.db"
    if lost:
        path.write_bytes(good.read_bytes())
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for table in lost:
            database.execute(f"DROP TABLE {table}")
        for script in scripts:
            try:
                database.executescript(script)
            except sqlite3.OperationalError:
                continue
        database.execute(f"PRAGMA user_version = {version}")
    check(path)
