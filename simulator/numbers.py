"""Which receivers are taken for phone numbers, and what they look like afterwards."""

import re
from typing import Final

import phonenumbers

GUIDE_NUMBERS: Final = frozenset({"+3360000000", "+33600000000"})
"""The numbers of OVHcloud's guides, one of them a digit short, which are answered as valid there."""

_FICTIONAL = re.compile(r"\+3363998\d{4}")
"""The French range kept for fiction, which number plans call invalid; every simulated phone is in it."""

_INTERNATIONAL = re.compile(r"(?:\+|00)[1-9]\d{6,14}")
_SCHEME = re.compile(r"://|\bwww\.", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_PHONE = re.compile(
    r"(?:(?:\+|\b00)\d(?:[ .-]?\d){7,14}|\b0[1-9](?:[ .-]?\d\d){4})(?!\d)"
)


def normalise(receiver: str) -> str | None:
    """Turn a receiver into its +… form, or None when it is no international number."""
    # Unknown: spaces and dots inside a number; they are refused.
    if not _INTERNATIONAL.fullmatch(receiver):
        return None
    number = "+" + receiver[2:] if receiver.startswith("00") else receiver
    if number in GUIDE_NUMBERS or _FICTIONAL.fullmatch(number):
        return number
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(parsed) else None


def region_of(number: str) -> str:
    """Tell a number's country as a lower-case ISO code, or an empty string."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ""
    region = phonenumbers.region_code_for_number(parsed)
    if region is None:
        region = phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    return region.lower()


def holds_contact_information(text: str) -> bool:
    """Tell whether a text names an address, an e-mail or a phone number."""
    # Unknown: what exactly the real service looks for; bare host names are let through as in its guide.
    return any(pattern.search(text) for pattern in (_SCHEME, _EMAIL, _PHONE))
