"""What support gets to see, and that nothing private is in it."""

from contextlib import closing
from datetime import timedelta
import sqlite3
from typing import Any, Final

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion
from syrupy.filters import paths

from custom_components.ovh_sms.account import ledger_path
from custom_components.ovh_sms.const import DOMAIN
from custom_components.ovh_sms.gateway import Http2SmsGateway, SmsUser
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from simulator import (
    ACCOUNT,
    APPLICATION_KEY,
    APPLICATION_SECRET,
    CLIENT_ID,
    CLIENT_SECRET,
    CONSUMER_KEY,
    USER_LOGIN,
    USER_PASSWORD,
    VIRTUAL_NUMBER,
    Fault,
    Rule,
    Simulator,
)
from tests.conftest import API_KEYS, make_entry
from tests.older_integration import old_entity, old_entry, set_up

pytestmark = pytest.mark.usefixtures("unloaded")

TEXT: Final = "The cellar is under water"
TITLE: Final = "Alarm at home"
PRIVATE: Final = (
    "63998",
    TEXT,
    TITLE,
    "Kitchen",
    "kitchen",
    "Night watch",
    "night_watch",
    "My flat",
    "my_flat",
    "HOUSE",
    "My House",
    "ab12345",
    "zz99999",
    "example.com",
    APPLICATION_KEY,
    APPLICATION_SECRET,
    CONSUMER_KEY,
    CLIENT_ID,
    CLIENT_SECRET,
    USER_LOGIN,
    USER_PASSWORD,
)


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Keep what is compared as Home Assistant does, on each of its versions."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


async def download(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, entry: MockConfigEntry
) -> tuple[str, dict[str, Any]]:
    """Return the whole file that the user sends to support, and our part of it."""
    assert await async_setup_component(hass, "diagnostics", {})
    await hass.async_block_till_done()
    client: TestClient[Any, Any] = await hass_client()
    answer = await client.get(f"/api/diagnostics/config_entry/{entry.entry_id}")
    assert answer.status == 200
    return await answer.text(), (await answer.json())["data"]


async def send(hass: HomeAssistant, service: str = "ovh_sms") -> None:
    await hass.services.async_call(
        "notify", service, {"message": TEXT, "title": TITLE}, blocking=True
    )


def rights(sim: Simulator, *rules: str) -> None:
    """Give the key other rights."""
    sim.world.consumer_keys[CONSUMER_KEY].rules[:] = [
        Rule(*rule.split(" ", 1)) for rule in rules
    ]


def nothing_private(text: str) -> None:
    found = [private for private in PRIVATE if private in text]
    assert not found


async def test_diagnostics(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    hass_client: ClientSessionGenerator,
    snapshot: SnapshotAssertion,
) -> None:
    await send(hass)
    _, data = await download(hass, hass_client, account)
    assert data == snapshot(exclude=paths("ledger.size", "version", "ovh_version"))
    assert data["ledger"]["size"] > 0
    assert data["version"] and data["ovh_version"]


async def test_key_for_one_account_that_ends(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    hass_client: ClientSessionGenerator,
) -> None:
    rights(
        sim,
        f"GET /sms/{ACCOUNT}",
        f"GET /sms/{ACCOUNT}/*",
        f"POST /sms/{ACCOUNT}/virtualNumbers/{VIRTUAL_NUMBER}/jobs",
        "GET /sms/sms-zz99999-*/senders/HOUSE",
        "GET /sms*",
        "GET /domain/zone/example.com",
        "GET /auth/currentCredential",
    )
    end = dt_util.utcnow().replace(microsecond=0) + timedelta(days=3)
    sim.world.consumer_keys[CONSUMER_KEY].expiration = end
    text, data = await download(hass, hass_client, account)
    assert dt_util.parse_datetime(data["key"]["expires"]) == end
    assert data["key"]["granted"] == [
        "GET /sms/*account*",
        "GET /sms/*account*/*",
        "POST /sms/*account*/virtualNumbers/*hidden*/jobs",
        "GET /sms/*account*/senders/*hidden*",
        "GET /sms*",
        "GET /*hidden*/*hidden*/*hidden*",
        "GET /auth/currentCredential",
    ]
    assert data["key"]["missing"] == [
        "POST /sms/*account*/jobs",
        "DELETE /sms/*account*/jobs/*",
    ]
    nothing_private(text)


async def test_key_that_may_not_be_read(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    hass_client: ClientSessionGenerator,
) -> None:
    fault = Fault("forbidden", reason="NOT_GRANTED_CALL", path="/auth/*")
    sim.faults.add(fault)
    _, data = await download(hass, hass_client, account)
    assert data["key"] == "not told"


async def test_key_that_is_not_accepted(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    hass_client: ClientSessionGenerator,
) -> None:
    del sim.world.consumer_keys[CONSUMER_KEY]
    _, data = await download(hass, hass_client, account)
    assert data["key"] == "refused: unknown_consumer_key"
    assert not hass.config_entries.flow.async_progress()


async def test_out_of_reach(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    hass_client: ClientSessionGenerator,
) -> None:
    await sim.refuse()
    _, data = await download(hass, hass_client, account)
    assert data["key"] == "out of reach: no_connection"


async def test_last_failure_until_the_next_success(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    hass_client: ClientSessionGenerator,
    freezer: FrozenDateTimeFactory,
) -> None:
    await sim.refuse()
    await send(hass)
    failed = dt_util.utcnow()
    freezer.tick(1)
    text, data = await download(hass, hass_client, account)
    assert data["last_failure"] == {
        "reason": "no_connection",
        "at": failed.isoformat(),
    }
    assert data["ledger"]["messages"] == {"waiting": 1}
    nothing_private(text)
    await sim.accept_again()
    await send(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    text, data = await download(hass, hass_client, account)
    assert data["last_failure"] is None
    assert data["ledger"]["messages"] == {"accepted": 2}
    nothing_private(text)


async def test_account_that_cannot_be_read(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    hass_client: ClientSessionGenerator,
) -> None:
    sim.faults.add(Fault("status", status=500, path="/sms/*"))
    await account.runtime_data.coordinator.async_refresh()
    _, data = await download(hass, hass_client, account)
    assert data["reading_failure"] == "server_error"
    assert data["last_failure"] is None


async def test_way_that_only_sends(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    hass_client: ClientSessionGenerator,
) -> None:
    dispatcher = account.runtime_data.dispatcher
    dispatcher.gateway.close()
    dispatcher.gateway = Http2SmsGateway(SmsUser(USER_LOGIN, USER_PASSWORD), sim.url)
    text, data = await download(hass, hass_client, account)
    assert data["key"] == "not told"
    nothing_private(text)


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("HOUSE", "alphanumeric"),
        ("My House", "alphanumeric"),
        ("short_number", "short_number"),
        (VIRTUAL_NUMBER, "virtual_number"),
        ("+33639980010", "virtual_number"),
    ],
)
async def test_sender(
    hass: HomeAssistant,
    sim: Simulator,
    hass_client: ClientSessionGenerator,
    sender: str,
    kind: str,
) -> None:
    entry = make_entry(
        hass, {"Kitchen": ["+33639980001"]}, sender=sender, title="My flat"
    )
    await set_up(hass, entry)
    text, data = await download(hass, hass_client, entry)
    assert data["sender"] == kind
    nothing_private(text)


async def test_options_and_countries(
    hass: HomeAssistant, sim: Simulator, hass_client: ClientSessionGenerator
) -> None:
    entry = make_entry(
        hass,
        {"Kitchen": ["+33639980001", "+447700900123"], "Night watch": ["+33639980002"]},
        title="My flat",
    )
    options = {"daily_limit": 20, "allowed_countries": ["FR"]}
    hass.config_entries.async_update_entry(
        entry, options={**entry.options, **options, "webhook_id": "HOUSE"}
    )
    await set_up(hass, entry)
    text, data = await download(hass, hass_client, entry)
    assert data["options"] == options
    assert (data["recipients"], data["numbers"]) == (2, 3)
    assert data["country_codes"] == {"+33": 2, "+44": 1}
    nothing_private(text)
    assert "7700900" not in text


async def test_account_of_the_older_integration(
    hass: HomeAssistant, sim: Simulator, hass_client: ClientSessionGenerator
) -> None:
    entry = old_entry(hass, recipients=["+33639980001", "+33199000012"])
    old_entity(hass, entry)
    await set_up(hass, entry)
    await send(hass)
    text, data = await download(hass, hass_client, entry)
    assert data["entry"]["version"] == "2.1"
    assert '"issues"' in text
    nothing_private(text)


@pytest.mark.parametrize(
    ("method", "credentials"),
    [
        ("api_keys", API_KEYS),
        ("service_account", {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}),
        ("sms_user", {"login": USER_LOGIN, "password": USER_PASSWORD}),
    ],
)
async def test_account_that_is_not_loaded(
    hass: HomeAssistant,
    sim: Simulator,
    hass_client: ClientSessionGenerator,
    method: str,
    credentials: dict[str, str],
) -> None:
    entry = make_entry(hass, {"Kitchen": ["+33639980001"]})
    hass.config_entries.async_update_entry(
        entry,
        data={"auth_method": method, **credentials, "service_name": ACCOUNT},
    )
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done()
    if entry.state is ConfigEntryState.LOADED:
        assert await hass.config_entries.async_unload(entry.entry_id)
    ledger_path(hass, entry.entry_id).unlink(missing_ok=True)
    text, data = await download(hass, hass_client, entry)
    assert data["auth_method"] == method
    assert data["key"] == "not loaded"
    assert data["ledger"] == "unreadable: OperationalError"
    nothing_private(text)


async def test_damaged_ledger(
    hass: HomeAssistant,
    sim: Simulator,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    path = ledger_path(hass, entry.entry_id)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no ledger" * 1000)
    hass.config_entries.async_update_entry(entry, version=3)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    _, data = await download(hass, hass_client, entry)
    assert data["entry"]["state"] == "migration_error"
    assert data["ledger"] == "unreadable: DatabaseError"


async def test_ledger_of_a_later_version(
    hass: HomeAssistant,
    sim: Simulator,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    path = ledger_path(hass, entry.entry_id)
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 999")
    assert not await hass.config_entries.async_setup(entry.entry_id)
    _, data = await download(hass, hass_client, entry)
    assert data["entry"]["error"] == "ledger_too_new"
    assert data["ledger"]["schema_version"] == 999
    assert data["ledger"]["messages"] == {}


async def test_oldest_message_that_is_open(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    hass_client: ClientSessionGenerator,
) -> None:
    before = dt_util.utcnow()
    sim.faults.add(Fault("reset", path="*/jobs", times=1))
    await send(hass)
    await send(hass)
    # What was accepted is written down when nobody waits for it.
    await hass.async_block_till_done(wait_background_tasks=True)
    _, data = await download(hass, hass_client, account)
    assert data["ledger"]["messages"] == {"accepted": 1, "unknown": 1}
    oldest = dt_util.parse_datetime(data["ledger"]["oldest_open"])
    assert oldest and before <= oldest <= dt_util.utcnow()


async def test_what_keeps_it_from_sending(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    hass_client: ClientSessionGenerator,
    freezer: FrozenDateTimeFactory,
) -> None:
    midnight = dt_util.start_of_local_day(dt_util.now() + timedelta(days=1))
    await send(hass)
    for number in ("+33639980001", "+33639980003"):
        await sim.reply(number, "STOP")
    sim.world.accounts[ACCOUNT].service_status = "unPaid"
    sim.world.accounts[ACCOUNT].senders["HOUSE"].status = "disable"
    with pytest.raises(HomeAssistantError):
        await send(hass)
    hass.config_entries.async_update_entry(
        account, options={**account.options, "daily_limit": 1}
    )
    with pytest.raises(ServiceValidationError):
        await send(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    # A reading that was on its way may hold off the next one for some seconds.
    coordinator = account.runtime_data.coordinator
    await coordinator.async_read_now()
    await hass.async_block_till_done(wait_background_tasks=True)
    text, data = await download(hass, hass_client, account)
    assert data["standing"] == {
        "problem": "sender_not_enabled",
        "waiting": 0,
        "limits_reached": {"daily_limit": dt_util.as_utc(midnight).isoformat()},
        "outcome_unknown": None,
        "senders_not_enabled": {"disable": 1},
        "recipients_stopped": 2,
        "service": "unPaid",
        "ledger_set_aside": False,
        "ledger_unwritable": False,
    }
    nothing_private(text)
