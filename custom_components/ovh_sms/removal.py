"""What is left to tell when an account is removed."""

from collections.abc import Mapping
from pathlib import Path
import sqlite3
from typing import Any, Final

from homeassistant.components import persistent_notification
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant

from .callbacks import (
    Replaced,
    async_call,
    async_described_before,
    async_forget_address,
    put_back,
    replaced_in,
)
from .const import (
    AUTH_API_KEYS,
    AUTH_SMS_USER,
    CONF_AUTH_METHOD,
    CONF_CLIENT_ID,
    CONF_CONSUMER_KEY,
    CONF_SERVICE_NAME,
    DOMAIN,
    PANEL_URL,
)
from .gateway import GatewayError
from .sms.ledger_file import inspect
from .sms.states import State
from .stored import has_credentials, is_account
from .texts import async_text

_PLACES: Final = {
    "panel_url": PANEL_URL,
    "console_url": "https://eu.api.ovh.com/console/#/me/api/credential",
}


def waiting_in(path: Path) -> int:
    """Return how many messages wait in a ledger that is about to be removed."""
    try:
        return inspect(path).messages.get(State.WAITING, 0)
    except OSError, sqlite3.Error:
        return 0


async def async_put_back(
    hass: HomeAssistant, entry: ConfigEntry
) -> dict[str, Replaced]:
    """Have OVHcloud call what it called before; return what it could not be told."""
    replaced = replaced_in(entry.options)
    if replaced:
        if not _can_call(entry.data):
            return replaced
        name = entry.data[CONF_SERVICE_NAME]
        try:
            await async_call(
                hass, entry.data, lambda gateway: put_back(gateway, name, replaced)
            )
        except GatewayError:
            return replaced
        if webhook_id := entry.options.get(CONF_WEBHOOK_ID):
            await async_forget_address(hass, webhook_id)
    return {}


def _can_call(data: Mapping[str, Any]) -> bool:
    """Tell whether OVHcloud can be told whom to call; an SMS user cannot tell it."""
    return (
        is_account(data)
        and has_credentials(data)
        and data[CONF_AUTH_METHOD] != AUTH_SMS_USER
    )


async def async_tell_what_is_left(
    hass: HomeAssistant,
    entry: ConfigEntry,
    waiting: int,
    replaced: Mapping[str, Replaced],
) -> None:
    """Tell what is not sent any more, who is called, and where to revoke the credentials."""
    told = []
    if waiting:
        told.append(await async_text(hass, "removed_waiting", count=str(waiting)))
    if replaced:
        before = await async_described_before(hass, replaced)
        told.append(
            await async_text(hass, "removed_callbacks", before=before, **_PLACES)
        )
    if not _is_shared(hass, entry):
        method = (
            entry.data[CONF_AUTH_METHOD] if is_account(entry.data) else AUTH_API_KEYS
        )
        told.append(await async_text(hass, f"removed_{method}", **_PLACES))
    if told:
        persistent_notification.async_create(
            hass,
            "\n\n".join(told),
            await async_text(hass, "removed", account=entry.title),
            f"{DOMAIN}_removed_{entry.entry_id}",
        )


def _is_shared(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Tell whether another account still needs the credentials."""
    access = _access(entry)
    return access is not None and any(
        _access(other) == access
        for other in hass.config_entries.async_entries(DOMAIN)
        if other.entry_id != entry.entry_id
    )


def _access(entry: ConfigEntry) -> str | None:
    """Return what several accounts may share: a key or a service account."""
    access: str | None = entry.data.get(
        CONF_CONSUMER_KEY, entry.data.get(CONF_CLIENT_ID)
    )
    return access
