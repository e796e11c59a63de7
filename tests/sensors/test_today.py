"""What the sensors show of the messages sent since midnight."""

from datetime import UTC, datetime, timedelta
import sqlite3

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.account import ledger_path
from custom_components.ovh_sms.sms.clock import SystemClock
from custom_components.ovh_sms.sms.ledger import Ledger
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from simulator import Simulator
from tests.test_coordinator import send, set_up, settle, wait

from .conftest import (
    CREDITS_LEFT,
    CREDITS_USED,
    SENT,
    WAITING,
    set_options,
    shown,
    update,
    write,
)

pytestmark = pytest.mark.usefixtures("unloaded")


async def test_parts_and_numbers(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    """Count a message once, and each credit that it took."""
    await write(hass, "Night watch", message="a" * 161)
    assert shown(hass, SENT, CREDITS_USED) == ["1", "4.0"]
    # One of the group has replied STOP: the message is for the other alone.
    await sim.reply("+33639980003", "STOP")
    await write(hass, "Night watch")
    assert shown(hass, SENT, CREDITS_USED) == ["2", "5.0"]
    with pytest.raises(HomeAssistantError):
        await write(hass, "+33639980003")
    await settle(hass)
    assert shown(hass, SENT, CREDITS_USED) == ["2", "5.0"]


async def test_midnight(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    """Begin anew at the house's midnight, by itself, and say when that was."""
    await hass.config.async_set_time_zone("Europe/Paris")
    freezer.move_to(datetime(2026, 12, 1, 22, 30, tzinfo=UTC))
    await send(hass)
    await settle(hass)
    assert shown(hass, SENT, CREDITS_USED) == ["1", "1.0"]
    for entity_id in (SENT, CREDITS_USED):
        state = hass.states.get(entity_id)
        assert state
        assert state.attributes["last_reset"] == "2026-11-30T23:00:00+00:00"
    await wait(hass, freezer, timedelta(minutes=29))
    assert shown(hass, SENT, CREDITS_USED) == ["1", "1.0"]
    await wait(hass, freezer, timedelta(minutes=1, seconds=1))
    assert shown(hass, SENT, CREDITS_USED) == ["0", "0.0"]
    state = hass.states.get(SENT)
    assert state and state.attributes["last_reset"] == "2026-12-01T23:00:00+00:00"


async def test_time_zone(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    """Count by the day of where the house is now."""
    await hass.config.async_update(time_zone="Europe/Paris")
    freezer.move_to(datetime(2026, 12, 1, 10, 30, tzinfo=UTC))
    await send(hass)
    freezer.tick(timedelta(hours=1))
    await hass.config.async_update(time_zone="Pacific/Auckland")
    await settle(hass)
    assert shown(hass, SENT) == ["0"]
    await hass.config.async_update(time_zone="Europe/Paris")
    await settle(hass)
    assert shown(hass, SENT) == ["1"]


async def test_two_clocks(
    hass: HomeAssistant,
    sim: Simulator,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Do not look again and again while the day seems to be over already."""
    looked: list[float] = []
    yesterday = dt_util.utcnow() - timedelta(days=1)
    monkeypatch.setattr(SystemClock, "now", lambda clock: yesterday.timestamp())

    def sent_since(ledger: Ledger, moment: float) -> tuple[int, float]:
        looked.append(moment)
        # Home Assistant would be busy with this for ever.
        assert len(looked) < 20
        return 0, 0.0

    monkeypatch.setattr(Ledger, "sent_since", sent_since)
    await set_up(hass, entry)
    for _ in range(5):
        await settle(hass)
    assert 0 < len(looked) < 5


@pytest.mark.parametrize("history_days", [0, 30])
async def test_restart(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    history_days: int,
) -> None:
    """Know after a restart what was sent before, though its text be forgotten."""
    await set_options(hass, account, history_days=history_days)
    await send(hass)
    await sim.refuse()
    await send(hass)
    assert await hass.config_entries.async_reload(account.entry_id)
    await settle(hass)
    assert shown(hass, SENT, CREDITS_USED, WAITING) == ["1", "1.0", "1"]


async def test_at_the_start(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    sim: Simulator,
    entry: MockConfigEntry,
) -> None:
    """Do not say that nothing was sent, or that nothing waits."""
    path = ledger_path(hass, entry.entry_id)
    path.mkdir(parents=True)
    await set_up(hass, entry)
    assert shown(hass, SENT, CREDITS_USED, WAITING) == ["unknown"] * 3
    state = hass.states.get(SENT)
    assert state and "last_reset" not in state.attributes
    await send(hass)
    await settle(hass)
    assert shown(hass, SENT, CREDITS_LEFT) == ["unknown", "250.0"]
    path.rmdir()
    await wait(hass, freezer, timedelta(minutes=2))
    assert shown(hass, SENT, CREDITS_USED, WAITING) == ["1", "1.0", "0"]


async def test_for_a_moment(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Look again by itself, without a word more than needed in the log."""
    await send(hass)
    await settle(hass)

    def locked(ledger: Ledger, moment: float) -> tuple[int, float]:
        raise sqlite3.OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "sent_since", locked)
        for _ in range(3):
            await wait(hass, freezer, timedelta(minutes=2))
            await update(hass, SENT)
            assert shown(hass, SENT, CREDITS_USED, WAITING) == ["unknown"] * 3
    assert caplog.text.count("WARNING  custom_components") == 1
    await wait(hass, freezer, timedelta(minutes=2))
    assert shown(hass, SENT, CREDITS_USED, WAITING) == ["1", "1.0", "0"]
