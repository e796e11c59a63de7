"""What OVHcloud says of an account and its key, read again and again."""

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from typing import Any, Final, override
from urllib.parse import quote

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from .const import CONF_SERVICE_NAME, DOMAIN
from .gateway import (
    AccountGateway,
    AccountInfo,
    AuthFailed,
    AuthReason,
    Credential,
    GatewayError,
    MissingRight,
    NotSent,
    OutcomeUnknown,
    Refused,
    RefusedReason,
    ServiceInfo,
)
from .gateway.rights import Right, is_to_send, missing_rights
from .kept import Kept
from .needs import needs_of
from .reading import AccountRead, Wanted, read
from .repairs import (
    show_account_disabled,
    show_credits,
    show_key_expiring,
    show_rights_missing,
)
from .sms.message import SHORT_NUMBER, is_number
from .sms.numbers import as_in_paths

_LOGGER = logging.getLogger(__name__)

POLL_INTERVAL: Final = timedelta(minutes=15)
# Every fourth reading includes the key, however exact the timers are.
KEY_INTERVAL: Final = timedelta(minutes=55)
# Seconds after a message: of a burst not every one is followed by a reading.
SOON: Final = 3.0
# The context of an entity that shows what waits at OVHcloud, which costs a call.
PENDING: Final = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """An account, and the key in use if OVHcloud tells, as they were last read.

    `pending` is how many SMS wait at OVHcloud, if an entity wants to know.
    """

    account: AccountInfo
    credential: Credential | None
    pending: int | None = None


class AccountCoordinator(DataUpdateCoordinator[AccountState]):
    """Reads an account while it is loaded, whether or not an entity listens.

    Nothing waits for it: neither the set-up of the account nor a message.
    """

    config_entry: ConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, gateway: AccountGateway
    ) -> None:
        """Start with nothing known."""
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=POLL_INTERVAL,
        )
        self.failure: GatewayError | None = None
        self.service: ServiceInfo | None = None
        self._gateway = gateway
        self._credential: Credential | None = None
        self._key_read: datetime | None = None
        self._senders_read: frozenset[str] = frozenset()
        # What messages, and those who read for the user, were refused for want of.
        self._refused: set[str] = set()
        self._lacking = Kept(missing_rights)
        self._covers_look_up = Kept(_covers_look_up)
        self._is_renewed = False
        self._is_blacklist_due = False
        self._reading_now: asyncio.Task[None] | None = None
        self._soon = Debouncer(
            hass,
            _LOGGER,
            cooldown=SOON,
            immediate=False,
            function=self.async_refresh,
            background=True,
        )

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the rights that the credentials are known to lack."""
        lacking: tuple[Right, ...] = ()
        if self._credential:
            lacking = self._lacking.of(
                self._credential.rights,
                self._service_name,
                needs_of(self.config_entry),
            )
        refused = self._refused & self._gateway.lacking
        if isinstance(self.failure, MissingRight):
            refused.add(self.failure.right)
        return (
            *map(str, lacking),
            *(right for right in sorted(refused) if not _covered(right, lacking)),
        )

    @property
    def can_look_up(self) -> bool:
        """Tell whether it may be read what was sent, as far as is known."""
        return self._credential is None or self._covers_look_up.of(
            self._service_name, self._credential.rights
        )

    @callback
    def async_start(self) -> None:
        """Read now, in the background, and from then on until the account is unloaded."""
        show = self.config_entry.runtime_data.troubles.async_update
        self.config_entry.async_on_unload(self.async_add_listener(show))
        self.config_entry.async_on_unload(self._soon.async_shutdown)
        self._async_in_background(self.async_refresh())

    @callback
    def async_renew(self, gateway: AccountGateway) -> None:
        """Go on with new credentials, and see at once what they may do."""
        self._gateway = gateway
        self._credential = self._key_read = None
        self._refused.clear()
        self._senders_read = frozenset()
        self._is_renewed = True
        self._async_in_background(self.async_refresh())

    @callback
    def async_learn(self, failure: GatewayError | None) -> None:
        """Take from a send how things stand."""
        self.async_learn_rights(failure)
        if isinstance(failure, Refused):
            # It may be for want of credits, or for its sender.
            self._senders_read = frozenset()
            self._async_in_background(self.async_request_refresh())
        elif failure is None:
            self.async_read_soon()

    @callback
    def async_learn_rights(self, failure: GatewayError | None) -> None:
        """Take from a call what may not be done, and what may be done again.

        A call that succeeded proves the right to that call and to no other.
        """
        if isinstance(failure, MissingRight):
            self._refused.add(failure.right)
            self._key_read = None
            self._async_in_background(self.async_request_refresh())
        elif self._refused - self._gateway.lacking:
            self._refused &= self._gateway.lacking
            self._show_rights()

    @callback
    def async_read_soon(self) -> None:
        """Read what messages have changed, when there were no more for a moment."""
        self._soon.async_schedule_call()

    @callback
    def async_doubt_receivers(self) -> None:
        """See who replied STOP: OVHcloud did not take a message for everyone."""
        self._is_blacklist_due = True
        self.async_read_soon()

    async def async_read_now(self) -> None:
        """Read all there is; whoever asks meanwhile waits for the same answers."""
        if self._reading_now is None or self._reading_now.done():
            self._key_read = None
            self._reading_now = self._async_in_background(self.async_refresh())
        await asyncio.wait([self._reading_now])

    @override
    async def _async_update_data(self) -> AccountState:
        """Read the account, and tell what of it the user must act on."""
        reading = await self._async_read()
        self._keep(reading)
        self._show_key()
        self._show_rights()
        self._show_account(reading.account)
        self._tell_troubles(reading)
        await self.config_entry.runtime_data.upkeep.async_review(
            reading.account.callbacks
            if isinstance(reading.account, AccountInfo)
            else None
        )
        if isinstance(reading.account, GatewayError):
            if needs_sign_in(reading.account):
                self.config_entry.async_start_reauth(self.hass)
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="account_unreadable",
                translation_placeholders={"reason": reading.account.reason.value},
            ) from reading.account
        if self._is_renewed:
            self._is_renewed = False
            self._async_end_reauth()
        self.config_entry.runtime_data.async_go_on()
        return AccountState(
            account=reading.account,
            credential=self._credential,
            pending=reading.pending if isinstance(reading.pending, int) else None,
        )

    async def _async_read(self) -> AccountRead:
        """Make one round of calls, again if the credentials were replaced meanwhile."""
        while True:
            gateway = self._gateway
            reading = await self.hass.async_add_executor_job(
                read, gateway, self._service_name, self._wanted
            )
            if gateway is self._gateway:
                return reading

    @property
    def _service_name(self) -> str:
        name: str = self.config_entry.data[CONF_SERVICE_NAME]
        return name

    @property
    def _wanted(self) -> Wanted:
        """Return what to ask for: what is amiss each time, the rest with the key."""
        troubles = self.config_entry.runtime_data.troubles
        is_key_due = self._is_key_due
        return Wanted(
            key=is_key_due,
            service=is_key_due or (self.service is not None and self.service.is_amiss),
            blacklist=is_key_due
            or self._is_blacklist_due
            or bool(troubles.stopped_recipients),
            senders=self._senders_due,
            pending=(
                None,
                *(
                    as_in_paths(sender)
                    for sender in troubles.senders_in_use
                    if is_number(sender)
                ),
            )
            if PENDING in self.async_contexts()
            else (),
        )

    @property
    def _senders_due(self) -> frozenset[str]:
        """Return the senders to ask for: all with the key, else those not known yet."""
        in_use = frozenset(
            sender
            for sender in self.config_entry.runtime_data.troubles.senders_in_use
            if sender != SHORT_NUMBER and not is_number(sender)
        )
        return in_use if self._is_key_due else in_use - self._senders_read

    @property
    def _is_key_due(self) -> bool:
        """Tell whether the key was read long ago, or in a future that was none."""
        return (
            self._key_read is None
            or abs(dt_util.utcnow() - self._key_read) >= KEY_INTERVAL
        )

    @callback
    def _keep(self, reading: AccountRead) -> None:
        """Keep what was told; what was not told this time stays as it was."""
        self.failure = (
            reading.account if isinstance(reading.account, GatewayError) else None
        )
        match reading.service:
            case ServiceInfo():
                self.service = reading.service
            case MissingRight() | Refused():
                self.service = None
        if not reading.key_asked or isinstance(reading.key, NotSent | OutcomeUnknown):
            return
        self._key_read = dt_util.utcnow()
        if isinstance(reading.key, GatewayError):
            return
        self._credential = reading.key
        if self._credential:
            self._refused = {
                right
                for right in self._refused
                if not _covered(right, self._credential.rights)
            }

    @callback
    def _tell_troubles(self, reading: AccountRead) -> None:
        troubles = self.config_entry.runtime_data.troubles
        for name, sender in reading.senders.items():
            if not isinstance(sender, NotSent | OutcomeUnknown):
                self._senders_read |= {name}
            if not isinstance(sender, GatewayError):
                troubles.take_sender(name, sender)
        match reading.stopped:
            case frozenset():
                troubles.stopped = reading.stopped
                self._is_blacklist_due = False
            case MissingRight() | Refused():
                # What cannot be known any more is not told any more.
                troubles.stopped = frozenset()
                self._is_blacklist_due = False
        troubles.take_answer(self.failure)
        if self.failure:
            # Who listens is not told of every failure.
            troubles.async_update()

    @callback
    def _show_key(self) -> None:
        if self._key_read:
            show_key_expiring(
                self.hass,
                self.config_entry,
                self._credential.expiration if self._credential else None,
            )

    @callback
    def _show_rights(self) -> None:
        if (missing := self.missing) or self.failure is None:
            show_rights_missing(self.hass, self.config_entry, missing)

    @callback
    def _show_account(self, account: AccountInfo | GatewayError) -> None:
        match account:
            case AccountInfo():
                show_account_disabled(
                    self.hass,
                    self.config_entry,
                    disabled=not account.enabled,
                    service=self.service,
                )
                self._show_credits(account)
            case Refused(
                reason=RefusedReason.ACCOUNT_EXPIRED | RefusedReason.ACCOUNT_UNKNOWN
            ):
                show_account_disabled(
                    self.hass, self.config_entry, disabled=True, service=self.service
                )

    @callback
    def async_apply_options(self) -> None:
        """Warn of low credits as the user wants it now, and look at new senders."""
        # What is read all the same shows again what it lacks.
        if not all(map(is_to_send, self._refused)):
            self._refused = set(filter(is_to_send, self._refused))
            self._show_rights()
        if self.last_update_success and self.data:
            self._show_credits(self.data.account)
        # What the first reading asks for is on its way.
        if (
            self.data and self._senders_due
        ) or self.config_entry.runtime_data.upkeep.is_due:
            self._async_in_background(self.async_request_refresh())

    @callback
    def _show_credits(self, account: AccountInfo) -> None:
        show_credits(
            self.hass,
            self.config_entry,
            account.credits_left,
            self.config_entry.runtime_data.settings.low_credit,
        )

    @callback
    def _async_end_reauth(self) -> None:
        """Take back the wish for new credentials, if they came by another way."""
        for flow in self.config_entry.async_get_active_flows(
            self.hass, {SOURCE_REAUTH}
        ):
            self.hass.config_entries.flow.async_abort(flow["flow_id"])

    @callback
    def _async_in_background(
        self, refresh: Coroutine[Any, Any, None]
    ) -> asyncio.Task[None]:
        return self.config_entry.async_create_background_task(
            self.hass, refresh, f"{DOMAIN} refresh of {self.name}"
        )


def needs_sign_in(failure: GatewayError | None) -> bool:
    """Tell whether it takes new credentials to go on."""
    return isinstance(failure, AuthFailed) and failure.reason not in (
        AuthReason.HOST_CONFIGURATION,
        AuthReason.IP_NOT_ALLOWED,
    )


def _covered(right: str, rights: Iterable[Right]) -> bool:
    method, _, path = right.partition(" ")
    return any(other.allows(method, path) for other in rights)


def _covers_look_up(service_name: str, rights: Iterable[Right]) -> bool:
    return _covered(f"GET /sms/{quote(service_name, safe='')}/outgoing", rights)
