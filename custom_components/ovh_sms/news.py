"""What happened to messages, told to entities, triggers and questions."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import (
    async_dispatcher_connect,
    async_dispatcher_send,
)
from homeassistant.helpers.start import async_at_started
from homeassistant.util.signal_type import SignalType

from .const import DOMAIN
from .sms.awaited import Receipt
from .sms.message import Outcome
from .sms.recipients import Recipient
from .sms.reply_reader import Received
from .sms.states import State


class Happening(StrEnum):
    """What can happen to a message or to its delivery to a number."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of a message, or of its delivery to one number of `total`.

    The recipient is None for a bare number, and for a message to several recipients.
    """

    happening: Happening
    message_id: str
    recipient_id: str | None
    recipient: str | None
    index: int | None
    total: int
    state: State
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An SMS that somebody sent back; of `known` ones the recipient is told.

    `received_at` is when it reached OVHcloud: it may be told late.
    """

    recipient_id: str | None
    recipient: str | None
    known: bool
    text: str
    sender: str
    tag: str
    received_at: datetime | None = None


type Item = Delivery | Reply

# Sent with the id of the config entry.
_SIGNAL: Final = SignalType[str, Item](f"{DOMAIN}_news")
# Those of the whole message come once, those of a number once for each.
_OF_MESSAGE: Final = {
    State.ACCEPTED: Happening.ACCEPTED,
    State.PARTIAL: Happening.ACCEPTED,
    State.WAITING: Happening.QUEUED,
}
_OF_NUMBER: Final = {
    State.REFUSED: Happening.FAILED,
    State.EXPIRED: Happening.EXPIRED,
    State.UNKNOWN: Happening.UNKNOWN,
}
_OF_RECEIPT: Final = {
    State.DELIVERED: Happening.DELIVERED,
    State.FAILED: Happening.FAILED,
    State.UNCONFIRMED: Happening.EXPIRED,
}


class News:
    """Tells what happened, once there is somebody to hear it."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Hold back what happens until it is started."""
        self._hass = hass
        self._entry_id = entry_id
        self._is_heard = False
        self._held: list[tuple[tuple[Item, ...], Callable[[], None]]] = []
        self._forget_start: CALLBACK_TYPE | None = None

    @callback
    def async_start(self) -> None:
        """Tell what was held back, once the automations that may wait for it run."""
        self._forget_start = async_at_started(self._hass, self._async_begin)

    @callback
    def async_stop(self) -> None:
        """Hold back from now on: the entities are about to go."""
        self._is_heard = False
        if self._forget_start:
            self._forget_start()
            self._forget_start = None

    @callback
    def tell(self, items: Iterable[Item], told: Callable[[], None]) -> None:
        """Tell what happened, and then that it was told."""
        items = tuple(items)
        if not self._is_heard:
            self._held.append((items, told))
            return
        for item in items:
            async_dispatcher_send(self._hass, _SIGNAL, self._entry_id, item)
        told()

    @callback
    def _async_begin(self, hass: HomeAssistant) -> None:
        self._is_heard = True
        held, self._held = self._held, []
        for items, told in held:
            self.tell(items, told)


@callback
def async_listen(
    hass: HomeAssistant, listener: Callable[[str, Item], None]
) -> CALLBACK_TYPE:
    """Have a listener called with what happens, and the id of its config entry."""
    return async_dispatcher_connect(hass, _SIGNAL, listener)


def deliveries_of(
    outcome: Outcome, recipients: Mapping[str, Recipient]
) -> Iterator[Delivery]:
    """Return what an outcome means for the message and for each of its numbers."""
    receivers = outcome.message.receivers
    named = [_named(receiver.recipient_id, recipients) for receiver in receivers]

    def delivery(
        happening: Happening,
        recipient: tuple[str | None, str | None],
        index: int | None = None,
        state: State = outcome.state,
    ) -> Delivery:
        return Delivery(
            happening=happening,
            message_id=outcome.message.message_id,
            recipient_id=recipient[0],
            recipient=recipient[1],
            index=index,
            total=len(receivers),
            state=state,
            reason=outcome.reason,
        )

    of_all = named[0] if len(set(named)) == 1 else (None, None)
    if happening := _OF_MESSAGE.get(outcome.state):
        yield delivery(happening, of_all)
    if not outcome.is_over:
        return
    if not receivers and (happening := _OF_NUMBER.get(outcome.state)):
        # Who receives is in a file that OVHcloud has.
        yield delivery(happening, of_all)
    for index, (receiver, name) in enumerate(zip(receivers, named, strict=True), 1):
        state = outcome.state
        if state is State.PARTIAL and receiver.number in outcome.invalid:
            state = State.REFUSED
        if happening := _OF_NUMBER.get(state):
            yield delivery(happening, name, index, state)


def delivery_of(receipt: Receipt, recipients: Mapping[str, Recipient]) -> Delivery:
    """Return what a receipt means."""
    message_id, position = receipt.key
    recipient_id, recipient = _named(receipt.recipient_id, recipients)
    return Delivery(
        happening=_OF_RECEIPT[receipt.state],
        message_id=message_id,
        recipient_id=recipient_id,
        recipient=recipient,
        index=position + 1,
        total=receipt.total,
        state=receipt.state,
        reason=receipt.reason,
    )


def reply_of(received: Received, recipients: Mapping[str, Recipient]) -> Reply:
    """Return a reply with whose it is: of several with one number, who was written to last."""
    sms = received.sms
    owners = {
        recipient.recipient_id: recipient
        for recipient in recipients.values()
        if sms.sender in recipient.numbers
    }
    first = next(iter(owners.values()), None)
    recipient = owners.get(received.recipient_id or "", first)
    return Reply(
        recipient_id=recipient.recipient_id if recipient else None,
        recipient=recipient.name if recipient else None,
        known=recipient is not None,
        text=sms.text,
        sender=sms.sender,
        tag=sms.tag,
        received_at=sms.created,
    )


def _named(
    recipient_id: str | None, recipients: Mapping[str, Recipient]
) -> tuple[str | None, str | None]:
    """Return the recipient's id and name, unless it is a bare number or removed."""
    recipient = recipients.get(recipient_id or "")
    return (recipient.recipient_id, recipient.name) if recipient else (None, None)
