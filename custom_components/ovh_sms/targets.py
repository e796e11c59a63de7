"""Whom a call means: from entities, devices, areas and labels to recipients."""

from homeassistant.components.notify import DOMAIN as NOTIFY_DOMAIN
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er, target
from homeassistant.helpers.typing import ConfigType

from .account import OvhSmsConfigEntry
from .const import DOMAIN


@callback
def recipients_meant(
    hass: HomeAssistant, config: ConfigType
) -> dict[OvhSmsConfigEntry, list[str]]:
    """Return the recipients that a target means, by account.

    What is named must be ours; what comes along with an area, a device or a label
    is ignored when it is not.
    """
    selected = target.async_extract_referenced_entity_ids(
        hass, target.TargetSelection(config)
    )
    meant: dict[OvhSmsConfigEntry, list[str]] = {}
    for entity_id in sorted(selected.referenced):
        entry, recipient_id = _recipient(hass, entity_id)
        meant.setdefault(entry, []).append(recipient_id)
    registry = er.async_get(hass)
    for entity_id in sorted(selected.indirectly_referenced - selected.referenced):
        entity = registry.async_get(entity_id)
        if entity and (entity.domain, entity.platform) == (NOTIFY_DOMAIN, DOMAIN):
            entry, recipient_id = _recipient(hass, entity_id)
            meant.setdefault(entry, []).append(recipient_id)
    return meant


@callback
def recipient_of(hass: HomeAssistant, entity_id: str, entry: OvhSmsConfigEntry) -> str:
    """Return the recipient of an account that an entity stands for."""
    owner, recipient_id = _recipient(hass, entity_id)
    if owner is not entry:
        raise _not_ours(entity_id)
    return recipient_id


def _recipient(hass: HomeAssistant, entity_id: str) -> tuple[OvhSmsConfigEntry, str]:
    entity = er.async_get(hass).async_get(entity_id)
    if (
        entity is None
        or (entity.domain, entity.platform) != (NOTIFY_DOMAIN, DOMAIN)
        or entity.config_entry_id is None
        or entity.config_subentry_id is None
        or not (entry := hass.config_entries.async_get_entry(entity.config_entry_id))
    ):
        raise _not_ours(entity_id)
    if entity.disabled_by is not None or entry.state is not ConfigEntryState.LOADED:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="entity_not_loaded",
            translation_placeholders={"entity": entity_id},
        )
    return entry, entity.config_subentry_id


def _not_ours(entity_id: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="entity_not_ours",
        translation_placeholders={"entity": entity_id},
    )
