"""What an error of OVHcloud's client means for the message: the one table of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
import math
import re
import traceback
from typing import Any, Final, TypedDict

from oauthlib.oauth2 import (
    AccessDeniedError,
    InvalidClientError,
    UnauthorizedClientError,
)
from ovh.exceptions import HTTPError, InvalidConfiguration, OAuth2FailureError
import requests
from requests import exceptions as transport
from urllib3 import exceptions as connection

from .client import Client
from .errors import (
    AuthFailed,
    AuthReason,
    GatewayError,
    MissingRight,
    NotFound,
    NotSent,
    NotSentReason,
    OutcomeUnknown,
    Refused,
    RefusedReason,
    UnknownReason,
)

# OVHcloud's own code for a service that has expired.
_SERVICE_EXPIRED: Final = 460

_AUTH_REASONS: Final = {
    "INVALID_KEY": AuthReason.APPLICATION_KEY,
    "INVALID_SIGNATURE": AuthReason.APPLICATION_SECRET,
    "NOT_CREDENTIAL": AuthReason.CONSUMER_KEY_UNKNOWN,
    "INVALID_CREDENTIAL": AuthReason.CONSUMER_KEY_INACTIVE,
}
# Half of a character: JSON has a spelling for it, and nothing can write it down.
_HALVES: Final = re.compile("[\ud800-\udfff]")
# What stands for it.
HALF: Final = "\ufffd"
# An alarm must not wait for longer than this, whatever a server says.
_LONGEST_PAUSE: Final = 15 * 60.0
_ABSENT: Final = re.compile("not ?found|not exist", re.IGNORECASE)
_CREDENTIALS_REFUSED: Final = (
    AccessDeniedError,
    InvalidClientError,
    UnauthorizedClientError,
)


def explain(
    err: Exception, answer: requests.Response | None, method: str, path: str
) -> GatewayError:
    """Return what a failed call means for the request."""
    if isinstance(err, GatewayError):
        return err
    if isinstance(err, HTTPError):
        return _explain_transport(err.args[1])
    if isinstance(err, InvalidConfiguration):
        return AuthFailed(AuthReason.HOST_CONFIGURATION)
    if isinstance(err, OAuth2FailureError):
        if isinstance(err.__cause__, _CREDENTIALS_REFUSED):
            return AuthFailed(AuthReason.SERVICE_ACCOUNT)
        return OutcomeUnknown(UnknownReason.ODD_ANSWER)
    if isinstance(err, transport.HTTPError):
        return _explain_answer(err.response, method, path)
    if isinstance(err, transport.RequestException):
        return _explain_transport(err)
    if isinstance(err, OSError):
        # `requests` wraps what the network raises: this is about the file of certificates.
        return NotSent(NotSentReason.TLS_FAILED)
    if answer is None:
        return OutcomeUnknown(UnknownReason.ODD_ANSWER)
    return _explain_answer(answer, method, path)


class _Said(TypedDict):
    sentence: str | None
    query_id: str | None


def explain_trouble(answer: requests.Response) -> GatewayError | None:
    """Return what a status means that says nothing of the request itself."""
    status = answer.status_code
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return NotSent(
            NotSentReason.THROTTLED, retry_after=_retry_after(answer), **_said(answer)
        )
    if (
        status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or status == HTTPStatus.REQUEST_TIMEOUT
    ):
        return OutcomeUnknown(UnknownReason.SERVER_ERROR, **_said(answer))
    return None


@contextmanager
def explain_preparation(client: Client | None = None) -> Iterator[None]:
    """Turn a failure of what comes before the request: nothing was sent yet."""
    try:
        yield
    except GatewayError:
        raise
    except Exception as err:  # noqa: BLE001 - odd answers make the library fail anyhow
        failure = explain(err, client and client.answer, "GET", "/auth/time")
        told = isinstance(err, OAuth2FailureError | InvalidConfiguration)
    else:
        return
    if isinstance(failure, NotSent) or (told and isinstance(failure, AuthFailed)):
        raise failure from None
    raise NotSent(
        NotSentReason.NO_CONNECTION
        if failure.reason in (UnknownReason.NO_ANSWER, UnknownReason.CONNECTION_LOST)
        else NotSentReason.SERVER_TROUBLE,
        sentence=failure.sentence,
        query_id=failure.query_id,
    ) from None


@contextmanager
def odd_answer() -> Iterator[None]:
    """Turn an answer that is not of the promised form into its own failure."""
    try:
        yield
    except GatewayError:
        raise
    except Exception:  # noqa: BLE001 - there is no end to the forms an answer can have
        raise OutcomeUnknown(UnknownReason.ODD_ANSWER) from None


def _explain_transport(err: Exception) -> GatewayError:
    """Tell a request that never left from one whose answer is missing."""
    cause = err.args[0] if err.args else None
    if isinstance(cause, connection.MaxRetryError):
        match cause.reason:
            case connection.NameResolutionError():
                return NotSent(NotSentReason.NAME_NOT_RESOLVED)
            case connection.SSLError() as reason if _in_handshake(reason):
                return NotSent(NotSentReason.TLS_FAILED)
            case (
                connection.NewConnectionError()
                | connection.ConnectTimeoutError()
                | connection.ProxyError()
            ):
                return NotSent(NotSentReason.NO_CONNECTION)
    if isinstance(err, transport.ReadTimeout):
        return OutcomeUnknown(UnknownReason.NO_ANSWER)
    return OutcomeUnknown(UnknownReason.CONNECTION_LOST)


def _in_handshake(err: connection.SSLError) -> bool:
    """Tell a TLS that never came about from one that broke under a request."""
    cause = err.args[0] if err.args else None
    return isinstance(cause, Exception) and any(
        frame.f_code.co_name in ("_validate_conn", "_prepare_proxy")
        for frame, _ in traceback.walk_tb(cause.__traceback__)
    )


def _explain_answer(answer: requests.Response, method: str, path: str) -> GatewayError:
    """Tell what OVHcloud's status and error code say."""
    told = _told(answer)
    said = _said(answer)
    code = _text(told.get("errorCode"))
    status = answer.status_code
    if trouble := explain_trouble(answer):
        return trouble
    if status < HTTPStatus.BAD_REQUEST:
        return OutcomeUnknown(UnknownReason.ODD_ANSWER, **said)
    if code in _AUTH_REASONS:
        return AuthFailed(_AUTH_REASONS[code], **said)
    if code == "QUERY_TIME_OUT":
        return NotSent(NotSentReason.CLOCK_WRONG, **said)
    if status == HTTPStatus.FORBIDDEN:
        return MissingRight(method, pattern(path), action=_missing_action(told), **said)
    if status == HTTPStatus.UNAUTHORIZED:
        return AuthFailed(
            AuthReason.SERVICE_ACCOUNT
            if "Authorization" in answer.request.headers
            else AuthReason.CONSUMER_KEY_INACTIVE,
            **said,
        )
    if status == _SERVICE_EXPIRED:
        return Refused(RefusedReason.ACCOUNT_EXPIRED, **said)
    reason = refused_reason(status, said["sentence"] or "")
    if status == HTTPStatus.NOT_FOUND and says_absent(told):
        return NotFound(reason, **said)
    return Refused(reason, **said)


def says_absent(error: Any) -> bool:
    """Tell whether an error says that one object is not there.

    An unknown account is another matter, and so is a server that does not know the path.
    """
    told = error if isinstance(error, dict) else {"message": error}
    sentence = _text(told.get("message")) or ""
    kind = _text(told.get("class")) or ""
    return (
        refused_reason(HTTPStatus.NOT_FOUND, sentence) is RefusedReason.OTHER
        and _ABSENT.search(f"{kind} {sentence}") is not None
    )


def pattern(path: str) -> str:
    """Return the right that a call needs, without whom or what it was about."""
    path = re.sub(r"/virtualNumbers/[^/]+", "/virtualNumbers/*", path.partition("?")[0])
    return re.sub(r"/[\d,]+$", "/*", path)


def refused_reason(status: int, sentence: str) -> RefusedReason:
    """Recognise the refusals that have a remedy of their own."""
    sentence = sentence.casefold()
    if "shortcode" in sentence:
        return RefusedReason.CONTACT_WITH_SHORT_NUMBER
    if "sender" in sentence and "exist" in sentence:
        return RefusedReason.SENDER_UNKNOWN
    if "sender" in sentence and "enabled" in sentence:
        return RefusedReason.SENDER_NOT_ENABLED
    if "credit" in sentence:
        return RefusedReason.NO_CREDITS
    if status == HTTPStatus.NOT_FOUND and "service" in sentence:
        return RefusedReason.ACCOUNT_UNKNOWN
    return RefusedReason.OTHER


def as_written(answer: Any) -> Any:
    """Return an answer with whole characters only."""
    match answer:
        case str():
            return _HALVES.sub(HALF, answer)
        case list():
            return [as_written(each) for each in answer]
        case dict():
            return {
                as_written(name): as_written(value) for name, value in answer.items()
            }
    return answer


def may_have_halves(answer: requests.Response | None) -> bool:
    """Tell whether half a character can be in it: in UTF-8 it is written as a number."""
    return answer is None or answer.encoding != "utf-8" or b"\\u" in answer.content


def _said(answer: requests.Response) -> _Said:
    return _Said(
        sentence=_text(_told(answer).get("message")),
        query_id=answer.headers.get("X-OVH-QUERYID"),
    )


def _told(answer: requests.Response) -> dict[str, Any]:
    try:
        told = as_written(answer.json())
    except ValueError, RecursionError:
        return {}
    return told if isinstance(told, dict) else {}


def _missing_action(told: dict[str, Any]) -> str | None:
    details = told.get("details")
    return (
        isinstance(details, dict) and _text(details.get("unauthorizedActionsByIAM"))
    ) or None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _retry_after(answer: requests.Response) -> float | None:
    try:
        seconds = float(answer.headers["Retry-After"])
    except KeyError, ValueError:
        return None
    return min(max(0.0, seconds), _LONGEST_PAUSE) if math.isfinite(seconds) else None
