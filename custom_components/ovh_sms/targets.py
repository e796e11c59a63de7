"""Whom a call means: from entities, devices, areas and labels to recipients."""

import ast
from collections.abc import Iterable, Iterator

from homeassistant.components.notify import DOMAIN as NOTIFY_DOMAIN
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er, service, target
from homeassistant.helpers.typing import ConfigType

from .account import Account, OvhSmsConfigEntry
from .const import ATTR_CONFIG_ENTRY_ID, DOMAIN
from .errors import invalid
from .sms.errors import InvalidRequest
from .sms.privacy import printable
from .sms.recipients import Recipient


async def async_recipients_meant(
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
        entry, recipient_id = await _async_recipient(hass, entity_id)
        meant.setdefault(entry, []).append(recipient_id)
    registry = er.async_get(hass)
    for entity_id in sorted(selected.indirectly_referenced - selected.referenced):
        entity = registry.async_get(entity_id)
        if entity and (entity.domain, entity.platform) == (NOTIFY_DOMAIN, DOMAIN):
            entry, recipient_id = await _async_recipient(hass, entity_id)
            meant.setdefault(entry, []).append(recipient_id)
    return meant


async def async_recipient_of(
    hass: HomeAssistant, entity_id: str, entry: OvhSmsConfigEntry
) -> str:
    """Return the recipient of an account that an entity stands for."""
    if _entity(hass, entity_id).config_entry_id != entry.entry_id:
        raise _not_ours(entity_id)
    _, recipient_id = await _async_recipient(hass, entity_id)
    return recipient_id


def named_in(targets: Iterable[str], recipients: Iterable[Recipient]) -> Iterator[str]:
    """Yield the names and numbers in a target, which may be lists as templates write them."""
    names = {recipient.name.casefold() for recipient in recipients}
    for text in targets:
        if text.strip().casefold() in names or not text.strip():
            yield text
        elif (listed := _list_in(text)) is not None:
            yield from listed
        else:
            yield from (piece.strip() for piece in text.split(",") if piece.strip())


def check_recipient(account: Account, recipient_id: str) -> None:
    """Refuse to write to a recipient who has just been removed."""
    if recipient_id not in account.recipients:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="recipient_removed"
        )


async def async_account(hass: HomeAssistant, entry_id: object) -> OvhSmsConfigEntry:
    """Return the account that is named, or the only one, after a reload if need be."""
    if not isinstance(entry_id, str | None):
        raise invalid(InvalidRequest("field_not_text", field=ATTR_CONFIG_ENTRY_ID))
    for account in hass.config_entries.async_entries(DOMAIN):
        if entry_id in (None, account.entry_id):
            await async_reload_over(account)
    # Home Assistant quotes an id that it does not know, whatever is in it.
    entry: OvhSmsConfigEntry = service.async_get_config_entry(
        hass, DOMAIN, entry_id and printable(entry_id)
    )
    return entry


async def async_loaded(entry: OvhSmsConfigEntry) -> Account:
    """Return the account of an entry, after a reload that is under way."""
    await async_reload_over(entry)
    if entry.state is not ConfigEntryState.LOADED:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="account_not_loaded",
            translation_placeholders={"account": entry.title},
        )
    return entry.runtime_data


async def async_reload_over(entry: OvhSmsConfigEntry) -> None:
    """Wait while an entry is being reloaded, set up or removed."""
    if entry.state is not ConfigEntryState.LOADED:
        async with entry.setup_lock:
            return


async def _async_recipient(
    hass: HomeAssistant, entity_id: str
) -> tuple[OvhSmsConfigEntry, str]:
    """Return the account and the recipient that an entity stands for."""
    entity = _entity(hass, entity_id)
    entry = hass.config_entries.async_get_entry(entity.config_entry_id or "")
    recipient_id = entity.config_subentry_id
    if entry is None or recipient_id is None:
        raise _not_ours(entity_id)
    check_recipient(await async_loaded(entry), recipient_id)
    if entity.disabled_by is not None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="entity_disabled",
            translation_placeholders={"entity": entity_id},
        )
    return entry, recipient_id


def _entity(hass: HomeAssistant, entity_id: str) -> er.RegistryEntry:
    """Return an entity that stands for a recipient of ours."""
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or (entity.domain, entity.platform) != (NOTIFY_DOMAIN, DOMAIN):
        raise _not_ours(entity_id)
    return entity


def _list_in(text: str) -> list[str] | None:
    """Return the items of a text that looks like a list, a tuple or a set of Python."""
    try:
        value = ast.literal_eval(text.strip())
    except ValueError, SyntaxError, TypeError, MemoryError, RecursionError:
        return None
    if isinstance(value, list | tuple | set):
        return [str(item) for item in value]
    return None


def _not_ours(entity_id: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="entity_not_ours",
        translation_placeholders={"entity": entity_id},
    )
