"""Whatever OVHcloud answers to a loaded account: nothing is lost, and nothing sent twice."""

from collections.abc import AsyncGenerator
import itertools
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from hypothesis import given, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import ENV_API_URL
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.json import json_bytes
from simulator import ACCOUNT, Simulator
from tests.answers import ACCOUNT_ANSWER, INCOMING, JOB, OUTGOING, Answer, answers
from tests.conftest import texts
from tests.deliveries import pass_time, settle
from tests.middleman import Lie, Middleman, standing_before
from tests.odd_input import SLOWLY
from tests.queries.conftest import act
from tests.test_any_call import choose
from tests.test_stored import assert_no_surprise

KITCHEN: Final = "+33639980001"
NUMBERS: Final = itertools.count(1)
# What OVHcloud answers with when it has done nothing, and would not have if it had.
_UNDONE: Final = ("200", "201", "204", "304", "500", "502", "599")


def may_be_done(answer: Answer) -> bool:
    """Tell whether what was done can be answered so: not by a word that it was not."""
    return answer.status.startswith(_UNDONE) and b"QUERY_TIME_OUT" not in answer.body


@st.composite
def lies(draw: st.DrawFn, good: Any) -> Lie:
    """Draw an answer, and whether OVHcloud has done before what it was asked for."""
    answer = draw(answers(good))
    return Lie(answer, draw(st.booleans()) and may_be_done(answer))


GETS: Final = st.sampled_from(
    [
        *(ACCOUNT_ANSWER, [7, 8], OUTGOING, INCOMING, {"comment": "Delivered"}),
        [{"key": "7", "value": OUTGOING, "error": None}],
        [{"key": "7", "value": INCOMING, "error": None}],
        {"status": "ok", "expiration": "2027-03-10"},
        {"sender": "HOUSE", "status": "enable", "type": "alpha"},
    ]
)


@pytest.fixture
async def middleman(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Middleman]:
    """Stand between the integration and OVHcloud."""
    async with standing_before(sim.url) as middle:
        monkeypatch.setenv(ENV_API_URL, middle.url)
        yield middle


async def poll(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Read all that is read in the background, and ask what can be asked."""
    account = entry.runtime_data
    await account.coordinator.async_refresh()
    account.incoming.async_hint_replies()
    account.incoming.async_wake_receipts()
    account.async_go_on()
    await settle(hass)
    json_bytes(await act(hass, "get_pending"))


@settings(SLOWLY, max_examples=15)
@given(data=st.data())
async def test_any_answer(
    hass: HomeAssistant,
    middleman: Middleman,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    data: st.DataObject,
) -> None:
    """The caller is told, and what came of the message is in the history in the end."""
    caplog.clear()
    choose(hass, account, daily_limit=0, recipient_limit=0, low_credit=0)
    choose(hass, account, replies="poll", sender="short_number", late_prefix=False)
    await settle(hass)
    sim.world.accounts[ACCOUNT].credits_left = 1000
    told = data.draw(st.lists(lies(JOB), max_size=2), "to what sends")
    read = data.draw(st.lists(GETS.flatmap(lies), max_size=12), "to what reads")
    middleman.lies = {"POST": list(told), "GET": list(read)}
    text = f"Water {next(NUMBERS)}"
    failure = None
    message_id = None
    try:
        answer = await act(hass, "send_sms", message=text, receivers=[KITCHEN])
    except HomeAssistantError as err:
        failure = err
    else:
        [message] = answer["messages"]
        message_id = message["message_id"]
        json_bytes(answer)
    if failure:
        assert failure.translation_domain == "ovh_sms"
        assert failure.translation_key
        str(failure).encode()
    await sim.reply(KITCHEN, f"Yes {text}", ACCOUNT)
    for _ in range(3):
        await poll(hass, account)
        await pass_time(hass, freezer, 61)
    middleman.lies.clear()
    for flow in hass.config_entries.flow.async_progress():
        hass.config_entries.flow.async_abort(flow["flow_id"])
    for _ in range(5):
        await pass_time(hass, freezer, 901)
        await poll(hass, account)
    history = (await act(hass, "get_history", limit=1))["messages"]
    arrived = texts(sim, KITCHEN).count(text)
    assert arrived <= 1
    assert failure or [each["message_id"] for each in history] == [message_id]
    [line] = history
    assert line["message"] == text
    assert line["state"] not in ("waiting", "sending")
    was_lied_to = any(lie.answer.status.startswith("2") for lie in told)
    if not arrived and not was_lied_to:
        assert line["state"] in ("refused", "expired", "unknown")
        assert failure or line["state"] != "refused"
    if arrived and not told:
        assert line["state"] == "accepted"
    assert_no_surprise(caplog)
