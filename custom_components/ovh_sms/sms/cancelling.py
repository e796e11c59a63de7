"""Cancelling what has not left yet, here and at OVHcloud."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
import logging
import sqlite3
from typing import Final

from ..gateway.errors import GatewayError, OutcomeUnknown
from ..gateway.protocol import AccountGateway, Gateway
from . import history
from .clock import Clock
from .errors import InvalidRequest
from .history import Delivery, Line
from .ledger import Ledger
from .pending import pending_ids, scopes
from .privacy import mask
from .states import State

_LOGGER = logging.getLogger(__name__)


class Kept(StrEnum):
    """Why an SMS was not cancelled, if OVHcloud could be asked."""

    LEFT = "left"
    GONE = "gone"
    SENDING = "sending"
    UNKNOWN = "unknown"
    NEVER_LEFT = "never_left"
    NO_ID = "no_id"
    UNANSWERED = "unanswered"
    SMS_USER = "sms_user"


# The states of a message in which nothing of it can be cancelled.
_KEPT: Final = {
    State.WAITING: Kept.SENDING,
    State.SENDING: Kept.SENDING,
    State.UNKNOWN: Kept.UNKNOWN,
    State.REFUSED: Kept.NEVER_LEFT,
    State.EXPIRED: Kept.NEVER_LEFT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCancelled:
    """An SMS, or a whole message, that was not cancelled, and why."""

    why: Kept | GatewayError
    message_id: str | None = None
    sms_id: int | None = None
    recipient_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """What was cancelled: whole messages, and SMS that waited at OVHcloud."""

    message_ids: tuple[str, ...] = ()
    sms_ids: tuple[int, ...] = ()
    not_cancelled: tuple[NotCancelled, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sms:
    """An SMS to cancel at OVHcloud; `number` is the virtual number that it waits at."""

    sms_id: int
    line: Line | None = None
    delivery: Delivery | None = None
    number: str | None = None
    is_placed: bool = False
    is_waiting: bool = True

    @property
    def state(self) -> State:
        """Return how far it came, as far as we know."""
        return self.delivery.state if self.delivery else State.ACCEPTED

    def kept(self, why: Kept | GatewayError) -> NotCancelled:
        """Tell why it was not cancelled."""
        return NotCancelled(
            why=why,
            message_id=self.line.message_id if self.line else None,
            sms_id=self.sms_id,
            recipient_id=self.delivery.recipient_id if self.delivery else None,
        )


class Canceller:
    """Cancels messages of one account, for a caller who waits for it."""

    def __init__(
        self,
        ledger: Ledger,
        gateway: Gateway,
        clock: Clock,
        service_name: str,
        senders: Iterable[str],
    ) -> None:
        """Take what there is to look in; `senders` are the virtual numbers in use."""
        self._ledger = ledger
        self._gateway = gateway
        self._clock = clock
        self._service_name = service_name
        self._senders = senders
        self._cancelled: list[int] = []
        self._not_cancelled: list[NotCancelled] = []
        self._failure: GatewayError | None = None

    def cancel_message(self, message_id: str) -> Cancellation:
        """Cancel a message, wherever it waits."""
        line = self._line(message_id)
        if line.state is State.WAITING:
            if self._ledger.cancel(message_id, self._clock.now()):
                return Cancellation(message_ids=(message_id,))
            # It was handed over this instant.
            line = self._line(message_id)
        if line.state in _KEPT:
            kept = NotCancelled(why=_KEPT[line.state], message_id=message_id)
            return Cancellation(not_cancelled=(kept,))
        if not line.deliveries:
            # Who receives is in a file, and OVHcloud gave no ids.
            self._not_cancelled.append(
                NotCancelled(why=Kept.NO_ID, message_id=message_id)
            )
        waiting = []
        for delivery in line.deliveries:
            if delivery.state in (State.CANCELLED, State.REFUSED):
                continue
            if delivery.sms_id is not None:
                waiting.append(_sms(delivery.sms_id, line))
            else:
                self._not_cancelled.append(
                    NotCancelled(
                        why=Kept.NO_ID if self._reader else Kept.SMS_USER,
                        message_id=message_id,
                        recipient_id=delivery.recipient_id,
                    )
                )
        self._cancel(waiting)
        return self._result([message_id])

    def cancel_sms(self, sms_ids: Iterable[int]) -> Cancellation:
        """Cancel SMS by OVHcloud's ids, also those that are no message of ours."""
        sms_ids = tuple(dict.fromkeys(sms_ids))
        lines = history.with_sms(self._ledger, sms_ids)
        self._cancel([_sms(sms_id, lines.get(sms_id)) for sms_id in sms_ids])
        return self._result(line.message_id for line in lines.values())

    @property
    def _reader(self) -> AccountGateway | None:
        """Return the way to what waits at OVHcloud, if there is one."""
        return self._gateway if isinstance(self._gateway, AccountGateway) else None

    def _line(self, message_id: str) -> Line:
        for line in history.named(self._ledger, [message_id]):
            return line
        raise InvalidRequest("message_unknown", message_id=mask(message_id)[:40])

    def _result(self, message_ids: Iterable[str]) -> Cancellation:
        lines = history.named(self._ledger, dict.fromkeys(message_ids))
        return Cancellation(
            message_ids=tuple(
                line.message_id for line in lines if line.state is State.CANCELLED
            ),
            sms_ids=tuple(self._cancelled),
            not_cancelled=tuple(self._not_cancelled),
        )

    def _cancel(self, every: Iterable[_Sms]) -> None:
        """Cancel SMS that OVHcloud took, as far as they wait there."""
        waiting: list[_Sms] = []
        for sms in every:
            if sms.state is State.ACCEPTED:
                waiting.append(sms)
            elif sms.state is State.CANCELLED:
                self._cancelled.append(sms.sms_id)
            else:
                self._keep(Kept.LEFT, sms)
        if (gateway := self._reader) is None:
            self._keep(Kept.SMS_USER, *waiting)
            return
        try:
            waiting = self._placed(gateway, waiting)
        except GatewayError as failure:
            self._keep(failure, *waiting)
            return
        gone: list[tuple[_Sms, Kept]] = []
        for sms in waiting:
            # Where OVHcloud could not be asked, the next ones need not wait for it too.
            why = self._failure or self._delete(gateway, sms)
            if why is None:
                self._note(sms)
            elif isinstance(why, Kept) and not self._failure:
                gone.append((sms, why))
            else:
                self._keep(why, sms)
        self._tell_gone(gateway, gone)

    def _keep(self, why: Kept | GatewayError, *every: _Sms) -> None:
        self._not_cancelled += [sms.kept(why) for sms in every]

    def _placed(self, gateway: AccountGateway, waiting: Sequence[_Sms]) -> list[_Sms]:
        """Find out where SMS wait of which that is not written down."""
        if all(sms.is_placed for sms in waiting):
            return list(waiting)
        places = {
            sms_id: number
            for number in scopes(self._ledger, self._clock, self._senders)
            for sms_id in pending_ids(gateway, self._service_name, number)
        }
        return [
            sms
            if sms.is_placed
            else replace(
                sms,
                number=places.get(sms.sms_id),
                is_waiting=sms.sms_id in places,
            )
            for sms in waiting
        ]

    def _delete(self, gateway: AccountGateway, sms: _Sms) -> Kept | GatewayError | None:
        """Make the call, again if its answer is missing; None if the SMS is cancelled."""
        try:
            return None if self._is_deleted(gateway, sms) else Kept.GONE
        except OutcomeUnknown as failure:
            _LOGGER.debug(
                "It is cancelled once more, for want of an answer: %s", failure
            )
        except GatewayError as failure:
            self._failure = failure
            return failure
        try:
            return None if self._is_deleted(gateway, sms) else Kept.UNANSWERED
        except GatewayError as failure:
            self._failure = failure
            return Kept.UNANSWERED

    def _is_deleted(self, gateway: AccountGateway, sms: _Sms) -> bool:
        return sms.is_waiting and gateway.cancel(
            self._service_name, sms.sms_id, sms.number
        )

    def _note(self, sms: _Sms) -> None:
        """Write down what OVHcloud did: it stands, whatever the disk does."""
        self._cancelled.append(sms.sms_id)
        if sms.line is None:
            return
        try:
            self._ledger.cancel_sms(sms.line.message_id, sms.sms_id, self._clock.now())
        except sqlite3.Error:
            _LOGGER.exception("A cancelled SMS could not be written down")

    def _tell_gone(
        self, gateway: AccountGateway, gone: Iterable[tuple[_Sms, Kept]]
    ) -> None:
        """Tell apart what has left, what was cancelled already, and what nobody knows."""
        by_number: dict[str | None, list[tuple[_Sms, Kept]]] = {}
        for sms, why in gone:
            by_number.setdefault(sms.number, []).append((sms, why))
        for number, group in by_number.items():
            try:
                records = gateway.outgoing_sms(
                    self._service_name, [sms.sms_id for sms, _ in group], number
                )
            except GatewayError as failure:
                _LOGGER.debug("It could not be read what has left: %s", failure)
                for sms, why in group:
                    self._keep(why, sms)
                continue
            left = {record.sms_id for record in records}
            for sms, why in group:
                if sms.sms_id in left:
                    self._keep(Kept.LEFT, sms)
                elif self._is_early(sms):
                    # Somebody else has cancelled it, or the call without an answer has.
                    self._note(sms)
                else:
                    self._keep(why, sms)

    def _is_early(self, sms: _Sms) -> bool:
        """Tell whether it was to leave later than now."""
        leaves_at = sms.line.send_at if sms.line else None
        return sms.is_placed and leaves_at is not None and self._clock.now() < leaves_at


def _sms(sms_id: int, line: Line | None) -> _Sms:
    if line is None:
        return _Sms(sms_id=sms_id)
    return _Sms(
        sms_id=sms_id,
        line=line,
        delivery=next(each for each in line.deliveries if each.sms_id == sms_id),
        number=line.virtual_number,
        # The virtual number is forgotten together with the text.
        is_placed=line.text is not None,
    )
