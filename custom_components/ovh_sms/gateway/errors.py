"""What can go wrong with OVHcloud, told apart by what became of the message."""

from enum import StrEnum


class NotSentReason(StrEnum):
    """Why OVHcloud never took the request."""

    NO_CONNECTION = "no_connection"
    NAME_NOT_RESOLVED = "name_not_resolved"
    TLS_FAILED = "tls_failed"
    SERVER_TROUBLE = "server_trouble"
    THROTTLED = "throttled"
    CLOCK_WRONG = "clock_wrong"


class UnknownReason(StrEnum):
    """Why nobody can tell yet whether OVHcloud took the request."""

    NO_ANSWER = "no_answer"
    CONNECTION_LOST = "connection_lost"
    SERVER_ERROR = "server_error"
    ODD_ANSWER = "odd_answer"


class RefusedReason(StrEnum):
    """Why OVHcloud turned the request down."""

    ACCOUNT_UNKNOWN = "account_unknown"
    ACCOUNT_EXPIRED = "account_expired"
    CONTACT_WITH_SHORT_NUMBER = "contact_with_short_number"
    NO_CREDITS = "no_credits"
    SENDER_NOT_ENABLED = "sender_not_enabled"
    SENDER_UNKNOWN = "sender_unknown"
    OTHER = "refused"


class AuthReason(StrEnum):
    """Why OVHcloud does not accept the credentials."""

    APPLICATION_KEY = "invalid_application_key"
    APPLICATION_SECRET = "invalid_application_secret"
    CONSUMER_KEY_UNKNOWN = "unknown_consumer_key"
    CONSUMER_KEY_INACTIVE = "inactive_consumer_key"
    SERVICE_ACCOUNT = "invalid_service_account"
    SMS_USER = "invalid_sms_user"
    IP_NOT_ALLOWED = "ip_not_allowed"
    HOST_CONFIGURATION = "host_configuration"


class RightReason(StrEnum):
    """Why a call is not allowed."""

    MISSING_RIGHT = "missing_right"
    MISSING_ACTION = "missing_action"


class GatewayError[ReasonT: StrEnum = StrEnum](Exception):
    """A call to OVHcloud that did not succeed.

    `sentence` is OVHcloud's own, `query_id` its reference for support.
    """

    def __init__(
        self,
        reason: ReasonT,
        *,
        sentence: str | None = None,
        query_id: str | None = None,
    ) -> None:
        """Keep the reason and what OVHcloud said."""
        super().__init__(reason.value)
        self._reason = reason
        self.sentence = sentence
        self.query_id = query_id

    @property
    def reason(self) -> ReasonT:
        """Return why."""
        return self._reason


class NotSent(GatewayError[NotSentReason]):
    """OVHcloud did not act on the request: it may be made again."""

    def __init__(
        self,
        reason: NotSentReason,
        *,
        sentence: str | None = None,
        query_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Keep when OVHcloud wants to be asked again, in seconds from now."""
        super().__init__(reason, sentence=sentence, query_id=query_id)
        self.retry_after = retry_after
        self.clock_offset: int | None = None


class OutcomeUnknown(GatewayError[UnknownReason]):
    """OVHcloud may have acted on the request: never make it again blindly."""


class Refused(GatewayError[RefusedReason]):
    """OVHcloud understood the request and said no."""


class NotFound(Refused):
    """The account is known, but it has nothing of that name or id, or no longer."""


class AuthFailed(GatewayError[AuthReason]):
    """OVHcloud does not accept the credentials."""


class MissingRight(GatewayError[RightReason]):
    """The credentials are good, but not for this call."""

    def __init__(
        self,
        method: str,
        path: str,
        *,
        action: str | None = None,
        sentence: str | None = None,
        query_id: str | None = None,
    ) -> None:
        """Keep the call, or the action of the identity policy, that is not allowed."""
        super().__init__(
            RightReason.MISSING_ACTION if action else RightReason.MISSING_RIGHT,
            sentence=sentence,
            query_id=query_id,
        )
        self.call = f"{method} {path}"
        self.right = action or self.call
