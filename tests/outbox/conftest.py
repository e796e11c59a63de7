"""A message that waits, because OVHcloud was out of reach for a while."""

from homeassistant.core import HomeAssistant
from simulator import Simulator
from tests.deliveries import notify, settle


async def send_during_an_outage(
    hass: HomeAssistant, sim: Simulator, *messages: str
) -> None:
    """Send messages while OVHcloud is out of reach, which it is no more at the end."""
    await sim.refuse()
    for message in messages or ("Water!",):
        await notify(hass, message)
    await settle(hass)
    await sim.accept_again()
