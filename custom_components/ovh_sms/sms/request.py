"""What the doors hand in: one message as it was asked for, not looked at yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .errors import InvalidRequest

_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsRequest:
    """A message to send; None stands for what the caller left to the account's settings.

    `recipients` are ids of recipients, `receivers` whatever the caller wrote: phone
    numbers or recipients' names.
    """

    message: str
    title: str | None = None
    recipients: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    sender: str | None = None
    short_number: bool | None = None
    no_stop_clause: bool | None = None
    priority: str | None = None
    tag: str | None = None
    bypass_limits: bool = False


def read_request(
    fields: Mapping[str, object], recipients: tuple[str, ...] = ()
) -> SmsRequest:
    """Return the request that a caller's fields make, whatever types they came in."""
    return SmsRequest(
        message=_text(fields, "message") or "",
        title=_text(fields, "title"),
        recipients=recipients,
        receivers=_list(fields, "receivers"),
        sender=_text(fields, "sender"),
        short_number=_boolean(fields, "sender_for_response"),
        no_stop_clause=_boolean(fields, "no_stop_clause"),
        priority=_text(fields, "priority"),
        tag=_text(fields, "tag"),
        bypass_limits=_boolean(fields, "bypass_limits") or False,
    )


def _text(fields: Mapping[str, object], name: str) -> str | None:
    match fields.get(name):
        case None:
            return None
        case bool():
            raise InvalidRequest("field_not_text", field=name)
        case str() | int() | float() as value:
            return str(value)
        case _:
            raise InvalidRequest("field_not_text", field=name)


def _boolean(fields: Mapping[str, object], name: str) -> bool | None:
    match fields.get(name):
        case None:
            return None
        case bool() as value:
            return value
        case str() | int() as value if str(value).strip().lower() in _TRUE:
            return True
        case str() | int() as value if str(value).strip().lower() in _FALSE:
            return False
        case _:
            raise InvalidRequest("field_not_boolean", field=name)


def _list(fields: Mapping[str, object], name: str) -> tuple[str, ...]:
    """Return a list of texts, also from one text with commas as templates render them."""
    match fields.get(name):
        case None:
            return ()
        case str() as value:
            return tuple(piece.strip() for piece in value.split(",") if piece.strip())
        case list() | tuple() as values if all(isinstance(v, str) for v in values):
            return tuple(values)
        case _:
            raise InvalidRequest("field_not_list", field=name)
