"""A question before it is sent: can it be answered, and what was there before it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from ..gateway.protocol import AccountGateway, Gateway
from .clock import Clock
from .errors import InvalidRequest
from .inbox import ACCOUNT, Inbox, time_at
from .ledger import Ledger
from .message import prepare
from .questions import Question
from .recipients import Recipient
from .request import SmsRequest
from .settings import Settings

# So far back it is seen which replies were there already.
_BEFORE: Final = 24 * 60 * 60.0
# By so much OVHcloud's clock, as it is known here, may be off.
_TOLERANCE: Final = 120.0


def prepare_question(
    ledger: Ledger,
    gateway: Gateway,
    clock: Clock,
    service_name: str,
    request: SmsRequest,
    recipients: Mapping[str, Recipient],
    settings: Settings,
    answers: Mapping[str, str],
) -> Question:
    """Return a question that can be sent, and whose answer can be read."""
    if not isinstance(gateway, AccountGateway):
        raise InvalidRequest("ask_not_with_sms_user")
    messages = prepare(request, recipients, settings, clock.now())
    for message in messages:
        if message.job.sender:
            raise InvalidRequest("ask_no_answer", sender=message.job.sender)
    inbox = Inbox(ledger)
    since: dict[str, float] = {}
    known: set[int] = set()
    for scope in {message.job.virtual_number or ACCOUNT for message in messages}:
        since[scope] = inbox.since(scope) or time_at(gateway, clock) - _BEFORE
        known.update(
            gateway.incoming(
                service_name,
                since=datetime.fromtimestamp(since[scope], UTC),
                virtual_number=scope or None,
            )
        )
    numbers = frozenset(
        receiver.number for message in messages for receiver in message.receivers
    )
    offset = gateway.clock_offset
    return Question(
        numbers=numbers,
        answers=answers,
        since=since,
        known=known,
        older_tags=_tags_of(ledger, numbers),
        earliest=0.0 if offset is None else clock.now() + offset - _TOLERANCE,
        are_tagged=inbox.are_tagged,
    )


def _tags_of(ledger: Ledger, numbers: Iterable[str]) -> frozenset[str]:
    """Return the tags of what numbers were sent so far."""
    return frozenset(
        tag
        for number in numbers
        for (tag,) in ledger.rows(
            "SELECT DISTINCT tag FROM messages JOIN deliveries USING (message_id)"
            " WHERE number_mark = ?",
            (ledger.mark(number),),
        )
    )
