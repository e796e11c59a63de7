"""What the event entity of an account tells, and time that passes for an account."""

import asyncio
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.ovh_sms.account import ledger_path
from custom_components.ovh_sms.sms.ledger_file import inspect
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers.event import async_track_state_change_event
from simulator import Simulator

DELIVERY = "event.home_delivery"
NEVER_TOLD = ("unknown", "unavailable")


class Deliveries:
    """The events that an entity has told, the first one first."""

    def __init__(self, hass: HomeAssistant, entity_id: str = DELIVERY) -> None:
        """Begin to listen."""
        self.told: list[State] = []
        async_track_state_change_event(hass, entity_id, self._keep)

    @callback
    def _keep(self, event: Event[EventStateChangedData]) -> None:
        """Keep an event; that an entity comes back after a reload is none."""
        old, new = event.data["old_state"], event.data["new_state"]
        if old and new and new.state not in NEVER_TOLD and old.state != "unavailable":
            self.told.append(new)

    @property
    def types(self) -> list[str]:
        """Return what kinds of events there were."""
        return [state.attributes["event_type"] for state in self.told]

    def shown(self, *names: str) -> list[tuple[Any, ...]]:
        """Return some attributes of each event."""
        return [tuple(state.attributes[name] for name in names) for state in self.told]


async def settle(hass: HomeAssistant) -> None:
    """Let everything happen that is due now."""
    await hass.async_block_till_done(wait_background_tasks=True)


async def pass_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float
) -> None:
    """Let what is due happen, time pass, and what is due then happen."""
    await settle(hass)
    freezer.tick(timedelta(seconds=seconds))
    async_fire_time_changed(hass)
    await settle(hass)


async def notify(
    hass: HomeAssistant, message: str = "Water!", service: str = "ovh_sms_kitchen"
) -> None:
    """Send a message by a notify service."""
    await hass.services.async_call(
        "notify", service, {"message": message}, blocking=True
    )


async def states(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, int]:
    """Return how many messages of each state there are on disk."""
    path = ledger_path(hass, entry.entry_id)
    facts = await hass.async_add_executor_job(inspect, path)
    return facts.messages


async def until_asked(sim: Simulator, method: str, path: str, times: int = 1) -> None:
    """Wait until OVHcloud was asked for something so many times."""
    async with asyncio.timeout(10):
        while (
            sum(
                request.method == method and path in request.path
                for request in sim.requests
            )
            < times
        ):
            await asyncio.sleep(0)
