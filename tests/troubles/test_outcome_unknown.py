"""A message of which nobody can find out whether it left."""

from datetime import datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from simulator import ACCOUNT, CONSUMER_KEY, Fault, Rule, Simulator
from tests.test_coordinator import send, settle, wait
from tests.test_repairs import repair

from .conftest import Repairs, change, reload, told, write_protect

pytestmark = pytest.mark.usefixtures("unloaded")


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
