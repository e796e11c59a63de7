"""What keeps an account from sending: what the repairs and the sensor say of it, and for how long."""

from dataclasses import dataclass
from datetime import datetime, timedelta
import os
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.ovh_sms.account import ledger_path
from custom_components.ovh_sms.const import DOMAIN
from custom_components.ovh_sms.troubles import Problem
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from simulator import (
    ACCOUNT,
    CONSUMER_KEY,
    USER_LOGIN,
    USER_PASSWORD,
    Fault,
    Rule,
    Simulator,
)
from tests.conftest import jobs, make_entry, texts
from tests.shown import load_words
from tests.test_coordinator import send, set_up, settle, wait
from tests.test_repairs import repair

pytestmark = pytest.mark.usefixtures("unloaded")

KITCHEN = "+33639980001"
DAILY = "limit_reached_daily_limit"
RECIPIENT = "limit_reached_recipient_limit"
# Its end is made of the sender, which must not be in diagnostics.
SENDER = "sender_not_enabled_3e83712a"
ALARM2 = "sender_not_enabled_d0bcf387"


def reason(hass: HomeAssistant) -> str | None:
    """Return why the account cannot send, as its sensor has it."""
    state = hass.states.get("binary_sensor.home_problem")
    assert state and state.state in ("on", "off")
    told: str | None = state.attributes["reason"]
    assert (told is None) == (state.state == "off")
    return told


def told(hass: HomeAssistant, key: str, entry: MockConfigEntry) -> dict[str, str]:
    """Return what goes into the sentences of a repair, which must be there."""
    issue = repair(hass, key, entry)
    assert issue and issue.translation_placeholders
    return issue.translation_placeholders


async def change(hass: HomeAssistant, entry: MockConfigEntry, **options: Any) -> None:
    """Change options, as the user does."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    await settle(hass)


async def reload(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Load an account anew."""
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)


class Repairs:
    """The dialog in which a user mends what can be mended."""

    def __init__(self, hass: HomeAssistant, client: TestClient[Any, Any]) -> None:
        """Talk to Home Assistant as the browser does."""
        self._hass = hass
        self._client = client

    async def confirm(self, key: str, entry: MockConfigEntry) -> dict[str, Any]:
        """Open a repair and confirm what it asks; return how that ended."""
        answer = await self._client.post(
            "/api/repairs/issues/fix",
            json={"handler": DOMAIN, "issue_id": f"{key}_{entry.entry_id}"},
        )
        form = await answer.json()
        assert (form["type"], form["step_id"]) == ("form", "confirm")
        answer = await self._client.post(
            f"/api/repairs/issues/fix/{form['flow_id']}", json={}
        )
        end: dict[str, Any] = await answer.json()
        await settle(self._hass)
        return end


@pytest.fixture
async def repairs(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Repairs:
    """Return the dialog of the repairs."""
    assert await async_setup_component(hass, "repairs", {})
    return Repairs(hass, await hass_client())


@pytest.fixture
async def sms_user(hass: HomeAssistant, sim: Simulator) -> MockConfigEntry:
    """Return an account that is used by an SMS user, loaded."""
    entry = make_entry(
        hass,
        {"Kitchen": [KITCHEN], "Night watch": ["+33639980002", "+33639980003"]},
    )
    credentials = {"login": USER_LOGIN, "password": USER_PASSWORD}
    hass.config_entries.async_update_entry(
        entry,
        data={"auth_method": "sms_user", "service_name": ACCOUNT, **credentials},
    )
    await set_up(hass, entry)
    return entry


@dataclass(frozen=True)
class Limit:
    """A limit, its repair, and how long it holds from two in the afternoon on."""

    option: str
    issue: str
    until: str
    left: timedelta


class TestLimit:
    """A limit that has stopped a message."""

    @pytest.fixture(
        params=[
            Limit("daily_limit", DAILY, "00:00", timedelta(hours=10)),
            Limit("recipient_limit", RECIPIENT, "14:10", timedelta(minutes=10)),
        ],
        ids=lambda limit: limit.option,
    )
    def limit(self, request: pytest.FixtureRequest) -> Limit:
        """Return the limit that is tried."""
        found: Limit = request.param
        return found

    @pytest.fixture(autouse=True)
    async def reached(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        freezer: FrozenDateTimeFactory,
        limit: Limit,
    ) -> None:
        """Go over the limit, at two in the afternoon in Paris."""
        await hass.config.async_set_time_zone("Europe/Paris")
        freezer.move_to(datetime(2026, 12, 1, 13, tzinfo=dt_util.UTC))
        await change(hass, account, **{limit.option: 1})
        await send(hass)
        await settle(hass)
        assert not ir.async_get(hass).issues
        assert reason(hass) is None
        with pytest.raises(ServiceValidationError):
            await send(hass)
        await settle(hass)

    async def test_until_it_ends(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        freezer: FrozenDateTimeFactory,
        limit: Limit,
    ) -> None:
        """Say until when messages are refused, and stop saying it then."""
        words = told(hass, limit.issue, account)
        assert (words["account"], words["limit"], words["until"]) == (
            "Home",
            "1",
            limit.until,
        )
        assert reason(hass) == "limit_reached"
        await wait(hass, freezer, limit.left - timedelta(seconds=2))
        assert repair(hass, limit.issue, account)
        await wait(hass, freezer, timedelta(seconds=3))
        assert not repair(hass, limit.issue, account)
        assert reason(hass) is None

    async def test_over_a_restart(
        self, hass: HomeAssistant, account: MockConfigEntry, limit: Limit
    ) -> None:
        """Say it again after a restart."""
        ir.async_delete_issue(hass, DOMAIN, f"{limit.issue}_{account.entry_id}")
        await reload(hass, account)
        assert repair(hass, limit.issue, account)
        assert reason(hass) == "limit_reached"

    @pytest.mark.parametrize("most", [0, 2])
    async def test_raised_or_set_off(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        limit: Limit,
        most: int,
    ) -> None:
        """Stop saying it when the user allows more."""
        await change(hass, account, **{limit.option: most})
        assert not repair(hass, limit.issue, account)
        assert reason(hass) is None

    async def test_carry_on(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        repairs: Repairs,
        freezer: FrozenDateTimeFactory,
        limit: Limit,
    ) -> None:
        """Begin to count from now, if the user says so."""
        freezer.tick(1)
        assert (await repairs.confirm(limit.issue, account))["type"] == "create_entry"
        assert not repair(hass, limit.issue, account)
        assert reason(hass) is None
        await send(hass)
        assert len(texts(sim, KITCHEN)) == 2
        with pytest.raises(ServiceValidationError):
            await send(hass)
        await settle(hass)
        assert repair(hass, limit.issue, account)

    async def test_carry_on_without_the_account(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        repairs: Repairs,
        limit: Limit,
    ) -> None:
        """Say that it cannot be done while the account is not loaded."""
        assert await hass.config_entries.async_unload(account.entry_id)
        end = await repairs.confirm(limit.issue, account)
        assert (end["type"], end["reason"]) == ("abort", "not_done")
        assert repair(hass, limit.issue, account)


class TestOutcomeUnknown:
    """A message of which nobody can find out whether it left."""

    @pytest.fixture(autouse=True)
    async def lost(
        self,
        hass: HomeAssistant,
        sms_user: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Lose the answer to a message, at two in the afternoon in Paris."""
        await hass.config.async_set_time_zone("Europe/Paris")
        freezer.move_to(datetime(2026, 12, 1, 13, tzinfo=dt_util.UTC))
        assert not ir.async_get(hass).issues
        await self.lose(hass, sim)

    async def lose(self, hass: HomeAssistant, sim: Simulator, *more: str) -> None:
        """Lose the answer to a message."""
        sim.faults.add(Fault("reset", method="POST", times=1))
        with pytest.raises(HomeAssistantError):
            await hass.services.async_call(
                "notify",
                "ovh_sms",
                {"message": "Water!", "target": ["Kitchen", "Night watch", *more]},
                blocking=True,
            )
        await settle(hass)

    async def test_what_it_says(
        self,
        hass: HomeAssistant,
        sms_user: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Say when and to whom, without a number; the latest one, for a week."""
        words = told(hass, "outcome_unknown", sms_user)
        assert words["time"] == "2026-12-01 14:00"
        assert words["receivers"] == "Kitchen, Night watch"
        await wait(hass, freezer, timedelta(days=1))
        await self.lose(hass, sim, "+33639980077")
        words = told(hass, "outcome_unknown", sms_user)
        assert words["time"] == "2026-12-02 14:00"
        assert words["receivers"] == "Kitchen, Night watch, …77"
        await wait(hass, freezer, timedelta(days=6, hours=23))
        assert repair(hass, "outcome_unknown", sms_user)
        await wait(hass, freezer, timedelta(hours=2))
        assert not repair(hass, "outcome_unknown", sms_user)

    async def test_many_receivers(
        self, hass: HomeAssistant, sms_user: MockConfigEntry, sim: Simulator
    ) -> None:
        """Do not name them all."""
        await self.lose(hass, sim, *(f"+3363998{n:04}" for n in range(20, 40)))
        words = told(hass, "outcome_unknown", sms_user)
        assert words["receivers"].endswith(", …27, …")

    async def test_until_the_user_has_checked(
        self,
        hass: HomeAssistant,
        sms_user: MockConfigEntry,
        sim: Simulator,
        repairs: Repairs,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Say it again after a restart, but not once the user has checked."""
        ir.async_delete_issue(hass, DOMAIN, f"outcome_unknown_{sms_user.entry_id}")
        await reload(hass, sms_user)
        assert repair(hass, "outcome_unknown", sms_user)
        assert (await repairs.confirm("outcome_unknown", sms_user))["type"] == (
            "create_entry"
        )
        await reload(hass, sms_user)
        assert not repair(hass, "outcome_unknown", sms_user)
        freezer.tick(60)
        await self.lose(hass, sim)
        assert repair(hass, "outcome_unknown", sms_user)

    async def test_with_history_off(
        self, hass: HomeAssistant, sms_user: MockConfigEntry, sim: Simulator
    ) -> None:
        """Name the recipients also where numbers and texts are not kept."""
        await self.lose(hass, sim, "+33639980077")
        await change(hass, sms_user, history_days=0)
        await reload(hass, sms_user)
        words = told(hass, "outcome_unknown", sms_user)
        assert words["receivers"] == "Kitchen, Night watch, –"

    async def test_written_in_memory_only(
        self, hass: HomeAssistant, sms_user: MockConfigEntry, sim: Simulator
    ) -> None:
        """Say it also of a message that could not be written down, when others can be."""
        await sms_user.runtime_data.troubles.async_confirm_checked()
        await settle(hass)
        assert not repair(hass, "outcome_unknown", sms_user)
        write_protect(sms_user)
        await self.lose(hass, sim)
        write_protect(sms_user, on=False)
        await send(hass)
        await settle(hass)
        assert repair(hass, "outcome_unknown", sms_user)


async def test_message_that_the_key_may_not_look_up(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    sim.world.consumer_keys[CONSUMER_KEY].rules = [
        Rule("GET", f"/sms/{ACCOUNT}"),
        Rule("POST", "/sms/*/jobs"),
        Rule("GET", "/auth/currentCredential"),
    ]
    await wait(hass, freezer, timedelta(hours=1))
    sim.faults.add(Fault("reset", method="POST", times=1))
    with pytest.raises(HomeAssistantError):
        await send(hass)
    await settle(hass)
    issue = repair(hass, "outcome_unknown", account)
    assert issue and issue.translation_key == "outcome_unknown"


def write_protect(entry: MockConfigEntry, *, on: bool = True) -> None:
    """Have the disk refuse what is written to the ledger, as root sees it too."""
    ledger = entry.runtime_data.dispatcher._ledger
    ledger._database.execute(f"PRAGMA query_only = {on:d}")


class TestLedger:
    """The file that messages are written to."""

    async def test_damaged(
        self,
        hass: HomeAssistant,
        sim: Simulator,
        entry: MockConfigEntry,
        repairs: Repairs,
    ) -> None:
        """Say that it was begun anew, until the user has seen it."""
        path = ledger_path(hass, entry.entry_id)
        path.parent.mkdir()
        path.write_bytes(b"SQLite format 3\0" + os.urandom(5000))
        await set_up(hass, entry)
        await reload(hass, entry)
        [aside] = path.parent.glob("*.damaged-*")
        assert told(hass, "ledger_damaged", entry)["file"] == f"`{aside}`"
        await send(hass)
        assert texts(sim, KITCHEN) == ["Water!"]
        assert (await repairs.confirm("ledger_damaged", entry))["type"] == (
            "create_entry"
        )
        assert not aside.exists()
        assert not repair(hass, "ledger_damaged", entry)
        await reload(hass, entry)
        assert not repair(hass, "ledger_damaged", entry)

    async def test_damaged_and_removed(
        self, hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry
    ) -> None:
        """Leave nothing private behind when the account is removed."""
        path = ledger_path(hass, entry.entry_id)
        path.parent.mkdir()
        path.write_bytes(os.urandom(5000))
        path.with_name(f"{path.name}-wal").write_bytes(b"")
        await set_up(hass, entry)
        await hass.config_entries.async_remove(entry.entry_id)
        assert not list(path.parent.iterdir())
        assert not ir.async_get(hass).issues

    async def test_unwritable(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Send, and say that it is not kept; say it no more when it is."""
        write_protect(account)
        await send(hass)
        await settle(hass)
        assert texts(sim, KITCHEN) == ["Water!"]
        assert (
            hass.config.path(DOMAIN)
            in told(hass, "ledger_unwritable", account)["folder"]
        )
        # It can send.
        assert reason(hass) is None
        await wait(hass, freezer, timedelta(seconds=61))
        assert repair(hass, "ledger_unwritable", account)
        write_protect(account, on=False)
        await wait(hass, freezer, timedelta(seconds=61))
        assert not repair(hass, "ledger_unwritable", account)

    async def test_writable_again_by_the_next_message(
        self, hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
    ) -> None:
        """Say it no more as soon as a message was written down."""
        write_protect(account)
        await send(hass)
        write_protect(account, on=False)
        await send(hass)
        await settle(hass)
        assert not repair(hass, "ledger_unwritable", account)

    async def test_limits_in_memory(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        repairs: Repairs,
    ) -> None:
        """Hold the limits in memory, and carry on there."""
        await change(hass, account, daily_limit=1)
        write_protect(account)
        await send(hass)
        with pytest.raises(ServiceValidationError):
            await send(hass)
        await settle(hass)
        assert (await repairs.confirm(DAILY, account))["type"] == "create_entry"
        assert not repair(hass, DAILY, account)
        await send(hass)
        assert len(jobs(sim)) == 2

    async def test_not_opened(
        self,
        hass: HomeAssistant,
        sim: Simulator,
        entry: MockConfigEntry,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Say it from the start, and begin a ledger when that is possible."""
        folder = Path(hass.config.path(DOMAIN))
        await hass.async_add_executor_job(folder.write_text, "This is no folder")
        await set_up(hass, entry)
        assert repair(hass, "ledger_unwritable", entry)
        await send(hass)
        assert texts(sim, KITCHEN) == ["Water!"]
        await hass.async_add_executor_job(folder.unlink)
        await wait(hass, freezer, timedelta(seconds=61))
        assert not repair(hass, "ledger_unwritable", entry)
        assert ledger_path(hass, entry.entry_id).exists()


class TestSender:
    """A sender that OVHcloud does not let send."""

    @pytest.mark.parametrize(
        ("status", "text"),
        [
            ("waitingValidation", "sender_waiting"),
            ("refused", "sender_refused"),
            ("disable", "sender_disabled"),
            (None, "sender_unknown"),
        ],
    )
    async def test_read_every_hour(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
        status: str | None,
        text: str,
    ) -> None:
        """Say what is the matter with the sender, until it is mended."""
        senders = sim.world.accounts[ACCOUNT].senders
        sender = senders.pop("HOUSE")
        if status:
            sim.world.add_sender(ACCOUNT, "HOUSE", status)
        await wait(hass, freezer)
        assert not repair(hass, SENDER, account)
        await wait(hass, freezer, timedelta(minutes=45))
        issue = repair(hass, SENDER, account)
        assert issue and issue.translation_key == text
        words = told(hass, SENDER, account)
        assert (words["sender"], words["users"]) == ("HOUSE", "Home")
        assert reason(hass) == "sender_not_enabled"
        senders["HOUSE"] = sender
        await wait(hass, freezer, timedelta(hours=1))
        assert not repair(hass, SENDER, account)
        assert reason(hass) is None

    async def test_one_call_for_each_sender_in_use(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Ask for no other sender, and for none more than every hour."""
        asked = [r.path for r in sim.requests if "/senders" in r.path]
        assert asked == [f"/1.0/sms/{ACCOUNT}/senders/HOUSE"]
        sim.clear_record()
        await wait(hass, freezer)
        assert not [r.path for r in sim.requests if "/senders" in r.path]

    async def test_recipient_with_a_sender_of_its_own(
        self, hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
    ) -> None:
        """Look at a sender as soon as it is chosen, and forget it when it is not used."""
        kitchen = next(iter(account.subentries.values()))
        hass.config_entries.async_update_subentry(
            account, kitchen, data={**kitchen.data, "sender": "ALARM2"}
        )
        await settle(hass)
        words = told(hass, ALARM2, account)
        assert (words["sender"], words["users"]) == ("ALARM2", "Kitchen")
        hass.config_entries.async_remove_subentry(account, kitchen.subentry_id)
        await settle(hass)
        assert not repair(hass, ALARM2, account)
        assert reason(hass) is None

    async def test_refused_at_once(
        self, hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
    ) -> None:
        """Look at the senders when a message is refused."""
        sim.world.accounts[ACCOUNT].senders["HOUSE"].status = "disable"
        with pytest.raises(HomeAssistantError):
            await send(hass)
        await settle(hass)
        issue = repair(hass, SENDER, account)
        assert issue and issue.translation_key == "sender_disabled"

    async def test_key_may_not_read_senders(
        self, hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry
    ) -> None:
        """Say nothing of what is not known."""
        sim.world.accounts[ACCOUNT].senders["HOUSE"].status = "disable"
        sim.world.consumer_keys[CONSUMER_KEY].rules = [
            Rule("GET", f"/sms/{ACCOUNT}"),
            Rule("GET", "/auth/currentCredential"),
        ]
        await set_up(hass, entry)
        assert not repair(hass, SENDER, entry)

    async def test_sms_user(
        self, hass: HomeAssistant, sms_user: MockConfigEntry, sim: Simulator
    ) -> None:
        """Learn it from the messages, where it cannot be read."""
        sender = sim.world.accounts[ACCOUNT].senders.pop("HOUSE")
        with pytest.raises(HomeAssistantError):
            await send(hass)
        await settle(hass)
        issue = repair(hass, SENDER, sms_user)
        assert issue and issue.translation_key == "sender_unknown"
        assert reason(hass) == "sender_not_enabled"
        sim.world.accounts[ACCOUNT].senders["HOUSE"] = sender
        await send(hass)
        await settle(hass)
        assert not repair(hass, SENDER, sms_user)
        assert reason(hass) is None

    async def test_sender_of_one_call(
        self, hass: HomeAssistant, sms_user: MockConfigEntry, sim: Simulator
    ) -> None:
        """Leave it to the caller who has named a sender that does not exist."""
        with pytest.raises(HomeAssistantError):
            await hass.services.async_call(
                "notify",
                "ovh_sms_kitchen",
                {"message": "Water!", "data": {"sender": "NOBODY"}},
                blocking=True,
            )
        await settle(hass)
        assert not ir.async_get(hass).issues


class TestProblem:
    """The sensor that says whether the account can send."""

    async def test_credentials(
        self, hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
    ) -> None:
        """Say that OVHcloud does not accept the key, first of all; until it does."""
        sim.world.accounts[ACCOUNT].credits_left = 0
        await account.runtime_data.coordinator.async_refresh()
        assert reason(hass) == "no_credits"
        key = sim.world.consumer_keys[CONSUMER_KEY]
        key.status = "expired"
        await account.runtime_data.coordinator.async_refresh()
        assert reason(hass) == "credentials_refused"
        await sim.refuse()
        await account.runtime_data.coordinator.async_refresh()
        assert reason(hass) == "credentials_refused"
        await sim.accept_again()
        new = sim.world.add_consumer_key().key
        hass.config_entries.async_update_entry(
            account, data={**account.data, "consumer_key": new}
        )
        await settle(hass)
        assert reason(hass) == "no_credits"
        sim.world.accounts[ACCOUNT].credits_left = 0.5
        await account.runtime_data.coordinator.async_refresh()
        assert reason(hass) is None

    async def test_sms_user(
        self, hass: HomeAssistant, sms_user: MockConfigEntry, sim: Simulator
    ) -> None:
        """Learn from the messages what cannot be read."""
        user = sim.world.accounts[ACCOUNT].users[USER_LOGIN]
        user.password = "fake0other"
        with pytest.raises(HomeAssistantError):
            await send(hass)
        assert reason(hass) == "credentials_refused"
        user.ip_restrictions.append("192.0.2.1")
        user.password = "fake0new"
        hass.config_entries.async_update_entry(
            sms_user, data={**sms_user.data, "password": "fake0new"}
        )
        await settle(hass)
        assert reason(hass) is None
        with pytest.raises(HomeAssistantError):
            await send(hass)
        assert reason(hass) == "ip_not_allowed"
        user.ip_restrictions.clear()
        await send(hass)
        assert reason(hass) is None

    async def test_host(
        self,
        hass: HomeAssistant,
        sim: Simulator,
        entry: MockConfigEntry,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Say that something of the machine gets in the way."""
        monkeypatch.setenv("OVH_CLIENT_ID", "fake0other")
        monkeypatch.setenv("OVH_CLIENT_SECRET", "fake0other")
        await set_up(hass, entry)
        assert reason(hass) == "host_configuration"

    async def test_right_to_send(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Say that the right to send is missing, but not another one."""
        key = sim.world.consumer_keys[CONSUMER_KEY]
        rules = key.rules
        key.rules = [rule for rule in rules if rule.method != "DELETE"]
        await wait(hass, freezer, timedelta(hours=1))
        assert repair(hass, "rights_missing", account)
        assert reason(hass) is None
        key.rules = [rule for rule in rules if rule.method != "POST"]
        with pytest.raises(HomeAssistantError):
            await send(hass)
        assert reason(hass) == "right_missing"
        key.rules = rules
        await wait(hass, freezer, timedelta(hours=1))
        assert reason(hass) is None

    @pytest.mark.parametrize("is_gone", [False, True])
    async def test_account(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
        is_gone: bool,
    ) -> None:
        """Say that the account is disabled, or has expired."""
        if is_gone:
            sim.faults.add(Fault("expired"))
        sim.world.accounts[ACCOUNT].status = "disable"
        await wait(hass, freezer)
        assert reason(hass) == "account_disabled"
        sim.faults.clear()
        sim.world.accounts[ACCOUNT].status = "enable"
        await wait(hass, freezer)
        assert reason(hass) is None

    async def test_out_of_reach(
        self, hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
    ) -> None:
        """Say so while messages wait, and no longer."""
        await sim.refuse()
        await account.runtime_data.coordinator.async_refresh()
        assert reason(hass) is None
        await send(hass)
        await settle(hass)
        assert reason(hass) == "out_of_reach"
        await sim.accept_again()
        await account.runtime_data.coordinator.async_refresh()
        await settle(hass)
        assert texts(sim, KITCHEN) == ["Water!"]
        assert reason(hass) is None

    async def test_given_up(
        self,
        hass: HomeAssistant,
        account: MockConfigEntry,
        sim: Simulator,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Say it no longer when nothing waits any more, though nothing was sent."""
        await sim.refuse()
        await send(hass)
        await settle(hass)
        await wait(hass, freezer, timedelta(minutes=61))
        assert reason(hass) is None
        assert account.runtime_data.last_failure

    async def test_never_unavailable(
        self, hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry
    ) -> None:
        """Be there without internet, with nothing known yet."""
        await sim.refuse()
        await set_up(hass, entry)
        assert reason(hass) is None


def test_every_reason_has_its_words() -> None:
    """Name every reason in every language, and no other."""
    for words in load_words().values():
        sensor = words["entity"]["binary_sensor"]["problem"]
        assert sensor["state_attributes"]["reason"]["state"].keys() == set(Problem)
