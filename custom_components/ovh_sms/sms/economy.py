"""Characters that make a message dear, and what says the same for less."""

import re
from typing import Final
import unicodedata

from .text import STOP_CLAUSE_LENGTH, is_plain, measure

# What a character says depends on what stands beside it.
_BESIDE: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # 21 °C, also with the sign that Spanish has for ordinals.
        (r"[°º˚]([CF])(?![^\W\d_])", r"\1"),
        # n° 3 is a number; 180° and 45°30′N are angles.
        (r"(?<![^\W_])([nN])[°˚]", r"\1o"),
        (r"[°˚](?=\w)", "° "),
        (r"(^|(?<=\s))[°˚]", "deg"),
        (r"[°˚]", " deg"),
        # 10³ is no 103, 10₂ no 102, 2½ no 21/2.
        (r"(?<=\d)(?=[⁰¹²³⁴-⁹⁺⁻])", "^"),
        (r"(?<=\d)(?=[₀-₉])", "_"),
        (r"(?<=\d)(?=[¼-¾⅐-⅞])", " "),
        (r"(?<=[\d①-⑳])(?=[①-⑳])", " "),
        # French quotation marks have spaces inside, others do not.
        (r"([«‹])[^\S\n]", r"\1"),
        (r"[^\S\n]([»›])", r"\1"),
        (r"(?<=[^\W\d_])[—―](?=[^\W\d_])", " - "),
        (r"(?<=\w)[·∙⋅](?=\w)", "."),
        ("Œ(?=[a-zß-öø-ÿ])", "Oe"),
    )
)
PLAIN_FORMS: Final = str.maketrans(
    {
        **dict.fromkeys("«»“”„‟″", '"'),
        **dict.fromkeys("‹›‘’‚‛′`´ʼ", "'"),
        **dict.fromkeys("‐‑‒–—―−•‣⁃◦▪·∙⋅", "-"),
        **dict.fromkeys("\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006", " "),
        **dict.fromkeys("\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
        **dict.fromkeys("\u2028\u2029", "\n"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", ""),
        **dict.fromkeys("\u202a\u202c\u2066\u2068\u2069\ufe0e\ufe0f", ""),
        "…": "...",
        "×": "x",
        "÷": "/",
        "∕": "/",
        "⁄": "/",
        "±": "+/-",
        "←": "<-",
        "→": "->",
        "↔": "<->",
        "≤": "<=",
        "≥": ">=",
        "≠": "!=",
        "≈": "~",
        "∆": "Δ",
        "∑": "Σ",
        "∏": "Π",
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
        "™": "(tm)",
        "℃": "C",
        "℉": "F",
        "¢": "c",
        "‰": "/1000",
    }
)
# Their strokes go through a letter or a sign and turn it into another.
_OVERLAY: Final = 1


def economise(text: str) -> str:
    """Return the text in plain characters, or as it was if that cannot be had.

    A text that keeps one dear character costs the same as before, so nothing of it is
    changed then; nor where its replacements take more room than they save.
    """
    if is_plain(text):
        return text
    # Written apart, a letter and its accent are two characters.
    plain = unicodedata.normalize("NFC", text)
    for beside, replacement in _BESIDE:
        plain = beside.sub(replacement, plain)
    plain = "".join(map(_plain, plain))
    if not is_plain(plain) or not plain.strip():
        return text
    return plain if _fits_as_well(plain, text) else text


def _plain(character: str) -> str:
    if is_plain(character):
        return character
    replaced = character.translate(PLAIN_FORMS)
    if replaced != character:
        return replaced
    # Superscripts, fractions and letters with marks have a plain form of their own.
    apart = unicodedata.normalize("NFKD", character).translate(PLAIN_FORMS)
    return "".join(
        part for part in apart if unicodedata.combining(part) in (0, _OVERLAY)
    )


def _fits_as_well(plain: str, text: str) -> bool:
    """Tell whether it takes no more SMS, with the STOP clause or without."""
    return all(
        measure(plain, reserved).parts <= measure(text, reserved).parts
        for reserved in (0, STOP_CLAUSE_LENGTH)
    )
