"""What the options of a trigger or a condition choose: an account, recipients."""

from collections.abc import Iterator, Mapping
import logging
from typing import Any

from homeassistant.components.notify import DOMAIN as NOTIFY_DOMAIN
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import (
    ATTR_CONFIG_ENTRY_ID,
    ATTR_RECIPIENT,
    CONF_PHONE_NUMBERS,
    DOMAIN,
    SUBENTRY_RECIPIENT,
)
from .sms.errors import InvalidRequest
from .sms.privacy import shown

_LOGGER = logging.getLogger(__name__)


class Recipients:
    """Recipients that are named by entities or names, whatever they are called later."""

    def __init__(
        self, hass: HomeAssistant, named: list[str], entry_id: str | None
    ) -> None:
        """Look now who they are: whoever is renamed later is meant still."""
        self._hass = hass
        self._named = named
        self._entry_id = entry_id
        self._found: dict[str, set[str]] = {}
        self._look()

    @callback
    def include(self, recipient_id: str | None) -> bool:
        """Tell whether a recipient is meant; anybody is where none is named."""
        return not self._named or recipient_id in self._look()

    @callback
    def have_number(self, number: str) -> bool:
        """Tell whether a number belongs to one who is named."""
        meant = self._look()
        return any(
            recipient.subentry_id in meant
            and number in recipient.data[CONF_PHONE_NUMBERS]
            for recipient in _recipients(self._hass, self._entry_id)
        )

    def _look(self) -> set[str]:
        for name in self._named:
            if found := _called(self._hass, name, self._entry_id):
                self._found[name] = found
        return set().union(*self._found.values())


@callback
def account_chosen(hass: HomeAssistant, options: Mapping[str, Any]) -> str | None:
    """Return the id of the account that is meant; None, or left empty, is any."""
    entry_id = options.get(ATTR_CONFIG_ENTRY_ID) or None
    if not isinstance(entry_id, str | None):
        raise InvalidRequest("field_not_text", field=ATTR_CONFIG_ENTRY_ID)
    if entry_id:
        entry = hass.config_entries.async_get_entry(entry_id)
        if entry is None or entry.domain != DOMAIN:
            raise InvalidRequest("chosen_account_gone", account=entry_id)
    return entry_id


@callback
def recipients_chosen(
    hass: HomeAssistant, options: Mapping[str, Any], entry_id: str | None
) -> list[str]:
    """Return how those are called who are meant, nothing if that is anybody.

    Where one of several has been removed, the others are still meant.
    """
    named = options.get(ATTR_RECIPIENT) or []
    named = [named] if isinstance(named, str) else named
    if not isinstance(named, list) or not all(isinstance(one, str) for one in named):
        raise InvalidRequest("field_not_text", field=ATTR_RECIPIENT)
    lost = [name for name in named if not _called(hass, name, entry_id)]
    for name in lost:
        if er.async_get(hass).async_get(name):
            raise InvalidRequest("entity_not_ours", entity=name)
    if lost and hass.config_entries.async_entries(DOMAIN):
        shown_names = ", ".join(map(shown, lost))
        if lost == named:
            raise InvalidRequest("chosen_recipient_gone", name=shown_names)
        _LOGGER.warning("A trigger names recipients who do not exist: %s", shown_names)
    return named


def _called(hass: HomeAssistant, name: str, entry_id: str | None) -> set[str]:
    """Return the ids of the recipients with an entity or a name, now."""
    if entity := er.async_get(hass).async_get(name):
        is_ours = (entity.domain, entity.platform) == (NOTIFY_DOMAIN, DOMAIN)
        is_meant = entry_id in (None, entity.config_entry_id)
        recipient_id = entity.config_subentry_id
        return {recipient_id} if is_ours and is_meant and recipient_id else set()
    wanted = name.strip().casefold()
    return {
        recipient.subentry_id
        for recipient in _recipients(hass, entry_id)
        if recipient.title.casefold() == wanted
    }


def _recipients(hass: HomeAssistant, entry_id: str | None) -> Iterator[ConfigSubentry]:
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry_id in (None, entry.entry_id):
            yield from entry.get_subentries_of_type(SUBENTRY_RECIPIENT)
