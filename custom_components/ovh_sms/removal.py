"""What is left to do at OVHcloud when an account is removed here."""

from typing import Final

from homeassistant.components import persistent_notification
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .const import (
    AUTH_API_KEYS,
    CONF_AUTH_METHOD,
    CONF_CLIENT_ID,
    CONF_CONSUMER_KEY,
    DOMAIN,
)
from .texts import async_text

_PLACES: Final = {
    "panel_url": "https://www.ovh.com/manager/",
    "console_url": "https://eu.api.ovh.com/console/#/me/api/credential",
}


async def async_tell_how_to_revoke(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Tell where to revoke the credentials, unless another account still needs them."""
    access = _access(entry)
    if access and any(
        _access(other) == access
        for other in hass.config_entries.async_entries(DOMAIN)
        if other.entry_id != entry.entry_id
    ):
        return
    method = entry.data.get(CONF_AUTH_METHOD, AUTH_API_KEYS)
    persistent_notification.async_create(
        hass,
        await async_text(hass, f"removed_{method}", **_PLACES),
        await async_text(hass, "removed", account=entry.title),
        f"{DOMAIN}_removed_{entry.entry_id}",
    )


def _access(entry: ConfigEntry) -> str | None:
    """Return what several accounts may share: a key or a service account."""
    access: str | None = entry.data.get(
        CONF_CONSUMER_KEY, entry.data.get(CONF_CLIENT_ID)
    )
    return access
