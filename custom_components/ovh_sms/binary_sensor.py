"""Whether an account can send now, and why not."""

import asyncio
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account import OvhSmsConfigEntry
from .entity import StandingEntity

PARALLEL_UPDATES = 0

PROBLEM: Final = BinarySensorEntityDescription(
    key="problem",
    translation_key="problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OvhSmsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensor of an account."""
    async_add_entities([ProblemSensor(entry.runtime_data, PROBLEM)])


class ProblemSensor(StandingEntity, BinarySensorEntity):
    """On while the account cannot send."""

    @property
    @override
    def shows(self) -> object:
        """Return what keeps the account from sending."""
        return self.account.troubles.problem

    @property
    @override
    def is_on(self) -> bool:
        """Return whether something keeps the account from sending."""
        return self.account.troubles.problem is not None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return what it is."""
        return {"reason": self.account.troubles.problem}

    @override
    async def async_look(self) -> None:
        """See what OVHcloud says, too."""
        looks = [super().async_look()]
        if self.account.coordinator:
            # At once: those who ask together share one reading.
            looks.append(self.account.coordinator.async_read_now())
        await asyncio.gather(*looks)
