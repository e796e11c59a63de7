"""Recipients who replied STOP, and get nothing any more."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from simulator import ACCOUNT, CLIENT_ID, CLIENT_SECRET, Fault, Simulator
from tests.conftest import make_entry, texts
from tests.test_coordinator import coordinator_of, send, set_up, settle, wait
from tests.test_repairs import repair

from .conftest import KITCHEN, change, reason, reload, told

pytestmark = pytest.mark.usefixtures("unloaded")

BLACKLIST = f"/sms/{ACCOUNT}/blacklists"
STOPPED = "recipient_stopped"
SOON = timedelta(seconds=4)


async def stop(hass: HomeAssistant, sim: Simulator, *numbers: str) -> None:
    """Write to everyone, and have some of them reply STOP."""
    await hass.services.async_call(
        "notify", "ovh_sms", {"message": "Water!"}, blocking=True
    )
    for number in numbers:
        await sim.reply(number, "STOP")


def times_asked(sim: Simulator) -> int:
    """Return how often it was asked who replied STOP, and forget it."""
    count = sum(request.route == BLACKLIST for request in sim.requests)
    sim.clear_record()
    return count


class TestStopped:
    """Somebody replied STOP."""

    async def test_told_within_the_hour(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """Name the recipients, until nobody is on the blacklist any more."""
        await stop(hass, sim, KITCHEN, "+33639980003", "+33639980002")
        await wait(hass, freezer)
        assert not repair(hass, STOPPED, account)
        await wait(hass, freezer, timedelta(hours=1))
        words = told(hass, STOPPED, account)
        assert words["recipients"] == "Kitchen, Night watch (2/2)"
        assert not any("63998" in word for word in words.values())
        issue = repair(hass, STOPPED, account)
        assert issue and issue.learn_more_url
        # The others can still be written to.
        assert reason(hass) is None
        blacklist = sim.world.accounts[ACCOUNT].blacklist
        del blacklist[KITCHEN], blacklist["+33639980002"]
        await wait(hass, freezer)
        assert told(hass, STOPPED, account)["recipients"] == "Night watch (1/2)"
        blacklist.clear()
        await wait(hass, freezer)
        assert not repair(hass, STOPPED, account)

    @pytest.mark.parametrize("service", ["ovh_sms", "ovh_sms_kitchen"])
    async def test_told_as_soon_as_a_message_does_not_reach_them(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
        service: str,
    ) -> None:
        """See who it is when OVHcloud does not take a message for everyone."""
        await stop(hass, sim, KITCHEN)
        await wait(hass, freezer, SOON)
        times_asked(sim)
        with pytest.raises(HomeAssistantError):
            await hass.services.async_call(
                "notify", service, {"message": "Fire!"}, blocking=True
            )
        await wait(hass, freezer, SOON)
        assert told(hass, STOPPED, account)["recipients"] == "Kitchen"
        assert times_asked(sim) == 1

    async def test_told_after_a_message_that_waited(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """See who it is when nobody waits for the message any more."""
        await stop(hass, sim, KITCHEN)
        await sim.refuse()
        await send(hass)
        await sim.accept_again()
        await wait(hass, freezer, timedelta(minutes=1))
        await wait(hass, freezer, SOON)
        assert told(hass, STOPPED, account)["recipients"] == "Kitchen"

    async def test_recipients_change(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """Say nothing of who is no recipient, or no longer, without asking again."""
        await stop(hass, sim, KITCHEN)
        await wait(hass, freezer, timedelta(hours=1))
        assert repair(hass, STOPPED, account)
        kitchen = next(iter(account.subentries.values()))
        hass.config_entries.async_update_subentry(account, kitchen, title="Cook")
        await settle(hass)
        assert told(hass, STOPPED, account)["recipients"] == "Cook"
        hass.config_entries.async_remove_subentry(account, kitchen.subentry_id)
        await settle(hass)
        assert not repair(hass, STOPPED, account)

    async def test_asked_seldom(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """Ask with the key, and not more often, while all is well."""
        assert times_asked(sim) == 1
        await send(hass)
        for _ in range(3):
            await wait(hass, freezer)
        assert times_asked(sim) == 0
        await wait(hass, freezer)
        assert times_asked(sim) == 1

    async def test_many(
        self, hass: HomeAssistant, sim: Simulator, freezer: FrozenDateTimeFactory
    ) -> None:
        """Name no more than can be read."""
        numbers = [f"+336399800{n}" for n in range(10, 22)]
        entry = make_entry(
            hass, {f"Guest {n}": [number] for n, number in enumerate(numbers)}
        )
        await set_up(hass, entry)
        await change(hass, entry, daily_limit=0)
        await stop(hass, sim, *numbers)
        await wait(hass, freezer, timedelta(hours=1))
        names = told(hass, STOPPED, entry)["recipients"].split(", ")
        assert names == [*(f"Guest {n}" for n in range(10)), "…"]


class TestNotKnown:
    """Who replied STOP cannot be read."""

    async def test_right_is_missing(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        sim: Simulator,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Do without, in silence, where a policy does not allow it."""
        entry = make_entry(hass, {"Kitchen": [KITCHEN]})
        hass.config_entries.async_update_entry(
            entry,
            data={
                "auth_method": "service_account",
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "service_name": ACCOUNT,
            },
        )
        client = sim.world.oauth2_clients[CLIENT_ID]
        client.actions = {
            "sms:apiovh:get",
            "sms:apiovh:jobs/create",
            "sms:apiovh:outgoing/get",
            "sms:apiovh:blacklists/get",
        }
        await set_up(hass, entry)
        await stop(hass, sim, KITCHEN)
        await wait(hass, freezer, timedelta(hours=1))
        assert repair(hass, STOPPED, entry)
        client.actions.remove("sms:apiovh:blacklists/get")
        await wait(hass, freezer, timedelta(hours=1))
        # It would be told for ever.
        assert not ir.async_get(hass).issues
        assert "WARNING  custom_components.ovh_sms.coordinator" not in caplog.text
        assert "ERROR" not in caplog.text

    @pytest.mark.parametrize(
        "fault",
        [Fault("status", status=503, path=BLACKLIST), Fault("reset", path=BLACKLIST)],
    )
    async def test_out_of_reach(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
        fault: Fault,
    ) -> None:
        """Stay with what was known; the account is read all the same."""
        await stop(hass, sim, KITCHEN)
        await wait(hass, freezer, timedelta(hours=1))
        sim.world.accounts[ACCOUNT].blacklist.clear()
        sim.world.accounts[ACCOUNT].credits_left = 77
        sim.faults.add(fault)
        await wait(hass, freezer)
        assert repair(hass, STOPPED, account)
        assert coordinator_of(account).data.account.credits_left == 77
        sim.faults.clear()
        await wait(hass, freezer)
        assert not repair(hass, STOPPED, account)

    async def test_ignored(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """Leave a repair ignored that the user has ignored, through a restart."""
        await stop(hass, sim, KITCHEN)
        await wait(hass, freezer, timedelta(hours=1))
        ir.async_ignore_issue(hass, DOMAIN, f"{STOPPED}_{account.entry_id}", True)
        await sim.refuse()
        await reload(hass, account)
        found = repair(hass, STOPPED, account)
        assert found and found.dismissed_version

    async def test_sms_user(
        self, hass: HomeAssistant, sms_user: MockConfigEntry, sim: Simulator
    ) -> None:
        """Ask nothing where nothing can be read."""
        await stop(hass, sim, KITCHEN)
        with pytest.raises(HomeAssistantError):
            await send(hass)
        await settle(hass)
        assert not ir.async_get(hass).issues
        assert texts(sim, KITCHEN) == ["Water!"]
