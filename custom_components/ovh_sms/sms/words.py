"""Texts as people mean them, whatever way they typed them."""

import unicodedata

from .economy import PLAIN_FORMS


def plain_words(text: str) -> str:
    """Return a text without capitals and accents, and with single spaces."""
    apart = unicodedata.normalize("NFKD", text.casefold()).translate(PLAIN_FORMS)
    plain = "".join(part for part in apart if not unicodedata.combining(part))
    return " ".join(plain.casefold().split())
