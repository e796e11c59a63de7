"""The contract behind an account: expired, or not paid."""

from datetime import date, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from simulator import ACCOUNT, Fault, Simulator
from tests.conftest import texts
from tests.test_coordinator import coordinator_of, send, settle, wait
from tests.test_repairs import repair

from .conftest import KITCHEN, reason, told

pytestmark = pytest.mark.usefixtures("unloaded")

SERVICE = f"/sms/{ACCOUNT}/serviceInfos"
DISABLED = "account_disabled"


def text(hass: HomeAssistant, entry: MockConfigEntry) -> str | None:
    """Return which text the repair has, if it is there."""
    issue = repair(hass, DISABLED, entry)
    return issue.translation_key if issue else None


class TestService:
    """What the repair says, and when."""

    @pytest.mark.parametrize("status", ["unPaid", "pendingDebt"])
    async def test_not_paid(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
        status: str,
    ) -> None:
        """Say so while messages still leave, and until it is paid."""
        sim.world.accounts[ACCOUNT].service_status = status
        await wait(hass, freezer)
        assert text(hass, account) is None
        await wait(hass, freezer, timedelta(hours=1))
        assert text(hass, account) == "account_unpaid"
        assert reason(hass) is None
        await send(hass)
        assert texts(sim, KITCHEN) == ["Water!"]
        sim.world.accounts[ACCOUNT].service_status = "ok"
        await wait(hass, freezer)
        assert text(hass, account) is None

    async def test_disabled_because_not_paid(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """Ask for the reason as soon as the account is disabled."""
        at_ovhcloud = sim.world.accounts[ACCOUNT]
        at_ovhcloud.service_status = "unPaid"
        at_ovhcloud.status = "disable"
        await wait(hass, freezer)
        assert text(hass, account) == "account_unpaid"
        assert reason(hass) == "account_disabled"
        at_ovhcloud.service_status = "ok"
        await wait(hass, freezer)
        assert text(hass, account) == "account_disabled"
        at_ovhcloud.status = "enable"
        await wait(hass, freezer)
        assert text(hass, account) is None
        assert reason(hass) is None

    async def test_expired(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
    ) -> None:
        """Say since when nothing can be sent."""
        sim.world.accounts[ACCOUNT].service_status = "expired"
        sim.world.accounts[ACCOUNT].expiration = date(2026, 11, 20)
        await wait(hass, freezer)
        assert text(hass, account) == "account_expired"
        words = told(hass, DISABLED, account)
        assert (words["date"], words["service_name"]) == ("2026-11-20", ACCOUNT)
        assert reason(hass) == "account_disabled"
        sim.world.accounts[ACCOUNT].service_status = "ok"
        await wait(hass, freezer)
        assert text(hass, account) is None

    @pytest.mark.parametrize("status", ["ok", "autorenewInProgress", "inCreation"])
    async def test_nothing_to_do(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
        status: str,
    ) -> None:
        """Say nothing of what needs no act of the user's."""
        sim.world.accounts[ACCOUNT].service_status = status
        await wait(hass, freezer, timedelta(hours=1))
        service = coordinator_of(account).service
        assert service and service.status == status
        assert text(hass, account) is None

    @pytest.mark.parametrize(
        ("fault", "stays"),
        [
            (Fault("forbidden", path=SERVICE, reason="NOT_GRANTED_CALL"), False),
            (Fault("status", status=503, path=SERVICE), True),
            (Fault("reset", path=SERVICE), True),
        ],
    )
    async def test_not_told(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        account: MockConfigEntry,
        sim: Simulator,
        fault: Fault,
        stays: bool,
    ) -> None:
        """Stay with what was known, but for what can never be known any more."""
        sim.world.accounts[ACCOUNT].service_status = "unPaid"
        await wait(hass, freezer, timedelta(hours=1))
        sim.faults.add(fault)
        sim.world.accounts[ACCOUNT].credits_left = 77
        await wait(hass, freezer)
        assert (text(hass, account) == "account_unpaid") is stays
        assert coordinator_of(account).data.account.credits_left == 77
        await settle(hass)
        assert reason(hass) is None
