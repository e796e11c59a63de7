"""What keeps an account from sending, and what of it the user must act on."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
import logging
import sqlite3
from typing import TYPE_CHECKING, Final

from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CALLBACK_TYPE, Event, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from .const import CONF_SENDER, DOMAIN
from .gateway import (
    AuthFailed,
    AuthReason,
    GatewayError,
    MissingRight,
    NotSent,
    Refused,
    RefusedReason,
    SenderInfo,
)
from .gateway.rights import is_to_send
from .repairs import (
    UNKNOWN_SENDER,
    show_ledger_damaged,
    show_ledger_unwritable,
    show_limit_reached,
    show_outcome_unknown,
    show_recipients_stopped,
    show_senders,
)
from .sms.errors import Closed
from .sms.message import Outcome
from .sms.recipients import Recipient
from .sms.standing import Standing
from .sms.states import State

if TYPE_CHECKING:
    from .account import Account

_LOGGER = logging.getLogger(__name__)

# A ledger that cannot be read now may be locked for a moment.
_LOOK_AGAIN: Final = timedelta(minutes=1)
_SHORTEST_SLEEP: Final = timedelta(seconds=1)


class Problem(StrEnum):
    """Why an account cannot send now; of several, the first one is told."""

    CREDENTIALS_REFUSED = "credentials_refused"
    HOST_CONFIGURATION = "host_configuration"
    IP_NOT_ALLOWED = "ip_not_allowed"
    RIGHT_MISSING = "right_missing"
    ACCOUNT_DISABLED = "account_disabled"
    NO_CREDITS = "no_credits"
    SENDER_NOT_ENABLED = "sender_not_enabled"
    LIMIT_REACHED = "limit_reached"
    OUT_OF_REACH = "out_of_reach"


class Troubles:
    """Keeps what is wrong with an account; nothing waits for it."""

    def __init__(self, account: Account) -> None:
        """Start with nothing known."""
        self.standing = Standing()
        self.watchers: list[Callable[[], None]] = []
        # What OVHcloud does not let send, and how it calls their status.
        self.senders: dict[str, str] = {}
        # The numbers that replied STOP, once they were read.
        self.stopped: frozenset[str] | None = None
        self._account = account
        self._hass = account.hass
        self._entry = account.entry
        self._told: Problem | None = None
        self._is_cut_off = False
        self._is_called = False
        self._is_unreadable = False
        self._is_stopped = False
        self._review: asyncio.Task[None] | None = None
        self._cancel_timer: CALLBACK_TYPE | None = None

    @property
    def problem(self) -> Problem | None:
        """Return why the account cannot send now, if it cannot."""
        holding = self._problems
        return next((problem for problem in Problem if problem in holding), None)

    @property
    def senders_in_use(self) -> dict[str, list[str]]:
        """Return the senders that messages come from, and whose they are."""
        users: dict[str, list[str]] = {}
        users.setdefault(self._entry.options[CONF_SENDER], []).append(self._entry.title)
        for recipient in self._account.recipients.values():
            if recipient.sender:
                users.setdefault(recipient.sender, []).append(recipient.name)
        return users

    @property
    def stopped_recipients(self) -> list[tuple[Recipient, int]]:
        """Return who does not get messages, and with how many numbers."""
        stopped = self.stopped or frozenset()
        return [
            (recipient, count)
            for recipient in self._account.recipients.values()
            if (count := len(stopped.intersection(recipient.numbers)))
        ]

    @callback
    def async_start(self) -> None:
        """Tell what the last run left, and go on until the account is unloaded."""
        self._entry.async_on_unload(self._async_stop)
        # The house may move to another time zone, where the day begins at another hour.
        self._entry.async_on_unload(
            self._hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._async_move)
        )
        self.async_review()

    @callback
    def learn(self, failure: GatewayError | None) -> None:
        """Take from an attempt to send whether the account can."""
        before = (self._is_cut_off, self._told)
        self._is_cut_off = isinstance(failure, NotSent)
        self.take_answer(failure)
        if (self._is_cut_off, self._told) != before:
            self.async_update()

    @callback
    def take_answer(self, failure: GatewayError | None) -> None:
        """Take what OVHcloud said of the account; no answer says nothing."""
        if failure is None or isinstance(failure, Refused | AuthFailed | MissingRight):
            self._told = _meaning(failure)

    @callback
    def learn_senders(self, outcomes: Iterable[Outcome]) -> None:
        """Take from what became of messages whether their senders are enabled."""
        before = self.senders.copy()
        for outcome in outcomes:
            if not (sender := outcome.message.job.sender):
                continue
            if outcome.state in (State.ACCEPTED, State.PARTIAL):
                self.senders.pop(sender, None)
            elif outcome.reason == RefusedReason.SENDER_UNKNOWN:
                self.senders[sender] = UNKNOWN_SENDER
        if self.senders != before:
            self.async_update()

    @callback
    def take_sender(self, name: str, sender: SenderInfo | None) -> None:
        """Take what OVHcloud says of a sender."""
        if sender and sender.enabled:
            self.senders.pop(name, None)
        else:
            self.senders[name] = sender.status if sender else UNKNOWN_SENDER

    @callback
    def async_update(self) -> None:
        """Show how things stand now."""
        users = self.senders_in_use
        self.senders = {
            name: status for name, status in self.senders.items() if name in users
        }
        show_senders(self._hass, self._entry, self.senders, users)
        if self.stopped is not None:
            show_recipients_stopped(self._hass, self._entry, self.stopped_recipients)
        for watcher in self.watchers:
            watcher()

    @callback
    def async_review(self) -> None:
        """Look in the background how things stand in the ledger."""
        self._is_called = True
        if self._is_stopped or (self._review and not self._review.done()):
            return
        self._review = self._entry.async_create_background_task(
            self._hass, self._async_review(), f"{DOMAIN} review of {self._entry.title}"
        )

    @callback
    def async_take(self, standing: Standing | None) -> None:
        """Take how things stand in the ledger from who has just looked, if that is known."""
        if standing is None or (self._review and not self._review.done()):
            self.async_review()
        else:
            self._take(standing)

    async def async_review_now(self) -> None:
        """Look how things stand in the ledger, and wait for it."""
        self.async_review()
        if self._review:
            await asyncio.wait([self._review])

    async def async_carry_on(self, limit: str) -> None:
        """Let a limit begin to count from now."""
        await self._async_do(self._account.dispatcher.carry_on, limit)

    async def async_confirm_checked(self) -> None:
        """Take note that the user has checked the messages that are in doubt."""
        await self._async_do(self._account.dispatcher.confirm_checked)

    async def async_remove_set_aside(self) -> None:
        """Remove the damaged ledger that was set aside."""
        await self._async_do(self._account.dispatcher.remove_set_aside)

    async def _async_do[*Ts](self, act: Callable[[*Ts], None], *values: *Ts) -> None:
        await self._hass.async_add_executor_job(act, *values)
        self.async_review()

    async def _async_review(self) -> None:
        try:
            while self._is_called and not self._is_stopped:
                self._is_called = False
                self._take(
                    await self._hass.async_add_executor_job(
                        self._account.dispatcher.standing, self._account.settings
                    )
                )
        except Closed:
            pass
        except (sqlite3.Error, OSError) as err:
            self._show_unreadable(err)

    @callback
    def _take(self, standing: Standing) -> None:
        """Show how things stand in the ledger, unless somebody has looked later."""
        if standing.number < self.standing.number:
            return
        self.standing = standing
        self._is_unreadable = False
        if self._is_stopped:
            return
        hass, entry = self._hass, self._entry
        show_limit_reached(hass, entry, standing.limits, self._account.settings)
        show_outcome_unknown(hass, entry, standing.in_doubt, self._account.recipients)
        show_ledger_damaged(hass, entry, standing.set_aside)
        show_ledger_unwritable(hass, entry, is_unwritable=standing.is_unwritable)
        if (moment := standing.changes_at) is not None:
            self._wake_at(dt_util.utc_from_timestamp(moment))
        else:
            self._forget_timer()
        self.async_update()

    @callback
    def _show_unreadable(self, err: Exception) -> None:
        """Take nothing for known, and look again soon."""
        if self._is_stopped:
            return
        if not self._is_unreadable:
            _LOGGER.warning("The ledger of messages cannot be read", exc_info=err)
        self._is_unreadable = True
        self.standing = replace(self.standing, waiting=None, today=None)
        self._wake_at(dt_util.utcnow() + _LOOK_AGAIN)
        self.async_update()

    @callback
    def _wake_at(self, moment: datetime) -> None:
        self._forget_timer()
        # Where the clock is not what it was a moment ago, do not look again and again.
        earliest = dt_util.utcnow() + _SHORTEST_SLEEP
        self._cancel_timer = async_track_point_in_utc_time(
            self._hass, self._async_wake, max(moment, earliest)
        )

    @callback
    def _async_move(self, event: Event) -> None:
        self.async_review()

    @callback
    def _async_wake(self, now: datetime) -> None:
        self._cancel_timer = None
        self.async_review()

    @callback
    def _async_stop(self) -> None:
        self._is_stopped = True
        self._forget_timer()

    @callback
    def _forget_timer(self) -> None:
        if self._cancel_timer:
            self._cancel_timer()
            self._cancel_timer = None

    @property
    def _problems(self) -> set[Problem]:
        found = {self._told} if self._told else set()
        if coordinator := self._account.coordinator:
            if any(map(is_to_send, coordinator.missing)):
                found.add(Problem.RIGHT_MISSING)
            if data := coordinator.data:
                if not data.account.enabled:
                    found.add(Problem.ACCOUNT_DISABLED)
                if data.account.credits_left <= 0:
                    found.add(Problem.NO_CREDITS)
        if self.senders:
            found.add(Problem.SENDER_NOT_ENABLED)
        if self.standing.limits:
            found.add(Problem.LIMIT_REACHED)
        if self._is_cut_off and self.standing.waiting:
            found.add(Problem.OUT_OF_REACH)
        return found


def _meaning(failure: GatewayError | None) -> Problem | None:
    """Return what an answer means for the messages to come."""
    match failure:
        case AuthFailed(reason=AuthReason.HOST_CONFIGURATION):
            return Problem.HOST_CONFIGURATION
        case AuthFailed(reason=AuthReason.IP_NOT_ALLOWED):
            return Problem.IP_NOT_ALLOWED
        case AuthFailed():
            return Problem.CREDENTIALS_REFUSED
        case MissingRight() if is_to_send(failure.right):
            return Problem.RIGHT_MISSING
        case Refused(
            reason=RefusedReason.ACCOUNT_EXPIRED | RefusedReason.ACCOUNT_UNKNOWN
        ):
            return Problem.ACCOUNT_DISABLED
    return None
