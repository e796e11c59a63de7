"""Send SMS through OVHcloud."""

from datetime import timedelta
from functools import partial
import logging
import os

from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE, Platform
from homeassistant.core import Event, HomeAssistant
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntryType
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.typing import ConfigType

from .account import Account, OvhSmsConfigEntry, ledger_path, open_dispatcher
from .backup import async_follow_backup, is_backup_under_way
from .const import DOMAIN, ENV_API_URL
from .migrate import adopt_entities, async_migrate, show_notes
from .removal import async_put_back, async_tell_what_is_left, waiting_in
from .repairs import delete_issues
from .services import async_setup_services
from .sms.database import LedgerTooNew
from .stored import async_check

_LOGGER = logging.getLogger(__name__)

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.EVENT,
    Platform.NOTIFY,
    Platform.SENSOR,
]
FORGET_INTERVAL = timedelta(hours=12)

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions."""
    if url := os.environ.get(ENV_API_URL):
        _LOGGER.warning("%s is set: SMS go to %s, not to OVHcloud", ENV_API_URL, url)
    async_setup_services(hass)
    return True


async def async_migrate_entry(hass: HomeAssistant, entry: OvhSmsConfigEntry) -> bool:
    """Take over an account of the older integration."""
    if entry.version == 1:
        await async_migrate(hass, entry)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: OvhSmsConfigEntry) -> bool:
    """Load an account from what is stored, whether OVHcloud can be reached or not."""
    await async_check(hass, entry)
    in_backup = is_backup_under_way(hass)
    open_account = partial(
        open_dispatcher,
        ledger_path(hass, entry.entry_id),
        entry.data,
        in_backup=in_backup,
    )
    try:
        dispatcher = await hass.async_add_executor_job(open_account)
    except LedgerTooNew as err:
        raise ConfigEntryError(
            translation_domain=DOMAIN, translation_key="ledger_too_new"
        ) from err
    adopt_entities(hass, entry)
    account = entry.runtime_data = Account(hass, entry, dispatcher)
    if in_backup != is_backup_under_way(hass):
        await async_follow_backup(hass, entry)
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, entry.entry_id)},
        entry_type=DeviceEntryType.SERVICE,
        manufacturer="OVHcloud",
        model="SMS account",
        name=entry.title,
    )
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    show_notes(hass, entry)
    credentials = entry.data

    async def follow_changes(hass: HomeAssistant, entry: OvhSmsConfigEntry) -> None:
        """Take over new credentials in place: a reload would drop calls meanwhile."""
        nonlocal credentials
        if entry.data != credentials:
            credentials = entry.data
            await account.async_apply_credentials()
        account.webhook.async_follow()
        if account.coordinator:
            account.coordinator.async_apply_options()
        account.troubles.async_review()
        account.incoming.async_wake_receipts()
        account.incoming.async_wake_replies()
        await account.async_forget()

    entry.async_on_unload(entry.add_update_listener(follow_changes))
    entry.async_on_unload(
        async_track_time_interval(hass, account.async_forget, FORGET_INTERVAL)
    )

    async def close(event: Event) -> None:
        """Close the ledger, once the last automations have run."""
        await account.async_close()

    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, close))
    await account.async_forget()
    account.troubles.async_start()
    account.async_start()
    account.webhook.async_follow()
    entry.async_on_unload(account.webhook.async_stop)
    if account.coordinator:
        account.coordinator.async_start()
    return True


async def async_unload_entry(hass: HomeAssistant, entry: OvhSmsConfigEntry) -> bool:
    """Unload an account."""
    account = entry.runtime_data
    async with account.async_ending():
        if not await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
            account.async_start()
            return False
        await account.async_close()
    return True


async def async_remove_entry(hass: HomeAssistant, entry: OvhSmsConfigEntry) -> None:
    """Remove what was kept for an account, and tell what OVHcloud still has."""

    def remove() -> int:
        path = ledger_path(hass, entry.entry_id)
        waiting = waiting_in(path)
        for file in path.parent.glob(f"{path.stem}.*"):
            file.unlink()
        return waiting

    delete_issues(hass, entry)
    waiting = await hass.async_add_executor_job(remove)
    replaced = await async_put_back(hass, entry)
    await async_tell_what_is_left(hass, entry, waiting, replaced)
