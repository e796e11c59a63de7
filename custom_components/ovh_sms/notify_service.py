"""`notify.ovh_sms`, and a notify service for each recipient."""

from collections.abc import Mapping
from dataclasses import dataclass
import logging
from typing import Any, override

from homeassistant.components.notify import (
    ATTR_DATA,
    ATTR_TARGET,
    DOMAIN as NOTIFY_DOMAIN,
    BaseNotificationService,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .account import OvhSmsConfigEntry
from .answer import raise_unless_accepted, read
from .const import (
    ATTR_MESSAGE,
    ATTR_RECEIVERS,
    ATTR_TITLE,
    CONF_NOTIFY_SERVICE,
    DOMAIN,
    SUBENTRY_RECIPIENT,
)
from .notify_data import read_data, unknown_keys, unknown_keys_error
from .repairs import show_unknown_data_keys
from .service_names import choose_service_names
from .targets import async_loaded, async_recipient_of, check_recipient, named_in

_LOGGER = logging.getLogger(__name__)

# The services outlive a reload, so that a call which comes meanwhile finds them.
_SERVICES: HassKey[dict[str, OvhSmsNotificationService]] = HassKey(
    f"{DOMAIN}_notify_services"
)


async def async_setup_service(
    hass: HomeAssistant, entry: OvhSmsConfigEntry
) -> OvhSmsNotificationService:
    """Return the notify service of an account, registered until the account is unloaded."""
    services = hass.data.setdefault(_SERVICES, {})
    if (service := services.get(entry.entry_id)) is None:
        service = services[entry.entry_id] = OvhSmsNotificationService(hass, entry)
    entry.async_on_unload(service.async_leave_unless_reloaded)
    await service.async_refresh()
    return service


@dataclass(frozen=True, slots=True)
class _RecipientTarget:
    """What a recipient's own notify service is registered for."""

    recipient_id: str
    service: str


class OvhSmsNotificationService(BaseNotificationService):
    """The notify services of an account: its own and its recipients'."""

    def __init__(self, hass: HomeAssistant, entry: OvhSmsConfigEntry) -> None:
        """Belong to an account."""
        self.hass = hass
        self.registered_targets = {}
        self._entry = entry
        self._service_name = ""
        self._lost: set[str] = set()

    @property
    @override
    def targets(self) -> Mapping[str, Any]:
        """Return the recipients by the last part of their services' names."""
        prefix = f"{self._service_name}_"
        return {
            name.removeprefix(prefix): _RecipientTarget(recipient_id, name)
            for name, recipient_id in self._recipients_by_name().items()
            if not self._is_anothers(name)
        }

    async def async_refresh(self) -> None:
        """Register the services of the recipients that there are now."""
        choose_service_names(self.hass, self._entry)
        if not self._service_name:
            name = self._entry.options[CONF_NOTIFY_SERVICE]
            await self.async_setup(self.hass, name, name)
        names = {self._service_name, *self._recipients_by_name()}
        lost = {name for name in names if self._is_anothers(name)}
        for name in lost - self._lost:
            _LOGGER.warning("notify.%s belongs to something else now", name)
        self._lost = lost
        for name in self.registered_targets.keys() - names:
            show_unknown_data_keys(self.hass, self._entry, name, ())
        # What another has taken over is no longer ours to change or to remove.
        self.registered_targets = {
            name: target
            for name, target in self.registered_targets.items()
            if self._is_ours(name)
        }
        await self.async_register_services()

    @override
    async def async_unregister_services(self) -> None:
        """Remove the services, but never another owner's."""
        for name in (self._service_name, *self.registered_targets):
            if self._is_ours(name):
                self.hass.services.async_remove(NOTIFY_DOMAIN, name)
        self.registered_targets = {}

    @callback
    def async_leave_unless_reloaded(self) -> None:
        """Remove the services, but if the account is reloaded, keep them meanwhile."""
        self.hass.async_create_task(
            self._async_leave_unless_reloaded(),
            f"{DOMAIN} leave notify.{self._service_name}",
            eager_start=True,
        )

    async def _async_leave_unless_reloaded(self) -> None:
        # Whoever unloads or reloads holds the lock until it is done.
        async with self._entry.setup_lock:
            if self._entry.state is ConfigEntryState.LOADED:
                return
            await self.async_unregister_services()
            services = self.hass.data.get(_SERVICES, {})
            if services.get(self._entry.entry_id) is self:
                del services[self._entry.entry_id]
            if not services:
                self.hass.data.pop(_SERVICES, None)

    @override
    async def async_send_message(self, message: str, **kwargs: Any) -> None:
        """Send an SMS to the targets, or to every recipient of the account."""
        account = await async_loaded(self._entry)
        service = self._service_name
        recipients: list[str] = []
        receivers: list[str] = []
        match kwargs.get(ATTR_TARGET):
            case None:
                recipients = list(account.recipients)
            case [_RecipientTarget() as target]:
                service = target.service
                check_recipient(account, target.recipient_id)
                recipients = [target.recipient_id]
            case targets:
                for name in named_in(targets, account.recipients.values()):
                    if name.startswith(f"{NOTIFY_DOMAIN}."):
                        recipients.append(
                            await async_recipient_of(self.hass, name, self._entry)
                        )
                    else:
                        receivers.append(name)
        data = kwargs.get(ATTR_DATA) or {}
        keys = unknown_keys(data)
        show_unknown_data_keys(self.hass, self._entry, service, keys)
        if keys:
            raise unknown_keys_error(keys)
        request = read(
            {
                **read_data(data),
                ATTR_MESSAGE: message,
                ATTR_TITLE: kwargs.get(ATTR_TITLE),
                ATTR_RECEIVERS: receivers,
            },
            tuple(recipients),
        )
        outcomes = await account.async_send(request)
        account.record(outcomes)
        raise_unless_accepted(self._entry, outcomes)

    def _recipients_by_name(self) -> dict[str, str]:
        """Return the recipients by the names of their services."""
        return {
            subentry.data[CONF_NOTIFY_SERVICE]: subentry.subentry_id
            for subentry in self._entry.get_subentries_of_type(SUBENTRY_RECIPIENT)
        }

    def _is_ours(self, name: str) -> bool:
        services = self.hass.services.async_services_for_domain(NOTIFY_DOMAIN)
        return name in services and (
            services[name].job.target == self._async_notify_message_service
        )

    def _is_anothers(self, name: str) -> bool:
        return self.hass.services.has_service(
            NOTIFY_DOMAIN, name
        ) and not self._is_ours(name)
