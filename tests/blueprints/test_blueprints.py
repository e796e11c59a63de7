"""What each blueprint does."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_mock_service,
)

from homeassistant.core import Event, HomeAssistant
from homeassistant.util import dt as dt_util
from simulator import ACCOUNT, Simulator
from simulator.messages import Fate
from tests.conftest import texts
from tests.deliveries import Deliveries, notify, pass_time, settle

from .conftest import BLUEPRINTS, FOLDER, Run, turn_time, until, until_later

HOME = "https://github.com/ovh-sms/ha-ovh-sms/blob/main/blueprints/automation/ovh_sms"
KITCHEN = "+33639980001"
NIGHT_WATCH = ["+33639980002", "+33639980003"]
HELP = "Alarm: Front door. Reply OK if you take care of it."
PAGE = FOLDER.parents[2] / "docs" / "automations.md"


async def told(sim: Simulator, messages: list[str], number: str = KITCHEN) -> None:
    """Wait until a phone has these messages."""
    await until(lambda: texts(sim, number) == messages)


@pytest.mark.parametrize("name", BLUEPRINTS)
async def test_imported(
    imported: Callable[[str], Coroutine[Any, Any, dict[str, Any]]], name: str
) -> None:
    about = (await imported(name))["blueprint"]["metadata"]
    assert (
        f"\n  source_url: {HOME}/{name}.yaml\n" in (FOLDER / f"{name}.yaml").read_text()
    )
    for field in about["input"].values():
        assert field["name"]
        assert field["selector"]
    link = f"blueprint_url={quote(f'{HOME}/{name}.yaml', safe='')})"
    assert link in PAGE.read_text("utf-8")


async def test_daily_digest(
    hass: HomeAssistant, sim: Simulator, run: Run, freezer: FrozenDateTimeFactory
) -> None:
    hass.states.async_set(
        "sensor.cellar",
        "21.52",
        {"friendly_name": "Cellar", "unit_of_measurement": "C"},
    )
    hass.states.async_set("binary_sensor.door", "off", {"friendly_name": "Door"})
    at = dt_util.now().replace(hour=7, minute=59, second=50)
    freezer.move_to(at)
    await run(
        "daily_digest",
        entities=["sensor.cellar", "binary_sensor.door", "sensor.gone"],
        recipients=["notify.kitchen"],
        heading="Good morning",
    )
    await pass_time(hass, freezer, 15)
    assert texts(sim, KITCHEN) == [
        "Good morning\nCellar: 21.52 C\nDoor: off\nsensor.gone: unknown"
    ]


@pytest.mark.parametrize("level", [5, 80])
async def test_low_batteries(
    hass: HomeAssistant,
    sim: Simulator,
    run: Run,
    freezer: FrozenDateTimeFactory,
    level: int,
) -> None:
    battery = {"device_class": "battery"}
    hass.states.async_set("sensor.a", str(level), battery | {"friendly_name": "Remote"})
    hass.states.async_set("sensor.b", "unknown", battery | {"friendly_name": "Valve"})
    hass.states.async_set("sensor.c", "3", battery | {"friendly_name": "Toy"})
    hass.states.async_set(
        "binary_sensor.d",
        "on" if level < 20 else "off",
        battery | {"friendly_name": "Smoke detector"},
    )
    freezer.move_to(dt_util.now().replace(hour=17, minute=59, second=50))
    await run(
        "low_batteries",
        recipients=["notify.kitchen"],
        ignored=["sensor.c"],
        days=["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    )
    await pass_time(hass, freezer, 15)
    assert texts(sim, KITCHEN) == (
        ["Low batteries:\nRemote 5%\nSmoke detector"] if level < 20 else []
    )


async def test_alert_with_repeats(
    hass: HomeAssistant, sim: Simulator, run: Run, freezer: FrozenDateTimeFactory
) -> None:
    """Tell it at night, keep quiet until morning, remind, and tell the end."""
    leak = {"friendly_name": "Cellar leak"}
    hass.states.async_set("binary_sensor.leak", "off", leak)
    freezer.move_to(dt_util.now().replace(hour=6, minute=0, second=0))
    await run(
        "alert_with_repeats",
        sensor="binary_sensor.leak",
        recipients=["notify.kitchen"],
        reminders=2,
    )
    hass.states.async_set("binary_sensor.leak", "on", leak)
    await turn_time(hass, freezer, 11)
    first = ["Cellar leak: on"]
    await told(sim, first)
    # Half past six is too early, seven is not.
    for reminders in (0, 1, 2, 2):
        # A sensor that is out of reach does not tell that all is well.
        hass.states.async_set("binary_sensor.leak", "unavailable")
        await turn_time(hass, freezer, 1801)
        await told(sim, first * (1 + reminders))
    hass.states.async_set("binary_sensor.leak", "off", leak)
    await told(sim, [*first * 3, "Cellar leak: OK"])


@pytest.fixture
def sensor(hass: HomeAssistant) -> Callable[[str], None]:
    """Return a way to switch a sensor."""

    def switch(state: str) -> None:
        hass.states.async_set("binary_sensor.x", state, {"friendly_name": "Front door"})

    switch("off")
    return switch


async def alarm(
    hass: HomeAssistant, run: Run, sensor: Callable[[str], None]
) -> list[Event[dict[str, Any]]]:
    """Raise an alarm that has another way; return what went that way."""
    called = async_capture_events(hass, "other_way")
    await run(
        "not_delivered",
        sensors=["binary_sensor.x"],
        recipient="notify.kitchen",
        otherwise=[{"event": "other_way"}],
    )
    sensor("on")
    return called


@pytest.mark.parametrize(
    ("fate", "other_way"),
    [("delivered", (10, 20)), ("failed", (5, 35)), ("never", (180, 200))],
)
async def test_not_delivered(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    run: Run,
    sensor: Callable[[str], None],
    freezer: FrozenDateTimeFactory,
    fate: Fate,
    other_way: tuple[int, int],
) -> None:
    """Take the other way at once where it failed, and in time where nobody knows."""
    sim.phone(KITCHEN).fate = fate
    called = await alarm(hass, run, sensor)
    await told(sim, ["Alarm: Front door"])
    earliest, latest = other_way
    took = await until_later(hass, freezer, lambda: running(hass, "not_delivered") == 0)
    assert earliest <= took <= latest
    assert len(called) == (fate != "delivered")


async def test_not_sent(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    run: Run,
    sensor: Callable[[str], None],
) -> None:
    """Take the other way at once where it cannot be sent at all."""
    hass.config_entries.async_update_entry(
        account, options={**account.options, "allowed_countries": ["IT"]}
    )
    called = await alarm(hass, run, sensor)
    await until(lambda: len(called) == 1)
    assert texts(sim, KITCHEN) == []


@pytest.mark.parametrize("fate", ["delivered", "failed"])
async def test_monthly_self_test(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    run: Run,
    freezer: FrozenDateTimeFactory,
    fate: Fate,
) -> None:
    sim.phone(KITCHEN).fate = fate
    notices = async_mock_service(hass, "persistent_notification", "create")
    gone = async_mock_service(hass, "persistent_notification", "dismiss")
    next_month = dt_util.now().replace(day=1) + timedelta(days=32)
    freezer.move_to(next_month.replace(day=1, hour=9, minute=59, second=50))
    await run("monthly_self_test", recipient="notify.kitchen", day=2)
    await turn_time(hass, freezer, 15)
    assert texts(sim, KITCHEN) == []
    await turn_time(hass, freezer, 24 * 60 * 60)
    await told(sim, ["Monthly test: SMS from Home Assistant work."])
    await until_later(hass, freezer, lambda: bool(notices or gone))
    if fate == "delivered":
        assert not notices
        return
    [notice] = notices
    assert "It was sent but has not arrived." in notice.data["message"]
    assert "Number incorrect, invalid or barred" in notice.data["message"]


@pytest.fixture
async def answerable(hass: HomeAssistant, account: MockConfigEntry) -> MockConfigEntry:
    """Return an account that can be answered."""
    hass.config_entries.async_update_entry(
        account,
        options={**account.options, "sender": "short_number", "replies": "poll"},
    )
    await settle(hass)
    return account


@pytest.mark.parametrize(
    ("number", "text", "opens"),
    [
        (KITCHEN, "1 Tulip!", True),
        (KITCHEN, "1 rose", False),
        (KITCHEN, "11 tulip", False),
        (KITCHEN, "tulip", False),
        (KITCHEN, "Open 1 tulip", False),
        (NIGHT_WATCH[0], "1 tulip", False),
    ],
)
async def test_reply_with_code(
    hass: HomeAssistant,
    answerable: MockConfigEntry,
    sim: Simulator,
    run: Run,
    freezer: FrozenDateTimeFactory,
    number: str,
    text: str,
    opens: bool,
) -> None:
    opened = async_capture_events(hass, "open_gate")
    await run(
        "reply_with_code",
        people=["notify.kitchen"],
        code_word="tulip",
        then_do=[{"event": "open_gate"}],
    )
    for name in ("kitchen", "night_watch"):
        await notify(hass, "Hello", f"ovh_sms_{name}")
    heard = Deliveries(hass, "event.home_reply")
    await turn_time(hass, freezer, 5)
    await sim.reply(number, text, ACCOUNT)
    await until_later(hass, freezer, lambda: bool(heard.told))
    await settle(hass)
    assert len(opened) == opens
    await told(sim, ["Hello", *(["Done."] if opens else [])])


@pytest.mark.parametrize("answer", ["Ok.", "What?", None])
async def test_alarm_with_escalation(
    hass: HomeAssistant,
    answerable: MockConfigEntry,
    sim: Simulator,
    run: Run,
    sensor: Callable[[str], None],
    freezer: FrozenDateTimeFactory,
    answer: str | None,
) -> None:
    """Tell the others where the first one does not say OK."""
    await run(
        "alarm_with_escalation",
        sensors=["binary_sensor.x"],
        first="notify.kitchen",
        others=["notify.night_watch"],
        wait={"minutes": 3},
    )
    sensor("on")
    await told(sim, [HELP])
    await turn_time(hass, freezer, 5)
    if answer:
        await sim.reply(KITCHEN, answer, ACCOUNT)
    took = await until_later(
        hass, freezer, lambda: running(hass, "alarm_with_escalation") == 0
    )
    assert took <= 60 if answer == "Ok." else took >= 170
    others = [] if answer == "Ok." else [HELP]
    assert [texts(sim, number) for number in NIGHT_WATCH] == [others] * 2
    assert texts(sim, KITCHEN) == [HELP]


async def test_escalation_where_nobody_can_be_asked(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    run: Run,
    sensor: Callable[[str], None],
) -> None:
    """Tell everyone at once where the sender cannot be answered."""
    await run(
        "alarm_with_escalation",
        sensors=["binary_sensor.x"],
        first="notify.kitchen",
        others=["notify.night_watch"],
    )
    sensor("on")
    for number in (KITCHEN, *NIGHT_WATCH):
        await told(sim, [HELP], number)


def running(hass: HomeAssistant, name: str) -> int:
    """Return how often an automation runs at this moment."""
    state = hass.states.get(f"automation.{name}")
    assert state
    current: int = state.attributes["current"]
    return current
