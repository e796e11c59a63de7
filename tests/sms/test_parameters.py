"""What a call may ask for beyond its text and receivers."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.ovh_sms.sms.errors import InvalidRequest
from custom_components.ovh_sms.sms.message import prepare, with_delay
from custom_components.ovh_sms.sms.request import SmsRequest
from custom_components.ovh_sms.sms.text import Encoding
from simulator.text import code

from .conftest import ALICE, BOB, NOW, RECIPIENTS, make_message, make_settings, ready

HOUSE = ZoneInfo("Europe/Paris")
# 16:13:20 in Paris, on 21 September 2026.
ASKED_AT = datetime.fromtimestamp(NOW, HOUSE)
DOCUMENT = "https://example.org/residents.csv"


@pytest.mark.parametrize(
    ("request_", "send_at", "minutes"),
    [
        ({}, None, None),
        ({"delay": timedelta()}, None, None),
        ({"delay": timedelta(minutes=10)}, NOW + 600, 10),
        ({"delay": timedelta(seconds=1)}, NOW + 1, 1),
        ({"delay": timedelta(seconds=61)}, NOW + 61, 2),
        ({"delay": timedelta(days=365)}, NOW + 31_536_000, 525_600),
        ({"send_at": datetime(2026, 9, 21, 16, 40)}, NOW + 1600, 27),
        ({"send_at": ASKED_AT + timedelta(minutes=5)}, NOW + 300, 5),
        # A moment of this minute is now.
        ({"send_at": datetime(2026, 9, 21, 16, 13)}, None, None),
    ],
)
def test_when(
    request_: dict[str, Any], send_at: float | None, minutes: int | None
) -> None:
    """Leave when it was asked for, to the minute, and never early."""
    message = ready(request_, time_zone=HOUSE)
    assert (message.send_at, message.job.delay_minutes) == (send_at, minutes)


@pytest.mark.parametrize(
    ("now", "minutes"),
    [
        (NOW, 10),
        (NOW + 0.5, 10),
        (NOW + 60, 9),
        (NOW + 541, 1),
        (NOW + 600, None),
        (NOW + 9000, None),
    ],
)
def test_delay_of_a_later_try(now: float, minutes: int | None) -> None:
    """Ask for what is left of the delay, and for none when its time has come."""
    message = make_message(delay=timedelta(minutes=10))
    job = with_delay(message.job, message.send_at, now)
    assert job == replace(message.job, delay_minutes=minutes)


@given(
    st.floats(1_700_000_000, 2_100_000_000), st.integers(1, 365 * 24 * 60), st.data()
)
def test_delay_is_exact(now: float, minutes: int, data: st.DataObject) -> None:
    """Ask for as many minutes as were asked for, however the clock's fractions fall."""
    job = make_message().job
    assert with_delay(job, now + minutes * 60, now).delay_minutes == minutes
    seconds = data.draw(st.integers(1, 60))
    later = with_delay(job, now + minutes * 60 + seconds, now)
    assert later.delay_minutes == minutes + 1


@pytest.mark.parametrize(
    ("moment", "key"),
    [
        (datetime(2026, 9, 21, 16, 12), "send_at_past"),
        (ASKED_AT - timedelta(seconds=61), "send_at_past"),
        (datetime(2027, 9, 21, 16, 14), "delay_too_long"),
        (datetime.max, "delay_too_long"),
    ],
)
def test_never(moment: datetime, key: str) -> None:
    """Refuse a moment that has passed or that is too far away."""
    with pytest.raises(InvalidRequest, match=key):
        ready({"send_at": moment}, time_zone=HOUSE)


@pytest.mark.parametrize(
    ("validity", "minutes"),
    [
        (None, 2880),
        (timedelta(minutes=1), 1),
        (timedelta(seconds=61), 2),
        (timedelta(hours=48), 2880),
    ],
)
def test_validity(validity: timedelta | None, minutes: int) -> None:
    """Count in minutes, and no less than was asked for."""
    assert ready({"validity": validity}).job.validity_minutes == minutes


@pytest.mark.parametrize(
    ("asked", "default", "expected"),
    [
        (None, 60, 3600.0),
        (None, 0, 0.0),
        (timedelta(), 60, 0.0),
        (timedelta(seconds=90), 60, 90.0),
    ],
)
def test_retry(asked: timedelta | None, default: int, expected: float) -> None:
    """Keep trying for as long as the caller says, or else the account's settings."""
    assert ready({"retry_for": asked}, retry_for=default).retry_for == expected


@pytest.mark.parametrize(
    ("asked", "receivers", "expected"),
    [
        (None, (BOB,), True),
        (None, (ALICE,), False),
        (None, (ALICE, BOB), True),
        (None, (ALICE, "+33639980099"), True),
        (True, (ALICE,), True),
        (False, (BOB,), False),
    ],
)
def test_queue(asked: bool | None, receivers: tuple[str, ...], expected: bool) -> None:
    """Let a message wait unless the caller, or all of its recipients, say no."""
    recipients = RECIPIENTS | {"alice": replace(RECIPIENTS["alice"], queue=False)}
    request = SmsRequest(message="Leak", receivers=receivers, queue=asked)
    [message] = prepare(request, recipients, make_settings(), NOW)
    assert message.queue is expected


def test_whole() -> None:
    """Keep the text as it was before it was cut, but in plain characters already."""
    message = ready({"message": "é…" * 200}, max_parts=1, text_mode="economical")
    assert message.whole == "é..." * 200
    assert message.shortened
    assert len(message.job.message) <= 160


@pytest.mark.parametrize("field", ["message_class", "coding", "charset"])
def test_word_of_ovhcloud(field: str) -> None:
    """Take OVHcloud's words, refuse others, and send nothing where there is none."""
    words = {"message_class": "phoneDisplay", "coding": "8bit", "charset": "UTF-8"}
    assert getattr(ready({field: words[field]}).job, field) == words[field]
    for nothing in (None, ""):
        assert getattr(ready({field: nothing}).job, field) is None
    with pytest.raises(InvalidRequest, match="word_unknown") as caught:
        ready({field: words[field].swapcase()})
    assert caught.value.placeholders["field"] == field
    assert words[field] in caught.value.placeholders["allowed"]


def test_coding_7bit() -> None:
    """Refuse a text that 7bit would garble, unless it is made plain before."""
    asked = {"message": "21 °C", "coding": "7bit"}
    with pytest.raises(InvalidRequest, match="coding_not_7bit") as caught:
        ready(asked)
    assert caught.value.placeholders == {"character": "°"}
    assert ready(asked, text_mode="economical").job.message == "21 C"


@pytest.mark.parametrize("sends_only", [False, True])
def test_coding_8bit(sends_only: bool) -> None:
    """Count a plain text as Unicode only where OVHcloud makes it that."""
    text = "a" * 100
    message = ready({"message": text, "coding": "8bit"}, sends_only=sends_only)
    coded = code(text, "unicode" if sends_only else None)
    assert message.size.parts == coded.parts == (2 if sends_only else 1)
    assert message.size.encoding is Encoding(coded.encoding)
    cut = ready({"message": text, "coding": "8bit"}, sends_only=sends_only, max_parts=1)
    assert cut.shortened is sends_only
    assert cut.size.parts == 1


@pytest.mark.parametrize(
    ("asked", "job"),
    [
        ({"document_url": DOCUMENT}, (DOCUMENT, None)),
        ({"slot_id": "3"}, (None, "3")),
    ],
)
def test_list(asked: dict[str, Any], job: tuple[str | None, str | None]) -> None:
    """Send to a list at OVHcloud, with nobody else."""
    message = ready({"receivers": (), "bypass_limits": True, **asked})
    assert (message.job.document_url, message.job.slot_id) == job
    assert (message.receivers, message.job.receivers) == ((), ())
    assert (message.job.sender, message.queue) == ("HOUSE", True)


@pytest.mark.parametrize(
    ("asked", "settings", "key"),
    [
        ({"bypass_limits": False}, {}, "list_not_counted"),
        ({}, {"allow_unlisted": False}, "list_unlisted"),
        ({}, {"allowed_countries": ("FR",)}, "list_abroad"),
        ({"document_url": "example.org/a.csv"}, {}, "document_not_an_address"),
        ({"document_url": "ftp://example.org/a.csv"}, {}, "document_not_an_address"),
        ({"document_url": "https:///a.csv"}, {}, "document_not_an_address"),
        ({"document_url": "https://[::1/a.csv"}, {}, "document_not_an_address"),
        ({"document_url": "https://example.org/a b"}, {}, "document_not_an_address"),
        ({"document_url": "unknown"}, {}, "document_not_an_address"),
        ({"document_url": None, "slot_id": "first"}, {}, "slot_not_a_number"),
        ({"document_url": None, "slot_id": "-1"}, {}, "slot_not_a_number"),
        ({"document_url": None, "slot_id": ""}, {}, "no_receivers"),
        ({}, {"sends_only": True}, "not_with_sms_user"),
    ],
)
def test_no_list(asked: dict[str, Any], settings: dict[str, Any], key: str) -> None:
    """Refuse a list where numbers would have to be known, or that there cannot be."""
    request = {"receivers": (), "document_url": DOCUMENT, "bypass_limits": True}
    with pytest.raises(InvalidRequest, match=f"^{key}$"):
        ready(request | asked, **settings)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"priority": "low"}, "priority"),
        ({"validity": timedelta(hours=1)}, "validity"),
        ({"charset": "UTF-8"}, "charset"),
        (
            {"document_url": DOCUMENT, "receivers": (), "bypass_limits": True},
            "receivers_document_url",
        ),
        (
            {"slot_id": "1", "receivers": (), "bypass_limits": True},
            "receivers_slot_id",
        ),
        ({"sender": "+33639980010"}, "sender"),
    ],
)
def test_not_with_an_sms_user(asked: dict[str, Any], field: str) -> None:
    """Refuse what http2sms has no word for, where the call asks for it."""
    with pytest.raises(InvalidRequest, match="not_with_sms_user") as caught:
        ready(asked, sends_only=True)
    assert caught.value.placeholders == {"field": field}


def test_with_an_sms_user() -> None:
    """Pass on what http2sms has a word for."""
    job = ready(
        {
            "message_class": "flash",
            "coding": "8bit",
            "delay": timedelta(minutes=5),
            "tag": "mine",
            "no_stop_clause": False,
            "retry_for": timedelta(hours=1),
        },
        sends_only=True,
    ).job
    assert (job.message_class, job.coding, job.delay_minutes) == ("flash", "8bit", 5)
    assert (job.tag, job.no_stop_clause) == ("mine", False)
