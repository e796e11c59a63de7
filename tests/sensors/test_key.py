"""When the key of an account ends."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulator import CONSUMER_KEY, Simulator
from tests.test_coordinator import settle, wait
from tests.test_repairs import repair

from .conftest import KEY_EXPIRES, shown

pytestmark = pytest.mark.usefixtures("unloaded")


async def test_ends(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    """Show the moment, as soon as there is one."""
    assert shown(hass, KEY_EXPIRES) == ["unknown"]
    end = dt_util.utcnow().replace(microsecond=0) + timedelta(days=9)
    sim.world.consumer_keys[CONSUMER_KEY].expiration = end
    await wait(hass, freezer, timedelta(hours=1))
    assert shown(hass, KEY_EXPIRES) == [end.isoformat()]
    assert repair(hass, "key_expiring", account)
    new = sim.world.add_consumer_key().key
    hass.config_entries.async_update_entry(
        account, data={**account.data, "consumer_key": new}
    )
    await settle(hass)
    assert shown(hass, KEY_EXPIRES) == ["unknown"]
    assert not repair(hass, "key_expiring", account)
