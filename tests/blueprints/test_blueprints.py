"""What each blueprint does."""

from collections.abc import Callable, Coroutine
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulator import Simulator
from tests.conftest import texts
from tests.deliveries import pass_time

from .conftest import BLUEPRINTS, FOLDER, Run, turn_time, until

HOME = "https://github.com/ovh-sms/ha-ovh-sms/blob/main/blueprints/automation/ovh_sms"
KITCHEN = "+33639980001"
NIGHT_WATCH = ["+33639980002", "+33639980003"]
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
