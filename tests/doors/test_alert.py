"""The alert integration, which can call nothing but a notify service."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from simulator import Simulator
from tests.conftest import jobs, texts

KITCHEN = "+33639980001"


async def test_alert_fires_repeats_and_tells_that_it_is_over(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    assert await async_setup_component(
        hass,
        "alert",
        {
            "alert": {
                "leak": {
                    "name": "Water in the cellar",
                    "entity_id": "binary_sensor.leak",
                    "repeat": 5,
                    "can_acknowledge": True,
                    "title": "Alarm",
                    "message": "Water: {{ states('binary_sensor.leak') }}",
                    "done_message": "Dry again",
                    "notifiers": ["ovh_sms_kitchen"],
                    "data": {"tag": "leak", "priority": "low", "ttl": 0},
                }
            }
        },
    )

    async def pass_time(minutes: int) -> None:
        freezer.tick(timedelta(minutes=minutes))
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)

    hass.states.async_set("binary_sensor.leak", "on")
    await hass.async_block_till_done(wait_background_tasks=True)
    await pass_time(5)
    assert texts(sim, KITCHEN) == ["Alarm\nWater: on"] * 2
    hass.states.async_set("binary_sensor.leak", "off")
    await hass.async_block_till_done(wait_background_tasks=True)
    await pass_time(5)
    assert texts(sim, KITCHEN) == ["Alarm\nWater: on"] * 2 + ["Alarm\nDry again"]
    assert {(job.json["tag"], job.json["priority"]) for job in jobs(sim)} == {
        ("leak", "low")
    }
