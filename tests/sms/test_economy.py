"""Texts in plain characters."""

from hypothesis import given, strategies as st
import pytest

from custom_components.ovh_sms.sms.economy import economise
from custom_components.ovh_sms.sms.text import is_plain, measure

DEAR = "«»“”‘’…–—°²³½œçêâîôûëïÀÈÊÙáíóúąćęłńśźż\u00a0\u202f→≤™\u0301😀字"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Plain already: é è à", "Plain already: é è à"),
        ("La température est de 21,5 °C", "La température est de 21,5 C"),
        ("70\u00a0°F", "70 F"),
        ("180°", "180 deg"),
        ("« Ça coûte 3 € »", '" Ça coute 3 € "'),
        ("L’alarme… — œuf", "L'alarme... - oeuf"),
        ("Zażółć gęślą jaźń", "Zazolc gesla jazn"),
        ("e\u0301teint", "éteint"),
        ("m² et ½", "m2 et 1/2"),
        # One character that cannot be said otherwise, and the rest stays as it is.
        ("« Fuite » 🚨", "« Fuite » 🚨"),
        ("\u200b", "\u200b"),
        # Cheaper as it was.
        ("°" * 60, "°" * 60),
    ],
)
def test_known(text: str, plain: str) -> None:
    """Say the same for less, or leave it."""
    assert economise(text) == plain


@given(st.text(alphabet="abc é€ \n" + DEAR, max_size=200) | st.text(max_size=80))
def test_any(text: str) -> None:
    """Never cost more than before, never say nothing, and settle at once."""
    cheap = economise(text)
    assert cheap == text or is_plain(cheap)
    assert measure(cheap).parts <= measure(text).parts
    assert bool(cheap.strip()) == bool(text.strip())
    assert economise(cheap) == cheap
