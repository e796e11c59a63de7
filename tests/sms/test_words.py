"""Texts as people mean them."""

from hypothesis import given, strategies as st
import pytest

from custom_components.ovh_sms.sms.words import plain_words


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("  OUI\n merci ", "oui merci"),
        ("Fermé", "ferme"),
        ("Ferme\u0301", "ferme"),
        ("WŁĄCZ", "wlacz"),
        ("Straße", "strasse"),
        ("Œuf", "oeuf"),
        ("d\u2019accord", "d'accord"),
        ("İyi", "iyi"),
        ("oui\u00a0!", "oui !"),
        ("", ""),
    ],
)
def test_plain(text: str, plain: str) -> None:
    """Leave out what does not matter."""
    assert plain_words(text) == plain


@given(st.text())
def test_plain_already(text: str) -> None:
    """What is plain stays as it is, and capitals change nothing."""
    plain = plain_words(text)
    assert plain_words(plain) == plain
    assert plain_words(f" {text}\n") == plain


@given(st.text(), st.text(), st.text())
def test_within(before: str, text: str, after: str) -> None:
    """A text that stands alone in a longer one is found there."""
    assert plain_words(text) in plain_words(f"{before} {text} {after}")
