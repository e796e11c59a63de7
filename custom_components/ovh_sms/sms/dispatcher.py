"""The road's last stretch: written down, handed to OVHcloud, and the answer written down."""

from collections.abc import Callable, Mapping
import logging
import sqlite3
import time

from ..gateway.errors import GatewayError, NotSent, OutcomeUnknown
from ..gateway.models import JobReport
from ..gateway.protocol import Gateway
from . import limits
from .ledger import Ledger
from .message import Message, Outcome, State, prepare
from .recipients import Recipient
from .request import SmsRequest
from .settings import Settings

_LOGGER = logging.getLogger(__name__)


class Dispatcher:
    """Sends the messages of one account. Every method blocks: call it on a worker thread."""

    def __init__(
        self,
        service_name: str,
        ledger: Ledger,
        gateway: Gateway,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take over the ledger of the last run."""
        self.gateway = gateway
        self._service_name = service_name
        self._ledger = ledger
        self._clock = clock
        if interrupted := ledger.mark_interrupted(clock()):
            _LOGGER.warning(
                "%d messages were being sent when Home Assistant stopped: it is not"
                " known whether they left",
                interrupted,
            )

    def send(
        self,
        request: SmsRequest,
        recipients: Mapping[str, Recipient],
        settings: Settings,
    ) -> Outcome:
        """Take a message from the request to OVHcloud's answer."""
        message = prepare(request, recipients, settings)
        now = self._clock()
        with self._ledger.transaction():
            limits.check(message, self._ledger, settings, now)
            self._ledger.add(message, now)
        outcome = self._hand_over(message)
        try:
            self._ledger.settle(outcome, self._clock())
        except sqlite3.Error:
            # The message has left: the caller must hear what became of it all the same.
            _LOGGER.exception("The outcome of a message could not be written down")
        return outcome

    def close(self) -> None:
        """Close the ledger and the connections."""
        self._ledger.close()
        self.gateway.close()

    def _hand_over(self, message: Message) -> Outcome:
        try:
            report = self.gateway.send(self._service_name, message.job)
        except GatewayError as failure:
            match failure:
                case NotSent():
                    state = State.EXPIRED
                case OutcomeUnknown():
                    state = State.UNKNOWN
                case _:
                    state = State.REFUSED
            return Outcome(message=message, state=state, failure=failure)
        return _outcome(message, report)


def _outcome(message: Message, report: JobReport) -> Outcome:
    """Tell what was accepted: OVHcloud answers 200 also where it accepted nothing."""
    if not report.ids:
        state = State.REFUSED
    elif report.invalid_receivers:
        state = State.PARTIAL
    else:
        state = State.ACCEPTED
    return Outcome(
        message=message,
        state=state,
        ids=report.ids,
        valid=report.valid_receivers,
        invalid=report.invalid_receivers,
        credits=report.credits,
    )
