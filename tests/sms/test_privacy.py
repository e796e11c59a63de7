"""Phone numbers kept out of sentences."""

import re

from hypothesis import given, strategies as st
import pytest

from custom_components.ovh_sms.sms.privacy import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("", ""),
        ("No number", "No number"),
        ("+33639980001", "…01"),
        ("0033639980001", "…01"),
        ("06 39 98 00 01", "…01"),
        ("06.39.98.00.01", "…01"),
        ("06-39-98-00-01", "…01"),
        ("06\u00a039\u00a098\u00a000\u00a001", "…01"),
        ("06\u202f39\u202f98\u202f00\u202f01", "…01"),
        ("06\u201139\u201198\u201100\u201101", "…01"),
        ("06  39  98  00  01", "…01"),
        ("06 - 39 - 98 - 00 - 01", "…01"),
        ("+33 (0)6 39 98 00 01", "…01"),
        ("+33 (0) 6 39 98 00 01", "…01"),
        ("0 6 3 9 9 8 0 0 0 1", "…01"),
        ("(06) 39 98 00 01.", "(…01."),
        ("０６３９９８０００１", "…０１"),
        ("\u202a+33639980001\u202c", "\u202a…01\u202c"),
        (
            "Sms receiver +33639980001 and 0639980002 invalid",
            "Sms receiver …01 and …02 invalid",
        ),
        ("+33639980001,+33639980002", "…01,…02"),
        ("receivers=['+33639980001', '+33639980002']", "receivers=['…01', '…02']"),
        # Short numbers and codes stay.
        ("STOP 3618 at 8, error 4096", "STOP 3618 at 8, error 4096"),
        ("36180", "…80"),
    ],
)
def test_known(text: str, masked: str) -> None:
    """Leave two digits of each number, and the rest of the sentence."""
    assert mask(text) == masked


@given(
    st.text(alphabet="abc ,:;", max_size=8),
    st.from_regex(r"\+?(\d[ .\-/()\u00a0]{0,3}){6,14}\d", fullmatch=True),
    st.text(alphabet="abc ,:;", max_size=8),
)
def test_number_in_a_sentence(before: str, number: str, after: str) -> None:
    """Leave just two digits of a number, wherever it stands."""
    masked = mask(f"{before}{number}{after}")
    digits = re.findall(r"\d", number)
    assert re.findall(r"\d", masked) == digits[-2:]
    assert masked.startswith(before)
    assert masked.endswith(after)


@given(st.text() | st.text(alphabet="0123456789 +-()ab"))
def test_any(text: str) -> None:
    """Leave no five digits together, and change nothing the second time."""
    masked = mask(text)
    assert not re.search(r"\d{5}", masked)
    assert mask(masked) == masked
