"""Errors in the user's language."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .gateway import (
    AuthFailed,
    AuthReason,
    GatewayError,
    MissingRight,
    NotSent,
    NotSentReason,
    Refused,
    RefusedReason,
    UnknownReason,
)
from .gateway.errors import RightReason
from .sms.errors import Closed, InvalidRequest
from .sms.privacy import mask
from .texts import async_sentence

# OVHcloud tells the time in whole seconds.
_ROUNDING: Final = 2
# The texts that quote OVHcloud, and those for when it said nothing.
_SILENT: Final[dict[str, str]] = {
    RefusedReason.OTHER: "refused_silently",
    RefusedReason.SENDER_UNKNOWN: "sender_unknown_silently",
    UnknownReason.SERVER_ERROR: "server_error_silently",
}
# Why OVHcloud could not be asked, where no message is at stake.
_UNASKED: Final = {
    NotSentReason.NO_CONNECTION: "call_out_of_reach",
    NotSentReason.NAME_NOT_RESOLVED: "call_out_of_reach",
    NotSentReason.TLS_FAILED: "call_out_of_reach",
    UnknownReason.NO_ANSWER: "call_out_of_reach",
    UnknownReason.CONNECTION_LOST: "call_out_of_reach",
    NotSentReason.THROTTLED: "call_throttled",
    NotSentReason.CLOCK_WRONG: "call_clock_wrong",
    AuthReason.HOST_CONFIGURATION: "call_host_configuration",
    RightReason.MISSING_RIGHT: "call_missing_right",
    RightReason.MISSING_ACTION: "call_missing_action",
}


def invalid(err: InvalidRequest) -> ServiceValidationError:
    """Return the translated error for a request that cannot be sent as it is."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=err.key,
        translation_placeholders=err.placeholders,
    )


@contextmanager
def translated(account: str = "", *, sends: bool = True) -> Iterator[None]:
    """Raise for a caller, in the user's language, what is wrong with what was asked for.

    `sends` is for what was to be sent: an account that ends meanwhile did not send it.
    """
    try:
        yield
    except InvalidRequest as err:
        raise invalid(err) from err
    except Closed as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="account_not_loaded" if sends else "account_unloaded",
            translation_placeholders={"account": account},
        ) from err


async def async_invalid(
    hass: HomeAssistant, err: InvalidRequest
) -> ServiceValidationError:
    """Return the error of an automation, in words though no account may be loaded."""
    return ServiceValidationError(
        await async_sentence(hass, invalid(err)),
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


def unasked(failure: GatewayError) -> HomeAssistantError:
    """Return the translated error for a question that OVHcloud did not answer."""
    match failure:
        case AuthFailed() if failure.reason is not AuthReason.HOST_CONFIGURATION:
            key = "call_not_signed_in"
        case Refused():
            key = "call_refused"
        case _:
            key = _UNASKED.get(failure.reason) or "call_trouble"
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders(failure),
    )


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
