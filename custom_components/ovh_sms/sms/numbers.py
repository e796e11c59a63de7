"""Phone numbers as people write them, made into what OVHcloud takes."""

from collections.abc import Collection
from functools import lru_cache
import re
from typing import Final
import unicodedata

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
)

from .errors import InvalidRequest
from .privacy import shown

_PUNCTUATION: Final = re.compile(r"[\s().\-/\u2010-\u2015\u200e\u200f\u202a-\u202e]")
# "+33 (0)6 …": the national zero is written, but not dialled, after a country code.
_TRUNK: Final = re.compile(r"(?<=[\d)])\s*\(\s*0\s*\)")
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_NO_SMS: Final = {
    PhoneNumberType.PREMIUM_RATE: "number_premium",
    PhoneNumberType.SHARED_COST: "number_premium",
    PhoneNumberType.TOLL_FREE: "number_landline",
    PhoneNumberType.FIXED_LINE: "number_landline",
    PhoneNumberType.UAN: "number_landline",
    PhoneNumberType.VOICEMAIL: "number_landline",
    PhoneNumberType.PAGER: "number_landline",
}


@lru_cache(maxsize=1024)
def normalise(text: str, country: str | None) -> str:
    """Return a number in E.164, `+` and digits only.

    `country` is the house's: it is what a national number is read with.
    """
    written = unicodedata.normalize("NFKC", text).strip()
    quoted = shown(written)
    digits = _PUNCTUATION.sub("", written)
    if digits.startswith(("+", "00")):
        digits = _PUNCTUATION.sub("", _TRUNK.sub("", written, count=1))
        digits = re.sub(r"^00", "+", digits)
    if not re.fullmatch(r"\+?[0-9]+", digits):
        raise InvalidRequest("number_not_a_number", number=quoted)
    international = digits.startswith("+")
    if not international and not country:
        raise InvalidRequest("number_without_country", number=quoted)
    try:
        number = phonenumbers.parse(digits, None if international else country)
    except NumberParseException:
        raise InvalidRequest("number_not_possible", number=quoted) from None
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != ValidationResult.IS_POSSIBLE:
        raise InvalidRequest("number_not_possible", number=quoted)
    if number.italian_leading_zero and not phonenumbers.is_valid_number(number):
        # A digit is missing, and the zero that is not dialled has taken its place.
        raise InvalidRequest("number_not_possible", number=quoted)
    if key := _NO_SMS.get(phonenumbers.number_type(number)):
        raise InvalidRequest(key, number=quoted)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    # E.164 ends at 15 digits; and of several zeros just one is not dialled.
    if not _E164.fullmatch(e164) or phonenumbers.parse(e164) != number:
        raise InvalidRequest("number_not_possible", number=quoted)
    return e164


def is_in(number: str, countries: Collection[str]) -> bool:
    """Tell whether a number in E.164 belongs to one of the countries."""
    parsed = phonenumbers.parse(number)
    if region := phonenumbers.region_code_for_number(parsed):
        return region in countries
    # Not assigned to anyone as far as is known: the country code has to do.
    regions = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    return any(region in countries for region in regions)


def country_code(number: str) -> str:
    """Return the country code of a number in E.164; `+` alone if it has none."""
    try:
        return f"+{phonenumbers.parse(number).country_code}"
    except NumberParseException:
        return "+"


def as_e164(number: str) -> str:
    """Return a number that OVHcloud wrote in our spelling."""
    return f"+{number[2:]}" if number.startswith("00") else number


def as_in_paths(virtual_number: str) -> str:
    """Return a virtual number as OVHcloud's paths have it."""
    return virtual_number.replace("+", "00")
