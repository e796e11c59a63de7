"""Alphabets and parts, against the simulator's own count of them."""

import random

from hypothesis import given, strategies as st
import pytest

from custom_components.ovh_sms.sms.errors import InvalidRequest
from custom_components.ovh_sms.sms.text import (
    MAX_CHARACTERS,
    STOP_CLAUSE_LENGTH,
    Encoding,
    compose,
    costly,
    measure,
)
from simulator.text import BASIC, EXTENSION, STOP_CLAUSE, code

GSM = "".join(sorted((BASIC | EXTENSION) - set("\x1b\f\r")))
UNICODE = "°çêâîôûëïœÀÈÊÙ«»’‘“”…–—µ²³•←→✓`áíóúąćęłńśźż\t\u00a0\u202fд字😀🚨\U0001f1eb"
MIXED = st.text(alphabet=GSM + UNICODE, max_size=400)


def agrees(text: str, reserved: int = 0) -> bool:
    """Tell whether our count of a text is the simulator's."""
    size = measure(text, reserved)
    coded = code(text + STOP_CLAUSE[:reserved])
    return (size.encoding, size.characters, size.parts) == (
        coded.encoding,
        coded.characters,
        coded.parts,
    )


def test_random_corpus() -> None:
    """Count thousands of texts as the simulator does, near every bound."""
    chance = random.Random(20261121)
    for _ in range(4000):
        alphabet = chance.choice([GSM, GSM + UNICODE, UNICODE, "a€", "a😀", "[]"])
        length = chance.choice([*range(12), *range(60, 80), *range(130, 170), 306, 918])
        text = "".join(chance.choices(alphabet, k=length))
        assert agrees(text), text
        assert agrees(text, STOP_CLAUSE_LENGTH), text


@given(MIXED | st.text(max_size=200))
def test_any_text(text: str) -> None:
    """Count any text as the simulator does."""
    if "\x1b" not in text:
        assert agrees(text)
        assert agrees(text, STOP_CLAUSE_LENGTH)


@pytest.mark.parametrize(
    ("text", "encoding", "characters", "parts"),
    [
        ("a" * 160, "gsm7", 160, 1),
        ("a" * 161, "gsm7", 161, 2),
        ("a" * 306, "gsm7", 306, 2),
        ("a" * 307, "gsm7", 307, 3),
        ("€" * 80, "gsm7", 160, 1),
        ("€" * 81, "gsm7", 162, 2),
        # 153 is odd: the euro sign that would be cut in two moves to the next part.
        ("€" * 152, "gsm7", 304, 2),
        ("€" * 153, "gsm7", 306, 3),
        ("a" * 152 + "€" + "a" * 151, "gsm7", 305, 2),
        ("a" * 152 + "€" + "a" * 152, "gsm7", 306, 3),
        ("ù" * 70 + "°", "unicode", 71, 2),
        ("°" * 70, "unicode", 70, 1),
        ("°" * 71, "unicode", 71, 2),
        ("°" * 134, "unicode", 134, 2),
        ("°" * 135, "unicode", 135, 3),
        ("😀" * 35, "unicode", 70, 1),
        ("😀" * 36, "unicode", 72, 2),
        ("😀" * 66, "unicode", 132, 2),
        ("😀" * 67, "unicode", 134, 3),
        ("[\\]^{|}~€", "gsm7", 18, 1),
        ("`", "unicode", 1, 1),
        ("ç", "unicode", 1, 1),
        ("Ç", "gsm7", 1, 1),
        ("", "gsm7", 0, 1),
    ],
)
def test_known_texts(text: str, encoding: str, characters: int, parts: int) -> None:
    """Count what is known."""
    size = measure(text)
    assert (size.encoding, size.characters, size.parts) == (encoding, characters, parts)


@pytest.mark.parametrize(
    ("length", "character", "parts"),
    [(149, "a", 1), (150, "a", 2), (59, "°", 1), (60, "°", 2)],
)
def test_stop_clause(length: int, character: str, parts: int) -> None:
    """Leave room for the line that OVHcloud appends."""
    assert len(STOP_CLAUSE) == STOP_CLAUSE_LENGTH
    assert measure(character * length, STOP_CLAUSE_LENGTH).parts == parts


def test_every_character() -> None:
    """Put each character of the first plane into the same alphabet as the simulator."""
    for point in [*range(0xD800), *range(0xE000, 0x10000)]:
        if point != 0x1B:
            assert measure(chr(point)).encoding == code(chr(point)).encoding
    assert measure(chr(0x10000)).encoding is Encoding.UNICODE


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("Water in the cellar!", ()),
        ("", ()),
        # Nothing forces Unicode: what counts double.
        ("3 € [a] €", ("€", "[", "]")),
        # In Unicode those cost no more than any other.
        ("« 3 € » à 21 °C", ("«", "»", "°")),
        ("d’été ’", ("’",)),
        # What a reader sees as one character is one.
        ("🇫🇷👍🏽 e\u0301 👍", ("🇫🇷", "👍🏽", "e\u0301", "👍")),
        ("a\u00a0b\tc", ("\u00a0", "\t")),
    ],
)
def test_costly(text: str, characters: tuple[str, ...]) -> None:
    """Name what makes a text dear, once each and in order."""
    assert costly(text) == characters


class TestCompose:
    """The text of a message."""

    @pytest.mark.parametrize(
        ("message", "title", "text"),
        [
            ("Leak", None, "Leak"),
            ("Leak", "", "Leak"),
            ("Leak", "  ", "Leak"),
            ("Leak", "Alarm", "Alarm\nLeak"),
            ("Leak", " Alarm\n", "Alarm\nLeak"),
            ("a\r\nb\rc\nd", None, "a\nb\nc\nd"),
            ("Leak", "One\r\nTwo\rThree", "One\nTwo\nThree\nLeak"),
            ("  kept  ", None, "  kept  "),
            ("a\tb", None, "a\tb"),
            ("21 °C\u2028«\u00a0ok\u00a0»", None, "21 °C\u2028«\u00a0ok\u00a0»"),
        ],
    )
    def test_text(self, message: str, title: str | None, text: str) -> None:
        """Put the title on a line of its own, with the line breaks of SMS."""
        assert compose(message, title) == text

    @pytest.mark.parametrize("message", ["", " ", "\n\r\n", "\u00a0"])
    @pytest.mark.parametrize("title", [None, "Alarm"])
    def test_empty(self, message: str, title: str | None) -> None:
        """Refuse a message that says nothing, whatever its title."""
        with pytest.raises(InvalidRequest, match="message_empty"):
            compose(message, title)

    @pytest.mark.parametrize(
        ("bad", "named"),
        [
            ("\x00", "U+0000"),
            ("\x1b", "U+001B"),
            ("\f", "U+000C"),
            ("\ud83d", "U+D83D"),
        ],
    )
    def test_bad_character(self, bad: str, named: str) -> None:
        """Refuse what no SMS can carry, and name it."""
        for message, title in ((f"a{bad}b", None), ("a", f"b{bad}c")):
            with pytest.raises(InvalidRequest, match="message_bad_character") as caught:
                compose(message, title)
            assert caught.value.placeholders == {"character": named}

    def test_too_long(self) -> None:
        """Refuse what is surely a mistake."""
        assert len(compose("a" * MAX_CHARACTERS)) == MAX_CHARACTERS
        with pytest.raises(InvalidRequest, match="message_too_long") as caught:
            compose("a" * MAX_CHARACTERS, "b")
        assert caught.value.placeholders == {"length": "5002", "limit": "5000"}

    @given(st.text(), st.none() | st.text())
    def test_any(self, message: str, title: str | None) -> None:
        """Compose a text that can be sent, or refuse; never anything else."""
        try:
            text = compose(message, title)
        except InvalidRequest:
            return
        assert "\r" not in text
        text.encode()
        assert compose(text) == text
