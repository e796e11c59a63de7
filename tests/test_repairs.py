"""What the repairs say of a key and its account, and when they stop saying it."""

from datetime import datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from custom_components.ovh_sms.gateway.rights import IAM_ACTIONS
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from simulator import (
    ACCOUNT,
    CLIENT_ID,
    CLIENT_SECRET,
    CONSUMER_KEY,
    DEFAULT_RIGHTS,
    SECOND_ACCOUNT,
    VIRTUAL_NUMBER,
    Fault,
    Rule,
    Simulator,
)
from tests.conftest import make_entry
from tests.test_coordinator import READ_KEY, send, set_up, settle, wait

SEND = f"POST /sms/{ACCOUNT}/jobs"


def repair(
    hass: HomeAssistant, key: str, entry: MockConfigEntry
) -> ir.IssueEntry | None:
    """Return what the repairs say of an account, if it is shown."""
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"{key}_{entry.entry_id}")
    return issue if issue and issue.active else None


def said(hass: HomeAssistant, key: str, entry: MockConfigEntry) -> dict[str, str]:
    """Return what goes into the sentences of a repair, which must be there."""
    issue = repair(hass, key, entry)
    assert issue and issue.translation_placeholders
    assert not issue.is_fixable
    return issue.translation_placeholders


def allow(sim: Simulator, *calls: str) -> None:
    """Let the key make these calls only."""
    sim.world.consumer_keys[CONSUMER_KEY].rules = [
        Rule(*call.split(" ")) for call in calls
    ]


async def test_nothing_to_repair(
    hass: HomeAssistant, account: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    await wait(hass, freezer, timedelta(hours=1))
    assert not ir.async_get(hass).issues


async def test_key_that_ends_is_noticed_before_it_does(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    await hass.config.async_set_time_zone("Europe/Paris")
    key = sim.world.consumer_keys[CONSUMER_KEY]
    # Half past midnight in Paris: the day that is named is the house's.
    freezer.move_to(datetime(2026, 12, 1, 12, tzinfo=dt_util.UTC))
    key.expiration = datetime(2027, 1, 1, 23, 30, tzinfo=dt_util.UTC)
    await wait(hass, freezer)
    assert not repair(hass, "key_expiring", account)
    await wait(hass, freezer, timedelta(days=2))
    placeholders = said(hass, "key_expiring", account)
    assert placeholders["account"] == "Home"
    assert placeholders["date"] == "2027-01-02"
    assert "POST=/sms/*/jobs" in placeholders["token_url"]
    issue = repair(hass, "key_expiring", account)
    assert issue and issue.severity is ir.IssueSeverity.WARNING

    # It is still there when OVHcloud has stopped to accept the key.
    await wait(hass, freezer, timedelta(days=31))
    assert not account.runtime_data.coordinator.last_update_success
    assert repair(hass, "key_expiring", account)

    new = sim.world.add_consumer_key().key
    hass.config_entries.async_update_entry(
        account, data={**account.data, "consumer_key": new}
    )
    await settle(hass)
    assert not repair(hass, "key_expiring", account)


async def test_days_go_by_without_internet_too(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    sim: Simulator,
    entry: MockConfigEntry,
) -> None:
    sim.world.consumer_keys[CONSUMER_KEY].expiration = dt_util.utcnow() + timedelta(
        days=31
    )
    await set_up(hass, entry)
    await sim.refuse()
    await wait(hass, freezer)
    assert not repair(hass, "key_expiring", entry)
    await wait(hass, freezer, timedelta(days=2))
    assert repair(hass, "key_expiring", entry)
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_ignored_repair_stays_ignored_while_nothing_is_known(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    key = sim.world.consumer_keys[CONSUMER_KEY]
    key.expiration = dt_util.utcnow() + timedelta(days=9)
    allow(sim, "GET /sms/*")
    sim.world.accounts[ACCOUNT].status = "disable"
    await wait(hass, freezer, timedelta(hours=1))
    issues = ("key_expiring", "rights_missing", "account_disabled")
    for issue in issues:
        assert repair(hass, issue, account)
        ir.async_ignore_issue(hass, DOMAIN, f"{issue}_{account.entry_id}", True)
    await sim.refuse()
    assert await hass.config_entries.async_reload(account.entry_id)
    await settle(hass)
    assert account.runtime_data.coordinator.failure
    for issue in issues:
        found = repair(hass, issue, account)
        assert found and found.dismissed_version


async def test_right_taken_away_is_noticed_within_the_hour(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    allow(sim, "GET /sms/*")
    await wait(hass, freezer)
    assert not repair(hass, "rights_missing", account)
    await wait(hass, freezer, timedelta(minutes=45))
    placeholders = said(hass, "rights_missing", account)
    assert placeholders["account"] == "Home"
    assert placeholders["rights"] == f"`{SEND}`, `DELETE /sms/{ACCOUNT}/jobs/*`"
    assert "POST=/sms/*/jobs" in placeholders["token_url"]
    allow(sim, *map(" ".join, DEFAULT_RIGHTS))
    await wait(hass, freezer, timedelta(hours=1))
    assert not repair(hass, "rights_missing", account)


async def test_right_that_a_message_lacks_is_noticed_at_once(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    allow(sim, "GET /sms/*")
    with pytest.raises(HomeAssistantError):
        await send(hass)
    await settle(hass)
    # The key is read at once too: it may lack more than the message needed.
    assert said(hass, "rights_missing", account)["rights"] == (
        f"`{SEND}`, `DELETE /sms/{ACCOUNT}/jobs/*`"
    )
    allow(sim, *map(" ".join, DEFAULT_RIGHTS))
    await wait(hass, freezer, timedelta(hours=1))
    assert not repair(hass, "rights_missing", account)
    await send(hass)


async def test_rights_to_send_from_a_virtual_number(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    number = f"/sms/{ACCOUNT}/virtualNumbers/*"
    rights = f"`POST {number}/jobs`, `DELETE {number}/jobs/*`"
    allow(
        sim,
        f"GET /sms/{ACCOUNT}",
        f"GET /sms/{ACCOUNT}/*",
        f"POST /sms/{ACCOUNT}/jobs",
        f"DELETE /sms/{ACCOUNT}/jobs/*",
    )
    await wait(hass, freezer, timedelta(hours=1))
    assert not repair(hass, "rights_missing", account)
    hass.config_entries.async_update_entry(
        account, options={**account.options, "sender": VIRTUAL_NUMBER}
    )
    await wait(hass, freezer)
    assert said(hass, "rights_missing", account)["rights"] == rights
    with pytest.raises(HomeAssistantError):
        await send(hass)
    await settle(hass)
    # Named once, as the patterns that a key is given.
    assert said(hass, "rights_missing", account)["rights"] == rights
    allow(sim, *map(" ".join, DEFAULT_RIGHTS))
    await wait(hass, freezer, timedelta(hours=1))
    assert not repair(hass, "rights_missing", account)
    await send(hass)


async def test_right_to_read_the_account(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    sim.faults.add(Fault("forbidden", path=READ_KEY, reason="NOT_GRANTED_CALL"))
    allow(sim, "POST /sms/*/jobs")
    await wait(hass, freezer)
    assert said(hass, "rights_missing", account)["rights"] == f"`GET /sms/{ACCOUNT}`"
    allow(sim, *map(" ".join, DEFAULT_RIGHTS))
    await wait(hass, freezer)
    assert not repair(hass, "rights_missing", account)


async def test_rights_that_are_not_told_show_when_they_are_needed(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    sim: Simulator,
    entry: MockConfigEntry,
) -> None:
    sim.faults.add(Fault("forbidden", path=READ_KEY, reason="NOT_GRANTED_CALL"))
    allow(sim, "GET /sms/*")
    await set_up(hass, entry)
    assert not repair(hass, "rights_missing", entry)
    with pytest.raises(HomeAssistantError):
        await send(hass)
    await settle(hass)
    assert said(hass, "rights_missing", entry)["rights"] == f"`{SEND}`"
    await wait(hass, freezer)
    assert repair(hass, "rights_missing", entry)
    allow(sim, "GET /sms/*", "POST /sms/*/jobs")
    await send(hass)
    await settle(hass)
    assert not repair(hass, "rights_missing", entry)
    assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
def service_account(hass: HomeAssistant, sim: Simulator) -> MockConfigEntry:
    """Return an entry that is signed in to with a service account."""
    entry = make_entry(hass, {"Kitchen": ["+33639980001"]})
    hass.config_entries.async_update_entry(
        entry,
        data={
            "auth_method": "service_account",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "service_name": ACCOUNT,
        },
    )
    return entry


async def test_service_account_lacks_an_action_of_its_policy(
    hass: HomeAssistant, sim: Simulator, service_account: MockConfigEntry
) -> None:
    entry = service_account
    client = sim.world.oauth2_clients[CLIENT_ID]
    client.actions = {"sms:apiovh:get"}
    await set_up(hass, entry)
    assert entry.runtime_data.coordinator.data.credential is None
    assert not ir.async_get(hass).issues
    with pytest.raises(HomeAssistantError):
        await send(hass)
    await settle(hass)
    issue = repair(hass, "rights_missing", entry)
    assert issue and issue.translation_key == "actions_missing"
    assert said(hass, "rights_missing", entry)["rights"] == "`sms:apiovh:jobs/create`"
    client.actions = None
    await send(hass)
    await settle(hass)
    assert not ir.async_get(hass).issues
    assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("attribute", "value", "is_read"),
    [("status", "disable", True), ("service_status", "expired", False)],
)
async def test_account_that_was_disabled(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
    attribute: str,
    value: str,
    is_read: bool,
) -> None:
    was = getattr(sim.world.accounts[ACCOUNT], attribute)
    setattr(sim.world.accounts[ACCOUNT], attribute, value)
    await wait(hass, freezer)
    assert account.runtime_data.coordinator.last_update_success is is_read
    assert said(hass, "account_disabled", account)["account"] == "Home"
    setattr(sim.world.accounts[ACCOUNT], attribute, was)
    await wait(hass, freezer)
    assert not repair(hass, "account_disabled", account)


async def test_account_that_is_gone(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    sim.world.remove_account(ACCOUNT)
    await wait(hass, freezer)
    assert repair(hass, "account_disabled", account)


async def test_repairs_are_of_one_account(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    office: MockConfigEntry,
    sim: Simulator,
) -> None:
    sim.world.accounts[SECOND_ACCOUNT].status = "disable"
    sim.world.accounts[ACCOUNT].status = "disable"
    await set_up(hass, office)
    assert said(hass, "account_disabled", office)["account"] == "Office"
    assert not repair(hass, "account_disabled", account)
    await wait(hass, freezer)
    assert repair(hass, "account_disabled", account)

    # What is unloaded may come back; what is removed may not.
    assert await hass.config_entries.async_unload(office.entry_id)
    assert repair(hass, "account_disabled", office)
    await hass.config_entries.async_remove(office.entry_id)
    assert not repair(hass, "account_disabled", office)
    assert repair(hass, "account_disabled", account)


async def test_credits_that_run_out(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    issues = ir.async_get(hass)

    async def read(credits_left: float) -> set[str]:
        sim.world.accounts[ACCOUNT].credits_left = credits_left
        await account.runtime_data.coordinator.async_refresh()
        return {
            key
            for key in ("credits_low", "credits_empty")
            if issues.async_get_issue(DOMAIN, f"{key}_{account.entry_id}")
        }

    assert await read(10) == set()
    assert await read(9.9) == {"credits_low"}
    issue = issues.async_get_issue(DOMAIN, f"credits_low_{account.entry_id}")
    assert issue
    assert issue.translation_placeholders
    assert issue.translation_placeholders["credits"] == "9.9"
    assert await read(0) == {"credits_empty"}
    assert await read(3) == {"credits_low"}
    hass.config_entries.async_update_entry(
        account, options={**account.options, "low_credit": 3}
    )
    await hass.async_block_till_done()
    assert not issues.async_get_issue(DOMAIN, f"credits_low_{account.entry_id}")
    assert await read(250) == set()


@pytest.mark.parametrize("mended", ["policy", "options"])
async def test_action_to_read_is_missing_until_it_is_there_or_needless(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    sim: Simulator,
    service_account: MockConfigEntry,
    mended: str,
) -> None:
    """A message that was sent says nothing of what may be read, nor the other way round."""
    entry = service_account
    sends, reads = "sms:apiovh:jobs/create", "sms:apiovh:outgoing/get"
    client = sim.world.oauth2_clients[CLIENT_ID]
    client.actions = {*IAM_ACTIONS} - {reads}
    await set_up(hass, entry)
    await send(hass)
    await wait(hass, freezer, timedelta(seconds=15))
    assert said(hass, "rights_missing", entry)["rights"] == f"`{reads}`"
    await send(hass)
    await settle(hass)
    assert said(hass, "rights_missing", entry)["rights"] == f"`{reads}`"
    client.actions = {*IAM_ACTIONS} - {reads, sends}
    with pytest.raises(HomeAssistantError):
        await send(hass)
    await wait(hass, freezer, timedelta(seconds=15))
    assert said(hass, "rights_missing", entry)["rights"] == f"`{sends}`, `{reads}`"
    client.actions = {*IAM_ACTIONS} - {reads}
    await send(hass)
    await settle(hass)
    assert said(hass, "rights_missing", entry)["rights"] == f"`{reads}`"
    if mended == "policy":
        client.actions = {*IAM_ACTIONS} - {sends}
        await wait(hass, freezer, timedelta(hours=1))
    else:
        hass.config_entries.async_update_entry(
            entry, options={**entry.options, "receipts": "off"}
        )
        await settle(hass)
    assert not ir.async_get(hass).issues
    assert await hass.config_entries.async_unload(entry.entry_id)
