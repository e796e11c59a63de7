"""Take over an account of the older integration that has the same domain."""

from collections.abc import Iterable
import logging
from types import MappingProxyType
from typing import Any, Final
import uuid

from homeassistant.components.notify import DOMAIN as NOTIFY_DOMAIN
from homeassistant.components.sensor import DOMAIN as SENSOR_DOMAIN
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.loader import async_get_loaded_integration

from .const import (
    AUTH_API_KEYS,
    CONF_APPLICATION_KEY,
    CONF_APPLICATION_SECRET,
    CONF_AUTH_METHOD,
    CONF_CONSUMER_KEY,
    CONF_MIGRATION_NOTES,
    CONF_NOTIFY_SERVICE,
    CONF_PHONE_NUMBERS,
    CONF_RECIPIENT_LIMIT,
    CONF_SENDER,
    CONF_SERVICE_NAME,
    DOMAIN,
    SUBENTRY_RECIPIENT,
)
from .sms.errors import InvalidRequest
from .sms.message import SHORT_NUMBER
from .sms.numbers import normalise
from .sms.privacy import mask

_LOGGER = logging.getLogger(__name__)

VERSION: Final = 2

_OLD_NOTIFY: Final = "ovh_sms_notify_"
_OLD_CREDITS: Final = "ovh_sms_credits_"
_OLD_RECIPIENTS: Final = "recipients"
_OLD_STRATEGY: Final = "rate_limit_strategy"
# What each way of limiting made use of.
_OLD_LIMITS: Final = {
    "drop": (_OLD_STRATEGY, "rate_limit_max", "rate_limit_window"),
    "queue": (
        _OLD_STRATEGY,
        "rate_limit_max",
        "rate_limit_window",
        "rate_limit_queue_size",
    ),
}
_NO_LIMIT: Final = ("off", "disabled")
_CREDENTIALS: Final = (
    CONF_APPLICATION_KEY,
    CONF_APPLICATION_SECRET,
    CONF_CONSUMER_KEY,
)


async def async_migrate(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Bring an entry of version 1 to version 2.

    All of it is one change of the entry, which is on disk as a whole or not at all. Its
    entities follow at each set-up: their registry is written at another time.
    """
    old = {**entry.data, **entry.options}
    numbers, unread = await hass.async_add_executor_job(
        _read, _listed(old.get(_OLD_RECIPIENTS)), hass.config.country
    )
    recipient_id = _recipient_id(entry)
    if numbers and recipient_id not in entry.subentries:
        hass.config_entries.async_add_subentry(
            entry,
            ConfigSubentry(
                data=MappingProxyType({CONF_PHONE_NUMBERS: numbers}),
                subentry_id=recipient_id,
                subentry_type=SUBENTRY_RECIPIENT,
                title=_title(hass, entry),
                unique_id=None,
            ),
        )
    options: dict[str, Any] = {
        CONF_SENDER: str(old.get(CONF_SENDER) or "").strip() or SHORT_NUMBER,
        CONF_MIGRATION_NOTES: {"options": _without_equivalent(old), "numbers": unread},
    }
    if old.get(_OLD_STRATEGY) in _NO_LIMIT:
        options[CONF_RECIPIENT_LIMIT] = 0
    name = str(old.get(CONF_SERVICE_NAME) or "").strip()
    owner = hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, name)
    hass.config_entries.async_update_entry(
        entry,
        data={
            CONF_AUTH_METHOD: AUTH_API_KEYS,
            **{key: str(old.get(key) or "").strip() for key in _CREDENTIALS},
            CONF_SERVICE_NAME: name,
        },
        options=options,
        unique_id=entry.unique_id if owner or not name else name,
        version=VERSION,
        minor_version=1,
    )
    _LOGGER.info("An SMS account of the older integration was taken over")


@callback
def adopt_entities(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Let the older integration's entities go on under their entity ids."""
    registry = er.async_get(hass)
    old = [
        entity
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
        if entity.unique_id.startswith((_OLD_NOTIFY, _OLD_CREDITS))
    ]
    if not old:
        return
    recipient_id = _recipient_id(entry)
    if (subentry := entry.subentries.get(recipient_id)) and not _taken(
        registry, NOTIFY_DOMAIN, recipient_id
    ):
        for entity in _of_account(old, _OLD_NOTIFY, entry):
            _adopt_recipient(hass, entry, subentry, entity)
            old.remove(entity)
    credits_left = f"{entry.entry_id}_credits_left"
    if not _taken(registry, SENSOR_DOMAIN, credits_left):
        for entity in _of_account(old, _OLD_CREDITS, entry):
            registry.async_update_entity(
                entity.entity_id,
                device_id=None,
                disabled_by=_disabled_by(entity),
                new_unique_id=credits_left,
            )
            old.remove(entity)
    for entity in old:
        registry.async_remove(entity.entity_id)
    _remove_old_devices(hass, entry)


@callback
def show_notes(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Tell what changed for the user of the older integration.

    Kept in the entry, not in the issue: a stored issue goes into the diagnostics file
    with all that it names.
    """
    if (notes := entry.options.get(CONF_MIGRATION_NOTES)) is None:
        return
    services = [
        entry.options[CONF_NOTIFY_SERVICE],
        *(
            subentry.data[CONF_NOTIFY_SERVICE]
            for subentry in entry.get_subentries_of_type(SUBENTRY_RECIPIENT)
        ),
    ]
    entity_id = er.async_get(hass).async_get_entity_id(
        NOTIFY_DOMAIN, DOMAIN, _recipient_id(entry)
    )
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"migration_notes_{entry.entry_id}",
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="migration_notes",
        translation_placeholders={
            "account": entry.title,
            "entity": entity_id or "–",
            "services": ", ".join(f"{NOTIFY_DOMAIN}.{name}" for name in services),
            "options": ", ".join(notes["options"]) or "–",
            "numbers": ", ".join(notes["numbers"]) or "–",
        },
        learn_more_url=async_get_loaded_integration(hass, DOMAIN).documentation,
    )


def _recipient_id(entry: ConfigEntry) -> str:
    """Return the id of the recipient, the same each time that it is asked for."""
    return uuid.uuid5(uuid.NAMESPACE_OID, entry.entry_id).hex


def _listed(recipients: object) -> list[str]:
    """Return the numbers, which were text with commas before they were a list."""
    if isinstance(recipients, str):
        recipients = recipients.split(",")
    if not isinstance(recipients, Iterable):
        return []
    return [text for number in recipients if (text := str(number).strip())]


def _read(typed: list[str], country: str | None) -> tuple[list[str], list[str]]:
    """Return the numbers in E.164, each once, and those that cannot be read, masked."""
    numbers: dict[str, None] = {}
    unread = []
    for text in typed:
        try:
            numbers[normalise(text, country)] = None
        except InvalidRequest:
            unread.append(mask(text))
    return list(numbers), unread


def _without_equivalent(old: dict[str, Any]) -> list[str]:
    """Return what was set and is no more; only a limit is shown with its value."""
    known = {
        *_CREDENTIALS,
        CONF_SERVICE_NAME,
        CONF_SENDER,
        _OLD_RECIPIENTS,
        *_OLD_LIMITS["queue"],
        "config_validated",
    }
    limits = _OLD_LIMITS.get(str(old.get(_OLD_STRATEGY)), ())
    return [
        *(f"{key}: {old[key]}" for key in limits if key in old),
        *(key for key in old if key not in known),
    ]


def _title(hass: HomeAssistant, entry: ConfigEntry) -> str:
    """Return a name for the recipient: its entity's."""
    for entity in _of_account(
        er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id),
        _OLD_NOTIFY,
        entry,
    ):
        return entity.name or entity.original_name or entry.title
    # Adopted already, by a run whose entry did not reach the disk.
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, _recipient_id(entry)), entry.entry_id
    )
    return (device.name if device else None) or entry.title


def _of_account(
    entities: list[er.RegistryEntry], prefix: str, entry: ConfigEntry
) -> list[er.RegistryEntry]:
    """Return the old entity of the account; there are others if it was changed once."""
    name = str(entry.data.get(CONF_SERVICE_NAME)).strip().casefold()
    found = [entity for entity in entities if entity.unique_id.startswith(prefix)]
    found.sort(
        key=lambda entity: (
            entity.unique_id.removeprefix(prefix).strip().casefold() != name
        )
    )
    return found[:1]


def _taken(registry: er.EntityRegistry, domain: str, unique_id: str) -> bool:
    return registry.async_get_entity_id(domain, DOMAIN, unique_id) is not None


@callback
def _adopt_recipient(
    hass: HomeAssistant,
    entry: ConfigEntry,
    subentry: ConfigSubentry,
    entity: er.RegistryEntry,
) -> None:
    devices = dr.async_get(hass)
    device = devices.async_get_or_create(
        config_entry_id=entry.entry_id,
        config_subentry_id=subentry.subentry_id,
        identifiers={(DOMAIN, subentry.subentry_id)},
        name=subentry.title,
    )
    area_id = entity.area_id
    if area_id is None and entity.device_id:
        old_device = devices.async_get(entity.device_id)
        area_id = old_device.area_id if old_device else None
    # The entity is named like its device, so the device has the area for both.
    devices.async_update_device(device.id, area_id=area_id)
    er.async_get(hass).async_update_entity(
        entity.entity_id,
        area_id=None,
        config_subentry_id=subentry.subentry_id,
        device_id=device.id,
        disabled_by=_disabled_by(entity),
        name=None if entity.name == subentry.title else entity.name,
        new_unique_id=subentry.subentry_id,
    )


def _disabled_by(entity: er.RegistryEntry) -> er.RegistryEntryDisabler | None:
    """Return who disabled an entity; its new device is not the one that was disabled."""
    if entity.disabled_by is er.RegistryEntryDisabler.DEVICE:
        return er.RegistryEntryDisabler.USER
    return entity.disabled_by


@callback
def _remove_old_devices(hass: HomeAssistant, entry: ConfigEntry) -> None:
    devices = dr.async_get(hass)
    ours = {(DOMAIN, name) for name in (entry.entry_id, *entry.subentries)}
    for device in dr.async_entries_for_config_entry(devices, entry.entry_id):
        if ours.isdisjoint(device.identifiers):
            devices.async_remove_device(device.id)
