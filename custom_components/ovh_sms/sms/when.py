"""Durations and moments, as people, templates and YAML write them."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta, tzinfo
import math
import re
from typing import Any, Final

from .errors import InvalidRequest
from .privacy import shown

# Templates write a duration of days as "1 day, 2:00:00".
_CLOCK: Final = re.compile(
    r"(?P<sign>[+-]?)(?:(?P<days>[0-9]{1,18}) days?, )?(?P<hours>[0-9]{1,18})"
    r":(?P<minutes>[0-9]{1,18})(?::(?P<seconds>[0-9]{1,18}(?:\.[0-9]*)?))?"
)
_UNITS: Final = ("days", "hours", "minutes", "seconds", "milliseconds")
# OVHcloud counts in minutes: what was meant for this minute is meant for now.
_JUST_NOW: Final = 60


def read_duration(value: object, field: str) -> timedelta:
    """Return a duration that is written in one of Home Assistant's ways."""
    match value:
        case timedelta():
            duration = value
        case Mapping() if value:
            duration = _sum(value, field)
        case str() if written := _CLOCK.fullmatch(value.strip()):
            amounts = written.groupdict("0")
            is_negative = amounts.pop("sign") == "-"
            duration = _sum(amounts, field)
            if is_negative and duration:
                raise InvalidRequest("duration_negative", field=field)
        case _ if _number(value) is not None:
            raise InvalidRequest("duration_without_unit", field=field)
        case _:
            raise InvalidRequest("duration_unreadable", field=field)
    if duration < timedelta():
        raise InvalidRequest("duration_negative", field=field)
    return duration


def read_moment(value: object) -> datetime:
    """Return a date and time; without a zone it is meant in the house's."""
    if isinstance(value, str) and _number(value) is None:
        text = value.strip()
        with suppress(ValueError):
            value = date.fromisoformat(text)
        if isinstance(value, str):
            with suppress(ValueError):
                value = time.fromisoformat(text)
        if isinstance(value, str):
            with suppress(ValueError):
                value = datetime.fromisoformat(text)
    match value:
        case datetime():
            return value
        case date():
            raise InvalidRequest("send_at_without_time")
        case time():
            raise InvalidRequest("send_at_without_date")
        case _:
            raise InvalidRequest("send_at_unreadable")


def seconds_at(moment: datetime, zone: tzinfo, now: float) -> float | None:
    """Return when a moment comes, in seconds of the epoch; None where that is now.

    An hour that the clocks skip is the one after it; of an hour that they repeat the
    first is meant, unless only the second is still to come.
    """
    if moment.tzinfo is None:
        first, second = (
            moment.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1)
        )
        seconds = first if first >= now else max(first, second)
    else:
        seconds = moment.timestamp()
    if seconds < now - _JUST_NOW:
        raise InvalidRequest("send_at_past")
    return seconds if seconds > now else None


def _sum(amounts: Mapping[Any, object], field: str) -> timedelta:
    """Return the duration that amounts of several units make together."""
    numbers: dict[str, float] = {}
    for unit, amount in amounts.items():
        if unit not in _UNITS:
            raise InvalidRequest("duration_unit", field=field, unit=shown(str(unit)))
        number = _number(amount)
        if number is None:
            raise InvalidRequest("duration_unreadable", field=field)
        numbers[str(unit)] = number
    try:
        return timedelta(**numbers)
    except OverflowError:
        return timedelta.max


def _number(value: object) -> float | None:
    """Return a number, also one that a template wrote as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except OverflowError, ValueError:
        return None
    return number if math.isfinite(number) else None
