"""From a request to a message that can be sent."""

from dataclasses import replace
from math import ceil
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.ovh_sms.sms.errors import InvalidRequest
from custom_components.ovh_sms.sms.message import (
    MAX_RECEIVERS,
    MAX_RECEIVERS_OF_JOB,
    SHORT_NUMBER,
    prepare,
)
from custom_components.ovh_sms.sms.request import SmsRequest
from custom_components.ovh_sms.sms.text import Encoding
from simulator.text import STOP_CLAUSE, code

from .conftest import (
    ALICE,
    BOB,
    CAROL,
    NOW,
    RECIPIENTS,
    make_message,
    make_settings,
    ready,
)


def test_settings_hold() -> None:
    """Use the account's settings where the caller says nothing."""
    message = ready(no_stop_clause=False, priority="low", validity=60)
    job = message.job
    assert (job.message, job.receivers, job.sender) == ("Leak", (ALICE,), "HOUSE")
    assert (job.no_stop_clause, job.priority) == (False, "low")
    assert (job.validity_minutes, job.delay_minutes) == (60, None)
    assert not message.shortened
    assert not message.bypass_limits


def test_caller_is_heard() -> None:
    """Let the caller decide otherwise."""
    message = ready(
        {
            "title": "Alarm",
            "recipients": ("watch",),
            "sender": "OFFICE",
            "no_stop_clause": True,
            "priority": "veryLow",
            "tag": "x" * 20,
            "bypass_limits": True,
        },
        no_stop_clause=False,
    )
    job = message.job
    assert (job.message, job.receivers) == ("Alarm\nLeak", (BOB, CAROL, ALICE))
    assert (job.sender, job.no_stop_clause) == ("OFFICE", True)
    assert (job.priority, job.tag) == ("veryLow", "x" * 20)
    assert message.bypass_limits


@pytest.mark.parametrize(
    ("default", "sender", "short", "expected"),
    [
        ("HOUSE", None, None, "HOUSE"),
        ("HOUSE", "", None, "HOUSE"),
        ("HOUSE", "OFFICE", None, "OFFICE"),
        ("HOUSE", "OFFICE", False, "OFFICE"),
        ("HOUSE", None, False, "HOUSE"),
        ("HOUSE", None, True, SHORT_NUMBER),
        ("HOUSE", "", True, SHORT_NUMBER),
        ("HOUSE", SHORT_NUMBER, None, SHORT_NUMBER),
        ("HOUSE", SHORT_NUMBER, True, SHORT_NUMBER),
        (SHORT_NUMBER, None, None, SHORT_NUMBER),
        (SHORT_NUMBER, None, True, SHORT_NUMBER),
        (SHORT_NUMBER, "OFFICE", None, "OFFICE"),
        (SHORT_NUMBER, "OFFICE", False, "OFFICE"),
        ("My House 11", None, None, "My House 11"),
        ("HOUSE", " OFFICE\n", None, "OFFICE"),
        ("HOUSE", "A. & B-C+D,", None, "A. & B-C+D,"),
        # What OVHcloud has enabled is not judged here.
        ("Maisón", None, None, "Maisón"),
    ],
)
def test_sender(
    default: str, sender: str | None, short: bool | None, expected: str
) -> None:
    """Send from exactly one sender."""
    job = ready({"sender": sender, "short_number": short}, sender=default).job
    assert job.short_number is (expected == SHORT_NUMBER)
    assert job.sender == (None if job.short_number else expected)


@pytest.mark.parametrize(
    ("request_", "settings", "key", "placeholders"),
    [
        ({"sender": "OFFICE", "short_number": True}, {}, "two_senders", {}),
        ({"short_number": False}, {"sender": SHORT_NUMBER}, "no_sender", {}),
        (
            {"sender": SHORT_NUMBER, "short_number": False},
            {"sender": "HOUSE"},
            "no_sender",
            {},
        ),
        ({"sender": "A" * 12}, {}, "sender_too_long", {"limit": "11"}),
        (
            {"priority": "urgent"},
            {},
            "priority_unknown",
            {"allowed": "high, medium, low, very_low"},
        ),
        ({"priority": "High"}, {}, "priority_unknown", None),
        ({"sender": "  "}, {}, "sender_blank", {}),
        ({"sender": "HO\nUSE"}, {}, "sender_bad_character", {"character": "\ufffd"}),
        ({"sender": "Maisón"}, {}, "sender_bad_character", {"character": "ó"}),
        ({"tag": "x" * 21}, {}, "tag_too_long", {"limit": "20"}),
        ({"tag": "a\nb"}, {}, "tag_bad_character", {}),
        ({"tag": "a\ud800"}, {}, "tag_bad_character", {}),
        ({"message": " "}, {}, "message_empty", {}),
        ({"receivers": ()}, {}, "no_receivers", {}),
        ({"receivers": ("06",)}, {}, "number_not_possible", {"number": "06"}),
        ({}, {"country": None}, None, None),
        (
            {"receivers": ("0639980099",)},
            {"allow_unlisted": False},
            "number_unlisted",
            {"number": "…99"},
        ),
        ({}, {"allow_unlisted": False}, None, None),
        (
            {"receivers": (ALICE, "+447700900123")},
            {"allowed_countries": ("FR",)},
            "number_abroad",
            {"number": "…23"},
        ),
        ({}, {"allowed_countries": ("PL", "FR")}, None, None),
        (
            {"message": "a" * 400},
            {"max_parts": 2, "too_long": "refuse"},
            "message_too_many_parts",
            {"parts": "3", "limit": "2"},
        ),
        ({"message": "a" * 306}, {"max_parts": 2, "too_long": "refuse"}, None, None),
        (
            {"priority": "low"},
            {"sends_only": True},
            "not_with_sms_user",
            {"field": "priority"},
        ),
        (
            {"sender": "+33639980010"},
            {"sends_only": True},
            "not_with_sms_user",
            {"field": "sender"},
        ),
        ({}, {"sends_only": True}, None, None),
    ],
)
def test_refusals(
    request_: dict[str, Any],
    settings: dict[str, Any],
    key: str | None,
    placeholders: dict[str, str] | None,
) -> None:
    """Refuse what makes no sense, and name the sentence that says why."""
    if key is None:
        assert ready(request_, **settings).job.receivers == (ALICE,)
        return
    with pytest.raises(InvalidRequest) as caught:
        ready(request_, **settings)
    assert caught.value.key == str(caught.value) == key
    if placeholders is not None:
        assert caught.value.placeholders == placeholders


@pytest.mark.parametrize("number", ["+33639980010", "0033639980010"])
def test_virtual_number(number: str) -> None:
    """Send from a virtual number, to which OVHcloud appends nothing."""
    message = ready({"message": "a" * 160}, sender=number, no_stop_clause=False)
    job = message.job
    assert (job.sender, job.short_number) == (None, False)
    assert job.virtual_number == "0033639980010"
    assert (message.size.parts, message.shortened) == (1, False)


def test_economical() -> None:
    """Say it for less where the user wants that."""
    text = "La température de l’étage est de 31 °C, c’est trop : la clim’ s’arrête à 27 °C…"
    dear, cheap = (
        ready({"message": text}, text_mode=mode) for mode in ("exact", "economical")
    )
    assert (dear.size.parts, cheap.size.parts) == (2, 1)
    assert (dear.job.message, dear.shortened, cheap.shortened) == (text, False, False)


def test_priorities() -> None:
    """Take our spelling of the lowest priority, and OVHcloud's."""
    for written in ("very_low", "veryLow"):
        assert ready({"priority": written}).job.priority == "veryLow"


def test_senders_of_recipients() -> None:
    """Prefer the caller's sender to the recipient's, and that to the account's."""
    recipients = RECIPIENTS | {"alice": replace(RECIPIENTS["alice"], sender="ALICE")}
    for sender, expected in ((None, {"ALICE", "HOUSE"}), ("OFFICE", {"OFFICE"})):
        request = SmsRequest(message="Leak", receivers=(BOB, ALICE), sender=sender)
        messages = prepare(request, recipients, make_settings(), NOW)
        assert {message.job.sender for message in messages} == expected
        assert sum(len(message.receivers) for message in messages) == 2


def test_many_receivers() -> None:
    """Make several jobs where the receivers are too many for one; refuse a mistake."""
    numbers = tuple(f"+3363998{each:04}" for each in range(MAX_RECEIVERS + 1))
    request = SmsRequest(message="Leak", receivers=numbers[:-1])
    messages = prepare(request, RECIPIENTS, make_settings(), NOW)
    for message in messages:
        assert len(message.receivers) <= MAX_RECEIVERS_OF_JOB
        assert message.job.receivers == tuple(each.number for each in message.receivers)
    assert len(messages) == ceil(MAX_RECEIVERS / MAX_RECEIVERS_OF_JOB)
    assert len({message.job.tag for message in messages}) == len(messages)
    assert len({message.message_id for message in messages}) == len(messages)
    sent_to = [number for message in messages for number in message.job.receivers]
    assert sent_to == list(numbers[:-1])
    with pytest.raises(InvalidRequest, match="too_many_receivers") as caught:
        prepare(replace(request, receivers=numbers), RECIPIENTS, make_settings(), NOW)
    assert caught.value.placeholders == {
        "count": str(MAX_RECEIVERS + 1),
        "limit": str(MAX_RECEIVERS),
    }


def test_tags() -> None:
    """Give each message a tag of its own that OVHcloud takes, unless the caller has one."""
    messages = [make_message() for _ in range(200)]
    tags = {message.job.tag for message in messages}
    assert len(tags) == len({message.message_id for message in messages}) == 200
    for tag in tags:
        assert tag.startswith("ha")
        assert len(tag) == 20
        assert tag.isalnum() and tag.isascii()
    for blank in ("", "  "):
        assert make_message(tag=blank).job.tag.startswith("ha")


@pytest.mark.parametrize(
    ("text", "max_parts", "parts", "shortened"),
    [
        ("a" * 160, 1, 1, False),
        ("a" * 161, 1, 1, True),
        ("a" * 161, 2, 2, False),
        ("a" * 4000, 6, 6, True),
    ],
)
def test_shortened(text: str, max_parts: int, parts: int, shortened: bool) -> None:
    """Tell that a text had to be cut."""
    message = ready({"message": text}, max_parts=max_parts)
    assert (message.size.parts, message.shortened) == (parts, shortened)
    assert message.size.encoding is Encoding.GSM7


@given(st.text(alphabet="a€° é\n", max_size=400), st.integers(1, 4), st.booleans())
def test_never_more_parts_than_allowed(
    text: str, max_parts: int, no_stop_clause: bool
) -> None:
    """Send no more than allowed, with OVHcloud's own line counted in."""
    try:
        message = ready(
            {"message": text}, max_parts=max_parts, no_stop_clause=no_stop_clause
        )
    except InvalidRequest:
        assert not text.strip()
        return
    sent = message.job.message + ("" if no_stop_clause else STOP_CLAUSE)
    assert code(sent).parts == message.size.parts <= max_parts
