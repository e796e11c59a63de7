"""`ovh_sms.get_pending`, over real HTTP."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms import queries
from custom_components.ovh_sms.gateway import NotSent, NotSentReason
from custom_components.ovh_sms.sms import pending, road
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
from simulator import ACCOUNT, VIRTUAL_NUMBER, Fault, Simulator
from tests.conftest import make_entry

from .conftest import (
    KITCHEN,
    NIGHT_1,
    NIGHT_2,
    STRANGER,
    Send,
    act,
    issues,
    take_right,
    waiting,
)


async def get_pending(hass: HomeAssistant, **data: Any) -> Any:
    """Call the action."""
    return await act(hass, "get_pending", **data)


def in_hours(moment: str) -> float:
    """Return in how many hours a moment is that is given in the house's time."""
    when = datetime.fromisoformat(moment)
    assert when.utcoffset() == dt_util.now().utcoffset()
    return round((when - dt_util.now()) / timedelta(hours=1), 1)


async def test_nothing(hass: HomeAssistant, account: MockConfigEntry) -> None:
    assert await get_pending(hass) == {
        "messages": [],
        "complete": True,
        "note": None,
    }


async def test_here_and_at_ovhcloud(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    send: Send,
    send_later: Send,
) -> None:
    deferred = await send_later(
        entity_id="notify.night_watch", receivers=STRANGER, message="Tomorrow"
    )
    foreign = sim.world.accounts[ACCOUNT]
    await send_later(receivers=KITCHEN, message="Not ours")
    # What is not in the ledger was sent by somebody else.
    ledger = account.runtime_data.dispatcher._ledger
    ledger._database.execute("DELETE FROM messages WHERE whole = 'Not ours'")
    not_taken = sim.faults.add(Fault("status", status=429, method="POST"))
    queued = await send(entity_id="notify.kitchen")
    assert queued["status"] == "queued"
    response = await get_pending(hass, config_entry_id=account.entry_id)
    here, ours, other = response["messages"]
    assert (response["complete"], response["note"]) == (True, None)
    assert in_hours(here.pop("deadline")) == 1
    assert here == {
        "where": "home_assistant",
        "message_id": queued["message_id"],
        "ids": [],
        "recipients": ["Kitchen"],
        "receivers": [KITCHEN],
        "message": "Water!",
        "sender": "HOUSE",
        "state": "waiting",
        "reason": "throttled",
        "send_at": None,
    }
    assert in_hours(ours.pop("send_at")) == 24
    assert ours == {
        "where": "ovhcloud",
        "message_id": deferred["message_id"],
        "ids": deferred["ids"],
        "recipients": ["Night watch"],
        "receivers": [NIGHT_1, NIGHT_2, STRANGER],
        "message": "Tomorrow",
        "sender": "HOUSE",
        "state": "accepted",
        "reason": None,
        "deadline": None,
    }
    assert in_hours(other.pop("send_at")) == 24
    assert other == {
        "where": "ovhcloud",
        "message_id": None,
        "ids": [foreign.jobs[-1].id],
        "recipients": ["Kitchen"],
        "receivers": [KITCHEN],
        "message": "Not ours",
        "sender": "HOUSE",
        "state": "accepted",
        "reason": None,
        "deadline": None,
    }
    sim.faults.remove(not_taken.id)


async def test_part_of_a_message(
    hass: HomeAssistant, account: MockConfigEntry, send_later: Send
) -> None:
    """Show what is still to come of it."""
    deferred = await send_later(entity_id=["notify.kitchen", "notify.night_watch"])
    await act(hass, "cancel", ids=deferred["ids"][1:])
    [message] = (await get_pending(hass))["messages"]
    assert (message["recipients"], message["receivers"]) == (["Kitchen"], [KITCHEN])
    assert message["ids"] == deferred["ids"][:1]


async def test_what_ovhcloud_holds_back(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, send: Send
) -> None:
    """Of what waits for the hour of advertising nobody tells when it leaves."""
    now = sim.clock.now()
    await sim.advance(
        (now.replace(hour=22, minute=0) - now)
        % timedelta(days=1)
        / timedelta(seconds=1)
    )
    await send(entity_id="notify.kitchen", no_stop_clause=False)
    [message] = (await get_pending(hass))["messages"]
    assert (message["send_at"], message["state"]) == (None, "accepted")


async def test_after_a_restart(
    hass: HomeAssistant, account: MockConfigEntry, send_later: Send
) -> None:
    deferred = await send_later(entity_id="notify.kitchen")
    await hass.config_entries.async_reload(account.entry_id)
    [message] = (await get_pending(hass))["messages"]
    assert message["message_id"] == deferred["message_id"]


async def test_virtual_numbers(
    hass: HomeAssistant, sim: Simulator, unloaded: None, send_later: Send
) -> None:
    """Look where the account and its recipients send from, and where a call did."""
    number = VIRTUAL_NUMBER.replace("00", "+", 1)
    entry = make_entry(hass, {"Kitchen": [KITCHEN]}, sender="+33639989999")
    [subentry] = entry.subentries.values()
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, "sender": number}
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await send_later(entity_id="notify.kitchen")
    sim.clear_record()
    response = await get_pending(hass)
    assert [each["sender"] for each in response["messages"]] == [number]
    assert response["complete"]
    asked = [r.route for r in sim.requests if r.route.endswith("/jobs")]
    assert asked == [
        f"/sms/{ACCOUNT}/jobs",
        f"/sms/{ACCOUNT}/virtualNumbers/0033639989999/jobs",
        f"/sms/{ACCOUNT}/virtualNumbers/{VIRTUAL_NUMBER}/jobs",
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "OVHcloud cannot be reached. Check"),
        ("fr", "OVHcloud est injoignable. Vérifiez"),
    ],
)
async def test_without_internet(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    send: Send,
    language: str,
    words: str,
) -> None:
    """Show what waits here all the same, and say that it is not all."""
    hass.config.language = language
    await sim.refuse()
    queued = await send(entity_id="notify.kitchen")
    response = await get_pending(hass)
    assert [each["message_id"] for each in response["messages"]] == [
        queued["message_id"]
    ]
    assert response["complete"] is False
    assert response["note"].startswith(words)
    await sim.accept_again()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "status", "status": 429}, "fewer calls"),
        ({"kind": "status", "status": 500}, "a problem of its own"),
        ({"kind": "expired"}, "OVHcloud refused: "),
        ({"kind": "forbidden", "reason": "IAM"}, "policy of the service account"),
        ({"kind": "forbidden", "reason": "NOT_GRANTED_CALL"}, "right GET /sms/"),
        ({"kind": "signature"}, "Sign in again"),
    ],
)
async def test_why_it_is_not_all(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    fault: dict[str, Any],
    words: str,
) -> None:
    sim.faults.add(Fault(**fault, path="/sms/*/jobs"))
    response = await get_pending(hass)
    assert (response["messages"], response["complete"]) == ([], False)
    assert words in response["note"]


async def test_clock(
    hass: HomeAssistant, account: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only a clock that goes wrong all the time makes happen."""

    def ask(*given: object) -> None:
        failure = NotSent(NotSentReason.CLOCK_WRONG)
        failure.clock_offset = -600
        raise failure

    monkeypatch.setattr(account.runtime_data.dispatcher.gateway, "pending", ask)
    response = await get_pending(hass)
    assert "is 600 seconds away from OVHcloud's" in response["note"]


async def test_host_configuration(
    hass: HomeAssistant, account: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hass.config_entries.async_unload(account.entry_id)
    monkeypatch.setenv("OVH_CLIENT_ID", "EU.0000000000000000")
    await hass.config_entries.async_setup(account.entry_id)
    response = await get_pending(hass)
    assert "begin with OVH_" in response["note"]


async def test_credentials_that_are_not_good_any_more(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    """Have the user sign in again."""
    sim.faults.add(Fault("signature", path="/sms/*/jobs"))
    await get_pending(hass)
    await hass.async_block_till_done()
    assert [flow["step_id"] for flow in hass.config_entries.flow.async_progress()]


async def test_missing_right(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    """Have the user give the right."""
    take_right(sim, "GET", "/sms/*")
    response = await get_pending(hass)
    assert f"GET /sms/{ACCOUNT}/jobs" in response["note"]
    await hass.async_block_till_done(wait_background_tasks=True)
    assert "rights_missing" in issues(hass)


async def test_sms_user(
    hass: HomeAssistant,
    sms_user: MockConfigEntry,
    sim: Simulator,
    send: Send,
    send_later: Send,
) -> None:
    await send_later(entity_id="notify.kitchen")
    await sim.refuse()
    queued = await send(entity_id="notify.kitchen")
    response = await get_pending(hass)
    assert [each["message_id"] for each in response["messages"]] == [
        queued["message_id"]
    ]
    assert response["complete"] is False
    assert response["note"].startswith("An SMS user cannot see")
    assert not any(r.route.startswith("/sms") for r in sim.requests)
    await sim.accept_again()


async def test_a_mailing(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    send_later: Send,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Read the newest of very many, and say so."""
    for module in (pending, queries):
        monkeypatch.setattr(module, "MAX_READ", 1)
    await send_later(entity_id="notify.night_watch")
    response = await get_pending(hass)
    assert [each["ids"] for each in response["messages"]] == [waiting(sim)[1:]]
    assert response["complete"] is False
    assert response["note"].startswith("1 more SMS wait at OVHcloud; only the 1 newest")


async def test_two_accounts(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    unloaded: None,
    send_later: Send,
) -> None:
    assert await hass.config_entries.async_setup(office.entry_id)
    await send_later(entity_id="notify.kitchen")
    await send_later(entity_id="notify.gate", message="Gate!")
    for entry, text in ((account, "Water!"), (office, "Gate!")):
        response = await get_pending(hass, config_entry_id=entry.entry_id)
        assert [each["message"] for each in response["messages"]] == [text]
    with pytest.raises(ServiceValidationError):
        await get_pending(hass)
    await hass.config_entries.async_unload(office.entry_id)
    with pytest.raises(ServiceValidationError):
        await get_pending(hass, config_entry_id=office.entry_id)


@pytest.mark.parametrize("action", ["get_pending", "get_history", "cancel"])
@pytest.mark.parametrize(
    ("entry_id", "words"), [("nope", "nope"), (7, "config_entry_id must be a text")]
)
async def test_account_that_is_none(
    hass: HomeAssistant,
    account: MockConfigEntry,
    action: str,
    entry_id: object,
    words: str,
) -> None:
    more: dict[str, Any] = {"ids": [7]} if action == "cancel" else {}
    with pytest.raises(ServiceValidationError, match=words):
        await act(hass, action, config_entry_id=entry_id, **more)


async def test_unloaded_meanwhile(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Say so, whether the account waited for the answer or not."""
    monkeypatch.setattr(road, "_PATIENCE", 0.01)
    hang = sim.faults.add(Fault("hang", path="/sms/*/jobs", times=1))
    asking = hass.async_create_task(get_pending(hass))
    while not any(request.route.endswith("/jobs") for request in sim.requests):
        await asyncio.sleep(0)
    assert await hass.config_entries.async_unload(account.entry_id)
    sim.faults.remove(hang.id)
    with pytest.raises(HomeAssistantError, match="account Home was unloaded"):
        await asking
    assert await hass.config_entries.async_setup(account.entry_id)
    assert account.state is ConfigEntryState.LOADED
    assert (await get_pending(hass))["complete"]
    await hass.async_add_executor_job(account.runtime_data.dispatcher.close)
    with pytest.raises(HomeAssistantError, match="account Home was unloaded"):
        await get_pending(hass)


async def test_nothing_in_the_log(
    hass: HomeAssistant,
    account: MockConfigEntry,
    send_later: Send,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await send_later(entity_id="notify.kitchen", message="Secret")
    await get_pending(hass)
    await act(hass, "get_history")
    ours = [r.getMessage() for r in caplog.records if "ovh_sms" in r.name]
    assert not any("Secret" in line or KITCHEN[1:] in line for line in ours)
