"""What the sensors show of an account that cannot be read, or not all of it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from simulator import (
    ACCOUNT,
    CLIENT_ID,
    CLIENT_SECRET,
    CONSUMER_KEY,
    DEFAULT_RIGHTS,
    USER_LOGIN,
    USER_PASSWORD,
    Simulator,
)
from tests.conftest import make_entry
from tests.test_coordinator import READ_ACCOUNT, READ_KEY, send, set_up, settle, wait
from tests.test_repairs import allow

from .conftest import (
    CREDITS_HELD,
    CREDITS_LEFT,
    CREDITS_USED,
    KEY_EXPIRES,
    OTHERS,
    PENDING_SMS,
    SENT,
    SOON,
    WAITING,
    sensors,
    shown,
    times_read,
    update,
)

pytestmark = pytest.mark.usefixtures("unloaded")


async def test_outage(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    """Show only what is known here, while there is no internet."""
    await sim.refuse()
    await wait(hass, freezer)
    assert shown(hass, CREDITS_LEFT, KEY_EXPIRES) == ["unavailable"] * 2
    assert shown(hass, SENT, WAITING, CREDITS_USED) == ["0", "0", "0.0"]
    assert shown(hass, "binary_sensor.home_problem") == ["off"]
    assert shown(hass, "notify.kitchen") == ["unknown"]
    await send(hass)
    await settle(hass)
    assert shown(hass, WAITING, SENT) == ["1", "0"]
    await sim.accept_again()
    await wait(hass, freezer)
    assert shown(hass, WAITING, SENT) == ["0", "1"]
    await wait(hass, freezer, SOON)
    assert shown(hass, CREDITS_LEFT) == ["249.0"]


async def test_start_without_internet(
    hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry
) -> None:
    """Be there, and say that nothing is known."""
    await sim.refuse()
    await set_up(hass, entry)
    assert shown(hass, CREDITS_LEFT, KEY_EXPIRES) == ["unavailable"] * 2
    assert shown(hass, SENT, WAITING) == ["0", "0"]


async def test_right_removed(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    account: MockConfigEntry,
    sim: Simulator,
) -> None:
    """Go on sending with a key that may not read any more."""
    allow(sim, "POST /sms/*/jobs")
    await wait(hass, freezer, timedelta(hours=1))
    assert shown(hass, CREDITS_LEFT) == ["unavailable"]
    await send(hass)
    await settle(hass)
    assert shown(hass, SENT) == ["1"]
    allow(sim, *map(" ".join, DEFAULT_RIGHTS))
    await wait(hass, freezer)
    assert shown(hass, CREDITS_LEFT) == ["249.0"]


async def test_update_reads_at_once(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    """Read all there is when asked to, once for all who ask together."""
    sim.world.accounts[ACCOUNT].credits_left = 0
    end = datetime(2027, 3, 10, 12, tzinfo=UTC)
    sim.world.consumer_keys[CONSUMER_KEY].expiration = end
    sim.clear_record()
    problem = "binary_sensor.home_problem"
    await update(hass, CREDITS_LEFT, KEY_EXPIRES, SENT, WAITING, problem)
    assert times_read(sim, READ_ACCOUNT, READ_KEY) == 2
    assert shown(hass, CREDITS_LEFT, KEY_EXPIRES, problem) == [
        "0.0",
        end.isoformat(),
        "on",
    ]
    for credits_left in (5, 6):
        sim.world.accounts[ACCOUNT].credits_left = credits_left
        await update(hass, CREDITS_LEFT)
        assert shown(hass, CREDITS_LEFT) == [f"{credits_left}.0"]


@pytest.mark.parametrize(
    ("data", "absent"),
    [
        (
            {"auth_method": "sms_user", "login": USER_LOGIN, "password": USER_PASSWORD},
            {CREDITS_LEFT, CREDITS_HELD, CREDITS_USED, PENDING_SMS, KEY_EXPIRES},
        ),
        (
            {
                "auth_method": "service_account",
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
            },
            {KEY_EXPIRES},
        ),
    ],
)
async def test_what_can_never_be_known_is_not_there(
    hass: HomeAssistant, sim: Simulator, data: dict[str, str], absent: Iterable[str]
) -> None:
    """Have no sensor that would be unknown for ever."""
    entry = make_entry(hass, {"Kitchen": ["+33639980001"]})
    hass.config_entries.async_update_entry(
        entry, data={**data, "service_name": ACCOUNT}
    )
    await set_up(hass, entry)
    everything = {
        *OTHERS,
        CREDITS_LEFT,
        CREDITS_HELD,
        CREDITS_USED,
        PENDING_SMS,
        KEY_EXPIRES,
    }
    assert sensors(hass, entry) == everything - set(absent)
    await send(hass)
    await settle(hass)
    assert shown(hass, SENT) == ["1"]
