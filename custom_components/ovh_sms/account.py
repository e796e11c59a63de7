"""An SMS account in Home Assistant: the one road that every message takes."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
import logging
from pathlib import Path
import sqlite3
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .const import (
    AUTH_SMS_USER,
    CONF_AUTH_METHOD,
    CONF_PHONE_NUMBERS,
    CONF_SENDER,
    CONF_SERVICE_NAME,
    DOMAIN,
    SUBENTRY_RECIPIENT,
)
from .coordinator import AccountCoordinator, needs_sign_in
from .credentials import make_gateway
from .errors import invalid
from .gateway import GatewayError, RestGateway
from .gateway.pool import MAX_CONNECTIONS
from .sms.dispatcher import Dispatcher
from .sms.errors import InvalidRequest
from .sms.ledger import Ledger
from .sms.message import Outcome, State
from .sms.recipients import Recipient
from .sms.request import SmsRequest
from .sms.settings import OPTIONS, Settings

_LOGGER = logging.getLogger(__name__)

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
        """Prepare for several messages at once, and to read what can be read."""
        # Those who could get no connection wait here, without a thread.
        self._turns = asyncio.Semaphore(MAX_CONNECTIONS)
        self.coordinator: AccountCoordinator | None = None
        if isinstance(gateway := self.dispatcher.gateway, RestGateway):
            self.coordinator = AccountCoordinator(self.hass, self.entry, gateway)

    @property
    def service_name(self) -> str:
        """Return OVHcloud's name of the account."""
        name: str = self.entry.data[CONF_SERVICE_NAME]
        return name

    @property
    def recipients(self) -> dict[str, Recipient]:
        """Return the recipients by id."""
        return {
            subentry.subentry_id: Recipient(
                recipient_id=subentry.subentry_id,
                name=subentry.title,
                numbers=tuple(subentry.data[CONF_PHONE_NUMBERS]),
                sender=subentry.data.get(CONF_SENDER),
            )
            for subentry in self.entry.get_subentries_of_type(SUBENTRY_RECIPIENT)
        }

    @property
    def settings(self) -> Settings:
        """Return the account's settings."""
        options = self.entry.options
        chosen = {name: options[name] for name in OPTIONS if name in options}
        return Settings(
            **chosen,
            sends_only=self.entry.data[CONF_AUTH_METHOD] == AUTH_SMS_USER,
            country=self.hass.config.country,
            time_zone=dt_util.get_default_time_zone(),
        )

    async def async_send(self, request: SmsRequest) -> tuple[Outcome, ...]:
        """Send a message for a caller, who gets translated errors."""
        try:
            return await self.async_try(request)
        except InvalidRequest as err:
            raise invalid(err) from err
        except sqlite3.Error as err:
            _LOGGER.debug("The ledger could not be written", exc_info=True)
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="ledger_unwritable"
            ) from err

    async def async_try(
        self, request: SmsRequest, settings: Settings | None = None
    ) -> tuple[Outcome, ...]:
        """Send a message and return what became of it."""
        # Read now: a recipient may be removed while the message waits for its turn.
        recipients, settings = self.recipients, settings or self.settings
        async with self._turns:
            outcomes = await self.hass.async_add_executor_job(
                self.dispatcher.send, request, recipients, settings
            )
        for outcome in outcomes:
            if outcome.state is not State.DUPLICATE:
                self.note(outcome.failure)
                if self.coordinator:
                    self.coordinator.async_learn(outcome.failure)
            if needs_sign_in(outcome.failure):
                self.entry.async_start_reauth(self.hass)
        return outcomes

    async def async_finish(self) -> None:
        """Wait for the messages that are under way or waiting for their turn."""
        for _ in range(MAX_CONNECTIONS):
            await self._turns.acquire()
        for _ in range(MAX_CONNECTIONS):
            self._turns.release()

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
            if outcome.state in (State.ACCEPTED, State.PARTIAL)
            for receiver in outcome.message.receivers
            if receiver.number not in outcome.invalid
        }:
            if recipient_id in self.recorders:
                self.recorders[recipient_id]()

    async def async_forget(self, now: datetime | None = None) -> None:
        """Forget the messages that are older than the user wants them kept."""
        try:
            await self.hass.async_add_executor_job(
                self.dispatcher.forget, self.settings.history_days
            )
        except sqlite3.Error:
            _LOGGER.warning("Old messages could not be forgotten", exc_info=True)

    async def async_apply_credentials(self) -> None:
        """Go on with the credentials that the entry holds now."""
        old, new = self.dispatcher.gateway, make_gateway(self.entry.data)
        self.dispatcher.gateway = new
        if self.coordinator and isinstance(new, RestGateway):
            self.coordinator.async_renew(new)
        await self.hass.async_add_executor_job(old.close)


def ledger_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where the ledger of an account is kept."""
    return Path(hass.config.path(DOMAIN, f"{entry_id}.db"))


def open_dispatcher(path: Path, data: Mapping[str, Any]) -> Dispatcher:
    """Open an account's ledger and the way to OVHcloud; it blocks."""
    return Dispatcher(
        data[CONF_SERVICE_NAME],
        Ledger(path),
        make_gateway(data),
        clock=lambda: dt_util.utcnow().timestamp(),
    )
