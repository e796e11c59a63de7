"""Shortening: what is left fits, begins as the text did, and breaks no character."""

from itertools import accumulate
import unicodedata

from hypothesis import example, given, strategies as st
import pytest
import regex

from custom_components.ovh_sms.sms.text import costly, measure, shorten

# What a reader sees as one character, each of several code points.
CLUSTERS = (
    "e\u0301",
    "o\u0302\u0323",
    "👍🏽",
    "👩‍👩‍👧‍👦",
    "🏳️‍🌈",
    "❤️",
    "1️⃣",
    "🇫🇷",
    "🇬🇧",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "कि",
    "\u1100\u1161\u11a8",
    "م\u0650",
    "👮🏿‍♀️",
)
LETTERS = ("a", "b", "é", "€", "°", "字", "😀", " ", "\n", ".")
CHARACTERS = st.lists(
    st.sampled_from(CLUSTERS + LETTERS) | st.sampled_from(LETTERS), max_size=260
)
LIMITS = st.integers(1, 3)
RESERVES = st.sampled_from([0, 11])


@given(CHARACTERS, LIMITS, RESERVES)
def test_shorten(characters: list[str], max_parts: int, reserved: int) -> None:
    """Fit, begin as the text, end between two characters, and be stable."""
    text = "".join(characters)
    short = shorten(text, max_parts, reserved)
    assert measure(short, reserved).parts <= max_parts
    assert shorten(short, max_parts, reserved) == short
    if short == text:
        return
    assert measure(text, reserved).parts > max_parts
    assert short.endswith("...")
    kept = short.removesuffix("...")
    assert text.startswith(kept)
    assert kept == kept.rstrip()
    whole = {len(text[:end].rstrip()) for end in (0, *accumulate(map(len, characters)))}
    assert len(kept) in whole


@given(st.text(max_size=400), LIMITS, RESERVES)
def test_any_text(text: str, max_parts: int, reserved: int) -> None:
    """Fit and begin as the text, whatever the text."""
    short = shorten(text, max_parts, reserved)
    assert measure(short, reserved).parts <= max_parts
    assert short == text or text.startswith(short.removesuffix("..."))


def ends_of_characters(text: str) -> set[int]:
    """Return where a reader sees a character end, as Unicode's own rules have it."""
    return {0, *(match.end() for match in regex.finditer(r"\X", text))}


# What Unicode's rules treat apart: marks, joiners, signs that lead, parts of flags and of
# Korean syllables, vowels that follow or surround their consonant.
PIECES = st.sampled_from(
    "ae°字 \n\u0301\u0338\u0903\u200d\u200c\ufe0f\u20e3❤👩👧🏽🇫🇷🏴\U000e0067\U000e007f1"
    "\u1100\u1161\u11a8\ua960\ud7b0\ud7cb가각กำລຳﾊﾞﾟक्षि\u0600\u06dd\u0e31"
)


@given(st.lists(PIECES, max_size=300), LIMITS, RESERVES)
@example(["a"] * 158 + ["\u0e01", "\u0e33", "a", "a"], 1, 0)
@example(["°"] * 66 + ["\u1100", "\u1100", "\u1161", "a", "a"], 1, 0)
@example(["°"] * 66 + ["\u0600", "1", "a", "a", "a", "a"], 1, 0)
def test_never_inside_a_character(
    pieces: list[str], max_parts: int, reserved: int
) -> None:
    """Cut where Unicode's segmentation has a character end; the mark says that it was."""
    text = "".join(pieces)
    short = shorten(text, max_parts, reserved)
    fits = measure(text, reserved).parts <= max_parts
    assert measure(short, reserved).parts <= max_parts
    assert (short == text) == fits
    if not fits:
        assert short.endswith("...")
        kept = short.removesuffix("...")
        assert len(kept) in {
            len(text[:end].rstrip()) for end in ends_of_characters(text)
        }


def test_every_character_that_belongs_to_another() -> None:
    """Know each character that Unicode joins to the one before or after it."""
    for point in [*range(0xD800), *range(0xE000, 0x110000)]:
        character = chr(point)
        # Newer than Python's tables.
        if unicodedata.category(character) == "Cn":
            continue
        for pair in ("字" + character, character + "字"):
            if not regex.fullmatch(r"\X", pair):
                continue
            assert costly(pair) == (pair,), f"U+{point:04X}"


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_as_much_as_fits(cluster: str) -> None:
    """Keep as many whole characters as fit, and not one less."""
    short = shorten("°" + cluster * 100, 2)
    kept = short.removesuffix("...").removeprefix("°")
    count = kept.count(cluster)
    assert kept == cluster * count
    assert measure("°" + cluster * (count + 1) + "...").parts > 2


@pytest.mark.parametrize(
    ("text", "max_parts", "short"),
    [
        ("a" * 160, 1, "a" * 160),
        ("a" * 161, 1, "a" * 157 + "..."),
        ("a" * 400, 2, "a" * 303 + "..."),
        ("€" * 81, 1, "€" * 78 + "..."),
        ("a" * 155 + "  " + "b" * 20, 1, "a" * 155 + "..."),
        # What would make the rest Unicode is cut off with the rest.
        ("a" * 150 + "🚨", 1, "a" * 150 + "..."),
        ("🇫🇷" * 18, 1, "🇫🇷" * 16 + "..."),
        ("\u0301" * 71, 1, "..."),
        ("a" + "\u0301" * 71, 1, "..."),
    ],
)
def test_known_texts(text: str, max_parts: int, short: str) -> None:
    """Shorten what is known."""
    assert shorten(text, max_parts) == short


def test_stop_clause() -> None:
    """Leave room for the line that OVHcloud appends."""
    assert shorten("a" * 149, 1, 11) == "a" * 149
    assert shorten("a" * 150, 1, 11) == "a" * 146 + "..."
