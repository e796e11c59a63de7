"""Scripts and automations, in which templates say whom a message is for."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from simulator import Simulator
from tests.conftest import jobs
from tests.test_notify import KITCHEN, NIGHT_1, NIGHT_2

OTHER = "+33639980009"


def call(target: str) -> dict[str, Any]:
    """Return a call of the notify service as it stands in YAML."""
    return {
        "action": "notify.ovh_sms",
        "data": {"message": "{{ 'Water' }}!", "target": target},
    }


GOOD = [
    ("{{ ['+33639980009', 'Kitchen'] }}", [OTHER, KITCHEN]),
    ("{{ ('Kitchen', 'notify.night_watch') }}", [NIGHT_1, NIGHT_2, KITCHEN]),
    ("{{ ['Kitchen', '06 39 98 00 09'] | join(', ') }}", [KITCHEN, OTHER]),
    ("{{ ['Kitchen', '+33639980009'] | to_json }}", [KITCHEN, OTHER]),
    ("  {{ ['Kitchen'] }}  ", [KITCHEN]),
    ("['+33639980009', {{ states('input_text.who') }}]", [OTHER, KITCHEN]),
    ("{{ states('input_text.number') }}", [OTHER]),
]
BAD = [
    ("{{ none }}", "addressed to nobody"),
    ("{{ states('input_text.missing') }}", "receivers is “unknown”"),
    ("{{ 'None' | string }}, Kitchen", "receivers is “None”"),
    ("{{ ['Kitchen', none] }}", "value is None"),
    ("{{ '' }}", "receivers is “”"),
    ("{{ {'Kitchen': 1} }}", "is neither"),
    ("[{{ '[' * 300 }}", "is neither"),
]


@pytest.fixture(autouse=True)
def helpers(hass: HomeAssistant) -> None:
    """Set what the templates read."""
    hass.states.async_set("input_text.who", "'Kitchen'")
    hass.states.async_set("input_text.number", OTHER)


@pytest.mark.parametrize(("target", "receivers"), GOOD)
async def test_target_of_a_script(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    target: str,
    receivers: list[str],
) -> None:
    scripts = {"script": {"tell": {"sequence": [call(target)]}}}
    assert await async_setup_component(hass, "script", scripts)
    await hass.services.async_call("script", "tell", blocking=True)
    [job] = jobs(sim)
    assert job.json["message"] == "Water!"
    assert sorted(job.json["receivers"]) == sorted(receivers)


@pytest.mark.parametrize(("target", "error"), BAD)
async def test_target_that_means_nobody_is_refused(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    target: str,
    error: str,
) -> None:
    scripts = {"script": {"tell": {"sequence": [call(target)]}}}
    assert await async_setup_component(hass, "script", scripts)
    before = len(sim.requests)
    with pytest.raises(Exception, match=error):
        await hass.services.async_call("script", "tell", blocking=True)
    assert len(sim.requests) == before


async def test_automation(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    automation = {
        "alias": "Leak",
        "triggers": {"trigger": "state", "entity_id": "binary_sensor.leak", "to": "on"},
        "actions": [call("{{ trigger.to_state.attributes.tell }}")],
    }
    assert await async_setup_component(hass, "automation", {"automation": automation})
    for who in (["Kitchen", OTHER], None):
        hass.states.async_set("binary_sensor.leak", "off")
        hass.states.async_set("binary_sensor.leak", "on", {"tell": who})
        await hass.async_block_till_done()
    assert [job.json["receivers"] for job in jobs(sim)] == [[KITCHEN, OTHER]]
