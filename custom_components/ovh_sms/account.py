"""An SMS account in Home Assistant: the one road that every message takes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import chain
import logging
from pathlib import Path
import sqlite3
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .background import Background
from .const import (
    AUTH_SMS_USER,
    CONF_AUTH_METHOD,
    CONF_PHONE_NUMBERS,
    CONF_QUEUE,
    CONF_SENDER,
    CONF_SERVICE_NAME,
    DOMAIN,
    SUBENTRY_RECIPIENT,
)
from .coordinator import AccountCoordinator, needs_sign_in
from .credentials import make_gateway
from .errors import translated
from .gateway import Gateway, GatewayError, RestGateway
from .gateway.pool import MAX_CALLERS
from .incoming import Incoming
from .kept import Kept
from .news import News, deliveries_of
from .sms.clock import Clock, SystemClock
from .sms.dispatcher import Dispatcher, Work
from .sms.errors import Closed
from .sms.ledger import Ledger
from .sms.ledger_file import open_ledger
from .sms.message import Outcome, is_number
from .sms.recipients import Recipient
from .sms.request import SmsRequest
from .sms.settings import OPTIONS, Feedback, Settings
from .sms.states import State
from .troubles import Troubles
from .upkeep import Upkeep
from .webhook import Webhook

_LOGGER = logging.getLogger(__name__)

# Seconds for which the end of an account waits for those who are sending.
_PATIENCE: Final = 30.0
# The tasks of Home Assistant that wait for a message end one inside the other, each in
# a turn of the loop.
_NESTED: Final = 3

type OvhSmsConfigEntry = ConfigEntry[Account]


@dataclass(frozen=True, slots=True)
class LastFailure:
    """Why the last message did not reach OVHcloud, and when that was."""

    reason: str
    at: datetime


@dataclass
class Account:
    """A loaded account; what the user changes is read anew for each message."""

    hass: HomeAssistant
    entry: OvhSmsConfigEntry
    dispatcher: Dispatcher
    recorders: dict[str, Callable[[], None]] = field(default_factory=dict)
    last_failure: LastFailure | None = None

    def __post_init__(self) -> None:
        """Prepare for several messages at once, and for what comes of them."""
        # Those who could get no connection wait here, without a thread.
        self._turns = asyncio.Semaphore(MAX_CALLERS)
        self._untold: list[Outcome] = []
        self._recipients = Kept(_recipients)
        self._settings = Kept(_settings)
        self.news = News(self.hass, self.entry.entry_id)
        self.outbox = Background(
            self.hass,
            self.entry,
            "outbox",
            lambda: self.settings,
            self.dispatcher.work,
            self._async_take_work,
        )
        self.incoming = Incoming(self)
        self.troubles = Troubles(self)
        self.webhook = Webhook(self)
        self.upkeep = Upkeep(self.hass, self.entry)
        self.coordinator: AccountCoordinator | None = None
        if isinstance(gateway := self.dispatcher.gateway, RestGateway):
            self.coordinator = AccountCoordinator(self.hass, self.entry, gateway)

    @property
    def service_name(self) -> str:
        """Return OVHcloud's name of the account."""
        name: str = self.entry.data[CONF_SERVICE_NAME]
        return name

    @property
    def recipients(self) -> Mapping[str, Recipient]:
        """Return the recipients by id."""
        # A subentry is changed in place, its data is not.
        return self._recipients.of(
            *(
                (each.subentry_id, each.title, each.data)
                for each in self.entry.subentries.values()
                if each.subentry_type == SUBENTRY_RECIPIENT
            )
        )

    @property
    def settings(self) -> Settings:
        """Return the account's settings."""
        return self._settings_with(self.recipients)

    def _settings_with(self, recipients: Mapping[str, Recipient]) -> Settings:
        return self._settings.of(
            self.entry.options,
            recipients,
            self.upkeep.fallbacks,
            self.entry.data[CONF_AUTH_METHOD] == AUTH_SMS_USER,
            self.coordinator is None or self.coordinator.can_look_up,
            self.hass.config.country,
            dt_util.get_default_time_zone(),
        )

    async def async_send(self, request: SmsRequest) -> tuple[Outcome, ...]:
        """Send a message for a caller, who gets translated errors."""
        with translated(self.entry.title):
            return await self.async_try(request)

    async def async_check(self, request: SmsRequest) -> None:
        """Tell what is wrong with a message, without sending it."""
        with translated():
            await self.hass.async_add_executor_job(
                self.dispatcher.check, request, self.recipients, self.settings
            )

    async def async_ask[T](
        self,
        question: Callable[[Ledger, Gateway, Clock], T],
        *,
        sends: bool = False,
        writes: bool = False,
    ) -> T:
        """Put a question to the ledger and to OVHcloud, on one worker thread.

        The caller gets translated errors, but OVHcloud's as they are. `sends` is for a
        question before something is sent, `writes` for one that cancels.
        """
        try:
            with translated(self.entry.title, sends=sends):
                return await self.hass.async_add_executor_job(
                    self.dispatcher.ask, question
                )
        except (sqlite3.Error, OSError) as err:
            _LOGGER.warning("The ledger could not be used", exc_info=True)
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="cancel_unwritten" if writes else "ledger_unreadable",
            ) from err

    async def async_try(
        self, request: SmsRequest, settings: Settings | None = None
    ) -> tuple[Outcome, ...]:
        """Send a message and return what became of it."""
        # Read now: a recipient may be removed while the message waits for its turn.
        recipients = self.recipients
        settings = settings or self._settings_with(recipients)
        try:
            async with self._turns:
                outcomes = await self.hass.async_add_executor_job(
                    self.dispatcher.send, request, recipients, settings
                )
                self._untold.extend(outcomes)
        except BaseException:
            self.troubles.async_review()
            raise
        if all(each.state is State.ACCEPTED for each in outcomes):
            self.entry.async_create_task(
                self.hass,
                self._async_tell_soon(),
                f"{DOMAIN} news of {self.entry.title}",
            )
        else:
            self._async_tell_all()
        return outcomes

    async def _async_tell_soon(self) -> None:
        """Tell that all is well, which nobody waits for, after the caller has gone on."""
        for _ in range(_NESTED):
            await asyncio.sleep(0)
        self._async_tell_all()

    @callback
    def _async_tell_all(self) -> None:
        """Take what became of messages that somebody waited for, and tell it."""
        if not self._untold:
            return
        outcomes, self._untold = self._untold, []
        sent = [each for each in outcomes if each.state is not State.DUPLICATE]
        for outcome in sent:
            self.learn(outcome.failure)
        self._learn_outcomes(sent)
        self.tell(sent)
        self.outbox.async_wake()
        self.incoming.async_expect_receipts()

    @callback
    def tell(self, outcomes: Iterable[Outcome]) -> None:
        """Tell what became of messages."""
        outcomes = tuple(outcomes)
        recipients = self.recipients
        self.news.tell(
            chain.from_iterable(deliveries_of(each, recipients) for each in outcomes),
            lambda: self.dispatcher.confirm_told(
                outcome for outcome in outcomes if outcome.is_over
            ),
        )

    @callback
    def _async_take_work(self, work: Work) -> None:
        """Take what came of a step in the background."""
        if work.failure or any(map(_is_accepted, work.outcomes)):
            self.learn(work.failure)
        self._learn_outcomes(work.outcomes)
        self.troubles.async_take(work.standing)
        self.record(work.outcomes)
        self.tell(work.outcomes)
        if any(map(_is_accepted, work.outcomes)):
            self.incoming.async_expect_receipts()

    @callback
    def learn_reading(self, failure: GatewayError | None) -> None:
        """Take from a reading what the user must act on; it says nothing of sending."""
        if self.coordinator:
            self.coordinator.async_learn_rights(failure)
        if needs_sign_in(failure):
            self.entry.async_start_reauth(self.hass)

    @callback
    def learn(self, failure: GatewayError | None) -> None:
        """Take from a call to OVHcloud how things stand."""
        self.note(failure)
        self.troubles.learn(failure)
        if self.coordinator:
            self.coordinator.async_learn(failure)
        if needs_sign_in(failure):
            self.entry.async_start_reauth(self.hass)

    @callback
    def _learn_outcomes(self, outcomes: Iterable[Outcome]) -> None:
        """Take from what became of messages who could send, and who could receive."""
        outcomes = tuple(outcomes)
        self.troubles.learn_senders(outcomes)
        if self.coordinator and any(outcome.invalid for outcome in outcomes):
            self.coordinator.async_doubt_receivers()

    @callback
    def note(self, failure: GatewayError | None) -> None:
        """Remember how the last message to OVHcloud fared."""
        self.last_failure = (
            LastFailure(failure.reason.value, dt_util.utcnow()) if failure else None
        )

    @callback
    def record(self, outcomes: Iterable[Outcome]) -> None:
        """Have the entities of the recipients show that something was sent."""
        for recipient_id in {
            receiver.recipient_id
            for outcome in outcomes
            if _is_accepted(outcome)
            for receiver in outcome.message.receivers
            if receiver.number not in outcome.invalid
        }:
            if recipient_id in self.recorders:
                self.recorders[recipient_id]()

    async def async_forget(self, now: datetime | None = None) -> None:
        """Forget the messages that are older than the user wants them kept."""
        try:
            with suppress(Closed):
                await self.hass.async_add_executor_job(
                    self.dispatcher.forget, self.settings.history_days
                )
        except sqlite3.Error, OSError:
            _LOGGER.warning("Old messages could not be forgotten", exc_info=True)

    async def async_apply_credentials(self) -> None:
        """Go on with the credentials that the entry holds now."""
        old, new = self.dispatcher.gateway, make_gateway(self.entry.data)
        self.dispatcher.gateway = new
        if self.coordinator and isinstance(new, RestGateway):
            self.coordinator.async_renew(new)
        await self.hass.async_add_executor_job(old.close)
        self.troubles.take_answer(None)
        self.troubles.async_update()
        self.async_go_on()

    @callback
    def async_start(self) -> None:
        """Begin with what nobody waits for, now that there are entities to tell it."""
        self.news.async_start()
        self.outbox.async_start()
        self.incoming.async_start()

    @asynccontextmanager
    async def async_ending(self) -> AsyncIterator[None]:
        """Let those who are sending come to their end, and nobody else begin."""
        self._end_background()
        taken = 0
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    while taken < MAX_CALLERS:
                        await self._turns.acquire()
                        taken += 1
            self._async_tell_all()
            self.news.async_stop()
            yield
        finally:
            for _ in range(taken):
                self._turns.release()

    async def async_close(self) -> None:
        """Close the ledger and the connections."""
        self._end_background()
        await self.hass.async_add_executor_job(self._close)

    def _close(self) -> None:
        self.incoming.close()
        self.dispatcher.close()

    @callback
    def _end_background(self) -> None:
        """Begin nothing more that nobody waits for."""
        self.outbox.async_stop()
        self.incoming.async_stop()

    @callback
    def async_go_on(self) -> None:
        """Try again at once what waits: OVHcloud can probably be reached now."""
        self.dispatcher.go_on()
        self.outbox.async_wake()
        self.incoming.async_go_on()


def _recipients(
    *stored: tuple[str, str, Mapping[str, Any]],
) -> Mapping[str, Recipient]:
    return {
        recipient_id: Recipient(
            recipient_id=recipient_id,
            name=name,
            numbers=tuple(data[CONF_PHONE_NUMBERS]),
            sender=data.get(CONF_SENDER),
            queue=data.get(CONF_QUEUE, True),
        )
        for recipient_id, name, data in stored
    }


def _settings(
    options: Mapping[str, Any],
    recipients: Mapping[str, Recipient],
    fallbacks: dict[str, Feedback],
    sends_only: bool,
    can_look_up: bool,
    country: str | None,
    time_zone: tzinfo,
) -> Settings:
    chosen = {name: options[name] for name in OPTIONS if name in options}
    senders = [chosen[CONF_SENDER], *(each.sender for each in recipients.values())]
    return Settings(
        **chosen | fallbacks,
        sends_only=sends_only,
        can_look_up=can_look_up,
        virtual_numbers=tuple(filter(is_number, filter(None, senders))),
        country=country,
        time_zone=time_zone,
    )


def _is_accepted(outcome: Outcome) -> bool:
    return outcome.state in (State.ACCEPTED, State.PARTIAL)


def ledger_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where the ledger of an account is kept."""
    return Path(hass.config.path(DOMAIN, f"{entry_id}.db"))


def open_dispatcher(
    path: Path, data: Mapping[str, Any], *, in_backup: bool
) -> Dispatcher:
    """Open an account's ledger and the way to OVHcloud; it blocks."""
    return Dispatcher(
        data[CONF_SERVICE_NAME],
        lambda: open_ledger(path),
        make_gateway(data),
        SystemClock(lambda: dt_util.utcnow().timestamp()),
        in_backup=in_backup,
    )
