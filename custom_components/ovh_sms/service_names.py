"""The names of the notify services: chosen once, stored, and in users' automations since."""

from homeassistant.components.notify import DOMAIN as NOTIFY_DOMAIN
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import slugify

from .account import OvhSmsConfigEntry
from .const import (
    CONF_NOTIFY_SERVICE,
    DEFAULT_NOTIFY_SERVICE,
    DOMAIN,
    SUBENTRY_RECIPIENT,
)


@callback
def choose_service_names(hass: HomeAssistant, entry: OvhSmsConfigEntry) -> None:
    """Choose names for what has none yet: an account and its recipients."""
    entries = hass.config_entries
    if CONF_NOTIFY_SERVICE not in entry.options:
        name = _free_name(
            hass,
            DEFAULT_NOTIFY_SERVICE,
            slugify(f"{DEFAULT_NOTIFY_SERVICE} {entry.title}"),
        )
        entries.async_update_entry(
            entry, options={**entry.options, CONF_NOTIFY_SERVICE: name}
        )
    prefix = entry.options[CONF_NOTIFY_SERVICE]
    for subentry in entry.get_subentries_of_type(SUBENTRY_RECIPIENT):
        if CONF_NOTIFY_SERVICE not in subentry.data:
            wish = slugify(f"{prefix} {subentry.title}")
            if wish == prefix:
                # Nothing of the recipient's name can be written in a service's name.
                wish = f"{prefix}_recipient"
            name = _free_name(hass, wish)
            entries.async_update_subentry(
                entry, subentry, data={**subentry.data, CONF_NOTIFY_SERVICE: name}
            )


def _free_name(hass: HomeAssistant, *wishes: str) -> str:
    """Return the first wish that no account has taken, else the last one with a number."""
    taken = {
        stored
        for entry in hass.config_entries.async_entries(DOMAIN)
        for place in (
            entry.options,
            *(subentry.data for subentry in entry.subentries.values()),
        )
        if (stored := place.get(CONF_NOTIFY_SERVICE))
    }

    def is_taken(name: str) -> bool:
        return name in taken or hass.services.has_service(NOTIFY_DOMAIN, name)

    for name in wishes:
        if not is_taken(name):
            return name
    number = 2
    while is_taken(name := f"{wishes[-1]}_{number}"):
        number += 1
    return name
