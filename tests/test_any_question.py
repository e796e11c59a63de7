"""Whatever is asked, by whichever action: there is an answer, or words that say what is wrong."""

import asyncio
from contextlib import suppress
import json
from typing import Any, Final

from hypothesis import given, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.ovh_sms.ask import ASK_SCHEMA
from custom_components.ovh_sms.const import DOMAIN
from custom_components.ovh_sms.estimate import ESTIMATE_SCHEMA
from custom_components.ovh_sms.queries import (
    CANCEL_SCHEMA,
    GET_HISTORY_SCHEMA,
    GET_PENDING_SCHEMA,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.json import json_bytes
from simulator import ACCOUNT, Simulator
from tests.conftest import jobs
from tests.deliveries import notify, settle
from tests.odd_input import SLOWLY
from tests.sms.test_any_value import anything
from tests.test_any_call import LISTED, choose
from tests.test_stored import assert_no_surprise

SCHEMAS: Final[dict[str, vol.Schema]] = {
    "ask": ASK_SCHEMA,
    "cancel": CANCEL_SCHEMA,
    "estimate": ESTIMATE_SCHEMA,
    "get_history": GET_HISTORY_SCHEMA,
    "get_pending": GET_PENDING_SCHEMA,
}
# What is right in a field; in any other one, whatever is drawn has to do.
GOOD: Final[dict[str, list[Any]]] = {
    "entity_id": ["notify.kitchen", ["notify.night_watch"], "notify.gone"],
    "receivers": ["Kitchen", ["+33639980002"], "+44 7700 900123"],
    "message": ["Leak", "Is it 21 °C?", "a" * 2000],
    "title": ["Alarm"],
    "answers": [["1", "2"], "yes, no"],
    "timeout": ["00:00:10", {"minutes": 2}],
    "sender": ["+33639980010", "short_number", "HOUSE"],
    "sender_for_response": [True, "yes"],
    "no_stop_clause": [False, "on"],
    "recipient": ["Kitchen", "notify.kitchen", "+33639980001"],
    "since": ["2026-01-01", "1 day, 2:00:00", {"hours": 5}, "0001-01-01", "0:0"],
    "limit": [10, "5", 500.0],
    "message_id": ["0d9f6c2e8b7a4f3d9c1e5a6b7c8d9e0f"],
    "ids": [[7, 8], "7, 8", 10**17],
}
TARGETS: Final = frozenset(map(str, cv.ENTITY_SERVICE_FIELDS))
NEEDED: Final = {"ask": ["entity_id", "message"], "estimate": ["message"]}


def value_of(field: str, entry_id: str) -> st.SearchStrategy[Any]:
    """Draw what is in a field: what is right, or anything at all."""
    good = [entry_id] if field == "config_entry_id" else GOOD.get(field, [])
    # What Home Assistant's own schema of a target trips over is not ours.
    words = st.text(max_size=5) | st.sampled_from(["notify.kitchen", "none", "all"])
    other = words | st.lists(words, max_size=2) if field in TARGETS else anything
    return st.sampled_from(good) | st.sampled_from(good) | other if good else other


@pytest.mark.parametrize("action", SCHEMAS)
@settings(SLOWLY, max_examples=25)
@given(data=st.data())
async def test_any_value(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    caplog: pytest.LogCaptureFixture,
    action: str,
    data: st.DataObject,
) -> None:
    """It is answered or refused in words of ours; only a question sends, to recipients."""
    choose(hass, account, allow_unlisted=False, daily_limit=0, recipient_limit=0)
    choose(hass, account, sender="short_number")
    sim.world.accounts[ACCOUNT].credits_left = 100
    if not caplog.records:
        await notify(hass)
    sim.clear_record()
    caplog.clear()
    values = {
        str(field): value_of(str(field), account.entry_id)
        for field in SCHEMAS[action].schema
    }
    needed = NEEDED.get(action, [])
    told: dict[str, Any] = data.draw(
        st.fixed_dictionaries(
            {name: values.pop(name) for name in needed}, optional=values
        ),
        "fields",
    )
    call = hass.async_create_task(
        hass.services.async_call(
            DOMAIN, action, told, blocking=True, return_response=True
        )
    )
    while not call.done() and not jobs(sim):
        await asyncio.sleep(0)
    if jobs(sim):
        # The question is asked; nobody answers it here.
        call.cancel()
    with suppress(vol.Invalid, asyncio.CancelledError):
        try:
            json_bytes(await call)
        except HomeAssistantError as err:
            failure: HomeAssistantError | None = err
        else:
            failure = None
        if failure:
            assert failure.translation_domain in ("ovh_sms", "homeassistant")
            assert failure.translation_key
            str(failure).encode()
    await settle(hass)
    for job in jobs(sim):
        assert action == "ask"
        assert set(json.loads(job.body)["receivers"]) <= LISTED
    assert account.runtime_data.incoming.questions == {}
    assert_no_surprise(caplog)
