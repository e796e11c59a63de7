"""A limit that has stopped a message."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from simulator import Simulator
from tests.conftest import texts
from tests.test_coordinator import send, settle, wait
from tests.test_repairs import repair

from .conftest import KITCHEN, Repairs, change, reason, reload, told

pytestmark = pytest.mark.usefixtures("unloaded")

DAILY = "limit_reached_daily_limit"
RECIPIENT = "limit_reached_recipient_limit"


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

    async def test_an_older_look_comes_late(
        self, hass: HomeAssistant, account: MockConfigEntry, limit: Limit
    ) -> None:
        """Keep to what was seen last, whoever is slow to tell."""
        troubles = account.runtime_data.troubles
        before = troubles.standing
        await troubles.async_carry_on(limit.option)
        await settle(hass)
        troubles.async_take(before)
        assert not repair(hass, limit.issue, account)
        assert reason(hass) is None

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
