"""What support needs to know of an account, and nothing that is private."""

from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
import os
import sqlite3
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.loader import async_get_loaded_integration

from .account import Account, OvhSmsConfigEntry, ledger_path
from .const import (
    CONF_AUTH_METHOD,
    CONF_PHONE_NUMBERS,
    CONF_SENDER,
    DOMAIN,
    ENV_API_URL,
    SUBENTRY_RECIPIENT,
)
from .gateway import Gateway, GatewayError, NotSent, OutcomeUnknown, RestGateway
from .gateway.rights import Right, missing_rights
from .needs import needs_of
from .sms.ledger_file import inspect
from .sms.message import SHORT_NUMBER, is_number
from .sms.numbers import country_code
from .sms.settings import OPTIONS

# What is not named here is not shown; the sender is told by its kind.
_OPTIONS: Final = tuple(name for name in OPTIONS if name != CONF_SENDER)
# The words of OVHcloud's paths; any other may be a name or a number of the customer.
_PATH_WORDS: Final = {
    "",
    "auth",
    "blacklists",
    "credential",
    "currentCredential",
    "estimate",
    "incoming",
    "jobs",
    "me",
    "outgoing",
    "ptts",
    "rates",
    "senders",
    "serviceInfos",
    "sms",
    "users",
    "virtualNumbers",
}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: OvhSmsConfigEntry
) -> dict[str, Any]:
    """Return what is known of an account, loaded or not."""
    account = entry.runtime_data if entry.state is ConfigEntryState.LOADED else None
    groups = [
        tuple(subentry.data[CONF_PHONE_NUMBERS])
        for subentry in entry.get_subentries_of_type(SUBENTRY_RECIPIENT)
    ]
    failure = account.last_failure if account else None
    reading = account.coordinator.failure if account and account.coordinator else None

    def read() -> dict[str, Any]:
        return {
            "ovh": version("ovh"),
            "key": _key(account) if account else "not loaded",
            "ledger": _ledger(hass, entry),
            "country_codes": dict(
                Counter(
                    country_code(number) for numbers in groups for number in numbers
                )
            ),
        }

    found = await hass.async_add_executor_job(read)
    return {
        "version": str(async_get_loaded_integration(hass, DOMAIN).version),
        "ovh_version": found["ovh"],
        "simulated": ENV_API_URL in os.environ,
        "entry": {
            "version": f"{entry.version}.{entry.minor_version}",
            "state": entry.state.value,
            "error": entry.error_reason_translation_key,
        },
        "auth_method": entry.data.get(CONF_AUTH_METHOD),
        "key": found["key"],
        "sender": _kind(entry.options.get(CONF_SENDER)),
        "recipients": len(groups),
        "numbers": sum(map(len, groups)),
        "country_codes": found["country_codes"],
        "options": {
            key: entry.options[key] for key in _OPTIONS if key in entry.options
        },
        "called_by_ovhcloud": account and account.upkeep.held,
        "ledger": found["ledger"],
        "standing": _standing(account) if account else None,
        "last_failure": failure
        and {"reason": failure.reason, "at": failure.at.isoformat()},
        "reading_failure": reading.reason.value if reading else None,
    }


def _standing(account: Account) -> dict[str, Any]:
    """Return what keeps the account from sending, and what it could not write down."""
    troubles = account.troubles
    standing = troubles.standing
    return {
        "problem": troubles.problem,
        "waiting": standing.waiting,
        "limits_reached": {
            limit: _iso(until) for limit, until in standing.limits.items()
        },
        "outcome_unknown": standing.in_doubt and _iso(standing.in_doubt.asked_at),
        "senders_not_enabled": dict(Counter(troubles.senders.values())),
        "recipients_stopped": len(troubles.stopped_recipients),
        "service": coordinator.service.status
        if (coordinator := account.coordinator) and coordinator.service
        else None,
        "ledger_set_aside": standing.set_aside is not None,
        "ledger_unwritable": standing.is_unwritable,
    }


def _iso(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, UTC).isoformat()


def _key(account: Account) -> dict[str, Any] | str:
    """Return until when the credentials hold, and what they may do."""
    gateway: Gateway = account.dispatcher.gateway
    if not isinstance(gateway, RestGateway):
        return "not told"
    try:
        credential = gateway.credential()
    except (NotSent, OutcomeUnknown) as failure:
        return f"out of reach: {failure.reason}"
    except GatewayError as failure:
        return f"refused: {failure.reason}"
    if credential is None:
        return "not told"
    expiration = credential.expiration
    missing = missing_rights(
        credential.rights, account.service_name, needs_of(account.entry)
    )
    return {
        "expires": expiration.isoformat() if expiration else None,
        "granted": [_public(right) for right in credential.rights],
        "missing": [_public(right) for right in missing],
    }


def _public(right: Right) -> str:
    """Return a right without the names in its path."""
    words = right.path.split("/")
    for place, word in enumerate(words):
        if word.strip("*") not in _PATH_WORDS:
            words[place] = "*account*" if words[place - 1] == "sms" else "*hidden*"
    return f"{right.method} {'/'.join(words)}"


def _kind(sender: str | None) -> str | None:
    """Return what kind of sender it is."""
    if sender is None or sender == SHORT_NUMBER:
        return sender
    return "virtual_number" if is_number(sender) else "alphanumeric"


def _ledger(hass: HomeAssistant, entry: OvhSmsConfigEntry) -> dict[str, Any] | str:
    """Return what the ledger's file is like."""
    try:
        facts = inspect(ledger_path(hass, entry.entry_id))
    except (OSError, sqlite3.Error) as err:
        return f"unreadable: {type(err).__name__}"
    return {
        "schema_version": facts.schema_version,
        "size": facts.size,
        "messages": facts.messages,
        "oldest_open": facts.oldest_open and _iso(facts.oldest_open),
        "receipts_awaited": facts.receipts_awaited,
    }
