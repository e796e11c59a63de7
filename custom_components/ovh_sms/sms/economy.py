"""Characters that make a message dear, and what says the same for less."""

from typing import Final
import unicodedata

from .text import is_plain, measure

_REPLACED: Final = str.maketrans(
    {
        **dict.fromkeys("«»“”„‟″", '"'),
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006", " "),
        **dict.fromkeys("\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
        **dict.fromkeys("\u00ad\u200b\u200e\u200f\u2060\ufeff", ""),
        "…": "...",
        "•": "-",
        "·": "-",
        "×": "x",
        "÷": "/",
        "←": "<-",
        "→": "->",
        "≤": "<=",
        "≥": ">=",
        "≈": "~",
        "µ": "u",
        "μ": "u",
        "œ": "oe",
        "Œ": "OE",
        "ĳ": "ij",
        "Ĳ": "IJ",
        "đ": "d",
        "Đ": "D",
        "ħ": "h",
        "Ħ": "H",
        "ı": "i",
        "ł": "l",
        "Ł": "L",
        "ŧ": "t",
        "Ŧ": "T",
        "þ": "th",
        "Þ": "Th",
        "ð": "d",
        "Ð": "D",
        "ẞ": "SS",
        "©": "(c)",
        "®": "(r)",
        "™": "TM",
        "°": " deg",
        "¢": "c",
    }
)


def economise(text: str) -> str:
    """Return the text in plain characters, or as it was if that cannot be had.

    A text that keeps one dear character costs the same as before, so nothing of it is
    changed then; nor where its replacements take more room than they save.
    """
    # Written apart, a letter and its accent are two characters.
    composed = unicodedata.normalize("NFC", text).replace("°C", "C").replace("°F", "F")
    plain = "".join(
        character if is_plain(character) else _plain(character)
        for character in composed
    )
    if not is_plain(plain) or not plain.strip():
        return text
    return plain if measure(plain).parts <= measure(text).parts else text


def _plain(character: str) -> str:
    replaced = character.translate(_REPLACED)
    if replaced != character:
        return replaced
    # Superscripts, fractions and letters with marks have a plain form of their own.
    apart = unicodedata.normalize("NFKD", character).replace("\u2044", "/")
    return "".join(part for part in apart if not unicodedata.combining(part))
