"""Alphabets and parts, against a codec of GSM 03.38 and a count of what it really encodes.

`gsm0338` has the tables by the characters' names and knows nothing of parts. Those are
cut here from the encoded message, as a phone network does it.
"""

from functools import cache
import random

from gsm0338 import Codec
from hypothesis import given, strategies as st
import pytest

from custom_components.ovh_sms.sms.text import (
    STOP_CLAUSE_LENGTH,
    Encoding,
    is_plain,
    measure,
)

CODEC = Codec()
ESCAPE = 0x1B
CLAUSE = "\nSTOP:36111"
TEXTS = 60_000

LETTERS = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 .,:!?'\n"
WESTERN = "àéèùìòäöñüåøæßÄÖÑÜÅØÆÉÇ¿¡£¥§¤ΔΦΓΛΩΠΨΣΘΞ@$_#%&/()"
DOUBLE = "€[\\]^{|}~"
LACKING = "çêâîôûëïœÀÈÊÙáíóúąćęłńśźżőș°µ²³½«»’‘“”…–—•→✓`\t\u00a0\u202f"
FOREIGN = "джчыλαעבةيहि字漢かアⅷ\u0301\u200d\ufe0f\uffff"
PAIRS = "😀🚨🔥👍🏽🇫🇷𝐀𐍈\U0010ffff"
ALPHABETS = (
    LETTERS,
    LETTERS + WESTERN,
    LETTERS + WESTERN + DOUBLE,
    "a" + DOUBLE,
    DOUBLE,
    LETTERS + LACKING,
    LETTERS + WESTERN + DOUBLE + LACKING + FOREIGN + PAIRS,
    LETTERS + PAIRS,
    "a" + PAIRS,
    FOREIGN + PAIRS,
)
LENGTHS = (
    *range(20),
    *range(25, 45),
    *range(58, 75),
    *range(128, 166),
    *range(195, 205),
    *range(295, 312),
    *range(455, 462),
)


@cache
def septets(character: str) -> bytes | None:
    """Return a character in GSM 03.38; None if it is not in there."""
    try:
        coded: bytes = CODEC.encode(character)[0]
    except UnicodeEncodeError:
        return None
    return coded


def count(text: str) -> tuple[str, int, int]:
    """Encode a text, cut it into messages, and count."""
    coded = [septets(character) for character in text]
    if None not in coded:
        units = list(b"".join(filter(None, coded)))
        return "gsm7", len(units), cut(units, 160, 153, range(ESCAPE, ESCAPE + 1))
    pairs = text.encode("utf-16-be")
    units = [int.from_bytes(pairs[at : at + 2]) for at in range(0, len(pairs), 2)]
    return "unicode", len(units), cut(units, 70, 67, range(0xD800, 0xDC00))


def cut(units: list[int], single: int, joined: int, first_halves: range) -> int:
    """Return into how many messages the units go, no pair of two cut in its middle."""
    if len(units) <= single:
        return 1
    at = parts = 0
    while at < len(units):
        at += joined
        parts += 1
        if at < len(units) and units[at - 1] in first_halves:
            at -= 1
    return parts


def measured(text: str, reserved: int = 0) -> tuple[str, int, int]:
    """Return our own count."""
    size = measure(text, reserved)
    return size.encoding, size.characters, size.parts


def test_random_corpus() -> None:
    """Count tens of thousands of texts, most of them near a bound."""
    chance = random.Random(1985)
    seen: set[tuple[str, int]] = set()
    for index in range(TEXTS):
        alphabet = ALPHABETS[index % len(ALPHABETS)]
        text = "".join(chance.choices(alphabet, k=chance.choice(LENGTHS)))
        encoding, _, parts = counted = count(text)
        assert measured(text) == counted, text
        seen.add((encoding, parts))
        if index % 3 == 0:
            assert measured(text, len(CLAUSE)) == count(text + CLAUSE), text
    assert {("gsm7", parts) for parts in range(1, 6)} <= seen
    assert {("unicode", parts) for parts in range(1, 11)} <= seen


@given(st.text(max_size=400), st.text(alphabet=LETTERS + DOUBLE + PAIRS, max_size=400))
def test_any_text(anything: str, likely: str) -> None:
    """Count any text there is."""
    for text in (anything, likely, likely + anything):
        if "\x1b" not in text:
            assert measured(text) == count(text)
            assert measured(text, len(CLAUSE)) == count(text + CLAUSE)


def test_every_character() -> None:
    """Put each character there is into the right alphabet."""
    for point in [*range(0xD800), *range(0xE000, 0x110000)]:
        if point != ESCAPE:
            assert is_plain(chr(point)) == (septets(chr(point)) is not None)


def test_numbers_agree_with_the_clause() -> None:
    """The line that OVHcloud appends is as long as is reckoned with, and plain."""
    assert count(CLAUSE) == ("gsm7", STOP_CLAUSE_LENGTH, 1)


@given(st.text(alphabet=LETTERS + DOUBLE + LACKING + PAIRS, max_size=330), st.data())
def test_more_text_never_takes_less(text: str, data: st.DataObject) -> None:
    """A text takes at least what its beginning takes."""
    begin = text[: data.draw(st.integers(0, len(text)))]
    for reserved in (0, STOP_CLAUSE_LENGTH):
        part, whole = measure(begin, reserved), measure(text, reserved)
        assert part.parts <= whole.parts
        # `{` takes two places in one alphabet and one of the fewer in the other.
        assert part.characters * whole.per_part <= whole.characters * part.per_part
        if part.encoding is whole.encoding:
            assert part.characters <= whole.characters
        assert (part.encoding, whole.encoding) != (Encoding.UNICODE, Encoding.GSM7)


@pytest.mark.parametrize("reserved", [0, STOP_CLAUSE_LENGTH])
@pytest.mark.parametrize(
    ("character", "single", "joined"), [("a", 160, 153), ("字", 70, 67)]
)
def test_bounds(character: str, single: int, joined: int, reserved: int) -> None:
    """A text fills its parts to the last place, and one character more begins a new one."""
    for parts in range(1, 9):
        room = (single if parts == 1 else joined * parts) - reserved
        assert measure(character * room, reserved).parts == parts
        assert measure(character * (room - 1), reserved).parts == parts
        assert measure(character * (room + 1), reserved).parts == parts + 1


@pytest.mark.parametrize("reserved", [0, STOP_CLAUSE_LENGTH])
@pytest.mark.parametrize(
    ("character", "wide", "single", "joined"),
    [("a", "€", 160, 153), ("a", "~", 160, 153), ("字", "😀", 70, 67)],
)
def test_two_places_on_the_border(
    character: str, wide: str, single: int, joined: int, reserved: int
) -> None:
    """What takes two places is never cut: it moves to the next part and leaves a gap."""
    full = character * (single - reserved - 2) + wide
    assert measure(full, reserved).parts == 1
    assert measure(character + full, reserved).parts == 2
    fits = character * (joined - 2) + wide + character * (joined - reserved)
    assert measure(fits, reserved).parts == 2
    moved = character * (joined - 1) + wide + character * (joined - reserved - 2)
    assert measure(moved, reserved).parts == 2
    assert measure(moved, reserved).characters == 2 * joined - 1
    assert measure(moved + character, reserved).parts == 3


@pytest.mark.parametrize(
    ("text", "per_part"),
    [("a" * 160, 160), ("a" * 161, 153), ("°" * 70, 70), ("°" * 71, 67), ("", 160)],
)
def test_per_part(text: str, per_part: int) -> None:
    """Tell what one part holds."""
    assert measure(text).per_part == per_part
