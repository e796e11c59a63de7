"""A backup of Home Assistant has every message, while more are sent; and what comes of it when it is restored."""

import asyncio
from contextlib import closing
from datetime import timedelta
import io
from pathlib import Path
import shutil
import sqlite3
import tarfile

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.account import ledger_path
from custom_components.ovh_sms.backup import async_post_backup, async_pre_backup
from custom_components.ovh_sms.const import DOMAIN
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.states import State
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from simulator import Simulator
from tests.conftest import texts
from tests.ledgers import states_in
from tests.test_coordinator import send, set_up, settle, wait

pytestmark = pytest.mark.usefixtures("unloaded")

KITCHEN = "+33639980001"


def files(entry: MockConfigEntry, hass: HomeAssistant) -> dict[str, Path]:
    """Return the ledger's files, by the end of their names."""
    path = ledger_path(hass, entry.entry_id)
    return {
        file.name.removeprefix(entry.entry_id): file
        for file in path.parent.iterdir()
        if file.name.startswith(entry.entry_id)
    }


async def back_up(hass: HomeAssistant, target: Path) -> Path:
    """Make a real backup, and return the folder of the ledgers that is in it."""
    await hass.services.async_call("backup", "create", blocking=True)

    def unpack() -> Path:
        [archive] = Path(hass.config.path("backups")).glob("*.tar")
        with tarfile.open(archive) as outer:
            [name] = [n for n in outer.getnames() if "homeassistant.tar" in n]
            inner = outer.extractfile(name)
            assert inner
            with tarfile.open(fileobj=io.BytesIO(inner.read())) as tar:
                tar.extractall(target, filter="data")
        archive.unlink()
        return target / "data" / DOMAIN

    return await hass.async_add_executor_job(unpack)


def look_into(path: Path) -> list[State]:
    """Open a copied ledger as it is, and return the states of its messages."""
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    ledger = Ledger(path)
    states = list(states_in(ledger).values())
    ledger.close()
    return states


async def restore(hass: HomeAssistant, entry: MockConfigEntry, folder: Path) -> None:
    """Begin anew with what is in a backup."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    where = Path(hass.config.path(DOMAIN))

    def replace() -> None:
        shutil.rmtree(where)
        shutil.copytree(folder, where)

    await hass.async_add_executor_job(replace)
    await set_up(hass, entry)


@pytest.fixture
async def backups(hass: HomeAssistant) -> None:
    """Set Home Assistant's backups up."""
    assert await async_setup_component(hass, "backup", {})
    await hass.async_block_till_done()


@pytest.fixture
async def limitless(hass: HomeAssistant, account: MockConfigEntry) -> MockConfigEntry:
    """Return an account that may send as much as it likes."""
    hass.config_entries.async_update_entry(
        account, options={**account.options, "daily_limit": 0, "recipient_limit": 0}
    )
    await settle(hass)
    return account


async def test_backup_while_messages_are_sent(
    hass: HomeAssistant,
    limitless: MockConfigEntry,
    sim: Simulator,
    backups: None,
    tmp_path: Path,
) -> None:
    """Have in it every message that was accepted before, and a file that is whole."""
    sent = 0

    async def keep_sending() -> None:
        nonlocal sent
        while True:
            await send(hass, f"Alarm {sent}")
            sent += 1

    sending = asyncio.create_task(keep_sending())
    while sent < 5:
        await asyncio.sleep(0)
    before = sent
    folder = await back_up(hass, tmp_path)
    sending.cancel()
    await settle(hass)
    states = await hass.async_add_executor_job(
        look_into, folder / f"{limitless.entry_id}.db"
    )
    assert len(states) >= before
    assert set(states) <= {State.ACCEPTED, State.SENDING}
    assert len(texts(sim, KITCHEN)) >= sent


async def test_file_stands_still_meanwhile(
    hass: HomeAssistant, limitless: MockConfigEntry, sim: Simulator
) -> None:
    """Whenever a file is copied, it fits the other one."""
    await send(hass, "Before")
    await async_pre_backup(hass)
    file = files(limitless, hass)[".db"]
    copied = await hass.async_add_executor_job(file.read_bytes)
    assert b"Before" in copied
    for number in range(30):
        await send(hass, f"Meanwhile {number} " + "é" * 300)
    assert await hass.async_add_executor_job(file.read_bytes) == copied
    await async_post_backup(hass)
    assert await hass.config_entries.async_unload(limitless.entry_id)
    assert await hass.async_add_executor_job(look_into, file) == [State.ACCEPTED] * 31


async def test_unloaded_and_loaded_meanwhile(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    sim: Simulator,
) -> None:
    """Leave the file alone also then, and look nothing up that just waits."""
    await sim.refuse()
    await send(hass)
    await async_pre_backup(hass)
    file = files(account, hass)[".db"]
    copied = await hass.async_add_executor_job(file.read_bytes)
    assert await hass.config_entries.async_reload(account.entry_id)
    await settle(hass)
    await send(hass, "Fire!")
    assert await hass.async_add_executor_job(file.read_bytes) == copied
    assert await hass.config_entries.async_unload(office.entry_id)
    await async_post_backup(hass)
    ledger = account.runtime_data.dispatcher._ledger
    assert set(states_in(ledger).values()) == {State.WAITING}
    assert ledger.noted("in_backup") is None
    assert ledger._database.execute("PRAGMA wal_autocheckpoint").fetchone() == (1000,)


async def test_backup_begins_while_an_account_is_loaded(
    hass: HomeAssistant,
    sim: Simulator,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Take part in a backup that begins, or ends, while the ledger is being opened."""
    steps = iter([True, False])
    open_ledger = Ledger.__init__

    def begin_or_end(ledger: Ledger, path: Path | None) -> None:
        open_ledger(ledger, path)
        act = async_pre_backup if next(steps) else async_post_backup
        asyncio.run_coroutine_threadsafe(act(hass), hass.loop).result()

    monkeypatch.setattr(Ledger, "__init__", begin_or_end)
    for noted in (1, None):
        await set_up(hass, entry)
        assert entry.runtime_data.dispatcher._ledger.noted("in_backup") == noted
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_nothing_fails_a_backup(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither a disk that cannot be written, nor an account that is being unloaded."""
    dispatcher = account.runtime_data.dispatcher
    dispatcher._ledger._database.execute("PRAGMA query_only = ON")
    await async_pre_backup(hass)
    await async_post_backup(hass)
    assert "The ledger of Home may not be whole in this backup" in caplog.text
    await hass.async_add_executor_job(dispatcher.close)
    await async_pre_backup(hass)
    await async_post_backup(hass)
    assert caplog.text.count("may not be whole") == 2


async def test_end_without_a_beginning(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    """Go on as before."""
    await async_post_backup(hass)
    await send(hass)
    assert texts(sim, KITCHEN) == ["Water!"]


async def test_crash_meanwhile(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, tmp_path: Path
) -> None:
    """Look up what waited, when the end of the backup was never told."""
    await sim.refuse()
    await send(hass)
    await async_pre_backup(hass)
    folder = Path(hass.config.path(DOMAIN))
    await hass.async_add_executor_job(shutil.copytree, folder, tmp_path / "copy")
    await async_post_backup(hass)
    await restore(hass, account, tmp_path / "copy")
    ledger = account.runtime_data.dispatcher._ledger
    assert list(states_in(ledger).values()) == [State.UNKNOWN]
    assert ledger.noted("in_backup") is None


async def events(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, *, steps: int
) -> list[str]:
    """Let the outbox work for some minutes, and return what was told."""
    found: list[str] = []
    for _ in range(steps):
        await wait(hass, freezer, timedelta(seconds=31))
        state = hass.states.get("event.home_delivery")
        assert state
        found.append(str(state.attributes["event_type"]))
    return found


async def test_restored_message_that_had_left(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    backups: None,
    tmp_path: Path,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Send nothing twice: look up what waited when the backup was made."""
    await sim.refuse()
    await send(hass)
    await settle(hass)
    folder = await back_up(hass, tmp_path)
    await sim.accept_again()
    await wait(hass, freezer, timedelta(minutes=1))
    assert texts(sim, KITCHEN) == ["Water!"]
    await restore(hass, account, folder)
    assert (await events(hass, freezer, steps=6))[-1] == "delivered"
    assert texts(sim, KITCHEN) == ["Water!"]


async def test_restored_message_that_is_too_late(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    backups: None,
    tmp_path: Path,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Give up what never left and is of no use any more, and say so."""
    await sim.refuse()
    await send(hass)
    await settle(hass)
    folder = await back_up(hass, tmp_path)
    assert await hass.config_entries.async_unload(account.entry_id)
    await sim.accept_again()
    freezer.tick(timedelta(days=2))
    await set_up(hass, account)
    await restore(hass, account, folder)
    assert (await events(hass, freezer, steps=6))[-1] == "expired"
    assert texts(sim, KITCHEN) == []
