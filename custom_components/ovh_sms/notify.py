"""Two doors for notifications: an entity for each recipient, and the notify service."""

from collections.abc import Mapping
from dataclasses import dataclass
import logging
from typing import Any, Final, override

from homeassistant.components.notify import (
    ATTR_DATA,
    ATTR_TARGET,
    DOMAIN as NOTIFY_DOMAIN,
    BaseNotificationService,
    NotifyEntity,
    NotifyEntityFeature,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import slugify

from .account import OvhSmsConfigEntry
from .answer import raise_unless_accepted, read
from .const import (
    ATTR_BYPASS_LIMITS,
    ATTR_MESSAGE,
    ATTR_NO_STOP_CLAUSE,
    ATTR_PRIORITY,
    ATTR_RECEIVERS,
    ATTR_SENDER,
    ATTR_SENDER_FOR_RESPONSE,
    ATTR_TAG,
    ATTR_TITLE,
    CONF_NOTIFY_SERVICE,
    DEFAULT_NOTIFY_SERVICE,
    DOMAIN,
    SUBENTRY_RECIPIENT,
)
from .targets import recipient_of

_LOGGER = logging.getLogger(__name__)

# The ledger and the gateway take turns by themselves; an alarm must not wait for another.
PARALLEL_UPDATES = 0

# `data` of the notify service, in our spelling and in OVHcloud's.
DATA_FIELDS: Final = {
    ATTR_BYPASS_LIMITS: ATTR_BYPASS_LIMITS,
    ATTR_NO_STOP_CLAUSE: ATTR_NO_STOP_CLAUSE,
    ATTR_PRIORITY: ATTR_PRIORITY,
    ATTR_SENDER: ATTR_SENDER,
    ATTR_SENDER_FOR_RESPONSE: ATTR_SENDER_FOR_RESPONSE,
    ATTR_TAG: ATTR_TAG,
    "noStopClause": ATTR_NO_STOP_CLAUSE,
    "senderForResponse": ATTR_SENDER_FOR_RESPONSE,
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OvhSmsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an entity for each recipient, and the notify service of the account."""
    known: set[str] = set()

    @callback
    def add_new_recipients() -> None:
        for subentry in entry.get_subentries_of_type(SUBENTRY_RECIPIENT):
            if subentry.subentry_id not in known:
                known.add(subentry.subentry_id)
                async_add_entities(
                    [RecipientEntity(entry, subentry)],
                    config_subentry_id=subentry.subentry_id,
                )

    service = OvhSmsNotificationService(hass, entry)

    async def follow_changes(hass: HomeAssistant, entry: OvhSmsConfigEntry) -> None:
        add_new_recipients()
        rename_devices(hass, entry)
        await service.async_refresh()

    add_new_recipients()
    await service.async_refresh()
    entry.async_on_unload(service.async_unregister_services)
    entry.async_on_unload(entry.add_update_listener(follow_changes))


@callback
def rename_devices(hass: HomeAssistant, entry: OvhSmsConfigEntry) -> None:
    """Give the recipients' devices the names that the recipients have now."""
    devices = dr.async_get(hass)
    for subentry in entry.get_subentries_of_type(SUBENTRY_RECIPIENT):
        if device := devices.async_get_device_by_identifier(
            _identifier(subentry), entry.entry_id
        ):
            devices.async_update_device(device.id, name=subentry.title)


class RecipientEntity(NotifyEntity):
    """A person or a group to write to; never unavailable, since such calls are dropped."""

    _attr_has_entity_name = True
    _attr_name = None
    _attr_supported_features = NotifyEntityFeature.TITLE

    def __init__(self, entry: OvhSmsConfigEntry, subentry: ConfigSubentry) -> None:
        """Stand for a recipient."""
        self._entry = entry
        self._recipient_id = subentry.subentry_id
        self._attr_unique_id = subentry.subentry_id
        self._attr_device_info = DeviceInfo(
            identifiers={_identifier(subentry)},
            entry_type=DeviceEntryType.SERVICE,
            manufacturer="OVHcloud",
            model="SMS recipient",
            name=subentry.title,
            via_device_id=dr.async_get_device_id_by_identifier(
                entry.runtime_data.hass,
                (DOMAIN, entry.entry_id),
                config_entry_id=entry.entry_id,
            ),
        )

    @override
    async def async_added_to_hass(self) -> None:
        """Let the other doors record what they send to this recipient."""
        await super().async_added_to_hass()
        recorders = self._entry.runtime_data.recorders
        recorders[self._recipient_id] = self._async_record_notification

        @callback
        def forget() -> None:
            recorders.pop(self._recipient_id, None)

        self.async_on_remove(forget)

    @override
    async def async_send_message(self, message: str, title: str | None = None) -> None:
        """Send an SMS to the recipient."""
        request = read(
            {ATTR_MESSAGE: message, ATTR_TITLE: title}, (self._recipient_id,)
        )
        raise_unless_accepted(
            self._entry, await self._entry.runtime_data.async_send(request)
        )


@dataclass(frozen=True, slots=True)
class _RecipientTarget:
    """What a recipient's own notify service is registered for."""

    recipient_id: str


class OvhSmsNotificationService(BaseNotificationService):
    """`notify.ovh_sms` and a `notify.ovh_sms_<recipient>` each.

    Their names are chosen once and stored: they are in users' automations.
    """

    def __init__(self, hass: HomeAssistant, entry: OvhSmsConfigEntry) -> None:
        """Belong to an account."""
        self.hass = hass
        self._entry = entry
        self._registered = False

    @property
    @override
    def targets(self) -> Mapping[str, Any]:
        """Return the recipients by the last part of their services' names."""
        prefix = f"{self._entry.options[CONF_NOTIFY_SERVICE]}_"
        return {
            name.removeprefix(prefix): _RecipientTarget(subentry.subentry_id)
            for subentry in self._entry.get_subentries_of_type(SUBENTRY_RECIPIENT)
            if (name := subentry.data[CONF_NOTIFY_SERVICE]) in self.registered_targets
            or not self._is_taken(name)
        }

    async def async_refresh(self) -> None:
        """Register the services of the recipients that there are now."""
        self._choose_names()
        name = self._entry.options[CONF_NOTIFY_SERVICE]
        if not self._registered:
            if self._is_taken(name):
                _LOGGER.warning("notify.%s belongs to something else now", name)
                return
            self._registered = True
            await self.async_setup(self.hass, name, name)
        await self.async_register_services()

    @override
    async def async_unregister_services(self) -> None:
        """Remove the services, but never another owner's."""
        if self._registered:
            self._registered = False
            await super().async_unregister_services()

    @override
    async def async_send_message(self, message: str, **kwargs: Any) -> None:
        """Send an SMS to the targets, or to every recipient of the account."""
        account = self._entry.runtime_data
        fields: dict[str, object] = {ATTR_MESSAGE: message}
        fields[ATTR_TITLE] = kwargs.get(ATTR_TITLE)
        for key, value in (kwargs.get(ATTR_DATA) or {}).items():
            if key not in DATA_FIELDS:
                raise ServiceValidationError(
                    translation_domain=DOMAIN,
                    translation_key="unknown_data_key",
                    translation_placeholders={"key": str(key)},
                )
            fields[DATA_FIELDS[key]] = value
        recipients: list[str] = []
        receivers: list[str] = []
        if (targets := kwargs.get(ATTR_TARGET)) is None:
            recipients = list(account.recipients)
        for target in targets or ():
            if isinstance(target, _RecipientTarget):
                recipients.append(target.recipient_id)
            elif target.startswith(f"{NOTIFY_DOMAIN}."):
                recipients.append(recipient_of(self.hass, target, self._entry))
            else:
                receivers.extend(target.split(","))
        request = read({**fields, ATTR_RECEIVERS: receivers}, tuple(recipients))
        outcomes = await account.async_send(request)
        account.record(outcomes)
        raise_unless_accepted(self._entry, outcomes)

    def _is_taken(self, name: str) -> bool:
        return self.hass.services.has_service(NOTIFY_DOMAIN, name)

    @callback
    def _choose_names(self) -> None:
        """Choose names for what has none yet."""
        entries = self.hass.config_entries
        if CONF_NOTIFY_SERVICE not in self._entry.options:
            name = self._free_name(
                DEFAULT_NOTIFY_SERVICE,
                f"{DEFAULT_NOTIFY_SERVICE}_{slugify(self._entry.title)}",
            )
            entries.async_update_entry(
                self._entry,
                options={**self._entry.options, CONF_NOTIFY_SERVICE: name},
            )
        for subentry in self._entry.get_subentries_of_type(SUBENTRY_RECIPIENT):
            if CONF_NOTIFY_SERVICE not in subentry.data:
                name = self._free_name(
                    f"{self._entry.options[CONF_NOTIFY_SERVICE]}_{slugify(subentry.title)}"
                )
                entries.async_update_subentry(
                    self._entry,
                    subentry,
                    data={**subentry.data, CONF_NOTIFY_SERVICE: name},
                )

    def _free_name(self, *wishes: str) -> str:
        """Return the first wish that no account has taken, else the last one with a number."""
        taken = {
            stored
            for entry in self.hass.config_entries.async_entries(DOMAIN)
            for place in (
                entry.options,
                *(subentry.data for subentry in entry.subentries.values()),
            )
            if (stored := place.get(CONF_NOTIFY_SERVICE))
        }
        number, name = 1, wishes[0]
        for name in wishes:
            if name not in taken and not self._is_taken(name):
                return name
        while name in taken or self._is_taken(name):
            number += 1
            name = f"{wishes[-1]}_{number}"
        return name


def _identifier(subentry: ConfigSubentry) -> tuple[str, str]:
    return (DOMAIN, subentry.subentry_id)
