"""What the `data` of the notify service asks for, in our spelling or in OVHcloud's."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from homeassistant.exceptions import ServiceValidationError

from .const import DOMAIN
from .foreign import FOREIGN_KEYS, FOREIGN_PRIORITIES
from .sms.message import MAX_TAG_LENGTH

# What each key of `data` sets: the fields of `ovh_sms.send_sms`, and OVHcloud's names of them.
DATA_FIELDS: Final = {
    "bypass_limits": "bypass_limits",
    "charset": "charset",
    "class": "message_class",
    "coding": "coding",
    "delay": "delay",
    "differedPeriod": "delay",
    "message_class": "message_class",
    "no_stop_clause": "no_stop_clause",
    "noStopClause": "no_stop_clause",
    "priority": "priority",
    "queue": "queue",
    "receivers_document_url": "receivers_document_url",
    "receivers_slot_id": "receivers_slot_id",
    "receiversDocumentUrl": "receivers_document_url",
    "receiversSlotId": "receivers_slot_id",
    "retry_for": "retry_for",
    "send_at": "send_at",
    "sender": "sender",
    "sender_for_response": "sender_for_response",
    "senderForResponse": "sender_for_response",
    "tag": "tag",
    "validity": "validity",
    "validityPeriod": "validity",
}
_IN_MINUTES: Final = frozenset({"differedPeriod", "validityPeriod"})
# Near enough for a slip of the hand, not for another word.
_CLOSE: Final = 0.8


def unknown_keys(data: Mapping[object, object]) -> list[str]:
    """Return the keys that neither we nor another notify platform know."""
    return [
        str(key) for key in data if key not in DATA_FIELDS and key not in FOREIGN_KEYS
    ]


def unknown_keys_error(keys: list[str]) -> ServiceValidationError:
    """Return the error for keys that nobody knows, with what was probably meant."""
    placeholders = {"key": ", ".join(keys)}
    if close := get_close_matches(placeholders["key"], DATA_FIELDS, 1, _CLOSE):
        placeholders["close"] = close[0]
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="unknown_data_key_close" if close else "unknown_data_key",
        translation_placeholders=placeholders,
    )


def read_data(data: Mapping[object, object]) -> dict[str, object]:
    """Return the fields that the keys we know set; each may be set once."""
    fields: dict[str, object] = {}
    spelling: dict[str, str] = {}
    for key, value in data.items():
        if not isinstance(key, str) or (field := DATA_FIELDS.get(key)) is None:
            continue
        if field in spelling:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="data_key_twice",
                translation_placeholders={"key": spelling[field], "other": key},
            )
        spelling[field] = key
        if not _is_foreign(field, value):
            fields[field] = _in_minutes(value) if key in _IN_MINUTES else value
    return fields


def _is_foreign(field: str, value: object) -> bool:
    """Tell whether a key that others have too was meant for one of them.

    Then the account's priority and a tag of ours do, rather than no message.
    """
    match field, value:
        case "priority", bool():
            return False
        case "priority", int() | float():
            return True
        case "priority", str():
            word = value.strip().lower()
            return word in FOREIGN_PRIORITIES or word.lstrip("+-").isdecimal()
        case "tag", bool():
            return True
        case "tag", str() | int() | float():
            tag = str(value)
            return len(tag) > MAX_TAG_LENGTH or not tag.isprintable()
        case "tag", _:
            return value is not None
        case _:
            return False


def _in_minutes(value: object) -> object:
    """Return OVHcloud's bare number as the duration it stands for."""
    match value:
        case bool():
            return value
        case int() | float():
            return {"minutes": value}
        case str() if value.strip().isdecimal():
            return {"minutes": value.strip()}
        case _:
            return value
