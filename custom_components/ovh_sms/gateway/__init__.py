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
from .http2sms import Http2SmsGateway
from .models import (
    AccountInfo,
    ApiKeys,
    Callbacks,
    Credential,
    IncomingSms,
    Job,
    JobReport,
    SenderInfo,
    ServiceInfo,
    SmsRecord,
    SmsUser,
)
from .protocol import AccountGateway, Gateway
from .rest import RestGateway

__all__ = [
    "AccountGateway",
    "AccountInfo",
    "ApiKeys",
    "AuthFailed",
    "AuthReason",
    "Callbacks",
    "Credential",
    "Gateway",
    "GatewayError",
    "Http2SmsGateway",
    "IncomingSms",
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
    "ServiceInfo",
    "SmsRecord",
    "SmsUser",
    "UnknownReason",
]
