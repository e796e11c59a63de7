"""How far a message, or its delivery to one number, can come: the one table of it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """How far a message, or its delivery to one number, has come."""

    WAITING = "waiting"
    SENDING = "sending"
    ACCEPTED = "accepted"
    PARTIAL = "partial"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    UNCONFIRMED = "unconfirmed"
    CANCELLED = "cancelled"
    # Only told to the caller: what was sent a moment ago is not written down again.
    DUPLICATE = "duplicate"


# A message is written down as being sent, or as waiting where OVHcloud wants a pause.
BEGINNINGS: Final = frozenset({State.SENDING, State.WAITING})
# The states that each state can follow. Nothing else changes a state.
ORIGINS: Final[Mapping[State, frozenset[State]]] = {
    # It did not leave: it is tried again.
    State.WAITING: frozenset({State.SENDING}),
    # Its turn has come, or it is proven that OVHcloud does not have it.
    State.SENDING: frozenset({State.WAITING, State.UNKNOWN}),
    # OVHcloud said so at once, or when it was looked up.
    State.ACCEPTED: frozenset({State.SENDING, State.UNKNOWN}),
    State.PARTIAL: frozenset({State.SENDING, State.UNKNOWN}),
    State.REFUSED: frozenset({State.SENDING}),
    # The answer is missing; or a backup was restored, and it may have left since.
    State.UNKNOWN: frozenset({State.SENDING, State.WAITING}),
    # Too late to be of use: it never left.
    State.EXPIRED: frozenset({State.SENDING, State.WAITING, State.UNKNOWN}),
    State.CANCELLED: frozenset({State.WAITING, State.ACCEPTED, State.PARTIAL}),
    # Of a delivery only: what the operator told OVHcloud, or that it never told.
    State.DELIVERED: frozenset({State.ACCEPTED}),
    State.FAILED: frozenset({State.ACCEPTED}),
    State.UNCONFIRMED: frozenset({State.ACCEPTED}),
}
# A message in one of these states has not come to its end.
OPEN: Final = (State.WAITING, State.SENDING, State.UNKNOWN)
# A delivery in one of these states was taken by OVHcloud, whatever came of it.
TAKEN: Final = (State.ACCEPTED, State.DELIVERED, State.FAILED, State.UNCONFIRMED)
# A message in one of these states cost nothing and counts for no limit.
FREE: Final = (State.REFUSED, State.EXPIRED, State.CANCELLED)
