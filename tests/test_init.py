"""Loading, unloading, removing; and what stays when things go wrong."""

import asyncio
from contextlib import closing
from datetime import timedelta
import sqlite3
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.ovh_sms.account import ledger_path
from custom_components.ovh_sms.const import DOMAIN
from homeassistant.components import persistent_notification
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from simulator import Simulator
from tests.conftest import jobs, texts


async def test_loads_without_internet(
    hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry
) -> None:
    await sim.refuse()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    state = hass.states.get("notify.kitchen")
    assert state and state.state != "unavailable"
    await sim.accept_again()
    await hass.services.async_call(
        "notify", "ovh_sms_kitchen", {"message": "Water!"}, blocking=True
    )
    assert texts(sim, "+33639980001") == ["Water!"]
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_reload_leaves_nothing_behind(
    hass: HomeAssistant, account: MockConfigEntry
) -> None:
    before = hass.services.async_services_for_domain("notify").keys()
    assert {"ovh_sms", "ovh_sms_kitchen", "ovh_sms_night_watch"} <= before
    assert await hass.config_entries.async_unload(account.entry_id)
    await hass.async_block_till_done()
    assert hass.services.async_services_for_domain("notify").keys() == {
        "send_message",
        "persistent_notification",
    }
    assert await hass.config_entries.async_setup(account.entry_id)
    await hass.async_block_till_done()
    assert hass.services.async_services_for_domain("notify").keys() == before


async def test_removing_removes_what_was_written_down(
    hass: HomeAssistant, account: MockConfigEntry
) -> None:
    path = ledger_path(hass, account.entry_id)
    assert path.exists()
    await hass.config_entries.async_remove(account.entry_id)
    assert not list(path.parent.iterdir())


@pytest.fixture
def told(hass: HomeAssistant) -> dict[str, persistent_notification.Notification]:
    """Return the notifications that are created, as they come."""
    found: dict[str, persistent_notification.Notification] = {}

    @callback
    def keep(
        kind: persistent_notification.UpdateType,
        notifications: dict[str, persistent_notification.Notification],
    ) -> None:
        found.update(notifications)

    persistent_notification.async_register_callback(hass, keep)
    return found


@pytest.mark.parametrize(
    ("language", "method", "words"),
    [
        ("en", "api_keys", "the page of API keys"),
        ("fr", "api_keys", "la page des clés d'API"),
        ("nl", "api_keys", "the page of API keys"),
        ("en", "service_account", "the page of service accounts"),
        ("fr", "sms_user", "Utilisateurs API"),
    ],
)
async def test_removing_tells_where_to_revoke_the_key(
    hass: HomeAssistant,
    sim: Simulator,
    entry: MockConfigEntry,
    told: dict[str, persistent_notification.Notification],
    language: str,
    method: str,
    words: str,
) -> None:
    hass.config.language = language
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "auth_method": method}
    )
    await hass.config_entries.async_remove(entry.entry_id)
    [notification] = told.values()
    assert words in notification["message"]
    assert "https://www.ovh.com/manager/" in notification["message"]
    assert notification["title"] and "Home" in notification["title"]


async def test_removing_one_of_two_accounts_leaves_their_key_alone(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    told: dict[str, persistent_notification.Notification],
) -> None:
    await hass.config_entries.async_remove(account.entry_id)
    assert not told
    await hass.config_entries.async_remove(office.entry_id)
    assert len(told) == 1


async def test_removing_one_of_two_sms_users(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    office: MockConfigEntry,
    told: dict[str, persistent_notification.Notification],
) -> None:
    """They are two, though they have the same login: each belongs to its account."""
    user: dict[str, Any] = {"auth_method": "sms_user", "login": "a", "password": "b"}
    for each in (entry, office):
        hass.config_entries.async_update_entry(
            each, data={**user, "service_name": each.unique_id}
        )
    await hass.config_entries.async_remove(entry.entry_id)
    assert len(told) == 1


async def test_removing_removes_the_repairs_of_that_account(
    hass: HomeAssistant,
    sim: Simulator,
    entry: MockConfigEntry,
    office: MockConfigEntry,
    issue_registry: ir.IssueRegistry,
) -> None:
    for each in (entry, office):
        notes: dict[str, list[str]] = {"options": [], "numbers": []}
        hass.config_entries.async_update_entry(
            each, options={**each.options, "migration_notes": notes}
        )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(issue_registry.issues) == 2
    await hass.config_entries.async_remove(entry.entry_id)
    assert list(issue_registry.issues) == [
        (DOMAIN, f"migration_notes_{office.entry_id}")
    ]
    assert await hass.config_entries.async_unload(office.entry_id)


async def test_removing_an_account_that_was_never_loaded(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    told: dict[str, persistent_notification.Notification],
) -> None:
    assert not ledger_path(hass, entry.entry_id).parent.exists()
    await hass.config_entries.async_remove(entry.entry_id)
    assert not hass.config_entries.async_entries(DOMAIN)
    assert len(told) == 1


async def test_ledger_of_a_later_version_is_left_alone(
    hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry
) -> None:
    path = ledger_path(hass, entry.entry_id)
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 999")
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.reason and "later version" in entry.reason


async def test_message_that_cannot_be_written_down_is_sent_once(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    with closing(sqlite3.connect(ledger_path(hass, account.entry_id))) as database:
        database.execute("DROP TABLE intake")
    await hass.services.async_call(
        "notify", "ovh_sms_kitchen", {"message": "Water!"}, blocking=True
    )
    assert texts(sim, "+33639980001") == ["Water!"]
    await sim.refuse()
    with pytest.raises(HomeAssistantError, match="cannot be reached"):
        await hass.services.async_call(
            "notify", "ovh_sms_kitchen", {"message": "Fire!"}, blocking=True
        )


async def test_burst_goes_out_over_few_connections(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    # The account is read on one of its own.
    before = sim.connections
    await asyncio.gather(
        *(
            hass.services.async_call(
                "notify",
                "ovh_sms",
                {"message": f"Alarm {number}", "target": f"+3363998{number:04}"},
                blocking=True,
            )
            for number in range(60)
        )
    )
    assert len(jobs(sim)) == 60
    assert before == 1
    assert sim.connections - before <= 4
    assert [r.path for r in sim.requests].count("/1.0/auth/time") == 1


async def test_nothing_private_in_the_log(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for recipient in ("ovh_sms_kitchen", "ovh_sms_night_watch"):
        await hass.services.async_call(
            "notify", recipient, {"message": "Top secret"}, blocking=True
        )
    await sim.refuse()
    await hass.services.async_call(
        "notify", "ovh_sms_kitchen", {"message": "Top secret"}, blocking=True
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    ours = [r.getMessage() for r in caplog.records if "ovh_sms" in r.name]
    assert ours
    for private in ("63998000", "Top secret", "fake0"):
        assert not [line for line in ours if private in line]


async def test_old_messages_are_forgotten(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    path = ledger_path(hass, account.entry_id)
    await hass.services.async_call(
        "notify", "ovh_sms_kitchen", {"message": "Old water"}, blocking=True
    )

    def remembered() -> int:
        with closing(sqlite3.connect(path)) as database:
            [count] = database.execute("SELECT COUNT(*) FROM deliveries").fetchone()
        return int(count)

    for days, left in ((29, 1), (2, 0)):
        freezer.tick(timedelta(days=days))
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert await hass.async_add_executor_job(remembered) == left
    files = path.parent.glob(f"{path.name}*")
    await hass.config_entries.async_unload(account.entry_id)
    assert not any(b"Old water" in file.read_bytes() for file in files)


async def test_messages_that_cannot_be_forgotten_stop_nothing(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with closing(sqlite3.connect(ledger_path(hass, account.entry_id))) as database:
        database.execute("ALTER TABLE messages RENAME TO elsewhere")
        await account.runtime_data.async_forget()
        assert "Old messages could not be forgotten" in caplog.text
        database.execute("ALTER TABLE elsewhere RENAME TO messages")
    await hass.services.async_call(
        "notify", "ovh_sms_kitchen", {"message": "Water!"}, blocking=True
    )
    assert texts(sim, "+33639980001") == ["Water!"]
