"""A caller's fields, in whatever types they come."""

from datetime import datetime, timedelta

import pytest

from custom_components.ovh_sms.sms.errors import InvalidRequest
from custom_components.ovh_sms.sms.request import SmsRequest, read_request

from .conftest import ALICE, BOB

# Python itself refuses to write it.
ENORMOUS = pytest.param(10**5000, id="enormous")
TEXTS = (
    "message",
    "title",
    "sender",
    "priority",
    "tag",
    "message_class",
    "coding",
    "charset",
)


def test_nothing_set() -> None:
    """Leave everything to the account's settings."""
    assert read_request({}) == SmsRequest(message="")
    assert read_request(dict.fromkeys(("title", "sender", "tag", "receivers"))) == (
        SmsRequest(message="")
    )


def test_everything_set() -> None:
    """Take over what is set."""
    fields = {
        "message": "Leak",
        "title": "Alarm",
        "receivers": [ALICE, "Alice"],
        "sender": "HOUSE",
        "sender_for_response": False,
        "no_stop_clause": True,
        "priority": "low",
        "tag": "mine",
        "delay": "00:10:00",
        "validity": {"hours": 6},
        "retry_for": timedelta(),
        "queue": "no",
        "message_class": "flash",
        "coding": "7bit",
        "charset": "UTF-8",
        "bypass_limits": True,
    }
    assert read_request(fields, ("alice",)) == SmsRequest(
        message="Leak",
        title="Alarm",
        recipients=("alice",),
        receivers=(ALICE, "Alice"),
        sender="HOUSE",
        short_number=False,
        no_stop_clause=True,
        priority="low",
        tag="mine",
        delay=timedelta(minutes=10),
        validity=timedelta(hours=6),
        retry_for=timedelta(),
        queue=False,
        message_class="flash",
        coding="7bit",
        charset="UTF-8",
        bypass_limits=True,
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [("21", "21"), (21, "21"), (21.5, "21.5"), (0, "0"), ("", "")],
)
@pytest.mark.parametrize("field", TEXTS)
def test_texts(field: str, value: object, expected: str) -> None:
    """Take numbers for texts, as templates make them."""
    assert getattr(read_request({field: value}), field) == expected


@pytest.mark.parametrize(
    "value", [True, False, [], ["a"], {}, b"a", object(), ENORMOUS]
)
@pytest.mark.parametrize("field", TEXTS)
def test_no_texts(field: str, value: object) -> None:
    """Refuse what is no text, and name the field."""
    with pytest.raises(InvalidRequest, match="field_not_text") as caught:
        read_request({field: value})
    assert caught.value.placeholders == {"field": field}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (False, False),
        ("true", True),
        ("True", True),
        (" yes ", True),
        ("on", True),
        (1, True),
        ("1", True),
        ("false", False),
        ("No", False),
        ("off", False),
        (0, False),
        ("0", False),
    ],
)
def test_booleans(value: object, expected: bool) -> None:
    """Take what people mean by true and false."""
    request = read_request(
        {
            "sender_for_response": value,
            "no_stop_clause": value,
            "bypass_limits": value,
        }
    )
    assert request.short_number is expected
    assert request.no_stop_clause is expected
    assert request.bypass_limits is expected


@pytest.mark.parametrize("value", ["", "maybe", 2, -1, 1.0, [], "None", ENORMOUS])
@pytest.mark.parametrize(
    "field", ["sender_for_response", "no_stop_clause", "bypass_limits", "queue"]
)
def test_no_booleans(field: str, value: object) -> None:
    """Refuse what is neither, and name the field."""
    with pytest.raises(InvalidRequest, match="field_not_boolean") as caught:
        read_request({field: value})
    assert caught.value.placeholders == {"field": field}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ALICE, (ALICE,)),
        (f"{ALICE},{BOB}", (ALICE, BOB)),
        (f" {ALICE} , Alice ,, ", (ALICE, "Alice")),
        ([ALICE, BOB], (ALICE, BOB)),
        ((ALICE,), (ALICE,)),
        (["Smith, John"], ("Smith, John",)),
        (f"['{ALICE}', \"{BOB}\"]", (ALICE, BOB)),
        (f' ["{ALICE}"]\n', (ALICE,)),
        ("[Family], Alice", ("[Family]", "Alice")),
        ("[" * 10_000, ("[" * 10_000,)),
        ([], ()),
        ("[]", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_lists(value: object, expected: tuple[str, ...]) -> None:
    """Take a list, or one text with commas."""
    assert read_request({"receivers": value}).receivers == expected


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (33639980001, "receivers_not_quoted"),
        (0.5, "receivers_not_quoted"),
        ([33639980001], "receivers_not_quoted"),
        ([ALICE, 33639980001], "receivers_not_quoted"),
        ("[33639980001]", "receivers_not_quoted"),
        ("[+33639980001]", "receivers_not_quoted"),
        ([ALICE, None], "field_not_list"),
        ("['Alice', None]", "field_not_list"),
        ({}, "field_not_list"),
        ([{"number": ALICE}], "field_not_list"),
        (True, "field_not_list"),
        ([True], "field_not_list"),
        (b"Alice", "field_not_list"),
    ],
)
def test_no_lists(value: object, key: str) -> None:
    """Refuse a number without quotes: YAML has taken its plus or its zero."""
    with pytest.raises(InvalidRequest, match=key):
        read_request({"receivers": value})


@pytest.mark.parametrize("value", ["None", "unknown", " unavailable\n"])
def test_template_without_value(value: str) -> None:
    """Refuse a message that is just what a template makes of nothing."""
    with pytest.raises(InvalidRequest, match="message_no_value") as caught:
        read_request({"message": value})
    assert caught.value.placeholders == {"value": value.strip()}
    assert read_request({"message": f"Door: {value}"}).message == f"Door: {value}"


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        (
            {"delay": "00:10", "send_at": "2026-11-21 20:00"},
            "delay_and_send_at",
        ),
        ({"delay": {"days": 366}}, "delay_too_long"),
        ({"delay": "8760:00:01"}, "delay_too_long"),
        ({"validity": "00:00:59"}, "validity_out_of_range"),
        ({"validity": "00:00"}, "validity_out_of_range"),
        ({"validity": "48:00:01"}, "validity_out_of_range"),
        ({"retry_for": {"days": 7, "seconds": 1}}, "retry_for_too_long"),
        ({"delay": 10}, "duration_without_unit"),
        ({"send_at": "20:00"}, "send_at_without_date"),
        (
            {"receivers": ALICE, "receivers_slot_id": 1},
            "receivers_twice",
        ),
        (
            {"receivers_document_url": "https://a.example/b", "receivers_slot_id": 1},
            "receivers_twice",
        ),
    ],
)
def test_no_sense(fields: dict[str, object], key: str) -> None:
    """Refuse times that cannot be meant, and more than one answer to who receives."""
    with pytest.raises(InvalidRequest, match=f"^{key}$"):
        read_request(fields)


def test_list_beside_recipients() -> None:
    """Refuse a list at OVHcloud where recipients are named, however they are."""
    with pytest.raises(InvalidRequest, match="receivers_twice"):
        read_request({"receivers_slot_id": "1"}, ("alice",))


def test_longest_times() -> None:
    """Take the longest and the shortest times that there are."""
    request = read_request(
        {
            "delay": {"days": 365},
            "validity": "48:00",
            "retry_for": {"days": 7},
            "receivers_slot_id": 1,
        }
    )
    assert request.delay == timedelta(days=365)
    assert request.validity == timedelta(hours=48)
    assert request.retry_for == timedelta(days=7)
    assert request.slot_id == "1"
    assert read_request({"validity": "00:01"}).validity == timedelta(minutes=1)
    send_at = read_request({"send_at": "2026-11-21 20:00"}).send_at
    assert send_at == datetime(2026, 11, 21, 20)
