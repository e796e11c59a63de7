"""What a question asks for, read from the fields of a call."""

from collections.abc import Mapping
from datetime import date, datetime, time
import re
from typing import Final

from homeassistant.util import dt as dt_util

from .sms.errors import InvalidRequest
from .sms.when import read_duration

MAX_IDS: Final = 500
MAX_LINES: Final = 500
_LINES: Final = 50
# Of more digits than any id, and more than a ledger can hold.
_TOO_LARGE: Final = 10**18


def read_text(fields: Mapping[str, object], field: str) -> str | None:
    """Return a text; an empty one is none."""
    value = fields.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidRequest("field_not_text", field=field)
    return value.strip() or None


def read_ids(fields: Mapping[str, object], field: str) -> tuple[int, ...]:
    """Return ids of SMS, also from a text with commas, as templates render them."""
    value = fields.get(field)
    if value is None:
        return ()
    if isinstance(value, str):
        value = [piece for piece in re.split(r"[\s,]+", value) if piece]
    ids = value if isinstance(value, list | tuple) else [value]
    if len(ids) > MAX_IDS:
        raise InvalidRequest("too_many_ids", limit=str(MAX_IDS))
    return tuple(_id(each, field) for each in ids)


def read_limit(fields: Mapping[str, object], field: str) -> int:
    """Return how many messages to show."""
    value = fields.get(field)
    if value is None:
        return _LINES
    try:
        number = 0.0 if isinstance(value, bool) else float(str(value))
    except ValueError:
        number = 0.0
    if not number.is_integer() or not 1 <= number <= MAX_LINES:
        raise InvalidRequest("limit_out_of_range", field=field, limit=str(MAX_LINES))
    return int(number)


def read_since(fields: Mapping[str, object], field: str) -> float:
    """Return the moment that a date, a date with a time, or a time ago stands for."""
    value = fields.get(field)
    if value is None:
        return 0.0
    try:
        moment = _moment(value) or dt_util.utcnow() - read_duration(value, field)
    except OverflowError:
        # So long ago that it is all there is.
        return 0.0
    except InvalidRequest, ValueError:
        moment = None
    if moment is None or moment > dt_util.utcnow():
        raise InvalidRequest("since_unreadable", field=field)
    return moment.timestamp()


def _moment(value: object) -> datetime | None:
    """Return a date, with a time or without; None where it is none."""
    if isinstance(value, str) and "-" in value:
        value = dt_util.parse_datetime(value.strip())
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        return None
    if value.tzinfo is None:
        return value.replace(tzinfo=dt_util.get_default_time_zone())
    return value


def _id(value: object, field: str) -> int:
    match value:
        case int() if not isinstance(value, bool) and 0 <= value < _TOO_LARGE:
            return value
        case str() if re.fullmatch(r"[0-9]{1,18}", value):
            return int(value)
        case _:
            raise InvalidRequest("ids_unreadable", field=field)
