"""Durations and moments, in whatever way they are written."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.ovh_sms.sms.errors import InvalidRequest
from custom_components.ovh_sms.sms.when import read_duration, read_moment, seconds_at

from .conftest import NOW

PARIS = ZoneInfo("Europe/Paris")
TEN = timedelta(minutes=10)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("00:10:00", TEN),
        ("0:10", TEN),
        (" 00:10 ", TEN),
        ("+00:10", TEN),
        ("00:00:600", TEN),
        ("00:00:00.5", timedelta(milliseconds=500)),
        ("36:00", timedelta(hours=36)),
        ("-00:00", timedelta()),
        # As templates write timedelta(days=2, minutes=10).
        ("1 day, 0:10:00", timedelta(days=1, minutes=10)),
        ("2 days, 0:00:00", timedelta(days=2)),
        ({"minutes": 10}, TEN),
        ({"minutes": "10"}, TEN),
        ({"hours": 0, "minutes": 9.5, "seconds": "30.0"}, TEN),
        ({"hours": 1, "minutes": -50}, TEN),
        ({"days": 0, "hours": 0, "minutes": 0, "seconds": 0}, timedelta()),
        ({"milliseconds": 600_000}, TEN),
        (TEN, TEN),
    ],
)
def test_durations(value: object, expected: timedelta) -> None:
    """Read Home Assistant's ways to write a duration."""
    assert read_duration(value, "delay") == expected


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (10, "duration_without_unit"),
        (0, "duration_without_unit"),
        (1.5, "duration_without_unit"),
        ("10", "duration_without_unit"),
        (" -10 ", "duration_without_unit"),
        # What YAML makes of 10:00:00 without quotes.
        (36000, "duration_without_unit"),
        ("", "duration_unreadable"),
        ("None", "duration_unreadable"),
        ("unknown", "duration_unreadable"),
        ("ten minutes", "duration_unreadable"),
        ("1:2:3:4", "duration_unreadable"),
        ("1:", "duration_unreadable"),
        (f"{'9' * 30}:00", "duration_unreadable"),
        (True, "duration_unreadable"),
        (float("nan"), "duration_unreadable"),
        ("nan", "duration_unreadable"),
        (float("inf"), "duration_unreadable"),
        (10**400, "duration_unreadable"),
        ({}, "duration_unreadable"),
        ([], "duration_unreadable"),
        (b"00:10", "duration_unreadable"),
        (time(0, 10), "duration_unreadable"),
        ({"minutes": None}, "duration_unreadable"),
        ({"minutes": ""}, "duration_unreadable"),
        ({"minutes": True}, "duration_unreadable"),
        ({"minutes": "nan"}, "duration_unreadable"),
        ({"minutes": 10, "weeks": 1}, "duration_unit"),
        ({1: 2}, "duration_unit"),
        ("-00:10", "duration_negative"),
        (f"-{10**17}:00", "duration_negative"),
        ({"minutes": -10}, "duration_negative"),
        (-TEN, "duration_negative"),
    ],
)
def test_no_durations(value: object, key: str) -> None:
    """Refuse what is none, or not clear, and name the field."""
    with pytest.raises(InvalidRequest) as caught:
        read_duration(value, "validity")
    assert caught.value.key == key
    assert caught.value.placeholders["field"] == "validity"


def test_unit_is_named() -> None:
    """Name the unit that there is not, without a number or what cannot be shown."""
    with pytest.raises(InvalidRequest) as caught:
        read_duration({"\x00+33639980001" + "x" * 100: 1}, "delay")
    assert caught.value.placeholders["unit"] == "\ufffd…01" + "x" * 36


@pytest.mark.parametrize(
    "value",
    [
        {"days": 1e300},
        {"days": 1e308, "hours": -1e308},
        {"seconds": 10**30},
        f"{10**17}:00",
    ],
)
def test_enormous(value: object) -> None:
    """Leave the longest there is for its field to refuse."""
    assert read_duration(value, "delay") == timedelta.max


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-21 20:00", datetime(2026, 11, 21, 20)),
        (" 2026-11-21T20:00:05 ", datetime(2026, 11, 21, 20, 0, 5)),
        ("2026-11-21T20:00Z", datetime(2026, 11, 21, 20, tzinfo=UTC)),
        (
            "2026-11-21 20:00:00.5+01:00",
            datetime(
                2026, 11, 21, 20, 0, 0, 500_000, tzinfo=timezone(timedelta(hours=1))
            ),
        ),
        (datetime(2026, 11, 21, 20), datetime(2026, 11, 21, 20)),
    ],
)
def test_moments(value: object, expected: datetime) -> None:
    """Read a date and time, with or without a zone."""
    read = read_moment(value)
    assert (read, read.utcoffset()) == (expected, expected.utcoffset())


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("20:00", "send_at_without_date"),
        ("20:00:00", "send_at_without_date"),
        (time(20), "send_at_without_date"),
        ("2026-11-21", "send_at_without_time"),
        (date(2026, 11, 21), "send_at_without_time"),
        (1_795_000_000, "send_at_unreadable"),
        (1_795_000_000.5, "send_at_unreadable"),
        ("1795000000", "send_at_unreadable"),
        ("20261121", "send_at_unreadable"),
        ("", "send_at_unreadable"),
        ("None", "send_at_unreadable"),
        ("tomorrow", "send_at_unreadable"),
        ("2026-02-30 20:00", "send_at_unreadable"),
        ("21/11/2026 20:00", "send_at_unreadable"),
        (True, "send_at_unreadable"),
        ([], "send_at_unreadable"),
        ({"hours": 1}, "send_at_unreadable"),
        (TEN, "send_at_unreadable"),
    ],
)
def test_no_moments(value: object, key: str) -> None:
    """Refuse what is none, and say what to write."""
    with pytest.raises(InvalidRequest, match=f"^{key}$"):
        read_moment(value)


@pytest.mark.parametrize(
    ("moment", "now", "expected"),
    [
        ("2026-11-21 20:00", "2026-11-21T18:00Z", "2026-11-21T19:00Z"),
        ("2026-07-21 20:00", "2026-07-21T17:00Z", "2026-07-21T18:00Z"),
        # A zone of its own.
        ("2026-11-21 20:00+00:00", "2026-11-21T18:00Z", "2026-11-21T20:00Z"),
        # The clocks go forward: half past two does not exist.
        ("2026-03-29 02:30", "2026-03-29T00:00Z", "2026-03-29T01:30Z"),
        ("2026-03-29 02:30", "2026-03-29T01:10Z", "2026-03-29T01:30Z"),
        # The clocks go back: half past two is there twice.
        ("2026-10-25 02:30", "2026-10-24T12:00Z", "2026-10-25T00:30Z"),
        ("2026-10-25 02:30", "2026-10-25T00:40Z", "2026-10-25T01:30Z"),
        # Within this minute is now.
        ("2026-11-21 20:00", "2026-11-21T19:00Z", None),
        ("2026-11-21 20:00", "2026-11-21T19:00:59Z", None),
    ],
)
def test_seconds(moment: str, now: str, expected: str | None) -> None:
    """Tell when a moment comes, in the house's zone where it has none of its own."""
    clock = datetime.fromisoformat(now).timestamp()
    assert seconds_at(read_moment(moment), PARIS, clock) == (
        expected and datetime.fromisoformat(expected).timestamp()
    )


@pytest.mark.parametrize(
    ("moment", "now"),
    [
        ("2026-11-21 20:00", "2026-11-21T19:01:01Z"),
        ("2026-03-29 02:30", "2026-03-29T01:40Z"),
        ("2026-10-25 02:30", "2026-10-25T01:40Z"),
        ("0001-01-01 00:00", "2026-11-21T19:00Z"),
        ("0001-01-01 00:00+14:00", "2026-11-21T19:00Z"),
    ],
)
def test_past(moment: str, now: str) -> None:
    """Refuse what has passed."""
    clock = datetime.fromisoformat(now).timestamp()
    with pytest.raises(InvalidRequest, match="send_at_past"):
        seconds_at(read_moment(moment), PARIS, clock)


@given(st.datetimes(timezones=st.none() | st.timezones()))
def test_any_moment(moment: datetime) -> None:
    """Tell of every moment that it comes or that it has passed."""
    roughly = moment.replace(tzinfo=moment.tzinfo or PARIS).timestamp()
    if roughly < NOW - 86_400:
        with pytest.raises(InvalidRequest, match="send_at_past"):
            seconds_at(moment, PARIS, NOW)
    elif roughly > NOW + 86_400:
        assert seconds_at(moment, PARIS, NOW)
