"""The road's last stretch: written down, handed to OVHcloud, and the answer written down."""

from collections.abc import Callable, Mapping
import logging
import time
from typing import Final

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
_DAY: Final = 24 * 60 * 60


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
    ) -> tuple[Outcome, ...]:
        """Take a message from the request to OVHcloud's answer, job by job."""
        now = self._clock()
        messages = prepare(request, recipients, settings, now)
        admitted: list[Message] = []
        outcomes: list[Outcome] = []
        with self._ledger.transaction():
            for whole in messages:
                if message := limits.without_duplicates(
                    whole, self._ledger, settings, now
                ):
                    limits.check(message, self._ledger, settings, now)
                    self._ledger.add(message, now)
                    admitted.append(message)
                else:
                    outcomes.append(Outcome(message=whole, state=State.DUPLICATE))
        return (*outcomes, *(self._send(message) for message in admitted))

    def forget(self, days: int) -> None:
        """Forget the messages that are older than some days."""
        self._ledger.forget(self._clock() - days * _DAY)

    def close(self) -> None:
        """Close the ledger and the connections."""
        self._ledger.close()
        self.gateway.close()

    def _send(self, message: Message) -> Outcome:
        outcome = self._hand_over(message)
        try:
            self._ledger.settle(outcome, self._clock())
        except Exception:
            # The message has left: the caller must hear what became of it all the same.
            _LOGGER.exception("The outcome of a message could not be written down")
        return outcome

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
    invalid = report.invalid_receivers
    if report.valid_receivers or not report.ids:
        told = {*report.valid_receivers, *invalid}
        silent = tuple(number for number in message.job.receivers if number not in told)
        # Only where some are left out: its spelling may not be ours.
        if len(told) < len(message.job.receivers):
            invalid += silent
    if not report.ids:
        state = State.REFUSED
    elif invalid or len(report.ids) < len(message.receivers):
        state = State.PARTIAL
    else:
        state = State.ACCEPTED
    return Outcome(
        message=message,
        state=state,
        ids=report.ids,
        valid=report.valid_receivers,
        invalid=invalid,
        credits=report.credits,
    )
