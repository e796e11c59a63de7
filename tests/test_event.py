"""What becomes of messages, told as events."""

from dataclasses import replace
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.sms.message import Outcome
from custom_components.ovh_sms.sms.states import State
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from simulator import ACCOUNT, USER_LOGIN, USER_PASSWORD, Fault, Simulator
from tests.conftest import jobs, texts
from tests.deliveries import DELIVERY, Deliveries, notify, pass_time, settle
from tests.sms.conftest import make_message

pytestmark = pytest.mark.usefixtures("unloaded")


async def test_never_to_be_known_is_told_for_each_number(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sim: Simulator,
    deliveries: Deliveries,
) -> None:
    hass.config_entries.async_update_entry(
        entry,
        data={
            "auth_method": "sms_user",
            "service_name": ACCOUNT,
            "login": USER_LOGIN,
            "password": USER_PASSWORD,
        },
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    sim.faults.add(Fault("reset", method="POST", times=1))
    with pytest.raises(HomeAssistantError, match="not known whether"):
        await notify(hass, service="ovh_sms_night_watch")
    await settle(hass)
    assert deliveries.shown("event_type", "recipient", "index", "reason") == [
        ("unknown", "Night watch", 1, "connection_lost"),
        ("unknown", "Night watch", 2, "connection_lost"),
    ]


async def test_accepted_is_told_once_for_a_group(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    deliveries: Deliveries,
) -> None:
    response: Any = await hass.services.async_call(
        "ovh_sms",
        "send_sms",
        {"entity_id": "notify.night_watch", "message": "Fire!"},
        blocking=True,
        return_response=True,
    )
    await settle(hass)
    [state] = deliveries.told
    assert {
        name: state.attributes[name]
        for name in state.attributes
        if name not in ("event_types", "friendly_name")
    } == {
        "event_type": "accepted",
        "message_id": response["messages"][0]["message_id"],
        "recipient": "Night watch",
        "index": None,
        "total": 2,
        "state": "accepted",
        "reason": None,
    }
    assert state.attributes["friendly_name"] == "Home Delivery"


async def test_queued_then_accepted(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    deliveries: Deliveries,
    freezer: FrozenDateTimeFactory,
) -> None:
    await sim.refuse()
    await notify(hass, service="ovh_sms_night_watch")
    await pass_time(hass, freezer, 7)
    assert deliveries.shown("event_type", "state", "reason", "total") == [
        ("queued", "waiting", "no_connection", 2)
    ]
    await sim.accept_again()
    await pass_time(hass, freezer, 15)
    assert deliveries.types == ["queued", "accepted"]
    first, second = deliveries.shown("message_id")
    assert first == second


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (
            Fault("expired", method="POST"),
            [
                ("failed", "Kitchen", 1, 3, "refused", "account_expired"),
                ("failed", "Night watch", 2, 3, "refused", "account_expired"),
                ("failed", "Night watch", 3, 3, "refused", "account_expired"),
            ],
        ),
        (
            Fault("half"),
            [
                ("accepted", None, None, 3, "partial", None),
                ("failed", "Night watch", 3, 3, "refused", None),
            ],
        ),
        (
            Fault("empty_ids"),
            [
                ("failed", "Kitchen", 1, 3, "refused", None),
                ("failed", "Night watch", 2, 3, "refused", None),
                ("failed", "Night watch", 3, 3, "refused", None),
            ],
        ),
    ],
)
async def test_refused_is_told_for_each_number(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    deliveries: Deliveries,
    fault: Fault,
    told: list[tuple[Any, ...]],
) -> None:
    sim.faults.add(fault)
    with pytest.raises(HomeAssistantError):
        await notify(hass, service="ovh_sms")
    assert (
        deliveries.shown("event_type", "recipient", "index", "total", "state", "reason")
        == told
    )
    # Each is a change of state of its own, for automations.
    assert len({state.state for state in deliveries.told}) == len(told)


async def test_nothing_private(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    deliveries: Deliveries,
) -> None:
    await hass.services.async_call(
        "ovh_sms",
        "send_sms",
        {"receivers": ["+33639981234"], "message": "Top secret", "title": "Hidden"},
        blocking=True,
    )
    await settle(hass)
    assert deliveries.shown("recipient") == [(None,)]
    shown = str([state.as_dict() for state in deliveries.told])
    for private in ("639981234", "Top secret", "Hidden", "HOUSE", "sms-ab12345"):
        assert private not in shown


async def test_expired_tells_what_kept_it(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    deliveries: Deliveries,
    freezer: FrozenDateTimeFactory,
) -> None:
    await sim.refuse()
    await notify(hass, service="ovh_sms_night_watch")
    await pass_time(hass, freezer, 3601)
    assert deliveries.shown("event_type", "recipient", "index", "reason") == [
        ("queued", "Night watch", None, "no_connection"),
        ("expired", "Night watch", 1, "no_connection"),
        ("expired", "Night watch", 2, "no_connection"),
    ]
    # That it was given up says nothing of OVHcloud.
    failure = account.runtime_data.last_failure
    assert failure and failure.reason == "no_connection"
    await sim.accept_again()
    await pass_time(hass, freezer, 900)
    assert jobs(sim) == []


async def test_removed_recipient(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    deliveries: Deliveries,
) -> None:
    await sim.refuse()
    await notify(hass)
    await settle(hass)
    await sim.accept_again()
    hass.config_entries.async_remove_subentry(account, next(iter(account.subentries)))
    await settle(hass)
    account.runtime_data.async_go_on()
    await settle(hass)
    assert texts(sim, "+33639980001") == ["Water!"]
    assert deliveries.shown("event_type", "recipient") == [
        ("queued", "Kitchen"),
        ("accepted", None),
    ]


async def test_list_at_ovhcloud_that_is_refused(
    hass: HomeAssistant, account: MockConfigEntry, deliveries: Deliveries
) -> None:
    """Who receives is in a file that OVHcloud has: the event comes once."""
    message = replace(make_message(), receivers=())
    account.runtime_data.tell([Outcome(message=message, state=State.REFUSED)])
    await settle(hass)
    assert deliveries.shown("event_type", "recipient", "index", "total") == [
        ("failed", None, None, 0)
    ]


async def test_two_accounts_tell_their_own(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    sim: Simulator,
    deliveries: Deliveries,
) -> None:
    theirs = Deliveries(hass, "event.office_delivery")
    assert await hass.config_entries.async_setup(office.entry_id)
    await settle(hass)
    await hass.services.async_call(
        "ovh_sms",
        "send_sms",
        {"entity_id": ["notify.kitchen", "notify.gate"], "message": "Fire!"},
        blocking=True,
    )
    await settle(hass)
    assert deliveries.shown("event_type", "recipient") == [("accepted", "Kitchen")]
    assert theirs.shown("event_type", "recipient") == [("accepted", "Gate")]


async def test_disabled_by_the_user(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    deliveries: Deliveries,
    entity_registry: er.EntityRegistry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Messages do not mind; what ended meanwhile is not news once it is enabled."""
    entity_registry.async_update_entity(
        DELIVERY, disabled_by=er.RegistryEntryDisabler.USER
    )
    await settle(hass)
    await sim.refuse()
    await notify(hass, "Late")
    await sim.accept_again()
    await pass_time(hass, freezer, 7)
    assert texts(sim, "+33639980001") == ["Late"]
    entity_registry.async_update_entity(DELIVERY, disabled_by=None)
    await hass.config_entries.async_reload(account.entry_id)
    await settle(hass)
    state = hass.states.get(DELIVERY)
    assert state and state.state == "unknown"
    assert deliveries.types == []


async def test_restored(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    deliveries: Deliveries,
) -> None:
    """Show the last event again after a reload or a restart; it is not told again."""
    await notify(hass)
    await settle(hass)
    before = hass.states.get(DELIVERY)
    await hass.config_entries.async_reload(account.entry_id)
    await settle(hass)
    after = hass.states.get(DELIVERY)
    assert before and after
    assert (after.state, after.attributes) == (before.state, before.attributes)
    assert deliveries.types == ["accepted"]
