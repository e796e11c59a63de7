"""Everything that can happen to a send, and what it means for the message."""

from collections.abc import Mapping
from typing import Any, Final

from custom_components.ovh_sms.gateway import (
    AuthFailed,
    AuthReason,
    GatewayError,
    MissingRight,
    NotSent,
    NotSentReason,
    OutcomeUnknown,
    Refused,
    RefusedReason,
    UnknownReason,
)
from custom_components.ovh_sms.gateway.errors import RightReason
from simulator import Fault

type Meaning = tuple[type[GatewayError], str]
type Case = tuple[dict[str, object], Meaning]

BODIES: Final = ("json", "html", "empty", "list", "string", "null", "odd")
_RIGHT: Final = (MissingRight, RightReason.MISSING_RIGHT)
_SERVER: Final = (OutcomeUnknown, UnknownReason.SERVER_ERROR)
_THROTTLED: Final = (NotSent, NotSentReason.THROTTLED)
_OTHER: Final = (Refused, RefusedReason.OTHER)
_ODD: Final = (OutcomeUnknown, UnknownReason.ODD_ANSWER)


def _with_bodies(meaning: Meaning, *statuses: int) -> list[Case]:
    return [
        ({"kind": "status", "status": status, "body": body}, meaning)
        for status in statuses
        for body in BODIES
    ]


def _status(status: int) -> dict[str, object]:
    return {"kind": "status", "status": status}


def _forbidden(reason: str, meaning: Meaning) -> Case:
    return {"kind": "forbidden", "reason": reason}, meaning


# Faults that meet the POST alone, once, and leave the simulator running.
CASES: Final[list[Case]] = [
    ({"kind": "reset"}, (OutcomeUnknown, UnknownReason.CONNECTION_LOST)),
    (
        {"kind": "reset", "applied": "after"},
        (OutcomeUnknown, UnknownReason.CONNECTION_LOST),
    ),
    *_with_bodies(_SERVER, 500, 502, 503),
    *((_status(status), _SERVER) for status in (408, 504, 599)),
    ({"kind": "status", "status": 500, "applied": "after"}, _SERVER),
    *_with_bodies(_THROTTLED, 429),
    *_with_bodies(_OTHER, 400),
    *((_status(status), _OTHER) for status in (402, 404, 409, 422)),
    (_status(460), (Refused, RefusedReason.ACCOUNT_EXPIRED)),
    *_with_bodies(_RIGHT, 403),
    *_with_bodies(_ODD, 200),
    (_status(201), _ODD),
    ({"kind": "status", "status": 204, "body": "empty"}, _ODD),
    ({"kind": "status", "status": 304, "body": "empty"}, _ODD),
    _forbidden("NOT_GRANTED_CALL", _RIGHT),
    _forbidden("FORBIDDEN", _RIGHT),
    _forbidden("IAM", (MissingRight, RightReason.MISSING_ACTION)),
    _forbidden("INVALID_KEY", (AuthFailed, AuthReason.APPLICATION_KEY)),
    _forbidden("NOT_CREDENTIAL", (AuthFailed, AuthReason.CONSUMER_KEY_UNKNOWN)),
    _forbidden("INVALID_CREDENTIAL", (AuthFailed, AuthReason.CONSUMER_KEY_INACTIVE)),
    ({"kind": "signature"}, (AuthFailed, AuthReason.APPLICATION_SECRET)),
    ({"kind": "expired"}, (Refused, RefusedReason.ACCOUNT_EXPIRED)),
    (_status(401), (AuthFailed, AuthReason.CONSUMER_KEY_INACTIVE)),
]


def name(case: object) -> str:
    """Return a case's name for the test report."""
    if isinstance(case, dict):
        return "-".join(str(value) for value in case.values())
    return ""


def on_post(fields: Mapping[str, Any]) -> Fault:
    """Return the fault that meets a send, and only that."""
    given: dict[str, Any] = {"method": "POST", "path": "/sms/*/jobs", **fields}
    return Fault(**given)
