"""Errors in the user's language."""

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .gateway import GatewayError, MissingRight, NotSent
from .sms.errors import InvalidRequest
from .sms.privacy import mask


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
        translation_key=failure.reason.value,
        translation_placeholders=placeholders(failure),
    )


def placeholders(failure: GatewayError) -> dict[str, str]:
    """Return what goes into the sentence for a failure."""
    offset = failure.clock_offset if isinstance(failure, NotSent) else None
    return {
        "sentence": mask(failure.sentence or "-"),
        "right": failure.right if isinstance(failure, MissingRight) else "-",
        "seconds": str(abs(offset or 0)),
    }
