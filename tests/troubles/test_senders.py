"""Senders that OVHcloud does not let send."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from simulator import ACCOUNT, CONSUMER_KEY, Rule, Simulator
from tests.test_coordinator import send, set_up, settle, wait
from tests.test_repairs import repair

from .conftest import reason, told

pytestmark = pytest.mark.usefixtures("unloaded")

# Its end is made of the sender, which must not be in diagnostics.
SENDER = "sender_not_enabled_3e83712a"
ALARM2 = "sender_not_enabled_d0bcf387"


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
