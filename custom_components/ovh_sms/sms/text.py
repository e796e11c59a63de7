"""How a text becomes SMS: alphabets, parts, and what fits."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, pairwise, repeat
import re
from typing import Final
import unicodedata

from .errors import InvalidRequest

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("€[\\]^{|}~\f")
_PLAIN: Final = _BASIC | _EXTENDED
# Control characters, but for line breaks and tabs, and halves of characters.
_UNSENDABLE: Final = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# OVHcloud appends a line of this length to a message that is declared advertising.
STOP_CLAUSE_LENGTH: Final = 11
# Beyond this a message is a mistake, not a long text.
MAX_CHARACTERS: Final = 5000
_CUT_MARK: Final = "..."
_JOINER: Final = "\u200d"
# What belongs to the character before it: skin tones, the letters of regional flags,
# the vowels and last consonants of a Korean syllable that is written apart, a few
# vowels of Thai and Lao, the sound marks of narrow Japanese.
_JOINED: Final = re.compile(
    "[\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\u1160-\u11ff\ud7b0-\ud7fb"
    "\u0e33\u0eb3\u200c\uff9e\uff9f]"
)
# What belongs to the character after it: the first consonants of such a Korean
# syllable, and signs that are written around a number or before a letter.
_LEADING: Final = re.compile(
    "[\u1100-\u115f\ua960-\ua97c\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e"
    "\U000110bd\U000110cd\U000111c2\U000111c3\U000113d1\U0001193f\U00011941"
    "\U00011a84-\U00011a89\U00011d46\U00011f02]"
)


class Encoding(StrEnum):
    """The alphabet that a message travels in."""

    GSM7 = "gsm7"
    UNICODE = "unicode"


# What one SMS holds, and what it holds as a part of several.
_LIMITS: Final = {Encoding.GSM7: (160, 153), Encoding.UNICODE: (70, 67)}


@dataclass(frozen=True, slots=True)
class Size:
    """What a text takes: characters as its alphabet counts them, and SMS parts."""

    encoding: Encoding
    characters: int
    parts: int

    @property
    def per_part(self) -> int:
        """Return what one part holds."""
        single, joined = _LIMITS[self.encoding]
        return single if self.parts == 1 else joined


def compose(message: str, title: str | None = None) -> str:
    """Return the text of a message: its title, if any, on a line of its own."""
    text = f"{title.strip()}\n{message}" if title and title.strip() else message
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not message.strip():
        raise InvalidRequest("message_empty")
    if len(text) > MAX_CHARACTERS:
        raise InvalidRequest(
            "message_too_long", length=str(len(text)), limit=str(MAX_CHARACTERS)
        )
    if bad := _UNSENDABLE.search(text):
        raise InvalidRequest("message_bad_character", character=f"U+{ord(bad[0]):04X}")
    return text


def is_plain(text: str) -> bool:
    """Tell whether a text fits the basic alphabet of SMS, with its extension."""
    return _PLAIN.issuperset(text)


def costly(text: str) -> tuple[str, ...]:
    """Return what makes a text dear: what forces Unicode, else what counts double."""
    if is_plain(text):
        return tuple(dict.fromkeys(char for char in text if char in _EXTENDED))
    cuts = pairwise([*_boundaries(text), len(text)])
    seen = (text[start:end] for start, end in cuts)
    return tuple(dict.fromkeys(one for one in seen if not is_plain(one)))


def measure(text: str, reserved: int = 0, *, forced: bool = False) -> Size:
    """Return what a text takes, with room for `reserved` plain characters after it.

    `forced` is for a text that travels as Unicode whatever is in it.
    """
    encoding = Encoding.UNICODE if forced or not is_plain(text) else Encoding.GSM7
    is_wide = _EXTENDED.__contains__ if encoding is Encoding.GSM7 else _is_pair
    characters = len(text) + sum(map(is_wide, text)) + reserved
    single, per_part = _LIMITS[encoding]
    if characters <= single:
        return Size(encoding, characters, 1)
    parts, room = 1, per_part
    for width in chain((1 + is_wide(char) for char in text), repeat(1, reserved)):
        if width > room:
            parts, room = parts + 1, per_part
        room -= width
    return Size(encoding, characters, parts)


def shorten(
    text: str, max_parts: int, reserved: int = 0, *, forced: bool = False
) -> str:
    """Return the text, cut between two characters if it takes more parts than allowed."""
    if measure(text, reserved, forced=forced).parts <= max_parts:
        return text
    cuts = list(_boundaries(text))
    fits, too_long = 0, len(cuts)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        cut = text[: cuts[middle]].rstrip() + _CUT_MARK
        if measure(cut, reserved, forced=forced).parts <= max_parts:
            fits = middle
        else:
            too_long = middle
    return text[: cuts[fits]].rstrip() + _CUT_MARK


def _is_pair(character: str) -> bool:
    """Tell whether a character is two in UTF-16."""
    return character > "\uffff"


def _boundaries(text: str) -> Iterator[int]:
    """Yield where a text may be cut: never inside what a reader sees as one character."""
    flags = 0
    for index, character in enumerate(text):
        before = text[index - 1] if index else ""
        is_flag = "\U0001f1e6" <= character <= "\U0001f1ff"
        flags = flags + 1 if is_flag else 0
        glued = (
            _JOINER in (character, before)
            or unicodedata.category(character) in ("Mn", "Mc", "Me")
            or _JOINED.match(character)
            or _LEADING.match(before)
            or (is_flag and flags % 2 == 0)
        )
        if not index or not glued:
            yield index
