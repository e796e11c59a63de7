"""The refusals of the REST API, each with the payload that was seen of it."""

from http import HTTPStatus
from typing import override


class ApiError(Exception):
    """A refusal that becomes an HTTP answer."""

    def __init__(self, status: int, payload: dict[str, object]) -> None:
        """Remember the answer to give."""
        super().__init__(str(payload.get("message", "")))
        self.status = status
        self.payload = payload

    @property
    def message(self) -> str:
        """Give the sentence meant for people."""
        return str(self.payload["message"])

    @override
    def __repr__(self) -> str:
        """Show status and sentence."""
        return f"ApiError({self.status}, {self.message!r})"


def coded(status: int, error_code: str, message: str) -> ApiError:
    """Make an error of the older form, with a code of its own."""
    phrase = HTTPStatus(status).phrase
    return ApiError(
        status,
        {"errorCode": error_code, "httpCode": f"{status} {phrase}", "message": message},
    )


def classed(status: int, name: str, message: str, **more: object) -> ApiError:
    """Make an error of the newer form, with a class."""
    return ApiError(status, {"class": name, "message": message, **more})


def invalid_key() -> ApiError:
    """Refuse an application key."""
    # Unknown: the exact sentence.
    return coded(403, "INVALID_KEY", "This application key is invalid")


def not_credential() -> ApiError:
    """Refuse a consumer key that does not exist."""
    return coded(403, "NOT_CREDENTIAL", "This credential does not exist")


def invalid_credential() -> ApiError:
    """Refuse a consumer key that is not validated or no longer valid."""
    return coded(403, "INVALID_CREDENTIAL", "This credential is not valid")


def not_granted() -> ApiError:
    """Refuse a call that the consumer key has no right to."""
    return coded(403, "NOT_GRANTED_CALL", "This call has not been granted")


def forbidden() -> ApiError:
    """Refuse a call for another reason, such as the caller's address."""
    # Unknown: the exact sentence.
    return coded(403, "FORBIDDEN", "This call is forbidden")


def invalid_signature() -> ApiError:
    """Refuse a signature that does not fit."""
    return coded(400, "INVALID_SIGNATURE", "Invalid signature")


def query_time_out() -> ApiError:
    """Refuse a timestamp too far from the service's time."""
    return coded(400, "QUERY_TIME_OUT", "Query out of time")


def unauthorized(message: str = "You must login first") -> ApiError:
    """Refuse a call without usable credentials."""
    # Unknown: the exact body of a call without credentials or with a stale bearer token.
    return classed(401, "Client::Unauthorized", message)


def not_granted_by_iam(action: str) -> ApiError:
    """Refuse a call whose IAM action the service account was not given."""
    return classed(
        403,
        "Client::Forbidden",
        "User not granted for this request",
        details={
            "unauthorizedActionsByIAM": action,
            "unauthorizedActionsByAuthentication": "",
        },
    )


def unknown_service() -> ApiError:
    """Refuse an account name that is not the caller's."""
    return classed(404, "Client::NotFound", "This service does not exist")


def unknown_object(name: str, value: object) -> ApiError:
    """Refuse an object that does not exist."""
    # Unknown: the exact sentence.
    return classed(
        404,
        "Client::ObjectNotFound",
        f"The requested object ({name} = {value}) does not exist",
    )


def unknown_path() -> ApiError:
    """Refuse a path that is none of the service's, or none that is simulated."""
    # Unknown: the exact body.
    return coded(404, "NOT_FOUND", "Got an invalid (or empty) URL")


def bad_parameter(name: str, sentence: str) -> ApiError:
    """Refuse a parameter, naming it."""
    # Unknown: the exact sentences.
    return classed(400, "Client::BadRequest", f"[{name}] {sentence}")


def bad_request(sentence: str) -> ApiError:
    """Refuse a request."""
    return classed(400, "Client::BadRequest", sentence)


def unknown_sender(sender: str) -> ApiError:
    """Refuse a sender that the account does not have."""
    # Unknown: the status that goes with this sentence.
    return classed(
        400,
        "Client::BadRequest",
        f"Sms sender {sender} does not exists. Please create it first",
    )


def contact_information() -> ApiError:
    """Refuse a text with contact details from a short number."""
    return classed(
        400, "Client::BadRequest", "cannot send contact information with shortcode"
    )


def service_expired() -> ApiError:
    """Refuse a call on an expired service."""
    return ApiError(
        460, {"class": "Client::Expired", "message": "This service is expired"}
    )


def account_disabled() -> ApiError:
    """Refuse a send from a disabled account."""
    # Unknown: status and sentence; reading is assumed to go on working.
    return classed(403, "Client::Forbidden", "This SMS account is disabled")


def not_enough_credits(status: int) -> ApiError:
    """Refuse a send that the credits do not cover."""
    # Unknown: status (the world's `no_credit_status`, 402 unless told otherwise) and sentence.
    return classed(
        status, "Client::PaymentRequired", "Not enough credits on this SMS account"
    )
