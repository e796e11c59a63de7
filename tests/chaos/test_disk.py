"""A disk that cannot be written: what is sent then goes once, and never waits."""

from collections.abc import Generator
from contextlib import contextmanager
import os
from pathlib import Path
import shutil
import subprocess
import sys
from tempfile import mkdtemp

import pytest

from simulator import Simulator

from .life import Life, led
from .nursery import Nursery
from .plan import call
from .run import rows_of

_NOBODY = 65534
_LOCK = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


async def _sends_without_disk(life: Life, *names: str) -> None:
    """Send one message now; one that cannot be sent now is not kept."""
    sent, unsent = names
    assert await life.send(call(sent)) == ["accepted"]
    fault = life.cut()
    assert await life.send(call(unsent)) == ["expired"]
    life.sim.faults.remove(fault)
    assert (await life.ask("condition"))["unwritable"]
    await life.advance(120)
    await life.rest()


async def _sends_with_disk(life: Life, *names: str) -> None:
    """Send one message now, and one when it is possible."""
    sent, waiting = names
    assert await life.send(call(sent)) == ["accepted"]
    assert not (await life.ask("condition"))["unwritable"]
    fault = life.cut()
    assert await life.send(call(waiting)) == ["waiting"]
    life.sim.faults.remove(fault)
    await life.advance(120)
    assert await life.rest() is None


async def test_disk_is_full(
    road_nursery: Nursery, sim: Simulator, tmp_path: Path
) -> None:
    """Go on without a disk, and with it again once there is room."""
    async with led(road_nursery, sim, tmp_path / "ovh_sms" / "a.db") as life:
        await _sends_with_disk(life, "a", "b")
        log = life.path.with_name("a.db-wal")
        await life.ask("write_at_most", size=log.stat().st_size)
        await _sends_without_disk(life, "c", "d")
        await life.ask("write_at_most", size=None)
        await _sends_with_disk(life, "e", "f")
        assert life.arrived == ["a", "b", "c", "e", "f"]
        names = {row.name for row in rows_of(life.path)}
        assert names == {"a", "b", "e", "f"}


@pytest.fixture
def for_anyone() -> Generator[Path]:
    """Return a folder that an ordinary user can reach."""
    folder = Path(mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


async def test_folder_is_read_only(
    road_nursery: Nursery, sim: Simulator, for_anyone: Path
) -> None:
    """Go on without a ledger, and with one once the folder can be written."""
    folder = for_anyone / "ovh_sms"
    folder.mkdir(mode=0o500)
    if os.geteuid() == 0:
        os.chown(folder, _NOBODY, _NOBODY)
    async with led(road_nursery, sim, folder / "a.db", ordinary=True) as life:
        await _sends_without_disk(life, "a", "b")
        assert list(folder.iterdir()) == []
        folder.chmod(0o700)
        await _sends_with_disk(life, "c", "d")
        assert life.arrived == ["a", "c", "d"]


async def test_folder_is_a_file(
    road_nursery: Nursery, sim: Simulator, tmp_path: Path
) -> None:
    """Go on without a ledger, and with one once it is mended."""
    folder = tmp_path / "ovh_sms"
    folder.touch()
    async with led(road_nursery, sim, folder / "a.db") as life:
        await _sends_without_disk(life, "a", "b")
        folder.unlink()
        await _sends_with_disk(life, "c", "d")
        assert life.arrived == ["a", "c", "d"]


@contextmanager
def _locked(path: Path) -> Generator[None]:
    """Have another process lock a ledger."""
    with subprocess.Popen(
        [sys.executable, "-c", _LOCK, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout and other.stdin
        assert other.stdout.readline() == b"locked\n"
        yield
        other.stdin.close()


async def test_locked_by_another_process(
    road_nursery: Nursery, sim: Simulator, tmp_path: Path
) -> None:
    """Go on without the ledger, and with it once it is let go of."""
    async with led(road_nursery, sim, tmp_path / "ovh_sms" / "a.db") as life:
        await _sends_with_disk(life, "a", "b")
        with _locked(life.path):
            await _sends_without_disk(life, "c", "d")
        await _sends_with_disk(life, "e", "f")
        assert life.arrived == ["a", "b", "c", "e", "f"]
