"""How texts are counted."""

from hypothesis import given, strategies as st
import pytest

from simulator.text import BASIC, EXTENSION, code, encoding_of


@pytest.mark.parametrize(
    ("text", "encoding", "characters", "parts"),
    [
        ("", "gsm7", 0, 1),
        ("a" * 160, "gsm7", 160, 1),
        ("a" * 161, "gsm7", 161, 2),
        ("a" * 306, "gsm7", 306, 2),
        ("a" * 307, "gsm7", 307, 3),
        ("€" * 80, "gsm7", 160, 1),
        ("€" * 81, "gsm7", 162, 2),
        ("[x]", "gsm7", 5, 1),
        ("\\", "gsm7", 2, 1),
        ("21 °C", "unicode", 5, 1),
        ("ê", "unicode", 1, 1),
        ("ç", "unicode", 1, 1),
        ("Ç", "gsm7", 1, 1),
        ("é" * 160, "gsm7", 160, 1),
        ("…" * 70, "unicode", 70, 1),
        ("…" * 71, "unicode", 71, 2),
        ("…" * 135, "unicode", 135, 3),
        ("😀", "unicode", 2, 1),
        ("😀" * 35, "unicode", 70, 1),
    ],
)
def test_known_texts(text: str, encoding: str, characters: int, parts: int) -> None:
    """Count what is known."""
    coded = code(text)
    assert (coded.encoding, coded.characters, coded.parts) == (
        encoding,
        characters,
        parts,
    )


def test_two_units_stay_together() -> None:
    """Move a character of two units to the next part whole."""
    assert code("a" * 152 + "€" + "a" * 151).parts == 2
    assert code("a" * 152 + "€" + "a" * 152).parts == 3


def test_alphabet_sizes() -> None:
    """Have the whole standard alphabet."""
    assert len(BASIC) == 128
    assert len(EXTENSION) == 10


GSM_TEXT = st.text(alphabet=sorted(BASIC | EXTENSION), max_size=700)


@given(GSM_TEXT)
def test_gsm_parts_hold_their_characters(text: str) -> None:
    """Use enough parts, and no more than the odd lost septet explains."""
    coded = code(text)
    assert coded.encoding == "gsm7"
    if coded.parts == 1:
        assert coded.characters <= 160
    else:
        assert coded.characters > 160
        assert (coded.parts - 1) * 152 < coded.characters <= coded.parts * 153


@given(st.text(max_size=400))
def test_longer_texts_never_take_fewer_parts(text: str) -> None:
    """Grow with the text, as long as the coding stays."""
    longer = text + "a"
    assert encoding_of(longer) == encoding_of(text)
    assert code(longer).parts >= code(text).parts


@given(st.text(min_size=1, max_size=400))
def test_unicode_counts_utf16(text: str) -> None:
    """Count UTF-16 code units in Unicode."""
    coded = code(text, "unicode")
    assert coded.characters == len(text.encode("utf-16-le", "surrogatepass")) // 2
