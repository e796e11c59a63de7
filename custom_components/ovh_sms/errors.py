"""Errors in the user's language."""

from typing import Final

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .gateway import (
    GatewayError,
    MissingRight,
    NotSent,
    NotSentReason,
    RefusedReason,
    UnknownReason,
)
from .sms.errors import InvalidRequest
from .sms.privacy import mask

# OVHcloud tells the time in whole seconds.
_ROUNDING: Final = 2
# The texts that quote OVHcloud, and those for when it said nothing.
_SILENT: Final[dict[str, str]] = {
    RefusedReason.OTHER: "refused_silently",
    RefusedReason.SENDER_UNKNOWN: "sender_unknown_silently",
    UnknownReason.SERVER_ERROR: "server_error_silently",
}


def invalid(err: InvalidRequest) -> ServiceValidationError:
    """Return the translated error for a request that cannot be sent as it is."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=err.key,
        translation_placeholders=err.placeholders,
    )


def failed(failure: GatewayError) -> HomeAssistantError:
    """Return the translated error for a call to OVHcloud that did not succeed."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=text_key(failure),
        translation_placeholders=placeholders(failure),
    )


def text_key(failure: GatewayError) -> str:
    """Return the key of the text for a failure: one that has all it fills in."""
    if failure.reason in _SILENT and not _sentence(failure):
        return _SILENT[failure.reason]
    if failure.reason is NotSentReason.CLOCK_WRONG and not _clock_offset(failure):
        return "clock_refused"
    return failure.reason.value


def placeholders(failure: GatewayError) -> dict[str, str]:
    """Return what goes into the text for a failure."""
    return {
        "sentence": _sentence(failure),
        "right": failure.right if isinstance(failure, MissingRight) else "",
        "seconds": str(_clock_offset(failure)),
    }


def _sentence(failure: GatewayError) -> str:
    """Return what OVHcloud said, without phone numbers; empty if it said nothing."""
    return mask((failure.sentence or "").strip())


def _clock_offset(failure: GatewayError) -> int:
    """Return by how many seconds the clocks differ; 0 where that is not known."""
    known = failure.clock_offset if isinstance(failure, NotSent) else None
    offset = abs(known or 0)
    return offset if offset > _ROUNDING else 0
