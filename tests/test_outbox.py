"""Messages that wait, and those in doubt, in a real Home Assistant."""

import asyncio
from collections import Counter
from contextlib import closing
import sqlite3
import threading
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.account import ledger_path
from custom_components.ovh_sms.gateway.pool import MAX_CALLERS
from custom_components.ovh_sms.sms.dispatcher import Dispatcher
from custom_components.ovh_sms.sms.ledger import inspect
from homeassistant.components import persistent_notification
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from simulator import CONSUMER_KEY, Fault, Simulator
from tests.conftest import API_KEYS, jobs, texts
from tests.deliveries import Deliveries, notify, pass_time, settle

pytestmark = pytest.mark.usefixtures("unloaded")

KITCHEN = "+33639980001"


@pytest.fixture
def deliveries(hass: HomeAssistant) -> Deliveries:
    """Return what the account tells."""
    return Deliveries(hass)


async def states(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, int]:
    """Return how many messages of each state there are on disk."""
    path = ledger_path(hass, entry.entry_id)
    facts = await hass.async_add_executor_job(inspect, path)
    return facts.messages


async def until_asked(sim: Simulator, method: str, path: str, times: int = 1) -> None:
    """Wait until OVHcloud was asked for something so many times."""
    async with asyncio.timeout(10):
        while (
            sum(
                request.method == method and path in request.path
                for request in sim.requests
            )
            < times
        ):
            await asyncio.sleep(0)


class TestWaiting:
    """A message that did not leave waits, and leaves as soon as it can."""

    async def test_on_its_timer(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
        deliveries: Deliveries,
    ) -> None:
        await sim.refuse()
        await notify(hass)
        for _ in range(3):
            await pass_time(hass, freezer, 65)
        assert await states(hass, account) == {"waiting": 1}
        state = hass.states.get("notify.kitchen")
        assert state and state.state == "unknown"
        await sim.accept_again()
        await pass_time(hass, freezer, 65)
        assert texts(sim, KITCHEN) == ["Water!"]
        assert deliveries.types == ["queued", "accepted"]
        state = hass.states.get("notify.kitchen")
        assert state and state.state != "unknown"

    @pytest.mark.freeze_time("2026-11-21 13:02:00+00:00")
    async def test_says_when_it_was_meant_for(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Read in the options of the moment, on the house's clock."""
        await hass.config.async_set_time_zone("Europe/Paris")
        await sim.refuse()
        await notify(hass, "Water!")
        await notify(hass, "Fire!", "ovh_sms_night_watch")
        await pass_time(hass, freezer, 301)
        await sim.accept_again()
        await pass_time(hass, freezer, 10)
        account.runtime_data.async_go_on()
        await settle(hass)
        assert texts(sim, KITCHEN) == ["[14:02] Water!"]
        assert texts(sim, "+33639980003") == ["[14:02] Fire!"]

    async def test_says_nothing_of_it_where_it_is_not_wanted(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        await sim.refuse()
        await notify(hass)
        await settle(hass)
        hass.config_entries.async_update_entry(
            account, options={**account.options, "late_prefix": False}
        )
        await pass_time(hass, freezer, 400)
        await sim.accept_again()
        await pass_time(hass, freezer, 65)
        assert texts(sim, KITCHEN) == ["Water!"]

    async def test_when_a_new_message_gets_through(
        self, hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
    ) -> None:
        await sim.refuse()
        for text in ("First", "Second"):
            await notify(hass, text)
        await settle(hass)
        await sim.accept_again()
        await notify(hass, "Now", "ovh_sms_night_watch")
        await settle(hass)
        assert texts(sim, KITCHEN) == ["First", "Second"]

    async def test_when_the_account_can_be_read_again(
        self, hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
    ) -> None:
        await sim.refuse()
        await notify(hass)
        await settle(hass)
        await sim.accept_again()
        await account.runtime_data.coordinator.async_refresh()
        await settle(hass)
        assert texts(sim, KITCHEN) == ["Water!"]

    async def test_start_without_internet(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
        deliveries: Deliveries,
    ) -> None:
        """Have entities at once, keep the message, and send it when OVHcloud is back."""
        await sim.refuse()
        assert await hass.config_entries.async_setup(entry.entry_id)
        assert entry.state is ConfigEntryState.LOADED
        assert hass.states.get("notify.kitchen")
        await notify(hass)
        await pass_time(hass, freezer, 120)
        assert sim.requests == []
        await sim.accept_again()
        await pass_time(hass, freezer, 65)
        assert texts(sim, KITCHEN) == ["Water!"]
        assert deliveries.types == ["queued", "accepted"]

    @pytest.mark.parametrize(
        ("options", "queue"), [({"retry_for": 0}, True), ({}, False)]
    )
    async def test_not_where_it_is_of_no_use(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
        deliveries: Deliveries,
        options: dict[str, Any],
        queue: bool,
    ) -> None:
        """Tell the caller at once, by option and by recipient."""
        hass.config_entries.async_update_entry(
            account, options={**account.options, **options}
        )
        kitchen = next(iter(account.subentries.values()))
        hass.config_entries.async_update_subentry(
            account, kitchen, data={**kitchen.data, "queue": queue}
        )
        await sim.refuse()
        with pytest.raises(HomeAssistantError, match="cannot be reached"):
            await notify(hass, "Code 1234")
        await sim.accept_again()
        await pass_time(hass, freezer, 65)
        assert (jobs(sim), deliveries.types) == ([], ["expired"])

    async def test_together_with_someone_for_whom_it_is_of_use(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        kitchen = next(iter(account.subentries.values()))
        hass.config_entries.async_update_subentry(
            account, kitchen, data={**kitchen.data, "queue": False}
        )
        await sim.refuse()
        await notify(hass, "Fire!", "ovh_sms")
        await sim.accept_again()
        await pass_time(hass, freezer, 65)
        assert texts(sim, KITCHEN) == texts(sim, "+33639980003") == ["Fire!"]

    async def test_after_new_credentials(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
        deliveries: Deliveries,
    ) -> None:
        """Ask to sign in again, wait meanwhile, and leave then without a reload."""
        loaded = account.runtime_data
        await sim.refuse()
        await notify(hass)
        sim.world.consumer_keys[CONSUMER_KEY].status = "expired"
        await sim.accept_again()
        await pass_time(hass, freezer, 65)
        [flow] = hass.config_entries.flow.async_progress()
        assert flow["context"]["source"] == "reauth"
        await pass_time(hass, freezer, 65)
        assert await states(hass, account) == {"waiting": 1}
        assert deliveries.types == ["queued"]
        key = sim.world.add_consumer_key(sim.world.consumer_keys[CONSUMER_KEY].rules)
        flows = hass.config_entries.flow
        await flows.async_configure(flow["flow_id"], {"next_step_id": "new_keys"})
        result = await flows.async_configure(
            flow["flow_id"], {**API_KEYS, "consumer_key": key.key}
        )
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "reauth_successful"
        await settle(hass)
        assert texts(sim, KITCHEN) == ["Water!"]
        assert deliveries.types == ["queued", "accepted"]
        assert account.runtime_data is loaded

    async def test_forgotten_as_soon_as_it_is_over(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Keep no text and no number on disk for longer than needed; count all the same."""
        hass.config_entries.async_update_entry(
            account, options={**account.options, "history_days": 0, "daily_limit": 2}
        )
        await settle(hass)
        await notify(hass, "Secret one")
        await sim.refuse()
        await notify(hass, "Secret two")
        await settle(hass)

        def left() -> list[str]:
            path = ledger_path(hass, account.entry_id)
            with closing(sqlite3.connect(path)) as database:
                return [
                    text
                    for (text,) in database.execute(
                        "SELECT whole FROM messages WHERE whole IS NOT NULL"
                        " UNION SELECT number FROM deliveries WHERE number IS NOT NULL"
                    )
                ]

        assert sorted(await hass.async_add_executor_job(left)) == [
            KITCHEN,
            "Secret two",
        ]
        await sim.accept_again()
        await pass_time(hass, freezer, 65)
        assert texts(sim, KITCHEN) == ["Secret one", "Secret two"]
        assert await hass.async_add_executor_job(left) == []
        with pytest.raises(HomeAssistantError, match="2 SMS a day"):
            await notify(hass)
        path = ledger_path(hass, account.entry_id)
        await hass.config_entries.async_unload(account.entry_id)
        assert not any(
            secret in file.read_bytes()
            for file in path.parent.glob(f"{path.name}*")
            for secret in (b"Secret", KITCHEN.encode())
        )


class TestLookingUp:
    """A message whose answer is missing is looked up."""

    @pytest.mark.parametrize(("applied", "pause"), [("after", 6), ("before", 61)])
    async def test_told_how_it_ended(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
        deliveries: Deliveries,
        applied: str,
        pause: float,
    ) -> None:
        """Raise nothing, send nothing twice, and say by an event that it left."""
        sim.faults.add(
            Fault("status", method="POST", status=500, applied=applied, times=1)
        )
        await notify(hass)
        assert deliveries.types == []
        await pass_time(hass, freezer, pause)
        await pass_time(hass, freezer, pause)
        assert texts(sim, KITCHEN) == ["Water!"]
        assert deliveries.types == ["accepted"]

    async def test_alarm_while_a_look_up_hangs(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Let an alarm out at once, whatever OVHcloud lets hang of the rest."""
        sim.faults.add(
            Fault("status", method="POST", status=500, applied="after", times=1)
        )
        await notify(hass, "In doubt")
        await settle(hass)
        hang = sim.faults.add(Fault("hang", method="GET"))
        freezer.tick(6)
        account.runtime_data.async_go_on()
        await until_asked(sim, "GET", "/outgoing")
        reads = [
            hass.async_create_task(account.runtime_data.coordinator.async_refresh())
            for _ in range(3)
        ]
        await asyncio.gather(
            *(notify(hass, f"Alarm {number}") for number in range(MAX_CALLERS * 2))
        )
        assert len(texts(sim, KITCHEN)) == 1 + MAX_CALLERS * 2
        sim.faults.remove(hang.id)
        await asyncio.gather(*reads)
        await settle(hass)
        assert await states(hass, account) == {"accepted": 1 + MAX_CALLERS * 2}

    async def test_alarm_while_a_late_message_hangs(
        self, hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
    ) -> None:
        await sim.refuse()
        await notify(hass, "Late")
        await settle(hass)
        await sim.accept_again()
        hang = sim.faults.add(Fault("hang", method="POST", times=1))
        account.runtime_data.async_go_on()
        await until_asked(sim, "POST", "/jobs")
        await asyncio.gather(
            *(notify(hass, f"Alarm {number}") for number in range(MAX_CALLERS))
        )
        assert len(texts(sim, KITCHEN)) == MAX_CALLERS
        sim.faults.remove(hang.id)
        await settle(hass)
        assert texts(sim, KITCHEN)[-1] == "Late"


class TestManyAtOnce:
    """A burst goes out over few connections and few threads."""

    async def test_two_hundred(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        deliveries: Deliveries,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        hass.config_entries.async_update_entry(
            account, options={**account.options, "daily_limit": 0}
        )
        busy: Counter[str] = Counter()
        most: Counter[str] = Counter()
        threads: set[int] = set()

        def watch(name: str) -> None:
            original = getattr(Dispatcher, name)

            def watched(*args: Any) -> Any:
                threads.add(threading.get_ident())
                busy[name] += 1
                most[name] = max(most[name], busy[name])
                try:
                    return original(*args)
                finally:
                    busy[name] -= 1

            monkeypatch.setattr(Dispatcher, name, watched)

        watch("send")
        watch("work")
        await asyncio.gather(
            *(
                hass.services.async_call(
                    "ovh_sms",
                    "send_sms",
                    {
                        "receivers": [f"+3363998{number:04}"],
                        "message": f"Alarm {number}",
                    },
                    blocking=True,
                )
                for number in range(200)
            )
        )
        await settle(hass)
        assert sorted(job.json["message"] for job in jobs(sim)) == sorted(
            f"Alarm {number}" for number in range(200)
        )
        assert deliveries.types == ["accepted"] * 200
        assert len(set(deliveries.shown("message_id"))) == 200
        assert most["send"] <= MAX_CALLERS
        assert most["work"] <= 1
        assert threading.main_thread().ident not in threads


class TestEnding:
    """An account that is unloaded, reloaded or removed, and Home Assistant's own end."""

    async def test_reload_during_a_pause(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
        deliveries: Deliveries,
    ) -> None:
        await sim.refuse()
        await notify(hass)
        await hass.config_entries.async_reload(account.entry_id)
        await settle(hass)
        await sim.accept_again()
        await pass_time(hass, freezer, 65)
        assert texts(sim, KITCHEN) == ["Water!"]
        assert deliveries.types == ["queued", "accepted"]

    async def test_unload_leaves_nothing_running(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        await sim.refuse()
        await notify(hass)
        await hass.config_entries.async_unload(account.entry_id)
        await sim.accept_again()
        sim.clear_record()
        await pass_time(hass, freezer, 1000)
        assert sim.requests == []

    @pytest.mark.parametrize("fault", [Fault("expired", method="POST"), None])
    async def test_reload_during_a_send(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        deliveries: Deliveries,
        fault: Fault | None,
    ) -> None:
        """Let it come to its end, and tell it once."""
        hang = sim.faults.add(Fault("hang", method="POST", times=1))
        if fault:
            sim.faults.add(fault)
        sending = hass.async_create_task(notify(hass))
        await until_asked(sim, "POST", "/jobs")
        reload = hass.async_create_task(
            hass.config_entries.async_reload(account.entry_id)
        )
        await asyncio.sleep(0)
        sim.faults.remove(hang.id)
        [error, _] = await asyncio.gather(sending, reload, return_exceptions=True)
        await settle(hass)
        assert account.state is ConfigEntryState.LOADED
        if fault:
            assert isinstance(error, HomeAssistantError)
        assert deliveries.types == ["failed" if fault else "accepted"]
        assert len(jobs(sim)) == 1

    @pytest.mark.parametrize("is_late", [True, False])
    async def test_reload_during_a_step(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
        deliveries: Deliveries,
        is_late: bool,
    ) -> None:
        """Tell after the reload how a late message, or a look-up, ended."""
        if is_late:
            await sim.refuse()
        else:
            sim.faults.add(
                Fault("status", method="POST", status=500, applied="after", times=1)
            )
        await notify(hass)
        await settle(hass)
        await sim.accept_again()
        method, path = ("POST", "/jobs") if is_late else ("GET", "/outgoing")
        hang = sim.faults.add(Fault("hang", method=method, path=f"*{path}*", times=1))
        freezer.tick(6)
        account.runtime_data.async_go_on()
        await until_asked(sim, method, path, 1)
        before = list(deliveries.types)
        reload = hass.async_create_task(
            hass.config_entries.async_reload(account.entry_id)
        )
        await asyncio.sleep(0)
        sim.faults.remove(hang.id)
        assert await reload
        await pass_time(hass, freezer, 6)
        assert deliveries.types == [*before, "accepted"]
        assert texts(sim, KITCHEN) == ["Water!"]

    async def test_call_that_comes_while_it_is_unloaded(
        self, hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
    ) -> None:
        """Never drop a call: it raises."""
        hang = sim.faults.add(Fault("hang", method="POST", times=1))
        runtime = account.runtime_data
        ahead = hass.async_create_task(notify(hass))
        await until_asked(sim, "POST", "/jobs")
        unload = hass.async_create_task(
            hass.config_entries.async_unload(account.entry_id)
        )
        await asyncio.sleep(0)
        late = [
            hass.async_create_task(notify(hass, f"Late {number}"))
            for number in range(MAX_CALLERS)
        ]
        await asyncio.sleep(0)
        sim.faults.remove(hang.id)
        assert await unload
        await ahead
        errors = await asyncio.gather(*late, return_exceptions=True)
        left = texts(sim, KITCHEN)
        assert len(left) + sum(map(bool, errors)) == 1 + MAX_CALLERS
        for error in filter(None, errors):
            assert "Home is not loaded" in str(error)
        assert not runtime.outbox._is_working

    @pytest.mark.parametrize("waiting", [0, 2])
    async def test_removed_with_what_waits(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        office: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
        waiting: int,
    ) -> None:
        """Say how many messages are gone with the account, also if its key stays in use."""
        await sim.refuse()
        for _ in range(waiting):
            await notify(hass)
        await hass.config_entries.async_remove(account.entry_id)
        await settle(hass)
        shown = [
            str(notification["message"])
            for notification in persistent_notification._async_get_or_create_notifications(
                hass
            ).values()
        ]
        assert len(shown) == bool(waiting)
        assert all(f"waiting to be sent: {waiting}." in text for text in shown)
        await sim.accept_again()
        await pass_time(hass, freezer, 1000)
        assert jobs(sim) == []

    async def test_told_by_the_next_run(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        deliveries: Deliveries,
    ) -> None:
        """Tell after a crash what nobody was told of, once, when there is an entity."""
        await notify(hass)
        await hass.config_entries.async_unload(account.entry_id)
        path = ledger_path(hass, account.entry_id)

        def forget_that_it_was_told() -> None:
            with closing(sqlite3.connect(path)) as database, database:
                database.execute("UPDATE messages SET owed = 1")

        await hass.async_add_executor_job(forget_that_it_was_told)
        deliveries.told.clear()
        for _ in range(2):
            await hass.config_entries.async_setup(account.entry_id)
            await settle(hass)
            await hass.config_entries.async_unload(account.entry_id)
        assert deliveries.shown("event_type", "recipient", "index") == [
            ("accepted", "Kitchen", None)
        ]

    async def test_sent_by_an_automation_at_the_end(
        self, hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
    ) -> None:
        """Let out what automations send when Home Assistant stops."""

        async def say_goodbye(_: object) -> None:
            await notify(hass, "Goodbye")

        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, say_goodbye)
        await hass.async_stop(force=True)
        assert texts(sim, KITCHEN) == ["Goodbye"]
        assert await states(hass, account) == {"accepted": 1}

    async def test_end_while_a_message_is_sent_late(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        deliveries: Deliveries,
    ) -> None:
        """Do not hold up the end, and leave nothing untold: it is owed."""
        await sim.refuse()
        await notify(hass)
        await settle(hass)
        await sim.accept_again()
        hang = sim.faults.add(Fault("hang", method="POST", times=1))
        account.runtime_data.async_go_on()
        await until_asked(sim, "POST", "/jobs")
        stopping = hass.async_create_task(hass.async_stop(force=True))
        while hass.state is not CoreState.final_write:
            await asyncio.sleep(0)
        sim.faults.remove(hang.id)
        await stopping
        assert texts(sim, KITCHEN) == ["Water!"]
        path = ledger_path(hass, account.entry_id)
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("SELECT state, owed FROM messages").fetchall() == [
                ("accepted", 1)
            ]

    async def test_told_before_the_end_is_not_told_again(
        self, hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
    ) -> None:
        """Write down at the very end what was told, though the outbox rests by then."""
        sim.faults.add(Fault("expired", method="POST"))

        async def fail(_: object) -> None:
            with pytest.raises(HomeAssistantError):
                await notify(hass)

        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, fail)
        await hass.async_stop(force=True)
        path = ledger_path(hass, account.entry_id)
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("SELECT state, owed FROM messages").fetchall() == [
                ("refused", 0)
            ]


async def test_goes_on_after_a_surprise(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("surprise")

    await sim.refuse()
    with monkeypatch.context() as patch:
        patch.setattr(Dispatcher, "work", fail)
        await notify(hass)
        await settle(hass)
    assert "A step in the background failed" in caplog.text
    await sim.accept_again()
    await pass_time(hass, freezer, 61)
    assert texts(sim, KITCHEN) == ["Water!"]
