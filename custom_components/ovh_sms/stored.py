"""What Home Assistant has stored of an account, put right where it cannot be used.

It may have been edited by hand, or written by another version.
"""

from collections.abc import Mapping
import logging
import re
from typing import Any, Final

import voluptuous as vol

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryError
from homeassistant.helpers import config_validation as cv

from .callbacks import as_stored, replaced_in
from .const import (
    CONF_AUTH_METHOD,
    CONF_CALLBACKS,
    CONF_MIGRATION_NOTES,
    CONF_NOTIFY_SERVICE,
    CONF_PHONE_NUMBERS,
    CONF_QUEUE,
    CONF_SENDER,
    CONF_SERVICE_NAME,
    DOMAIN,
    SUBENTRY_RECIPIENT,
)
from .options_flow import SECTIONS
from .sign_in import CREDENTIALS
from .sms.errors import InvalidRequest
from .sms.message import SHORT_NUMBER
from .sms.numbers import country_code, normalise

_LOGGER = logging.getLogger(__name__)

_NAME: Final = vol.All(str, vol.Match(r"\s*\S"))
_OPTIONS: Final[dict[str, Any]] = {
    CONF_SENDER: _NAME,
    CONF_NOTIFY_SERVICE: vol.All(str, cv.slug),
    CONF_WEBHOOK_ID: _NAME,
    CONF_MIGRATION_NOTES: vol.Schema(
        {vol.Required("options"): [str], vol.Required("numbers"): [str]},
        extra=vol.ALLOW_EXTRA,
    ),
    **{name: field for names in SECTIONS.values() for name, field in names.items()},
}
_RECIPIENT: Final[dict[str, Any]] = {
    CONF_SENDER: str,
    CONF_QUEUE: bool,
    CONF_NOTIFY_SERVICE: _OPTIONS[CONF_NOTIFY_SERVICE],
}
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")


async def async_check(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Put right what there is a default for; raise for what only the user can tell."""
    stored = {
        each.subentry_id: each.data.get(CONF_PHONE_NUMBERS)
        for each in entry.get_subentries_of_type(SUBENTRY_RECIPIENT)
    }
    # What a number is read with comes from the disk.
    numbers = await hass.async_add_executor_job(_read, stored, hass.config.country)
    if lost := [*_mend_options(hass, entry), *_mend_recipients(hass, entry, numbers)]:
        _LOGGER.warning(
            "What is stored of %s cannot be used and was left out: %s",
            entry.title,
            ", ".join(lost),
        )
    if not is_account(entry.data):
        raise ConfigEntryError(
            translation_domain=DOMAIN, translation_key="stored_account_damaged"
        )
    if not has_credentials(entry.data):
        raise ConfigEntryAuthFailed(
            translation_domain=DOMAIN, translation_key="stored_credentials_damaged"
        )


def is_account(data: Mapping[str, Any]) -> bool:
    """Tell whether it can be told which account is meant, and how to sign in to it."""
    method = data.get(CONF_AUTH_METHOD)
    name = data.get(CONF_SERVICE_NAME)
    return isinstance(method, str) and method in CREDENTIALS and _is(_NAME, name)


def has_credentials(data: Mapping[str, Any]) -> bool:
    """Tell whether all that it takes to sign in is there."""
    fields = CREDENTIALS[data[CONF_AUTH_METHOD]].schema
    return all(_is(_NAME, data.get(str(field))) for field in fields)


def _is(schema: Any, value: object) -> bool:
    try:
        vol.Schema(schema)(value)
    except vol.Invalid:
        return False
    return True


@callback
def _mend_options(hass: HomeAssistant, entry: ConfigEntry) -> list[str]:
    """Leave out the options that cannot be used; return their names."""
    options = _usable(entry.options, _OPTIONS)
    options.setdefault(CONF_SENDER, SHORT_NUMBER)
    if CONF_CALLBACKS in options:
        options[CONF_CALLBACKS] = as_stored(replaced_in(options))
        if CONF_WEBHOOK_ID not in options:
            del options[CONF_CALLBACKS]
    changed = _changed(entry.options, options)
    if changed:
        hass.config_entries.async_update_entry(entry, options=options)
    return changed


@callback
def _mend_recipients(
    hass: HomeAssistant, entry: ConfigEntry, numbers: Mapping[str, list[str]]
) -> list[str]:
    """Leave out what cannot be used of the recipients; return what it was called."""
    lost = []
    for subentry in list(entry.get_subentries_of_type(SUBENTRY_RECIPIENT)):
        if subentry.subentry_id not in numbers:
            # Added a moment ago, by the form.
            continue
        data = _usable(subentry.data, _RECIPIENT)
        data[CONF_PHONE_NUMBERS] = numbers[subentry.subentry_id]
        if changed := _changed(subentry.data, data):
            hass.config_entries.async_update_subentry(entry, subentry, data=data)
            lost += [f"{name} ({subentry.title})" for name in changed]
    return lost


def _usable(stored: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what can be used; what another version has stored on top is kept."""
    found = {}
    for name, value in stored.items():
        try:
            found[name] = vol.Schema(schema.get(name, object))(value)
        except vol.Invalid:
            continue
    return found


def _changed(stored: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Return the names of what is not as it is stored; 1 is not True, nor nothing None."""
    was, now = (
        {name: repr(value) for name, value in each.items()} for each in (stored, found)
    )
    return [name for name in {**was, **now} if was.get(name) != now.get(name)]


def _read(stored: Mapping[str, object], country: str | None) -> dict[str, list[str]]:
    return {name: _numbers(value, country) for name, value in stored.items()}


def _numbers(stored: object, country: str | None) -> list[str]:
    """Return the numbers that can be written to; one that was good once is kept."""
    listed = stored if isinstance(stored, list | tuple) else [stored]
    numbers: dict[str, None] = {}
    for number in listed:
        if not isinstance(number, str):
            continue
        if _E164.fullmatch(number) and country_code(number) != "+":
            numbers[number] = None
            continue
        try:
            numbers[normalise(number, country)] = None
        except InvalidRequest:
            continue
    return list(numbers)
