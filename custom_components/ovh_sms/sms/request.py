"""What the doors hand in: one message as it was asked for, read but not yet checked."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

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
    request = SmsRequest(
        message=_text(fields, "message") or "",
        title=_text(fields, "title"),
        recipients=recipients,
        receivers=_receivers(fields.get("receivers")),
        document_url=_text(fields, "receivers_document_url"),
        slot_id=_text(fields, "receivers_slot_id"),
        sender=_text(fields, "sender"),
        short_number=_boolean(fields, "sender_for_response"),
        no_stop_clause=_boolean(fields, "no_stop_clause"),
        priority=_text(fields, "priority"),
        delay=_duration(fields, "delay"),
        send_at=_moment(fields, "send_at"),
        validity=_duration(fields, "validity"),
        retry_for=_duration(fields, "retry_for"),
        queue=_boolean(fields, "queue"),
        tag=_text(fields, "tag"),
        message_class=_text(fields, "message_class"),
        coding=_text(fields, "coding"),
        charset=_text(fields, "charset"),
        bypass_limits=_boolean(fields, "bypass_limits") or False,
    )
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


def _text(fields: Mapping[str, object], name: str) -> str | None:
    match fields.get(name):
        case None:
            return None
        case bool():
            raise InvalidRequest("field_not_text", field=name)
        case str() as value:
            return value
        case int() | float() as value:
            try:
                return str(value)
            except ValueError:
                # Python writes no number of thousands of digits.
                raise InvalidRequest("field_not_text", field=name) from None
        case _:
            raise InvalidRequest("field_not_text", field=name)


def _boolean(fields: Mapping[str, object], name: str) -> bool | None:
    match fields.get(name):
        case None:
            return None
        case bool() as value:
            return value
        case int() as value if value in (0, 1):
            return value == 1
        case str() as value if value.strip().lower() in _TRUE:
            return True
        case str() as value if value.strip().lower() in _FALSE:
            return False
        case _:
            raise InvalidRequest("field_not_boolean", field=name)


def _duration(fields: Mapping[str, object], name: str) -> timedelta | None:
    value = fields.get(name)
    return None if value is None else read_duration(value, name)


def _moment(fields: Mapping[str, object], name: str) -> datetime | None:
    value = fields.get(name)
    return None if value is None else read_moment(value)


def _receivers(value: object) -> tuple[str, ...]:
    """Return a list of texts, also from one text as templates render it."""
    if isinstance(value, str) and value.strip().startswith("["):
        value = _rendered_list(value)
    match value:
        case None:
            return ()
        case str():
            return tuple(piece.strip() for piece in value.split(",") if piece.strip())
        case list() | tuple() if all(isinstance(each, str) for each in value):
            return tuple(value)
    items = value if isinstance(value, list | tuple) else (value,)
    if any(
        isinstance(each, int | float) and not isinstance(each, bool) for each in items
    ):
        raise InvalidRequest("receivers_not_quoted")
    raise InvalidRequest("field_not_list", field="receivers")


def _rendered_list(text: str) -> object:
    """Return the list that a text shows, or the text where it shows none."""
    try:
        value: object = ast.literal_eval(text.strip())
    except SyntaxError, ValueError, TypeError, MemoryError, RecursionError:
        return text
    return value
