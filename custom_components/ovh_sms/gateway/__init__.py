"""The room that knows OVHcloud: nothing above it imports its client."""

from .errors import (
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
from .models import AccountInfo, ApiKeys, Credential, Job, JobReport, SenderInfo
from .protocol import Gateway
from .rest import RestGateway

__all__ = [
    "AccountInfo",
    "ApiKeys",
    "AuthFailed",
    "AuthReason",
    "Credential",
    "Gateway",
    "GatewayError",
    "Job",
    "JobReport",
    "MissingRight",
    "NotSent",
    "NotSentReason",
    "OutcomeUnknown",
    "Refused",
    "RefusedReason",
    "RestGateway",
    "SenderInfo",
    "UnknownReason",
]
