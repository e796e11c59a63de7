"""What the doors hand in: one message as it was asked for, read but not yet checked."""

import ast
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from .errors import InvalidRequest
from .recipients import NO_VALUE
from .when import read_duration, read_moment

_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0"})
_SHORTEST_VALIDITY: Final = timedelta(minutes=1)
_LONGEST_VALIDITY: Final = timedelta(hours=48)
LONGEST_DELAY: Final = timedelta(days=365)
_LONGEST_RETRY: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsRequest:
    """A message to send; None stands for what the caller left to the account's settings.

    `recipients` are ids of recipients, `receivers` whatever the caller wrote: phone
    numbers or recipients' names. A `send_at` without a zone is the house's time.
    `retry_for` is how long to keep trying when OVHcloud is out of reach; without
    `queue` the caller is told at once instead.
    """

    message: str
    title: str | None = None
    recipients: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    document_url: str | None = None
    slot_id: str | None = None
    sender: str | None = None
    short_number: bool | None = None
    no_stop_clause: bool | None = None
    priority: str | None = None
    delay: timedelta | None = None
    send_at: datetime | None = None
    validity: timedelta | None = None
    retry_for: timedelta | None = None
    queue: bool | None = None
    tag: str | None = None
    message_class: str | None = None
    coding: str | None = None
    charset: str | None = None
    bypass_limits: bool = False


def read_request(
    fields: Mapping[str, object], recipients: tuple[str, ...] = ()
) -> SmsRequest:
    """Return the request that a caller's fields make, whatever types they came in."""
    given: dict[str, Any] = {"message": ""}
    for name, (wish, read) in _FIELDS.items():
        if (value := fields.get(name)) is not None:
            given[wish] = read(value, name)
    request = SmsRequest(recipients=recipients, **given)
    _check_times(request)
    if request.message.strip() in NO_VALUE:
        raise InvalidRequest("message_no_value", value=request.message.strip())
    named = (
        request.recipients or request.receivers,
        request.document_url,
        request.slot_id,
    )
    if sum(map(bool, named)) > 1:
        raise InvalidRequest("receivers_twice")
    return request


def _check_times(request: SmsRequest) -> None:
    """Refuse times that cannot be meant."""
    if request.delay is not None and request.send_at is not None:
        raise InvalidRequest("delay_and_send_at")
    if request.delay is not None and request.delay > LONGEST_DELAY:
        raise InvalidRequest("delay_too_long")
    if request.validity is not None and not (
        _SHORTEST_VALIDITY <= request.validity <= _LONGEST_VALIDITY
    ):
        raise InvalidRequest("validity_out_of_range")
    if request.retry_for is not None and request.retry_for > _LONGEST_RETRY:
        raise InvalidRequest("retry_for_too_long")


def _text(value: object, name: str) -> str:
    match value:
        case str():
            return value
        case int() | float() if not isinstance(value, bool):
            # Python writes no number of thousands of digits.
            with suppress(ValueError):
                return str(value)
    raise InvalidRequest("field_not_text", field=name)


def _boolean(value: object, name: str) -> bool:
    match value:
        case bool():
            return value
        case int() if value in (0, 1):
            return value == 1
        case str() if value.strip().lower() in _TRUE:
            return True
        case str() if value.strip().lower() in _FALSE:
            return False
        case _:
            raise InvalidRequest("field_not_boolean", field=name)


def _receivers(value: object, name: str) -> tuple[str, ...]:
    """Return a list of texts, also from one text as templates render it."""
    if isinstance(value, str) and value.strip().startswith("["):
        value = _rendered_list(value)
    match value:
        case str():
            return tuple(piece.strip() for piece in value.split(",") if piece.strip())
        case list() | tuple() if all(isinstance(each, str) for each in value):
            return tuple(value)
    items = value if isinstance(value, list | tuple) else (value,)
    if any(
        isinstance(each, int | float) and not isinstance(each, bool) for each in items
    ):
        raise InvalidRequest("receivers_not_quoted")
    raise InvalidRequest("field_not_list", field=name)


def _rendered_list(text: str) -> object:
    """Return the list that a text shows, or the text where it shows none."""
    try:
        value: object = ast.literal_eval(text.strip())
    except SyntaxError, ValueError, TypeError, MemoryError, RecursionError:
        return text
    return value


# What the fields of a call are in a request, and how each of them is read.
_FIELDS: Final[Mapping[str, tuple[str, Callable[[object, str], object]]]] = {
    "message": ("message", _text),
    "title": ("title", _text),
    "receivers": ("receivers", _receivers),
    "receivers_document_url": ("document_url", _text),
    "receivers_slot_id": ("slot_id", _text),
    "sender": ("sender", _text),
    "sender_for_response": ("short_number", _boolean),
    "no_stop_clause": ("no_stop_clause", _boolean),
    "priority": ("priority", _text),
    "delay": ("delay", read_duration),
    "send_at": ("send_at", lambda value, _: read_moment(value)),
    "validity": ("validity", read_duration),
    "retry_for": ("retry_for", read_duration),
    "queue": ("queue", _boolean),
    "tag": ("tag", _text),
    "message_class": ("message_class", _text),
    "coding": ("coding", _text),
    "charset": ("charset", _text),
    "bypass_limits": ("bypass_limits", _boolean),
}
