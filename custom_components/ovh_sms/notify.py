"""The notify platform: an entity for each recipient, and the notify services."""

from typing import override

from homeassistant.components.notify import NotifyEntity, NotifyEntityFeature
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account import OvhSmsConfigEntry
from .answer import raise_unless_accepted, read
from .const import ATTR_MESSAGE, ATTR_TITLE, DOMAIN, SUBENTRY_RECIPIENT
from .notify_service import async_setup_service

# The ledger and the gateway take turns by themselves; an alarm must not wait for another.
PARALLEL_UPDATES = 0


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

    service = await async_setup_service(hass, entry)

    async def follow_changes(hass: HomeAssistant, entry: OvhSmsConfigEntry) -> None:
        add_new_recipients()
        rename_devices(hass, entry)
        await service.async_refresh()

    add_new_recipients()
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


def _identifier(subentry: ConfigSubentry) -> tuple[str, str]:
    return (DOMAIN, subentry.subentry_id)
