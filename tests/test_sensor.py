"""What the sensors of an account show, and when."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
import sqlite3
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.account import ledger_path
from custom_components.ovh_sms.const import DOMAIN
from custom_components.ovh_sms.sms.clock import SystemClock
from custom_components.ovh_sms.sms.ledger import Ledger
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from simulator import (
    ACCOUNT,
    CLIENT_ID,
    CLIENT_SECRET,
    CONSUMER_KEY,
    DEFAULT_RIGHTS,
    USER_LOGIN,
    USER_PASSWORD,
    VIRTUAL_NUMBER,
    Fault,
    Simulator,
)
from tests.conftest import jobs, make_entry
from tests.test_coordinator import READ_ACCOUNT, READ_KEY, send, set_up, settle, wait
from tests.test_repairs import allow, repair

pytestmark = pytest.mark.usefixtures("unloaded")

SOON = timedelta(seconds=4)
PENDING = f"/sms/{ACCOUNT}/jobs"
CREDITS_LEFT = "sensor.home_credits_left"
CREDITS_HELD = "sensor.home_credits_held_by_sms_users"
CREDITS_USED = "sensor.home_credits_used_today"
SENT = "sensor.home_messages_sent_today"
WAITING = "sensor.home_messages_waiting"
PENDING_SMS = "sensor.home_sms_waiting_at_ovhcloud"
KEY_EXPIRES = "sensor.home_key_expires"
OTHERS = {SENT, WAITING}


def shown(hass: HomeAssistant, *entity_ids: str) -> list[str]:
    """Return the states of entities, which must be there."""
    states = [hass.states.get(entity_id) for entity_id in entity_ids]
    assert all(states)
    return [state.state for state in states if state]


def sensors(hass: HomeAssistant, entry: MockConfigEntry) -> set[str]:
    """Return the sensors that an account has, in use or not."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {each.entity_id for each in entities if each.domain == "sensor"}


def times_read(sim: Simulator, *routes: str) -> int:
    """Return how often something was read since the last time, and forget it."""
    count = sum(
        request.method == "GET" and request.route in routes for request in sim.requests
    )
    sim.clear_record()
    return count


async def set_options(
    hass: HomeAssistant, entry: MockConfigEntry, **options: Any
) -> None:
    """Change options, as the user does."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    await settle(hass)


async def enable(hass: HomeAssistant, entry: MockConfigEntry, *entity_ids: str) -> None:
    """Have entities shown that are not by default."""
    for entity_id in entity_ids:
        er.async_get(hass).async_update_entity(entity_id, disabled_by=None)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)


async def update(hass: HomeAssistant, *entity_ids: str) -> None:
    """Ask for the newest states, as an automation does."""
    await async_setup_component(hass, "homeassistant", {})
    await hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": list(entity_ids)}, blocking=True
    )


async def write(hass: HomeAssistant, recipient: str, **data: Any) -> dict[str, Any]:
    """Send an SMS to a recipient, and return what became of it."""
    answer = await hass.services.async_call(
        DOMAIN,
        "send_sms",
        {"message": "Water!", "receivers": [recipient], **data},
        blocking=True,
        return_response=True,
    )
    await settle(hass)
    assert answer
    messages: Any = answer["messages"]
    [message] = messages
    told: dict[str, Any] = message
    return told


class TestCredits:
    """What is left of the credits."""

    async def test_after_a_message(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """Show what it cost some seconds later, with one call."""
        sim.clear_record()
        await send(hass)
        await settle(hass)
        assert times_read(sim, READ_ACCOUNT) == 0
        await wait(hass, freezer, SOON)
        assert shown(hass, CREDITS_LEFT) == ["249.0"]
        assert times_read(sim, READ_ACCOUNT) == 1

    async def test_after_a_burst(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """Read seldom, though much is sent, and show in the end what is left."""
        await set_options(hass, account, daily_limit=0, recipient_limit=0)
        sim.clear_record()
        await asyncio.gather(*(send(hass, f"Water {n}") for n in range(100)))
        await settle(hass)
        assert len(jobs(sim)) == 100
        await wait(hass, freezer, SOON)
        await wait(hass, freezer, SOON)
        assert shown(hass, CREDITS_LEFT, SENT) == ["150.0", "100"]
        assert times_read(sim, READ_ACCOUNT) == 1

    async def test_message_does_not_wait_for_a_reading(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """Send while the account is being read."""
        await send(hass)
        hang = sim.faults.add(Fault("hang", path=READ_ACCOUNT))
        freezer.tick(SOON)
        reading = asyncio.create_task(account.runtime_data.coordinator.async_refresh())
        await send(hass)
        assert not reading.done()
        assert len(jobs(sim)) == 2
        sim.faults.remove(hang.id)
        await reading

    async def test_run_out_and_come_back(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """Warn as soon as a message takes them below the line, until more are bought."""
        sim.world.accounts[ACCOUNT].credits_left = 10
        await wait(hass, freezer)
        assert shown(hass, CREDITS_LEFT) == ["10.0"]
        assert not repair(hass, "credits_low", account)
        await send(hass)
        await wait(hass, freezer, SOON)
        assert shown(hass, CREDITS_LEFT) == ["9.0"]
        assert repair(hass, "credits_low", account)
        sim.world.accounts[ACCOUNT].credits_left = 1000.5
        await wait(hass, freezer)
        assert shown(hass, CREDITS_LEFT) == ["1000.5"]
        assert not repair(hass, "credits_low", account)

    async def test_given_back(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """Show at once too what is given back for a message that is cancelled."""
        told = await write(hass, "Kitchen", delay={"hours": 1})
        await wait(hass, freezer, SOON)
        assert shown(hass, CREDITS_LEFT, CREDITS_USED, SENT) == ["249.0", "1.0", "1"]
        await hass.services.async_call(
            DOMAIN, "cancel", {"message_id": told["message_id"]}, blocking=True
        )
        await wait(hass, freezer, SOON)
        assert shown(hass, CREDITS_LEFT, CREDITS_USED, SENT) == ["250.0", "0.0", "0"]

    async def test_held(
        self, hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
    ) -> None:
        """Show what SMS users hold, to whom wants to know."""
        assert hass.states.get(CREDITS_HELD) is None
        sim.world.add_user(ACCOUNT, "cellar", "fake0pw1", quota=49.5)
        await enable(hass, account, CREDITS_HELD)
        assert shown(hass, CREDITS_LEFT, CREDITS_HELD) == ["200.5", "49.5"]


class TestReach:
    """An account that cannot be read."""

    async def test_outage(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """Show only what is known here, while there is no internet."""
        await sim.refuse()
        await wait(hass, freezer)
        assert shown(hass, CREDITS_LEFT, KEY_EXPIRES) == ["unavailable"] * 2
        assert shown(hass, SENT, WAITING, CREDITS_USED) == ["0", "0", "0.0"]
        assert shown(hass, "binary_sensor.home_problem") == ["off"]
        assert shown(hass, "notify.kitchen") == ["unknown"]
        await send(hass)
        await settle(hass)
        assert shown(hass, WAITING, SENT) == ["1", "0"]
        await sim.accept_again()
        await wait(hass, freezer)
        assert shown(hass, WAITING, SENT) == ["0", "1"]
        await wait(hass, freezer, SOON)
        assert shown(hass, CREDITS_LEFT) == ["249.0"]

    async def test_start_without_internet(
        self, hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry
    ) -> None:
        """Be there, and say that nothing is known."""
        await sim.refuse()
        await set_up(hass, entry)
        assert shown(hass, CREDITS_LEFT, KEY_EXPIRES) == ["unavailable"] * 2
        assert shown(hass, SENT, WAITING) == ["0", "0"]

    async def test_right_removed(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """Go on sending with a key that may not read any more."""
        allow(sim, "POST /sms/*/jobs")
        await wait(hass, freezer, timedelta(hours=1))
        assert shown(hass, CREDITS_LEFT) == ["unavailable"]
        await send(hass)
        await settle(hass)
        assert shown(hass, SENT) == ["1"]
        allow(sim, *map(" ".join, DEFAULT_RIGHTS))
        await wait(hass, freezer)
        assert shown(hass, CREDITS_LEFT) == ["249.0"]

    async def test_update_reads_at_once(
        self, hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
    ) -> None:
        """Read all there is when asked to, once for all who ask together."""
        sim.world.accounts[ACCOUNT].credits_left = 0
        end = datetime(2027, 3, 10, 12, tzinfo=UTC)
        sim.world.consumer_keys[CONSUMER_KEY].expiration = end
        sim.clear_record()
        problem = "binary_sensor.home_problem"
        await update(hass, CREDITS_LEFT, KEY_EXPIRES, SENT, WAITING, problem)
        assert times_read(sim, READ_ACCOUNT, READ_KEY) == 2
        assert shown(hass, CREDITS_LEFT, KEY_EXPIRES, problem) == [
            "0.0",
            end.isoformat(),
            "on",
        ]
        for credits_left in (5, 6):
            sim.world.accounts[ACCOUNT].credits_left = credits_left
            await update(hass, CREDITS_LEFT)
            assert shown(hass, CREDITS_LEFT) == [f"{credits_left}.0"]


class TestKey:
    """When the key ends."""

    async def test_ends(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """Show the moment, as soon as there is one."""
        assert shown(hass, KEY_EXPIRES) == ["unknown"]
        end = dt_util.utcnow().replace(microsecond=0) + timedelta(days=9)
        sim.world.consumer_keys[CONSUMER_KEY].expiration = end
        await wait(hass, freezer, timedelta(hours=1))
        assert shown(hass, KEY_EXPIRES) == [end.isoformat()]
        assert repair(hass, "key_expiring", account)
        new = sim.world.add_consumer_key().key
        hass.config_entries.async_update_entry(
            account, data={**account.data, "consumer_key": new}
        )
        await settle(hass)
        assert shown(hass, KEY_EXPIRES) == ["unknown"]
        assert not repair(hass, "key_expiring", account)


class TestPending:
    """What waits at OVHcloud."""

    async def test_only_asked_where_it_is_shown(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """Spare the call where nobody looks."""
        await wait(hass, freezer)
        assert times_read(sim, PENDING) == 0
        await enable(hass, account, PENDING_SMS)
        assert shown(hass, PENDING_SMS) == ["0"]
        assert times_read(sim, PENDING) == 1
        await write(hass, "Night watch", delay={"hours": 1})
        await wait(hass, freezer, SOON)
        assert shown(hass, PENDING_SMS, WAITING) == ["2", "0"]
        await wait(hass, freezer, timedelta(hours=1, minutes=1))
        assert shown(hass, PENDING_SMS) == ["0"]

    async def test_virtual_number(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """Count what is to leave from a virtual number, which is elsewhere."""
        await set_options(hass, account, sender=VIRTUAL_NUMBER)
        await enable(hass, account, PENDING_SMS)
        await write(hass, "Kitchen", delay={"hours": 1})
        await write(hass, "Kitchen", delay={"hours": 1}, sender="HOUSE")
        await wait(hass, freezer, SOON)
        assert shown(hass, PENDING_SMS) == ["2"]

    async def test_not_told(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """Leave the others alone where only this cannot be read."""
        await enable(hass, account, PENDING_SMS)
        sim.faults.add(Fault("status", status=503, path=PENDING))
        await wait(hass, freezer)
        assert shown(hass, PENDING_SMS, CREDITS_LEFT) == ["unknown", "250.0"]


class TestToday:
    """What was sent since midnight."""

    async def test_parts_and_numbers(
        self, hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
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
        self,
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
        self,
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
        self,
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
        self,
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


class TestUnreadable:
    """A ledger that cannot be read."""

    async def test_at_the_start(
        self,
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
        self,
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


@pytest.mark.parametrize(
    ("data", "absent"),
    [
        (
            {"auth_method": "sms_user", "login": USER_LOGIN, "password": USER_PASSWORD},
            {CREDITS_LEFT, CREDITS_HELD, CREDITS_USED, PENDING_SMS, KEY_EXPIRES},
        ),
        (
            {
                "auth_method": "service_account",
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
            },
            {KEY_EXPIRES},
        ),
    ],
)
async def test_what_can_never_be_known_is_not_there(
    hass: HomeAssistant, sim: Simulator, data: dict[str, str], absent: Iterable[str]
) -> None:
    """Have no sensor that would be unknown for ever."""
    entry = make_entry(hass, {"Kitchen": ["+33639980001"]})
    hass.config_entries.async_update_entry(
        entry, data={**data, "service_name": ACCOUNT}
    )
    await set_up(hass, entry)
    everything = {
        *OTHERS,
        CREDITS_LEFT,
        CREDITS_HELD,
        CREDITS_USED,
        PENDING_SMS,
        KEY_EXPIRES,
    }
    assert sensors(hass, entry) == everything - set(absent)
    await send(hass)
    await settle(hass)
    assert shown(hass, SENT) == ["1"]
