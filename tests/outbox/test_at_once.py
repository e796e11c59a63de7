"""What goes on at the same time: look-ups, late messages, alarms, bursts."""

import asyncio
from collections import Counter
import threading
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.gateway.pool import MAX_CALLERS
from custom_components.ovh_sms.sms.dispatcher import Dispatcher
from homeassistant.core import HomeAssistant
from simulator import ACCOUNT, Fault, Simulator
from tests.conftest import jobs, texts
from tests.deliveries import Deliveries, notify, pass_time, settle, states, until_asked

from .conftest import send_during_an_outage

pytestmark = pytest.mark.usefixtures("unloaded")

KITCHEN = "+33639980001"


async def alarms_at_once(hass: HomeAssistant, sim: Simulator, ahead: int) -> None:
    """Send as many alarms as may go out at the same time, behind other messages."""
    hang = sim.faults.add(Fault("hang", method="POST"))
    alarms = [
        hass.async_create_task(notify(hass, f"Alarm {number}"))
        for number in range(MAX_CALLERS)
    ]
    await until_asked(sim, "POST", "/jobs", ahead + MAX_CALLERS)
    sim.faults.remove(hang.id)
    await asyncio.gather(*alarms)


@pytest.mark.parametrize(
    ("applied", "pause", "told"),
    [("after", 6, ["accepted", "delivered"]), ("before", 61, ["accepted"])],
)
async def test_told_how_it_ended(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    deliveries: Deliveries,
    applied: str,
    pause: float,
    told: list[str],
) -> None:
    """Raise nothing, send nothing twice, and say by an event that it left."""
    sim.faults.add(Fault("status", method="POST", status=500, applied=applied, times=1))
    await notify(hass)
    assert deliveries.types == []
    await pass_time(hass, freezer, pause)
    await pass_time(hass, freezer, pause)
    assert texts(sim, KITCHEN) == ["Water!"]
    assert deliveries.types == told


async def test_alarm_while_a_look_up_hangs(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Let an alarm out at once, whatever OVHcloud lets hang of the rest."""
    sim.faults.add(Fault("status", method="POST", status=500, applied="after", times=1))
    await notify(hass, "In doubt")
    await settle(hass)
    hang = sim.faults.add(Fault("hang", method="GET"))
    freezer.tick(6)
    account.runtime_data.async_go_on()
    await until_asked(sim, "GET", "/outgoing")
    gateway = account.runtime_data.dispatcher.gateway
    reads = [
        hass.async_add_executor_job(gateway.account, ACCOUNT)
        for _ in range(MAX_CALLERS)
    ]
    await alarms_at_once(hass, sim, ahead=1)
    sim.faults.remove(hang.id)
    await asyncio.gather(*reads)
    await settle(hass)
    assert await states(hass, account) == {"accepted": 1 + MAX_CALLERS}


async def test_alarm_while_a_late_message_hangs(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    await send_during_an_outage(hass, sim, "Late")
    hanging = [
        sim.faults.add(Fault("hang", method="POST", times=1)),
        sim.faults.add(Fault("hang", method="GET")),
    ]
    asked = sum(request.route == f"/sms/{ACCOUNT}" for request in sim.requests)
    account.runtime_data.async_go_on()
    await until_asked(sim, "POST", "/jobs")
    read = hass.async_create_task(account.runtime_data.coordinator.async_refresh())
    await until_asked(sim, "GET", f"/sms/{ACCOUNT}", asked + 1)
    await alarms_at_once(hass, sim, ahead=1)
    for fault in hanging:
        sim.faults.remove(fault.id)
    await read
    await settle(hass)
    assert texts(sim, KITCHEN)[-1] == "Late"


async def test_two_hundred(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    deliveries: Deliveries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hass.config_entries.async_update_entry(
        account, options={**account.options, "daily_limit": 0, "receipts": "off"}
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
