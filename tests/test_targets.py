"""Whom the texts of a target name."""

from hypothesis import given, strategies as st
import pytest

from custom_components.ovh_sms.sms.recipients import Recipient
from custom_components.ovh_sms.targets import named_in

KNOWN = [
    Recipient(recipient_id="1", name="Smith, John", numbers=("+33639980001",)),
    Recipient(recipient_id="2", name="['Kitchen']", numbers=("+33639980002",)),
]


@pytest.mark.parametrize(
    ("target", "named"),
    [
        (["smith, JOHN "], ["smith, JOHN "]),
        (["Smith, John", "a,b"], ["Smith, John", "a", "b"]),
        (["['Smith, John', 'a']"], ["Smith, John", "a"]),
        (["['Kitchen']"], ["['Kitchen']"]),
        (["{'a'}"], ["a"]),
        (["('a', 639980009, None)"], ["a", "639980009", "None"]),
        (["[]"], []),
        (["{'a': 1}"], ["{'a': 1}"]),
        (["['a'"], ["['a'"]),
        (["'a'"], ["'a'"]),
        (["a,, b ,"], ["a", "b"]),
        (["", " "], ["", " "]),
        ([], []),
    ],
)
def test_names_in_a_target(target: list[str], named: list[str]) -> None:
    assert list(named_in(target, KNOWN)) == named


@given(st.lists(st.text() | st.text("[]({'\",:1a ", max_size=60)))
def test_any_text_is_read(target: list[str]) -> None:
    assert all(isinstance(name, str) for name in named_in(target, KNOWN))


def test_text_that_is_too_deep_to_be_read() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    assert list(named_in([deep], KNOWN)) == [deep]
