"""An SMS account in Home Assistant: the one road that every message takes."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
import logging
import os
from pathlib import Path
import sqlite3
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .const import (
    CONF_APPLICATION_KEY,
    CONF_APPLICATION_SECRET,
    CONF_CONSUMER_KEY,
    CONF_PHONE_NUMBERS,
    CONF_SENDER,
    CONF_SERVICE_NAME,
    DOMAIN,
    ENV_API_URL,
    SUBENTRY_RECIPIENT,
)
from .errors import invalid
from .gateway import ApiKeys, AuthFailed, AuthReason, Gateway, RestGateway
from .sms.dispatcher import Dispatcher
from .sms.errors import InvalidRequest
from .sms.ledger import Ledger
from .sms.message import Outcome, State
from .sms.recipients import Recipient
from .sms.request import SmsRequest
from .sms.settings import Settings

_LOGGER = logging.getLogger(__name__)

# As many as the gateway keeps connections; the others wait without a thread.
_SENDS_AT_ONCE: Final = 4

type OvhSmsConfigEntry = ConfigEntry[Account]


@dataclass
class Account:
    """A loaded account; what the user changes is read anew for each message."""

    hass: HomeAssistant
    entry: OvhSmsConfigEntry
    dispatcher: Dispatcher
    recorders: dict[str, Callable[[], None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare for several messages at once."""
        self._turns = asyncio.Semaphore(_SENDS_AT_ONCE)

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
            )
            for subentry in self.entry.get_subentries_of_type(SUBENTRY_RECIPIENT)
        }

    @property
    def settings(self) -> Settings:
        """Return the account's settings."""
        return Settings(
            sender=self.entry.options[CONF_SENDER],
            country=self.hass.config.country,
            time_zone=dt_util.get_default_time_zone(),
        )

    async def async_send(self, request: SmsRequest) -> Outcome:
        """Send a message and return what became of it."""
        async with self._turns:
            try:
                outcome = await self.hass.async_add_executor_job(
                    self.dispatcher.send, request, self.recipients, self.settings
                )
            except InvalidRequest as err:
                raise invalid(err) from err
            except sqlite3.Error as err:
                _LOGGER.debug("The ledger could not be written", exc_info=True)
                raise HomeAssistantError(
                    translation_domain=DOMAIN, translation_key="ledger_unwritable"
                ) from err
        if (
            isinstance(outcome.failure, AuthFailed)
            and outcome.failure.reason is not AuthReason.HOST_CONFIGURATION
        ):
            self.entry.async_start_reauth(self.hass)
        return outcome

    @callback
    def record(self, outcome: Outcome) -> None:
        """Have the entities of the recipients show that something was sent."""
        if outcome.state not in (State.ACCEPTED, State.PARTIAL):
            return
        for recipient_id in {
            receiver.recipient_id
            for receiver in outcome.message.receivers
            if receiver.number not in outcome.invalid
        }:
            if recipient_id in self.recorders:
                self.recorders[recipient_id]()

    async def async_apply_credentials(self) -> None:
        """Go on with the credentials that the entry holds now."""
        old, self.dispatcher.gateway = (
            self.dispatcher.gateway,
            make_gateway(self.entry.data),
        )
        await self.hass.async_add_executor_job(old.close)


def ledger_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where the ledger of an account is kept."""
    return Path(hass.config.path(DOMAIN, f"{entry_id}.db"))


def make_gateway(data: Mapping[str, Any]) -> Gateway:
    """Return the way to OVHcloud for an entry's credentials."""
    return RestGateway(
        ApiKeys(
            application_key=data[CONF_APPLICATION_KEY],
            application_secret=data[CONF_APPLICATION_SECRET],
            consumer_key=data[CONF_CONSUMER_KEY],
        ),
        url=os.environ.get(ENV_API_URL),
    )


def open_dispatcher(path: Path, data: Mapping[str, Any]) -> Dispatcher:
    """Open an account's ledger and the way to OVHcloud; it blocks."""
    return Dispatcher(data[CONF_SERVICE_NAME], Ledger(path), make_gateway(data))
