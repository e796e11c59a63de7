"""A caller's fields, in whatever types they come."""

import pytest

from custom_components.ovh_sms.sms.errors import InvalidRequest
from custom_components.ovh_sms.sms.request import SmsRequest, read_request

from .conftest import ALICE, BOB


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
        bypass_limits=True,
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [("21", "21"), (21, "21"), (21.5, "21.5"), (0, "0"), ("", "")],
)
@pytest.mark.parametrize("field", ["message", "title", "sender", "priority", "tag"])
def test_texts(field: str, value: object, expected: str) -> None:
    """Take numbers for texts, as templates make them."""
    assert getattr(read_request({field: value}), field) == expected


@pytest.mark.parametrize("value", [True, False, [], ["a"], {}, b"a", object()])
@pytest.mark.parametrize("field", ["message", "title", "sender", "priority", "tag"])
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


@pytest.mark.parametrize("value", ["", "maybe", 2, -1, 1.0, [], "None"])
@pytest.mark.parametrize(
    "field", ["sender_for_response", "no_stop_clause", "bypass_limits"]
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
        ([], ()),
        ("", ()),
        (None, ()),
    ],
)
def test_lists(value: object, expected: tuple[str, ...]) -> None:
    """Take a list, or one text with commas."""
    assert read_request({"receivers": value}).receivers == expected


@pytest.mark.parametrize("value", [33639980001, [33639980001], [ALICE, None], {}, True])
def test_no_lists(value: object) -> None:
    """Refuse a number without quotes: YAML has taken its plus or its zero."""
    with pytest.raises(InvalidRequest, match="field_not_list") as caught:
        read_request({"receivers": value})
    assert caught.value.placeholders == {"field": "receivers"}
