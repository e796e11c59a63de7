"""A backup of Home Assistant has the ledgers whole, and no message waits for it."""

import asyncio
import logging
import sqlite3
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from .account import OvhSmsConfigEntry
from .const import DOMAIN
from .sms.errors import Closed

_LOGGER = logging.getLogger(__name__)

_UNDER_WAY: Final[HassKey[bool]] = HassKey(f"{DOMAIN}_backup")


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Let the ledgers be copied from now on."""
    await _async_begin_or_end(hass, under_way=True)


async def async_post_backup(hass: HomeAssistant) -> None:
    """Go on as before."""
    await _async_begin_or_end(hass, under_way=False)


def is_backup_under_way(hass: HomeAssistant) -> bool:
    """Tell whether the ledgers may be being copied."""
    return hass.data.get(_UNDER_WAY, False)


async def async_follow_backup(hass: HomeAssistant, entry: OvhSmsConfigEntry) -> None:
    """Have an account do what a backup needs now; it never fails, nor does the backup."""
    dispatcher = entry.runtime_data.dispatcher
    try:
        await hass.async_add_executor_job(
            dispatcher.hold_for_backup
            if is_backup_under_way(hass)
            else dispatcher.go_on_after_backup
        )
    except Closed:
        pass
    except sqlite3.Error, OSError:
        _LOGGER.warning(
            "The ledger of %s may not be whole in this backup",
            entry.title,
            exc_info=True,
        )


async def _async_begin_or_end(hass: HomeAssistant, *, under_way: bool) -> None:
    hass.data[_UNDER_WAY] = under_way
    entries: list[OvhSmsConfigEntry] = hass.config_entries.async_entries(DOMAIN)
    await asyncio.gather(
        *(
            async_follow_backup(hass, entry)
            for entry in entries
            if hasattr(entry, "runtime_data")
        )
    )
