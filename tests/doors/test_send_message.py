"""`notify.send_message` in all the ways it can name whom it means."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)
from simulator import Simulator
from tests.conftest import jobs
from tests.test_notify import KITCHEN, NIGHT_1, NIGHT_2


@pytest.fixture
def places(hass: HomeAssistant, account: MockConfigEntry) -> dict[str, str]:
    """Put the night watch into an area, the kitchen under a label; return their ids."""
    entities, devices = er.async_get(hass), dr.async_get(hass)
    kitchen = entities.async_get("notify.kitchen")
    watch = entities.async_get("notify.night_watch")
    assert kitchen and watch and watch.device_id and kitchen.device_id
    area = ar.async_get(hass).async_create("Lodge").id
    devices.async_update_device(watch.device_id, area_id=area)
    label = lr.async_get(hass).async_create("At home").label_id
    entities.async_update_entity("notify.kitchen", labels={label})
    return {"area": area, "label": label, "device": kitchen.device_id}


@pytest.mark.parametrize(
    ("target", "receivers"),
    [
        (lambda ids: {"device_id": ids["device"]}, [[KITCHEN]]),
        (lambda ids: {"area_id": ids["area"]}, [[NIGHT_1, NIGHT_2]]),
        (lambda ids: {"label_id": ids["label"]}, [[KITCHEN]]),
        (
            lambda ids: {"area_id": ids["area"], "device_id": ids["device"]},
            [[KITCHEN], [NIGHT_1, NIGHT_2]],
        ),
        (
            lambda ids: {"entity_id": ["notify.kitchen", "notify.night_watch"]},
            [[KITCHEN], [NIGHT_1, NIGHT_2]],
        ),
        (lambda ids: {"entity_id": "all"}, [[KITCHEN], [NIGHT_1, NIGHT_2]]),
    ],
    ids=["device", "area", "label", "area and device", "entities", "all"],
)
async def test_whom_a_message_is_for(
    hass: HomeAssistant,
    sim: Simulator,
    places: dict[str, str],
    target: Callable[[dict[str, str]], dict[str, Any]],
    receivers: list[list[str]],
) -> None:
    await hass.services.async_call(
        "notify",
        "send_message",
        {"message": "Water!", "title": "Alarm"},
        target=target(places),
        blocking=True,
    )
    assert sorted(job.json["receivers"] for job in jobs(sim)) == receivers
    assert {job.json["message"] for job in jobs(sim)} == {"Alarm\nWater!"}
