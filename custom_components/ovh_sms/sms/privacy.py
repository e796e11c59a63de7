"""Keep phone numbers out of what people and logs read."""

import re
from typing import Final

_NUMBER: Final = re.compile(
    r"\+?\d(?:(?:[^\S\n]|[().\-/\u2010-\u2015\u200e\u200f\u202a-\u202e]){0,3}\d){4,}"
)


def mask(text: str) -> str:
    """Replace every phone number in a text by its last two digits."""
    return _NUMBER.sub(lambda match: f"…{re.sub(r'\D', '', match[0])[-2:]}", text)


def shown(text: str) -> str:
    """Return what an error quotes of a caller's text: short, without numbers, printable."""
    return printable(mask(text)[:40])


def printable(text: str) -> str:
    """Replace what cannot be shown, or not even be written down."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
