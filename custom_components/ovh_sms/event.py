"""What became of messages, as events."""

from collections.abc import Iterator
from typing import Any, Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account import OvhSmsConfigEntry
from .entity import AccountEntity
from .sms.message import Outcome
from .sms.recipients import Receiver
from .sms.states import State

PARALLEL_UPDATES = 0

ACCEPTED: Final = "accepted"
QUEUED: Final = "queued"
FAILED: Final = "failed"
EXPIRED: Final = "expired"
UNKNOWN: Final = "unknown"
DELIVERY: Final = EventEntityDescription(
    key="delivery",
    translation_key="delivery",
    event_types=[ACCEPTED, QUEUED, "delivered", FAILED, EXPIRED, UNKNOWN],
)
# Those of the whole message come once, those of a number once for each.
_OF_MESSAGE: Final = {
    State.ACCEPTED: ACCEPTED,
    State.PARTIAL: ACCEPTED,
    State.WAITING: QUEUED,
}
_OF_NUMBER: Final = {
    State.REFUSED: FAILED,
    State.EXPIRED: EXPIRED,
    State.UNKNOWN: UNKNOWN,
}


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
        listeners = self.account.listeners
        listeners.append(self._tell)
        self.async_on_remove(lambda: listeners.remove(self._tell))

    @callback
    def _tell(self, outcome: Outcome) -> None:
        for event_type, attributes in self._events(outcome):
            self._trigger_event(event_type, attributes)
            self.async_write_ha_state()

    def _events(self, outcome: Outcome) -> Iterator[tuple[str, dict[str, Any]]]:
        receivers = outcome.message.receivers
        names = [self._name(receiver) for receiver in receivers]
        told = {
            "message_id": outcome.message.message_id,
            "recipient": names[0] if len(set(names)) == 1 else None,
            "index": None,
            "total": len(receivers),
            "state": outcome.state.value,
            "reason": outcome.reason,
        }
        if event_type := _OF_MESSAGE.get(outcome.state):
            yield event_type, told
        if not outcome.is_over:
            return
        if not receivers and (event_type := _OF_NUMBER.get(outcome.state)):
            # Who receives is in a file that OVHcloud has.
            yield event_type, told
        for index, (receiver, name) in enumerate(zip(receivers, names, strict=True), 1):
            state = outcome.state
            if state is State.PARTIAL and receiver.number in outcome.invalid:
                state = State.REFUSED
            if event_type := _OF_NUMBER.get(state):
                yield (
                    event_type,
                    told | {"recipient": name, "index": index, "state": state.value},
                )

    def _name(self, receiver: Receiver) -> str | None:
        """Return the name of a recipient, unless it is a bare number or removed."""
        recipient = self.account.recipients.get(receiver.recipient_id or "")
        return recipient.name if recipient else None
