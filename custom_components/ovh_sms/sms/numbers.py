"""Phone numbers as people write them, made into what OVHcloud takes."""

import re
from typing import Final
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from .errors import InvalidRequest
from .privacy import mask

_PUNCTUATION: Final = re.compile(r"[\s().\-/\u2010-\u2015\u200e\u200f\u202a-\u202e]")
_NO_SMS: Final = {
    PhoneNumberType.PREMIUM_RATE: "number_premium",
    PhoneNumberType.SHARED_COST: "number_premium",
    PhoneNumberType.TOLL_FREE: "number_landline",
    PhoneNumberType.FIXED_LINE: "number_landline",
    PhoneNumberType.UAN: "number_landline",
    PhoneNumberType.VOICEMAIL: "number_landline",
    PhoneNumberType.PAGER: "number_landline",
}


def normalise(text: str, country: str | None) -> str:
    """Return a number in E.164, `+` and digits only.

    `country` is the house's: it is what a national number is read with.
    """
    shown = mask(text.strip())[:40]
    digits = _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text))
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if not re.fullmatch(r"\+?[0-9]+", digits):
        raise InvalidRequest("number_not_a_number", number=shown)
    international = digits.startswith("+")
    if not international and not country:
        raise InvalidRequest("number_without_country", number=shown)
    # "+33 (0)6 …": the national zero is written, but not dialled, after a country code.
    if international and "(0)" in text:
        digits = "+" + "".join(re.split(r"[^0-9+]*\(0\)[^0-9]*", text, maxsplit=1))
    try:
        number = phonenumbers.parse(digits, None if international else country)
    except NumberParseException:
        raise InvalidRequest("number_not_possible", number=shown) from None
    if not phonenumbers.is_possible_number(number):
        raise InvalidRequest("number_not_possible", number=shown)
    if key := _NO_SMS.get(phonenumbers.number_type(number)):
        raise InvalidRequest(key, number=shown)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
