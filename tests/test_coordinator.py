"""How an account is kept an eye on, without anything waiting for it."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.ovh_sms.const import DOMAIN
from custom_components.ovh_sms.coordinator import AccountCoordinator
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from simulator import (
    ACCOUNT,
    CONSUMER_KEY,
    USER_LOGIN,
    USER_PASSWORD,
    Fault,
    RequestRecord,
    Simulator,
)
from tests.conftest import make_entry, texts

POLL = timedelta(minutes=15, seconds=1)
READ_ACCOUNT = f"/sms/{ACCOUNT}"
READ_KEY = "/auth/currentCredential"


def coordinator_of(entry: MockConfigEntry) -> AccountCoordinator:
    """Return what reads a loaded account."""
    coordinator = entry.runtime_data.coordinator
    assert isinstance(coordinator, AccountCoordinator)
    return coordinator


def readings(sim: Simulator) -> list[RequestRecord]:
    """Return the calls that read the account or the key."""
    return [
        request for request in sim.requests if request.route in (READ_ACCOUNT, READ_KEY)
    ]


def routes(sim: Simulator) -> list[str]:
    """Return what was read since the last time, and forget it."""
    found = [request.route for request in readings(sim)]
    sim.clear_record()
    return found


async def settle(hass: HomeAssistant) -> None:
    """Let what runs in the background come to its end."""
    await hass.async_block_till_done(wait_background_tasks=True)


async def wait(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, time: timedelta = POLL
) -> None:
    """Let time pass, by default until the account is read again."""
    # What is under way sets its timers first.
    await settle(hass)
    freezer.tick(time)
    async_fire_time_changed(hass)
    await settle(hass)


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Load an account, and let it be read."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)


async def send(hass: HomeAssistant, message: str = "Water!") -> None:
    """Send an SMS to the kitchen."""
    await hass.services.async_call(
        "notify", "ovh_sms_kitchen", {"message": message}, blocking=True
    )


def reauths(hass: HomeAssistant) -> list[Any]:
    """Return the wishes for new credentials."""
    return [
        flow
        for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        if flow["context"]["source"] == "reauth"
    ]


async def test_account_is_read_every_quarter_and_the_key_every_hour(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    coordinator = coordinator_of(account)
    assert routes(sim) == [READ_ACCOUNT, READ_KEY]
    assert coordinator.data.account.credits_left == 250
    assert coordinator.data.account.channel == "both"
    assert coordinator.data.credential
    assert coordinator.data.credential.expiration is None
    assert not coordinator.missing

    sim.world.accounts[ACCOUNT].credits_left = 12.5
    sim.world.accounts[ACCOUNT].channel = "transactional"
    for expected in (
        [READ_ACCOUNT],
        [READ_ACCOUNT],
        [READ_ACCOUNT],
        [READ_ACCOUNT, READ_KEY],
        [READ_ACCOUNT],
    ):
        await wait(hass, freezer)
        assert routes(sim) == expected
    assert coordinator.data.account.credits_left == 12.5
    assert coordinator.data.account.channel == "transactional"
    assert coordinator.data.credential


async def test_account_is_read_on_request(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    sim.world.accounts[ACCOUNT].credits_left = 3
    await coordinator_of(account).async_request_refresh()
    assert coordinator_of(account).data.account.credits_left == 3


async def test_key_is_read_again_after_the_clock_went_back(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    sim.clear_record()
    freezer.tick(timedelta(days=-3))
    await coordinator_of(account).async_refresh()
    assert READ_KEY in routes(sim)


async def test_nothing_waits_for_an_answer(
    hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry
) -> None:
    hang = sim.faults.add(Fault("hang", path=READ_ACCOUNT))
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    await send(hass)
    assert texts(sim, "+33639980001") == ["Water!"]
    assert coordinator_of(entry).data is None
    sim.faults.remove(hang.id)
    await settle(hass)
    assert coordinator_of(entry).data.account.credits_left == 249
    # One connection for the message, and never more than one for reading.
    assert sim.connections == 2
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_outage_is_logged_once_and_so_is_its_end(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def logged(sentence: str) -> int:
        return sum(sentence in r.getMessage() for r in caplog.records)

    coordinator = coordinator_of(account)
    await sim.refuse()
    for _ in range(3):
        await wait(hass, freezer)
        assert not coordinator.last_update_success
    assert "(no_connection)" in str(coordinator.last_exception)
    assert logged("Error fetching Home data") == 1
    assert logged("data recovered") == 0
    assert coordinator.data.account.credits_left == 250
    assert coordinator.data.credential

    await sim.accept_again()
    sim.world.accounts[ACCOUNT].credits_left = 7
    for _ in range(2):
        await wait(hass, freezer)
        assert coordinator.last_update_success
    assert logged("Error fetching Home data") == 1
    assert logged("Fetching Home data recovered") == 1
    assert coordinator.data.account.credits_left == 7
    assert not reauths(hass)


async def test_account_loaded_during_an_outage_is_read_after_it(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    sim: Simulator,
    entry: MockConfigEntry,
) -> None:
    await sim.refuse()
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert coordinator_of(entry).data is None
    await sim.accept_again()
    sim.clear_record()
    await wait(hass, freezer)
    assert coordinator_of(entry).data.account.credits_left == 250
    assert routes(sim) == [READ_ACCOUNT, READ_KEY]
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_refused_key_is_asked_for_once_and_tried_on(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    key = sim.world.consumer_keys[CONSUMER_KEY]
    key.status = "expired"
    for _ in range(5):
        sim.clear_record()
        await wait(hass, freezer)
        assert routes(sim) == [READ_ACCOUNT]
        assert len(reauths(hass)) == 1
    assert "inactive_consumer_key" in str(coordinator_of(account).last_exception)
    key.status = "validated"
    await wait(hass, freezer)
    assert coordinator_of(account).last_update_success


async def test_host_that_gets_in_the_way_is_not_cured_by_signing_in(
    hass: HomeAssistant,
    sim: Simulator,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OVH_CLIENT_ID", "fake0other")
    monkeypatch.setenv("OVH_CLIENT_SECRET", "fake0other")
    await set_up(hass, entry)
    assert "host_configuration" in str(coordinator_of(entry).last_exception)
    assert not reauths(hass)
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_key_that_is_not_told_about(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    sim: Simulator,
    entry: MockConfigEntry,
) -> None:
    sim.faults.add(Fault("forbidden", path=READ_KEY, reason="NOT_GRANTED_CALL"))
    await set_up(hass, entry)
    coordinator = coordinator_of(entry)
    assert coordinator.last_update_success
    assert coordinator.data.account.credits_left == 250
    assert coordinator.data.credential is None
    assert not coordinator.missing
    sim.clear_record()
    await wait(hass, freezer)
    assert routes(sim) == [READ_ACCOUNT]
    assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("fault", "asked_again"),
    [
        (Fault("status", status=503, path=READ_KEY), True),
        (Fault("reset", path=READ_KEY), True),
        (Fault("status", status=404, path=READ_KEY), False),
        (Fault("forbidden", path=READ_KEY, reason="INVALID_CREDENTIAL"), False),
    ],
)
async def test_key_that_cannot_be_read_leaves_the_account_alone(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
    fault: Fault,
    asked_again: bool,
) -> None:
    coordinator = coordinator_of(account)
    known = coordinator.data.credential
    assert known
    sim.faults.add(fault)
    sim.world.accounts[ACCOUNT].credits_left = 8
    await wait(hass, freezer, timedelta(hours=1))
    assert coordinator.last_update_success
    assert coordinator.data.account.credits_left == 8
    assert coordinator.data.credential == known
    assert not reauths(hass)
    sim.faults.clear()
    sim.clear_record()
    await wait(hass, freezer)
    assert (READ_KEY in routes(sim)) is asked_again


async def test_account_that_cannot_be_read_leaves_the_key_alone(
    hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry
) -> None:
    sim.world.consumer_keys[CONSUMER_KEY].rules.clear()
    sim.faults.add(Fault("status", status=500, path=READ_ACCOUNT))
    await set_up(hass, entry)
    coordinator = coordinator_of(entry)
    assert not coordinator.last_update_success
    assert f"POST /sms/{ACCOUNT}/jobs" in coordinator.missing
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_new_credentials_are_tried_at_once(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    sim.world.consumer_keys[CONSUMER_KEY].status = "refused"
    await wait(hass, freezer)
    assert len(reauths(hass)) == 1
    sim.clear_record()
    new = sim.world.add_consumer_key(expiration=3600).key
    hass.config_entries.async_update_entry(
        account, data={**account.data, "consumer_key": new}
    )
    await settle(hass)
    assert [request.headers["X-Ovh-Consumer"] for request in readings(sim)] == [new] * 2
    coordinator = coordinator_of(account)
    assert coordinator.last_update_success
    assert coordinator.data.credential
    assert coordinator.data.credential.expiration
    # They came by another way than the open form, which nobody needs any more.
    assert not reauths(hass)


async def test_answer_about_replaced_credentials_does_not_count(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hang = sim.faults.add(Fault("hang", path=READ_ACCOUNT, times=1))
    sim.clear_record()
    freezer.tick(POLL)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert coordinator_of(account).last_update_success
    sim.world.consumer_keys[CONSUMER_KEY].status = "expired"
    new = sim.world.add_consumer_key().key
    hass.config_entries.async_update_entry(
        account, data={**account.data, "consumer_key": new}
    )
    await hass.async_block_till_done()
    sim.faults.remove(hang.id)
    await settle(hass)
    assert readings(sim)[0].status == 403
    assert "Error fetching" not in caplog.text
    assert coordinator_of(account).last_update_success
    assert not reauths(hass)


async def test_unloaded_account_is_not_read(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    assert await hass.config_entries.async_unload(account.entry_id)
    sim.clear_record()
    await wait(hass, freezer, timedelta(hours=2))
    assert not sim.requests


async def test_unloading_does_not_wait_for_an_answer(
    hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry
) -> None:
    sim.faults.add(Fault("hang", path=READ_ACCOUNT))
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert await hass.config_entries.async_unload(entry.entry_id)
    sim.faults.clear()


async def test_sms_user_cannot_read(hass: HomeAssistant, sim: Simulator) -> None:
    entry = make_entry(hass, {"Kitchen": ["+33639980001"]})
    hass.config_entries.async_update_entry(
        entry,
        data={
            "auth_method": "sms_user",
            "login": USER_LOGIN,
            "password": USER_PASSWORD,
            "service_name": ACCOUNT,
        },
    )
    await set_up(hass, entry)
    assert entry.runtime_data.coordinator is None
    await send(hass)
    assert texts(sim, "+33639980001") == ["Water!"]
    assert not readings(sim)
    assert await hass.config_entries.async_unload(entry.entry_id)
