"""What OVHcloud says of an account and its key, read again and again."""

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
import logging
from typing import Any, Final, override
from urllib.parse import quote

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from .const import CONF_SENDER, CONF_SERVICE_NAME, DOMAIN
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
    SenderInfo,
)
from .gateway.rights import Right, missing_rights
from .repairs import (
    show_account_disabled,
    show_credits,
    show_key_expiring,
    show_rights_missing,
)
from .sms.message import SHORT_NUMBER, is_number

_LOGGER = logging.getLogger(__name__)

POLL_INTERVAL: Final = timedelta(minutes=15)
# Every fourth reading includes the key, however exact the timers are.
KEY_INTERVAL: Final = timedelta(minutes=55)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """An account, and the key in use if OVHcloud tells, as they were last read."""

    account: AccountInfo
    credential: Credential | None


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one round of calls brought; not every round asks for the key and the senders."""

    account: AccountInfo | GatewayError
    key_asked: bool = False
    key: Credential | GatewayError | None = None
    senders: dict[str, SenderInfo | GatewayError | None] = field(default_factory=dict)


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
        self._gateway = gateway
        self._credential: Credential | None = None
        self._key_read: datetime | None = None
        self._senders_read: frozenset[str] = frozenset()
        self._refused_send: str | None = None
        self._is_renewed = False

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the rights that the credentials are known to lack."""
        lacking: tuple[Right, ...] = ()
        if self._credential:
            lacking = missing_rights(
                self._credential.rights,
                self._service_name,
                from_number=self._sends_from_number,
            )
        refused = [self._refused_send] if self._refused_send else []
        if isinstance(self.failure, MissingRight):
            refused.append(self.failure.right)
        return (
            *map(str, lacking),
            *(right for right in refused if not _covered(right, lacking)),
        )

    @property
    def can_look_up(self) -> bool:
        """Tell whether it may be read what was sent, as far as is known."""
        return self._credential is None or _covered(
            f"GET /sms/{quote(self._service_name, safe='')}/outgoing",
            self._credential.rights,
        )

    @callback
    def async_start(self) -> None:
        """Read now, in the background, and from then on until the account is unloaded."""
        show = self.config_entry.runtime_data.troubles.async_update
        self.config_entry.async_on_unload(self.async_add_listener(show))
        self._async_in_background(self.async_refresh())

    @callback
    def async_renew(self, gateway: AccountGateway) -> None:
        """Go on with new credentials, and see at once what they may do."""
        self._gateway = gateway
        self._credential = self._key_read = self._refused_send = None
        self._senders_read = frozenset()
        self._is_renewed = True
        self._async_in_background(self.async_refresh())

    @callback
    def async_learn(self, failure: GatewayError | None) -> None:
        """Take from a send whether it was allowed."""
        if isinstance(failure, MissingRight):
            self._refused_send = failure.right
            self._key_read = None
            self._async_in_background(self.async_request_refresh())
        elif isinstance(failure, Refused):
            # It may be for want of credits, or for its sender.
            self._senders_read = frozenset()
            self._async_in_background(self.async_request_refresh())
        elif failure is None and self._refused_send and not self._credential:
            self._refused_send = None
            self._show_rights()

    @override
    async def _async_update_data(self) -> AccountState:
        """Read the account, and tell what of it the user must act on."""
        reading = await self._async_read()
        self._keep(reading)
        self._show_key()
        self._show_rights()
        self._show_account(reading.account)
        self._tell_troubles(reading)
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
        return AccountState(account=reading.account, credential=self._credential)

    async def _async_read(self) -> _Reading:
        """Make one round of calls, again if the credentials were replaced meanwhile."""
        while True:
            gateway = self._gateway
            reading = await self.hass.async_add_executor_job(
                _read,
                gateway,
                self._service_name,
                self._is_key_due,
                self._senders_due,
            )
            if gateway is self._gateway:
                return reading

    @property
    def _service_name(self) -> str:
        name: str = self.config_entry.data[CONF_SERVICE_NAME]
        return name

    @property
    def _sends_from_number(self) -> bool:
        """Tell whether the account, or a recipient, has a virtual number as its sender."""
        return any(
            is_number(chosen.get(CONF_SENDER, ""))
            for chosen in (
                self.config_entry.options,
                *(each.data for each in self.config_entry.subentries.values()),
            )
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
    def _keep(self, reading: _Reading) -> None:
        """Keep what was told; what was not told this time stays as it was."""
        self.failure = (
            reading.account if isinstance(reading.account, GatewayError) else None
        )
        if not reading.key_asked or isinstance(reading.key, NotSent | OutcomeUnknown):
            return
        self._key_read = dt_util.utcnow()
        if isinstance(reading.key, GatewayError):
            return
        self._credential = reading.key
        if (
            self._credential
            and self._refused_send
            and _covered(self._refused_send, self._credential.rights)
        ):
            self._refused_send = None

    @callback
    def _tell_troubles(self, reading: _Reading) -> None:
        troubles = self.config_entry.runtime_data.troubles
        for name, sender in reading.senders.items():
            if not isinstance(sender, NotSent | OutcomeUnknown):
                self._senders_read |= {name}
            if not isinstance(sender, GatewayError):
                troubles.take_sender(name, sender)
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
                    self.hass, self.config_entry, disabled=not account.enabled
                )
                self._show_credits(account)
            case Refused(
                reason=RefusedReason.ACCOUNT_EXPIRED | RefusedReason.ACCOUNT_UNKNOWN
            ):
                show_account_disabled(self.hass, self.config_entry, disabled=True)

    @callback
    def async_apply_options(self) -> None:
        """Warn of low credits as the user wants it now, and look at new senders."""
        if self.last_update_success and self.data:
            self._show_credits(self.data.account)
        # What the first reading asks for is on its way.
        if self.data and self._senders_due:
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
    def _async_in_background(self, refresh: Coroutine[Any, Any, None]) -> None:
        self.config_entry.async_create_background_task(
            self.hass, refresh, f"{DOMAIN} refresh of {self.name}"
        )


def needs_sign_in(failure: GatewayError | None) -> bool:
    """Tell whether it takes new credentials to go on."""
    return isinstance(failure, AuthFailed) and failure.reason not in (
        AuthReason.HOST_CONFIGURATION,
        AuthReason.IP_NOT_ALLOWED,
    )


def _read(
    gateway: AccountGateway,
    service_name: str,
    with_key: bool,
    senders: Iterable[str],
) -> _Reading:
    """Ask OVHcloud; it blocks. A call that fails does not spoil the others."""
    account = _attempt(lambda: gateway.account(service_name))
    if isinstance(account, NotSent | AuthFailed):
        return _Reading(account)
    return _Reading(
        account,
        key_asked=with_key,
        key=_attempt(gateway.credential) if with_key else None,
        senders={
            name: _attempt(partial(gateway.sender, service_name, name))
            for name in senders
        },
    )


def _attempt[T](call: Callable[[], T]) -> T | GatewayError:
    try:
        return call()
    except GatewayError as failure:
        return failure


def _covered(right: str, rights: Iterable[Right]) -> bool:
    method, _, path = right.partition(" ")
    return any(other.allows(method, path) for other in rights)
