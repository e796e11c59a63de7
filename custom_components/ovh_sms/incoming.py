"""What comes back to an account: receipts, replies, and the answers to questions."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
import sqlite3
from typing import TYPE_CHECKING

from homeassistant.core import callback

from .background import Background
from .gateway import GatewayError
from .news import delivery_of, reply_of
from .sms.awaited import FIRST_LOOK
from .sms.errors import Closed
from .sms.questions import Question
from .sms.receipts import Receipts, ReceiptsRead
from .sms.replies import Replies, RepliesRead
from .sms.reply_reader import Received

if TYPE_CHECKING:
    from .account import Account


class Incoming:
    """Reads in the background what comes back, and tells it."""

    def __init__(self, account: Account) -> None:
        """Begin with nothing; nothing is read before the start."""
        self._account = account
        # Who waits for the answer to a question is told None when the account ends.
        self.questions: dict[Question, asyncio.Future[Received | None]] = {}
        self._receipts = Receipts(account.dispatcher)
        self._reading_receipts = Background(
            account.hass,
            account.entry,
            "receipts",
            lambda: account.settings,
            self._receipts.work,
            self._async_take_receipts,
        )
        self._replies = Replies(
            account.dispatcher, account.service_name, self.questions
        )
        self._reading_replies = Background(
            account.hass,
            account.entry,
            "replies",
            lambda: account.settings,
            self._replies.work,
            self._async_take_replies,
        )

    @property
    def failure_of_replies(self) -> GatewayError | None:
        """Return why replies cannot be read at the moment."""
        return self._replies.failure

    @callback
    def async_start(self) -> None:
        """Begin to read."""
        self._reading_receipts.async_start()
        self._reading_replies.async_start()

    @callback
    def async_stop(self) -> None:
        """Read nothing more; no question will be answered any more."""
        self._reading_receipts.async_stop()
        self._reading_replies.async_stop()
        for waiting in self.questions.values():
            if not waiting.done():
                waiting.set_result(None)

    def close(self) -> None:
        """Write down what was told last; it blocks."""
        self._receipts.close()
        with suppress(Closed, sqlite3.Error, OSError):
            self._replies.settle()

    @callback
    def async_go_on(self) -> None:
        """Try again at once: OVHcloud can probably be reached now."""
        self._receipts.go_on()
        self.async_wake_receipts()
        self._replies.go_on()
        self.async_wake_replies()

    @callback
    def async_wake_receipts(self) -> None:
        """See whether there are receipts to read."""
        self._reading_receipts.async_wake()

    @callback
    def async_expect_receipts(self) -> None:
        """Read receipts of what has just left, once it is time."""
        self._reading_receipts.async_wake_within(FIRST_LOOK)

    @callback
    def async_wake_replies(self) -> None:
        """See whether there are replies to read."""
        self._reading_replies.async_wake()

    @callback
    def async_hint_receipt(self, sms_id: int) -> None:
        """Read at once what became of an SMS, if it is ours and that is not known."""
        self._receipts.hint(sms_id)
        self.async_wake_receipts()

    @callback
    def async_hint_replies(self) -> None:
        """Read replies at once: there is reason to think that one has come."""
        self._replies.hint()
        self.async_wake_replies()

    @contextmanager
    def answer(self, question: Question) -> Iterator[asyncio.Future[Received | None]]:
        """Look out for the answer to a question while it is open."""
        waiting = self._account.hass.loop.create_future()
        self.questions[question] = waiting
        try:
            yield waiting
        finally:
            del self.questions[question]
            self.async_wake_replies()

    @callback
    def _async_take_receipts(self, read: ReceiptsRead) -> None:
        """Take what it was found out of SMS that left."""
        self._account.learn_reading(read.failure)
        if not (receipts := read.receipts):
            return

        def told() -> None:
            self._receipts.confirm_told(receipts)
            self.async_wake_receipts()

        recipients = self._account.recipients
        self._account.news.tell(
            (delivery_of(each, recipients) for each in receipts), told
        )

    @callback
    def _async_take_replies(self, read: RepliesRead) -> None:
        """Take what was read of replies."""
        self._account.learn_reading(read.failure)
        for question, received in read.answers:
            waiting = self.questions.get(question)
            if waiting and not waiting.done():
                waiting.set_result(received)
        if not (replies := read.replies):
            return

        def told() -> None:
            self._replies.confirm_told(each.sms.sms_id for each in replies)
            self.async_wake_replies()

        recipients = self._account.recipients
        self._account.news.tell((reply_of(each, recipients) for each in replies), told)
