"""The people and groups that an account writes to."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from .errors import InvalidRequest
from .numbers import normalise

# What templates make where there is nothing.
NO_VALUE: Final = frozenset({"None", "unknown", "unavailable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A person or a group, with numbers in E.164.

    `queue` is false for one who has no use for a message that comes late.
    """

    recipient_id: str
    name: str
    numbers: tuple[str, ...]
    sender: str | None = None
    queue: bool = True


@dataclass(frozen=True, slots=True)
class Receiver:
    """A number to send to, and the recipient it belongs to, if any."""

    number: str
    recipient_id: str | None = None
    sender: str | None = None
    queue: bool = True


def resolve(
    recipient_ids: Iterable[str],
    receivers: Collection[str],
    known: Mapping[str, Recipient],
    country: str | None,
) -> tuple[Receiver, ...]:
    """Return the numbers meant, each once, those of recipients first."""
    found: dict[str, Receiver] = {}
    for recipient_id in recipient_ids:
        _add(found, known[recipient_id], *known[recipient_id].numbers)
    _add_written(found, receivers, known, country)
    if not found:
        raise InvalidRequest("no_receivers")
    return tuple(found.values())


def _add_written(
    found: dict[str, Receiver],
    receivers: Collection[str],
    known: Mapping[str, Recipient],
    country: str | None,
) -> None:
    """Add those who are written as names or numbers."""
    if not receivers:
        return
    by_name = {recipient.name.casefold(): recipient for recipient in known.values()}
    by_number = {
        number: recipient
        for recipient in known.values()
        for number in recipient.numbers
    }
    for receiver in receivers:
        written = receiver.strip()
        if recipient := by_name.get(written.casefold()):
            _add(found, recipient, *recipient.numbers)
        elif not written or written in NO_VALUE:
            raise InvalidRequest("receiver_empty", receiver=written)
        else:
            number = normalise(receiver, country)
            _add(found, by_number.get(number), number)


def _add(
    found: dict[str, Receiver], recipient: Recipient | None, *numbers: str
) -> None:
    for number in numbers:
        found.setdefault(
            number,
            Receiver(number, recipient.recipient_id, recipient.sender, recipient.queue)
            if recipient
            else Receiver(number),
        )
