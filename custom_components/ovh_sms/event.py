"""What became of messages, as events."""

from dataclasses import asdict
from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account import OvhSmsConfigEntry
from .entity import AccountEntity
from .news import Delivery, Happening, Item, async_listen

PARALLEL_UPDATES = 0

DELIVERY: Final = EventEntityDescription(
    key="delivery",
    translation_key="delivery",
    event_types=[each.value for each in Happening],
)
# What of it is told; neither a number nor a text.
_TOLD: Final = ("message_id", "recipient", "index", "total", "state", "reason")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OvhSmsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the events of an account."""
    async_add_entities([DeliveryEvents(entry.runtime_data, DELIVERY)])


class DeliveryEvents(AccountEntity, EventEntity):
    """An event for whatever becomes of a message; no number and no text in it."""

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to what becomes of messages."""
        await super().async_added_to_hass()
        self.async_on_remove(async_listen(self.hass, self._hear))

    @callback
    def _hear(self, entry_id: str, item: Item) -> None:
        if entry_id != self.account.entry.entry_id or not isinstance(item, Delivery):
            return
        told = asdict(item)
        self._trigger_event(item.happening, {name: told[name] for name in _TOLD})
        self.async_write_ha_state()
