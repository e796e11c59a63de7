"""Whatever a call holds and whichever door it takes: nobody is written to who may not be."""

from collections.abc import Mapping
import json
import logging
from typing import Any, Final

from hypothesis import given, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from simulator import Simulator
from tests.conftest import jobs, make_entry
from tests.odd_input import SLOWLY
from tests.sms.test_any_value import FIELDS, anything

KITCHEN: Final = "+33639980001"
STRANGER: Final = "+33639980009"
FOREIGN: Final = "+447700900123"
LISTED: Final = frozenset({KITCHEN, "+33639980002", "+33639980003"})


def choose(hass: HomeAssistant, entry: MockConfigEntry, **options: Any) -> None:
    """Change options, as a user does."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})


def spelt(number: str) -> list[str]:
    """Return a number as people, and those who look for a way round, may write it."""
    digits = number[1:]
    return [
        *(number, f"00{digits}", f"+00{digits}", f"+0{digits}", f"++{digits}"),
        *(
            f"0000{digits}",
            f" {number} ",
            f"{number};ext=1",
            f"tel:{number}",
            f"+ {digits}",
        ),
        *(f"{number}x", f"+{digits[:2]}(0){digits[2:]}", f"\uff0b{digits}"),
        *(f"{KITCHEN},{number}", f"['{KITCHEN}', '{number}']", f"+{digits}\n{KITCHEN}"),
        "".join(chr(ord(digit) + 0x630) for digit in digits),
    ]


DOORS: Final[dict[str, tuple[str, str, str]]] = {
    "action": ("ovh_sms", "send_sms", "receivers"),
    "older name": ("ovh_sms", "send_sms", "recipients"),
    "question": ("ovh_sms", "ask", "receivers"),
    "notify": ("notify", "ovh_sms", "target"),
}


async def failure_of(
    hass: HomeAssistant, domain: str, service: str, data: Mapping[str, Any]
) -> HomeAssistantError | None:
    """Return why a call was refused, if it was; a schema may refuse it, too."""
    try:
        await hass.services.async_call(domain, service, dict(data), blocking=True)
    except HomeAssistantError as err:
        return err
    except vol.Invalid:
        return None
    return None


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("options", "number"),
    [({"allow_unlisted": False}, STRANGER), ({"allowed_countries": ["FR"]}, FOREIGN)],
    ids=["unlisted", "abroad"],
)
async def test_no_way_round(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    options: dict[str, Any],
    number: str,
    door: str,
) -> None:
    """No spelling and no door, with the limits bypassed or not, reaches who is not allowed."""
    choose(hass, account, sender="short_number", daily_limit=0, recipient_limit=0)
    choose(hass, account, **options)
    await hass.async_block_till_done()
    domain, service, field = DOORS[door]
    bypass: dict[str, Any] = {"bypass_limits": True}
    if domain == "notify":
        bypass = {"data": bypass}
    for written in spelt(number):
        for extra in ({}, bypass if service != "ask" else {"timeout": "00:00:10"}):
            for receivers in (written, [KITCHEN, written]):
                data = {"message": "Water!", field: receivers, **extra}
                before = len(jobs(sim))
                with pytest.raises((ServiceValidationError, vol.Invalid)):
                    await hass.services.async_call(domain, service, data, blocking=True)
                assert len(jobs(sim)) == before


@pytest.mark.parametrize("extra", [{}, {"bypass_limits": True}], ids=["", "bypass"])
async def test_recipient_abroad(
    hass: HomeAssistant, sim: Simulator, unloaded: None, extra: dict[str, Any]
) -> None:
    """A number that was stored before the countries were chosen is not written to either."""
    entry = make_entry(hass, {"Both": [KITCHEN, FOREIGN], "Kitchen": [KITCHEN]})
    choose(hass, entry, allowed_countries=["FR"])
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    for domain, service, data in (
        ("ovh_sms", "send_sms", {"entity_id": "notify.both", **extra}),
        ("ovh_sms", "send_sms", {"receivers": "Kitchen, both", **extra}),
        ("notify", "ovh_sms", {"data": extra}),
        ("notify", "ovh_sms_both", {"data": extra}),
        ("notify", "ovh_sms", {"target": "notify.both", "data": extra}),
        ("notify", "send_message", {"entity_id": "notify.both"}),
    ):
        failure = await failure_of(hass, domain, service, {"message": "Water!", **data})
        assert failure and failure.translation_key == "number_abroad"
    assert jobs(sim) == []


@pytest.mark.parametrize("door", [door for door in DOORS if door != "question"])
@settings(SLOWLY, max_examples=20)
@given(data=st.data())
async def test_any_value(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    caplog: pytest.LogCaptureFixture,
    door: str,
    data: st.DataObject,
) -> None:
    """A call is taken or refused in words of ours; only recipients are written to."""
    choose(hass, account, allow_unlisted=False, daily_limit=0, recipient_limit=0)
    sim.clear_record()
    caplog.clear()
    domain, service, field = DOORS[door]
    options = data.draw(st.dictionaries(st.sampled_from(sorted(FIELDS)), anything))
    told: dict[str, Any] = {
        "message": data.draw(st.just("Leak") | anything),
        field: data.draw(
            st.just("Kitchen") | st.sampled_from(spelt(STRANGER)) | anything
        ),
    }
    told |= {"data": options} if domain == "notify" else options
    failure = await failure_of(hass, domain, service, told)
    if failure:
        assert failure.translation_domain in ("ovh_sms", "homeassistant")
        assert failure.translation_key
        str(failure).encode()
    for job in jobs(sim):
        assert set(json.loads(job.body)["receivers"]) <= LISTED
    # At its debug level Home Assistant logs every call by itself.
    ours = [each for each in caplog.records if each.name != "homeassistant.core"]
    assert not any(STRANGER in each.getMessage() for each in ours)
    assert [each for each in ours if each.levelno >= logging.ERROR] == []
