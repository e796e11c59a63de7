"""`ovh_sms.cancel`, over real HTTP."""

import asyncio
from collections.abc import Callable
import sqlite3
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.sms.ledger import Ledger
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from simulator import ACCOUNT, SECOND_ACCOUNT, VIRTUAL_NUMBER, Fault, Simulator
from tests.conftest import jobs, texts

from .conftest import (
    DAY,
    KITCHEN,
    NIGHT_1,
    NIGHT_2,
    Send,
    act,
    issues,
    take_right,
    waiting,
)


async def cancel(hass: HomeAssistant, *, ask: bool = True, **data: Any) -> Any:
    """Call the action."""
    return await act(hass, "cancel", ask=ask, **data)


async def state_of(hass: HomeAssistant, message_id: str) -> str:
    """Return the state of a message."""
    response = await act(hass, "get_history")
    [state] = [
        each["state"]
        for each in response["messages"]
        if each["message_id"] == message_id
    ]
    return str(state)


def calls(sim: Simulator) -> list[str]:
    """Return the messages that OVHcloud was asked to cancel."""
    return [request.route for request in sim.requests if request.method == "DELETE"]


async def go_on(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """Have the outbox try again."""
    account.runtime_data.async_go_on()
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_what_waits_here(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    send: Send,
    not_taken: Fault,
) -> None:
    """Never send it, whatever happens after that."""
    queued = await send(entity_id="notify.kitchen")
    other = await send(entity_id="notify.kitchen", message="Still wanted")
    message_id = queued["message_id"]
    assert await cancel(hass, message_id=f" {message_id} ") == {
        "cancelled": {"message_ids": [message_id], "ids": []},
        "not_cancelled": [],
    }
    assert calls(sim) == []
    assert await state_of(hass, message_id) == "cancelled"
    await hass.config_entries.async_reload(account.entry_id)
    sim.faults.remove(not_taken.id)
    await go_on(hass, account)
    assert texts(sim, KITCHEN) == ["Still wanted"]
    assert await state_of(hass, other["message_id"]) == "accepted"
    # Once more is no error, and nothing else.
    assert await cancel(hass, message_id=message_id, ask=False) is None


async def test_what_waits_at_ovhcloud(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, send_later: Send
) -> None:
    deferred = await send_later(entity_id="notify.night_watch")
    credits_left = sim.world.accounts[ACCOUNT].credits_left
    await hass.config_entries.async_reload(account.entry_id)
    assert await cancel(
        hass, message_id=deferred["message_id"], config_entry_id=account.entry_id
    ) == {
        "cancelled": {
            "message_ids": [deferred["message_id"]],
            "ids": deferred["ids"],
        },
        "not_cancelled": [],
    }
    assert await state_of(hass, deferred["message_id"]) == "cancelled"
    await sim.advance(2 * DAY)
    assert texts(sim, NIGHT_1) == texts(sim, NIGHT_2) == []
    assert sim.world.accounts[ACCOUNT].credits_left == credits_left + 2


async def test_what_is_cancelled_counts_for_no_limit(
    hass: HomeAssistant, account: MockConfigEntry, send_later: Send, send: Send
) -> None:
    hass.config_entries.async_update_entry(
        account, options={**account.options, "recipient_limit": 1, "daily_limit": 1}
    )
    deferred = await send_later(receivers=KITCHEN)
    with pytest.raises(ServiceValidationError, match="limit"):
        await send(receivers=KITCHEN)
    await cancel(hass, ids=deferred["ids"], ask=False)
    assert (await send(receivers=KITCHEN))["status"] == "accepted"


@pytest.mark.parametrize("spell", [list, tuple, str, "{0[0]}, {0[1]}".format])
async def test_ids_in_any_form(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    send_later: Send,
    spell: Callable[[list[int]], object],
) -> None:
    """Take a list, and a text with commas as templates render one."""
    ids = (await send_later(entity_id="notify.night_watch"))["ids"]
    given = [str(each) for each in ids] if spell is str else spell(ids)
    response = await cancel(hass, ids=given)
    assert response["cancelled"]["ids"] == ids
    assert waiting(sim) == []


async def test_what_somebody_else_sent(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, send_later: Send
) -> None:
    """Cancel SMS from OVHcloud's panel, also one of a virtual number; not another account's."""
    hass.config_entries.async_update_entry(
        account, options={**account.options, "sender": VIRTUAL_NUMBER}
    )
    for sender in ("HOUSE", VIRTUAL_NUMBER):
        await send_later(receivers=KITCHEN, sender=sender)
    ledger = account.runtime_data.dispatcher._ledger
    ledger._database.execute("DELETE FROM messages")
    ids = waiting(sim)
    response = await cancel(hass, ids=ids)
    assert response["cancelled"] == {"message_ids": [], "ids": ids}
    assert waiting(sim) == []


async def test_of_another_account(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    unloaded: None,
    sim: Simulator,
    send_later: Send,
) -> None:
    assert await hass.config_entries.async_setup(office.entry_id)
    deferred = await send_later(entity_id="notify.gate")
    here: dict[str, Any] = {"config_entry_id": account.entry_id}
    with pytest.raises(ServiceValidationError, match="has no message"):
        await cancel(hass, message_id=deferred["message_id"], **here)
    with pytest.raises(HomeAssistantError, match=f"has no SMS {deferred['ids'][0]}"):
        await cancel(hass, ids=deferred["ids"], **here)
    assert len(sim.world.accounts[SECOND_ACCOUNT].jobs) == 1
    with pytest.raises(ServiceValidationError):
        await cancel(hass, message_id=deferred["message_id"])
    await cancel(
        hass, message_id=deferred["message_id"], config_entry_id=office.entry_id
    )
    assert sim.world.accounts[SECOND_ACCOUNT].jobs == []


async def test_in_part(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, send_later: Send
) -> None:
    """Tell what was cancelled and what was not, in the response or in the error."""
    deferred = await send_later(entity_id="notify.night_watch")
    first, second = deferred["ids"]
    sim.faults.add(
        Fault("status", status=429, method="DELETE", path=f"/sms/*/jobs/{second}")
    )
    with pytest.raises(
        HomeAssistantError, match=r"Only 1 of 2 SMS could be cancelled\. OVHcloud asks"
    ):
        await cancel(hass, message_id=deferred["message_id"], ask=False)
    assert waiting(sim) == [second]
    response = await cancel(hass, ids=[first, second])
    assert response["cancelled"] == {"message_ids": [], "ids": [first]}
    [kept] = response["not_cancelled"]
    assert kept.pop("note").startswith("OVHcloud asks for fewer calls.")
    assert kept == {
        "message_id": deferred["message_id"],
        "id": second,
        "recipient": "Night watch",
        "reason": "throttled",
    }
    assert await state_of(hass, deferred["message_id"]) == "accepted"


async def test_what_left(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, send: Send
) -> None:
    sent = await send(entity_id="notify.kitchen")
    for what in ({"message_id": sent["message_id"]}, {"ids": sent["ids"]}):
        for ask in (False, True):
            with pytest.raises(
                HomeAssistantError,
                match=f"Nothing was cancelled. The SMS {sent['ids'][0]} has already",
            ):
                await cancel(hass, ask=ask, **what)
    assert await state_of(hass, sent["message_id"]) == "accepted"


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ({"kind": "hang"}, "sending", "at this very moment"),
        ({"kind": "reset"}, "unknown", "not known whether the message left"),
        ({"kind": "expired"}, "refused", "never left"),
    ],
)
async def test_what_cannot_be_cancelled(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    send: Send,
    fault: dict[str, Any],
    status: str,
    words: str,
) -> None:
    """Say why: it is being sent this instant, nobody knows, or it never left."""
    added = sim.faults.add(Fault(**fault, method="POST"))
    sending = asyncio.ensure_future(send(entity_id="notify.kitchen"))
    while not jobs(sim):
        await asyncio.sleep(0)
    if status != "sending":
        await asyncio.wait([sending])
    [message] = (await act(hass, "get_history"))["messages"]
    assert message["state"] == status
    with pytest.raises(HomeAssistantError, match=f"Nothing was cancelled. .*{words}"):
        await cancel(hass, message_id=message["message_id"])
    sim.faults.remove(added.id)
    await asyncio.wait([sending])
    assert sending.exception() is None or status == "refused"
    assert texts(sim, KITCHEN) == (["Water!"] if status == "sending" else [])


async def test_race_with_the_outbox(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    send: Send,
    not_taken: Fault,
) -> None:
    """Each message is cancelled or sent, and what is told is what happened."""
    hass.config_entries.async_update_entry(
        account, options={**account.options, "recipient_limit": 0}
    )
    queued = {
        (await send(receivers=KITCHEN, message=f"Message {number}"))[
            "message_id"
        ]: f"Message {number}"
        for number in range(12)
    }
    sim.faults.remove(not_taken.id)
    account.runtime_data.async_go_on()
    answers = await asyncio.gather(
        *(cancel(hass, message_id=message_id) for message_id in reversed(queued)),
        return_exceptions=True,
    )
    await go_on(hass, account)
    cancelled = {
        text
        for text, answer in zip(reversed(queued.values()), answers, strict=True)
        if not isinstance(answer, BaseException)
    }
    assert all(isinstance(each, dict | HomeAssistantError) for each in answers)
    assert cancelled
    assert sorted(texts(sim, KITCHEN)) == sorted(set(queued.values()) - cancelled)


async def test_missing_right(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, send_later: Send
) -> None:
    deferred = await send_later(entity_id="notify.kitchen")
    take_right(sim, "DELETE", "/sms/*/jobs/*")
    with pytest.raises(
        HomeAssistantError,
        match=r"do not have the right DELETE /sms/sms-ab12345-1/jobs/\*",
    ):
        await cancel(hass, message_id=deferred["message_id"])
    await hass.async_block_till_done(wait_background_tasks=True)
    assert "rights_missing" in issues(hass)
    assert len(waiting(sim)) == 1


async def test_without_internet(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    send: Send,
    send_later: Send,
) -> None:
    """Cancel what waits here all the same."""
    deferred = await send_later(entity_id="notify.night_watch")
    await sim.refuse()
    queued = await send(entity_id="notify.kitchen")
    await cancel(hass, message_id=queued["message_id"])
    with pytest.raises(
        HomeAssistantError, match=r"Nothing was cancelled\. OVHcloud cannot be reached"
    ):
        await cancel(hass, message_id=deferred["message_id"])
    await sim.accept_again()
    await go_on(hass, account)
    assert texts(sim, KITCHEN) == []


async def test_sms_user(
    hass: HomeAssistant,
    sms_user: MockConfigEntry,
    sim: Simulator,
    send: Send,
    send_later: Send,
) -> None:
    deferred = await send_later(entity_id="notify.kitchen")
    await sim.refuse()
    queued = await send(entity_id="notify.kitchen")
    response = await cancel(hass, message_id=queued["message_id"])
    assert response["cancelled"]["message_ids"] == [queued["message_id"]]
    for what in ({"message_id": deferred["message_id"]}, {"ids": 7}):
        with pytest.raises(HomeAssistantError, match="An SMS user cannot cancel"):
            await cancel(hass, **what)
    await sim.accept_again()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Say what to cancel"),
        ({"ids": []}, "Say what to cancel"),
        ({"ids": None, "message_id": " "}, "Say what to cancel"),
        ({"ids": [7], "message_id": "a"}, "not both"),
        ({"message_id": 7}, "message_id must be a text"),
        ({"message_id": ["a"]}, "message_id must be a text"),
        ({"message_id": "None"}, "no message None"),
        ({"message_id": f"{KITCHEN} {'a' * 99}"}, "no message …01 a{36} in"),
        ({"ids": "seven"}, "ids must be a list of the numbers"),
        ({"ids": [True]}, "ids must be a list of the numbers"),
        ({"ids": [7.5]}, "ids must be a list of the numbers"),
        ({"ids": [-7]}, "ids must be a list of the numbers"),
        ({"ids": [None]}, "ids must be a list of the numbers"),
        ({"ids": {"a": 1}}, "ids must be a list of the numbers"),
        ({"ids": [10**18]}, "ids must be a list of the numbers"),
        ({"ids": [10**5000]}, "ids must be a list of the numbers"),
        ({"ids": "1000000000000000000"}, "ids must be a list of the numbers"),
        ({"ids": list(range(501))}, "At most 500 SMS"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else None,
)
async def test_bad_calls(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    data: dict[str, Any],
    words: str,
) -> None:
    sim.clear_record()
    with pytest.raises(ServiceValidationError, match=words):
        await cancel(hass, **data)
    assert sim.requests == []


async def test_disk_that_cannot_be_written(
    hass: HomeAssistant,
    account: MockConfigEntry,
    send: Send,
    not_taken: Fault,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Claim nothing that is not written down."""

    def fail(*given: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    queued = await send(entity_id="notify.kitchen")
    monkeypatch.setattr(Ledger, "cancel", fail)
    with pytest.raises(HomeAssistantError, match="may still be sent"):
        await cancel(hass, message_id=queued["message_id"])


async def test_forgotten_at_once(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, send_later: Send
) -> None:
    """Cancel also what the house keeps no text and number of."""
    hass.config_entries.async_update_entry(
        account, options={**account.options, "history_days": 0}
    )
    deferred = await send_later(entity_id="notify.kitchen")
    await account.runtime_data.async_forget()
    await cancel(hass, message_id=deferred["message_id"])
    assert waiting(sim) == []
    assert await state_of(hass, deferred["message_id"]) == "cancelled"
