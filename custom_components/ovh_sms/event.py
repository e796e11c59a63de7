"""What became of messages, as events."""

from dataclasses import asdict
from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import restore_state
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account import OvhSmsConfigEntry
from .const import AUTH_SMS_USER, CONF_AUTH_METHOD
from .entity import AccountEntity
from .news import Delivery, Happening, Item, Reply, async_listen

PARALLEL_UPDATES = 0

DELIVERY: Final = EventEntityDescription(
    key="delivery",
    translation_key="delivery",
    event_types=[each.value for each in Happening],
)
REPLY: Final = EventEntityDescription(
    key="reply", translation_key="reply", event_types=["received"]
)
# What of a delivery is told; neither a number nor a text.
_TOLD: Final = ("message_id", "recipient", "index", "total", "state", "reason")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OvhSmsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the events of an account; an SMS user cannot read replies."""
    account = entry.runtime_data
    async_add_entities([DeliveryEvents(account, DELIVERY)])
    if entry.data[CONF_AUTH_METHOD] != AUTH_SMS_USER:
        async_add_entities([ReplyEvents(account, REPLY)])


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


class ReplyEvents(AccountEntity, EventEntity):
    """An event for whatever is sent back; text and number are kept nowhere.

    What Home Assistant would store to show it again after a restart holds both.
    """

    _unrecorded_attributes = frozenset({"text", "sender"})

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to replies."""
        await super().async_added_to_hass()
        restore_state.async_get(self.hass).entities.pop(self.entity_id, None)
        self.async_on_remove(async_listen(self.hass, self._hear))

    @override
    async def async_internal_will_remove_from_hass(self) -> None:
        """Leave nothing to be stored behind, as an entity that is restored would."""
        await super(
            restore_state.RestoreEntity, self
        ).async_internal_will_remove_from_hass()

    async def async_update(self) -> None:
        """Read replies at once."""
        self.account.incoming.async_hint_replies()

    @callback
    def _hear(self, entry_id: str, item: Item) -> None:
        if entry_id != self.account.entry.entry_id or not isinstance(item, Reply):
            return
        received_at = item.received_at and item.received_at.isoformat()
        self._trigger_event(
            "received",
            {
                "recipient": item.recipient,
                "known": item.known,
                "text": item.text,
                "sender": item.sender,
                "received_at": received_at,
            },
        )
        self.async_write_ha_state()
