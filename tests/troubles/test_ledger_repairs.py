"""The file that messages are written to, and a disk that fails."""

from datetime import timedelta
import os
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.account import ledger_path
from custom_components.ovh_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from simulator import Simulator
from tests.conftest import jobs, texts
from tests.test_coordinator import send, set_up, settle, wait
from tests.test_repairs import repair

from .conftest import KITCHEN, Repairs, change, reason, reload, told, write_protect

pytestmark = pytest.mark.usefixtures("unloaded")

DAILY = "limit_reached_daily_limit"


class TestLedger:
    """The file that messages are written to."""

    async def test_damaged(
        self,
        hass: HomeAssistant,
        sim: Simulator,
        entry: MockConfigEntry,
        repairs: Repairs,
    ) -> None:
        """Say that it was begun anew, until the user has seen it."""
        path = ledger_path(hass, entry.entry_id)
        path.parent.mkdir()
        path.write_bytes(b"SQLite format 3\0" + os.urandom(5000))
        await set_up(hass, entry)
        await reload(hass, entry)
        [aside] = path.parent.glob("*.damaged-*")
        assert told(hass, "ledger_damaged", entry)["file"] == f"`{aside}`"
        await send(hass)
        assert texts(sim, KITCHEN) == ["Water!"]
        assert (await repairs.confirm("ledger_damaged", entry))["type"] == (
            "create_entry"
        )
        assert not aside.exists()
        assert not repair(hass, "ledger_damaged", entry)
        await reload(hass, entry)
        assert not repair(hass, "ledger_damaged", entry)

    async def test_damaged_and_removed(
        self, hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry
    ) -> None:
        """Leave nothing private behind when the account is removed."""
        path = ledger_path(hass, entry.entry_id)
        path.parent.mkdir()
        path.write_bytes(os.urandom(5000))
        path.with_name(f"{path.name}-wal").write_bytes(b"")
        await set_up(hass, entry)
        await hass.config_entries.async_remove(entry.entry_id)
        assert not list(path.parent.iterdir())
        assert not ir.async_get(hass).issues

    async def test_unwritable(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Send, and say that it is not kept; say it no more when it is."""
        write_protect(account)
        await send(hass)
        await settle(hass)
        assert texts(sim, KITCHEN) == ["Water!"]
        assert (
            hass.config.path(DOMAIN)
            in told(hass, "ledger_unwritable", account)["folder"]
        )
        # It can send.
        assert reason(hass) is None
        await wait(hass, freezer, timedelta(seconds=61))
        assert repair(hass, "ledger_unwritable", account)
        write_protect(account, on=False)
        await wait(hass, freezer, timedelta(seconds=61))
        assert not repair(hass, "ledger_unwritable", account)

    async def test_writable_again_by_the_next_message(
        self, hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
    ) -> None:
        """Say it no more as soon as a message was written down."""
        write_protect(account)
        await send(hass)
        write_protect(account, on=False)
        await send(hass)
        await settle(hass)
        assert not repair(hass, "ledger_unwritable", account)

    async def test_limits_in_memory(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        repairs: Repairs,
    ) -> None:
        """Hold the limits in memory, and carry on there."""
        await change(hass, account, daily_limit=1)
        write_protect(account)
        await send(hass)
        with pytest.raises(ServiceValidationError):
            await send(hass)
        await settle(hass)
        assert (await repairs.confirm(DAILY, account))["type"] == "create_entry"
        assert not repair(hass, DAILY, account)
        await send(hass)
        assert len(jobs(sim)) == 2

    async def test_not_opened(
        self,
        hass: HomeAssistant,
        sim: Simulator,
        entry: MockConfigEntry,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Say it from the start, and begin a ledger when that is possible."""
        folder = Path(hass.config.path(DOMAIN))
        await hass.async_add_executor_job(folder.write_text, "This is no folder")
        await set_up(hass, entry)
        assert repair(hass, "ledger_unwritable", entry)
        await send(hass)
        assert texts(sim, KITCHEN) == ["Water!"]
        await hass.async_add_executor_job(folder.unlink)
        await wait(hass, freezer, timedelta(seconds=61))
        assert not repair(hass, "ledger_unwritable", entry)
        assert ledger_path(hass, entry.entry_id).exists()
