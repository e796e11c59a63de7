"""The sensor that says whether an account can send."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.troubles import Problem
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from simulator import ACCOUNT, CONSUMER_KEY, USER_LOGIN, Fault, Simulator
from tests.conftest import texts
from tests.shown import load_words
from tests.test_coordinator import send, set_up, settle, wait
from tests.test_repairs import repair

from .conftest import KITCHEN, reason

pytestmark = pytest.mark.usefixtures("unloaded")


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
        await settle(hass)
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
