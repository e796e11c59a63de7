"""The operators' side: messages leave, arrive or not, and are answered."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from zlib import crc32

from .account import Account, BlacklistEntry
from .callbacks import Callbacks
from .constants import PARIS
from .messages import (
    DELIVERED_PTT,
    EXPIRED_PTT,
    Fate,
    Incoming,
    Phone,
    PhoneMessage,
    Sms,
)
from .ptts import COMMENTS
from .rates import REPLY_CREDITS, credits_for
from .schedule import Schedule
from .text import code
from .world import World

REPLY_WINDOW = timedelta(hours=48)


class ReplyError(ValueError):
    """A reply that no phone could send."""


def short_number(account: str, receiver: str) -> str:
    """Give the short number of a conversation: five digits, always the same for the same two."""
    return f"36{crc32(f'{account} {receiver}'.encode()) % 900 + 100}"


class Network:
    """Moves messages between the accounts and the phones."""

    def __init__(
        self,
        world: World,
        schedule: Schedule,
        callbacks: Callbacks,
        changed: Callable[[], None],
    ) -> None:
        """Connect the world with the calendar and the callbacks."""
        self._world = world
        self._schedule = schedule
        self._callbacks = callbacks
        self._changed = changed

    def take(self, sms: Sms) -> None:
        """Take an accepted message: it leaves at once, or waits for its time."""
        account = self._world.accounts[sms.account]
        account.messages[sms.id] = sms
        if sms.send_at <= self._world.now():
            self._depart(sms)
        else:
            self._schedule.at(sms.send_at, partial(self._depart_later, sms))
        self._changed()

    def cancel(self, account: Account, sms: Sms) -> None:
        """Withdraw a message that is still waiting."""
        del account.messages[sms.id]
        sms.waiting = False
        # Unknown: whether a cancelled job's credits come back; they are assumed to.
        account.spend(-sms.credits, sms.user)
        self._changed()

    async def _depart_later(self, sms: Sms) -> None:
        """Let a waiting message go, unless it was cancelled meanwhile."""
        if sms.waiting:
            sms.visible_at = max(sms.visible_at, self._world.now())
            self._depart(sms)
            self._changed()

    def _depart(self, sms: Sms) -> None:
        """Hand a message to the operator and plan its receipt."""
        now = self._world.now()
        sms.waiting = False
        sms.sent_at = now
        phone = self._world.phone(sms.receiver)
        phone.messages.append(
            PhoneMessage(
                sms.id,
                "in",
                sms.account,
                sms.shown_sender,
                sms.text,
                now,
                sms.coded,
                sms.credits,
                sms.tag,
                sms,
            )
        )
        delay, fate = self._receipt_of(sms, phone)
        self._schedule.at(now + delay, partial(self._receipt, sms, fate))

    def _receipt_of(self, sms: Sms, phone: Phone) -> tuple[timedelta, Fate]:
        """Tell when a message's receipt comes, and which it will be."""
        # Unknown: what becomes of a message without a validity; 48 hours are assumed, as operators keep them.
        validity = timedelta(minutes=sms.validity or self._world.default_validity)
        delay = timedelta(seconds=self._world.receipt_delay)
        if phone.fate == "slow":
            delay = timedelta(seconds=self._world.slow_delay)
        if phone.fate == "never" or delay > validity:
            return validity, "expired"
        return delay, phone.fate

    async def _receipt(self, sms: Sms, fate: Fate) -> None:
        """Note how a message ended and tell the customer."""
        phone = self._world.phone(sms.receiver)
        if fate in {"delivered", "slow"}:
            sms.delivery_receipt, sms.ptt = 1, DELIVERED_PTT
            sms.delivered_at = self._world.now()
        elif fate == "expired":
            sms.delivery_receipt, sms.ptt = 2, EXPIRED_PTT
        else:
            sms.delivery_receipt, sms.ptt = phone.receipt_on_failure, phone.ptt
        self._changed()
        account = self._world.accounts.get(sms.account)
        if account is None:
            return
        user = account.users.get(sms.user) if sms.user else None
        url = (user.call_back if user else None) or account.call_back
        if url:
            await self._callbacks.call(
                "GET",
                url,
                {
                    "id": str(sms.id),
                    "ptt": str(sms.ptt),
                    # Unknown: the format of the date.
                    "date": f"{self._world.now().astimezone(PARIS):%Y-%m-%d %H:%M:%S}",
                    "description": str(sms.delivery_receipt),
                    "descriptionDlr": COMMENTS.get(sms.ptt, ""),
                },
            )
            self._changed()

    async def reply(
        self, number: str, text: str, account: str | None = None
    ) -> Incoming | None:
        """Answer from a phone; a STOP gives no incoming message."""
        phone = self._world.phone(number)
        stops = text.strip().upper() == "STOP"
        answered = self._answered(phone, account, any_sender=stops)
        name = answered.account if answered else account
        if name is None or name not in self._world.accounts:
            raise ReplyError("no account has written to this phone")
        target = self._world.accounts[name]
        virtual = next(iter(target.virtual_numbers.values()), None)
        if answered is None and (virtual is None or stops):
            raise ReplyError(
                "the last message came from a sender that cannot be answered"
            )
        shown = (
            answered.shown_sender
            if answered
            else virtual.international
            if virtual
            else ""
        )
        now = self._world.now()
        reply_id = self._world.next_id()
        phone.messages.append(
            PhoneMessage(reply_id, "out", name, shown, text, now, code(text), 0.0, "")
        )
        if stops:
            await self._stop(target, number, answered)
            self._changed()
            return None
        incoming = Incoming(
            reply_id,
            name,
            number,
            text,
            now,
            REPLY_CREDITS,
            answered.tag if answered else "",
            answered.user if answered else None,
            answered.virtual_number
            if answered
            else virtual.number
            if virtual
            else None,
        )
        target.incoming[incoming.id] = incoming
        # Unknown: whether the cost of a reply may take an account below zero.
        target.credits_left = max(0.0, target.credits_left - REPLY_CREDITS)
        await self._respond(target, incoming, shown)
        self._changed()
        return incoming

    def _answered(
        self, phone: Phone, account: str | None, *, any_sender: bool
    ) -> Sms | None:
        """Find the message that a reply answers."""
        earliest = self._world.now() - REPLY_WINDOW
        for message in reversed(phone.messages):
            sms = message.sms
            if sms is None or account not in {None, sms.account}:
                continue
            in_time = (
                sms.virtual_number is not None or (sms.sent_at or earliest) >= earliest
            )
            if any_sender or (sms.can_reply and in_time):
                return sms
        return None

    async def _stop(self, account: Account, number: str, answered: Sms | None) -> None:
        """Blacklist a number."""
        # Unknown: whether a STOP shows among the incoming messages; it does not here.
        sms_id = answered.id if answered else None
        account.blacklist[number] = BlacklistEntry(number, self._world.now(), sms_id)
        user = account.users.get(answered.user) if answered and answered.user else None
        url = (user.stop_call_back if user else None) or account.stop_call_back
        if url:
            # Unknown: the parameters of this call.
            await self._callbacks.call(
                "GET", url, {"number": number, "id": str(sms_id or "")}
            )

    async def _respond(self, account: Account, incoming: Incoming, shown: str) -> None:
        """Do with a reply what the account asks for."""
        response = account.response
        if response.type == "cgi" and response.cgi_url:
            await self._callbacks.call(
                "POST",
                response.cgi_url,
                {
                    "id": str(incoming.id),
                    "senderid": incoming.sender,
                    "message": incoming.text,
                    "shortcode": shown,
                    "tag": incoming.tag,
                },
            )
        elif response.type == "text" and response.text:
            self._answer_back(account, incoming, response.text, shown)

    def _answer_back(
        self, account: Account, incoming: Incoming, text: str, shown: str
    ) -> None:
        """Send the account's fixed answer to a reply."""
        now = self._world.now()
        coded = code(text)
        cost = coded.parts * credits_for("fr")
        if not account.affords(cost, None):
            return
        account.spend(cost, None)
        self.take(
            Sms(
                id=self._world.next_id(),
                account=account.name,
                receiver=incoming.sender,
                text=text,
                coded=coded,
                credits=cost,
                created=now,
                send_at=now,
                visible_at=now,
                sender="",
                shown_sender=shown,
                can_reply=True,
                tag=incoming.tag,
                virtual_number=incoming.virtual_number,
            )
        )
