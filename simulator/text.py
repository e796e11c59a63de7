"""How a text is coded into SMS parts: the GSM 03.38 alphabets, and UCS-2 for the rest."""

from dataclasses import dataclass
from typing import Final, Literal

type Encoding = Literal["gsm7", "unicode"]

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION: Final = frozenset("€[\\]^{|}~\f")

STOP_CLAUSE: Final = "\nSTOP:36111"

_SINGLE: Final[dict[Encoding, int]] = {"gsm7": 160, "unicode": 70}
_JOINED: Final[dict[Encoding, int]] = {"gsm7": 153, "unicode": 67}


@dataclass(frozen=True, slots=True)
class Coded:
    """What a text becomes once it is coded."""

    encoding: Encoding
    characters: int
    parts: int
    per_part: int


def encoding_of(text: str) -> Encoding:
    """Tell the coding that a text needs."""
    return "gsm7" if all(c in BASIC or c in EXTENSION for c in text) else "unicode"


def units_of(text: str, encoding: Encoding) -> list[int]:
    """List what each character takes: septets in GSM, UTF-16 code units in Unicode."""
    if encoding == "gsm7":
        return [2 if c in EXTENSION else 1 for c in text]
    return [2 if ord(c) > 0xFFFF else 1 for c in text]


def code(text: str, forced: Encoding | None = None) -> Coded:
    """Count a text's characters and parts, in the coding that it needs or in the one that is forced.

    A character of two units is not cut in two: it moves to the next part whole.
    """
    encoding = forced or encoding_of(text)
    units = units_of(text, encoding)
    characters = sum(units)
    if characters <= _SINGLE[encoding]:
        return Coded(encoding, characters, 1, _SINGLE[encoding])
    room = _JOINED[encoding]
    parts, filled = 1, 0
    for unit in units:
        if filled + unit > room:
            parts, filled = parts + 1, 0
        filled += unit
    return Coded(encoding, characters, parts, room)
