"""The action that tells what an SMS would take and cost, without sending it."""

from typing import Final

import voluptuous as vol

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.json import JsonObjectType

from .account import Account
from .answer import read
from .const import (
    ATTR_CONFIG_ENTRY_ID,
    ATTR_MESSAGE,
    ATTR_NO_STOP_CLAUSE,
    ATTR_RECEIVERS,
    ATTR_SENDER,
    ATTR_SENDER_FOR_RESPONSE,
    ATTR_TITLE,
    DOMAIN,
)
from .credentials import api_url
from .errors import translated
from .gateway import AuthFailed, GatewayError, NotSentReason, UnknownReason
from .gateway.rates import Rates
from .sms.estimate import Estimate, Sent, Share, estimate
from .sms.settings import Settings
from .targets import async_account
from .texts import async_text

# Open on values, as the schema of `send_sms` is.
ESTIMATE_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): str,
        vol.Required(ATTR_MESSAGE): object,
        vol.Optional(ATTR_TITLE): object,
        vol.Optional(ATTR_RECEIVERS): object,
        vol.Optional(ATTR_SENDER): object,
        vol.Optional(ATTR_SENDER_FOR_RESPONSE): object,
        vol.Optional(ATTR_NO_STOP_CLAUSE): object,
    }
)
_RATES: Final[HassKey[Rates]] = HassKey(f"{DOMAIN}_rates")
_OUT_OF_REACH: Final = (
    NotSentReason.NO_CONNECTION,
    NotSentReason.NAME_NOT_RESOLVED,
    NotSentReason.TLS_FAILED,
    UnknownReason.NO_ANSWER,
    UnknownReason.CONNECTION_LOST,
)


async def async_estimate(call: ServiceCall) -> ServiceResponse:
    """Tell what a message takes; only the rates of its receivers are asked of OVHcloud."""
    hass = call.hass
    request = read(call.data)
    account = await _async_account(call)
    with translated():
        found = await hass.async_add_executor_job(
            estimate,
            request,
            account.recipients if account else {},
            account.settings if account else _new_settings(hass),
        )
    response: JsonObjectType = {
        "encoding": found.size.encoding.value,
        "characters": found.size.characters,
        "parts": found.size.parts,
        "per_part": found.size.per_part,
        "stop_clause": found.reserved,
        "costly_characters": list(found.costly),
        "economical_message": found.economical,
        "as_sent": _as_sent(found.sent),
    }
    if found.shares:
        response |= await _async_credits(hass, found)
    return response


async def _async_account(call: ServiceCall) -> Account | None:
    """Return the account whose settings count; None if there is not any."""
    entry_id = call.data.get(ATTR_CONFIG_ENTRY_ID)
    if entry_id is None and not call.hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    ):
        return None
    return (await async_account(call.hass, entry_id)).runtime_data


def _new_settings(hass: HomeAssistant) -> Settings:
    """Return what a new account would have."""
    return Settings(
        sender="",
        country=hass.config.country,
        time_zone=dt_util.get_default_time_zone(),
    )


def _as_sent(sent: Sent | None) -> JsonObjectType | None:
    if sent is None:
        return None
    return {
        "message": sent.text,
        "encoding": sent.size.encoding.value,
        "parts": sent.size.parts,
        "shortened": sent.shortened,
    }


async def _async_credits(hass: HomeAssistant, found: Estimate) -> JsonObjectType:
    rates = hass.data.setdefault(_RATES, Rates(api_url()))
    try:
        credits_of = await hass.async_add_executor_job(rates.credits, found.shares)
    except GatewayError as err:
        raise _unreadable(err) from err
    unknown = await async_text(hass, "rate_unknown")
    by_country: JsonObjectType = {
        country: _charge(share, credits_of[country], unknown)
        for country, share in found.shares.items()
    }
    known = [
        rate * share.parts
        for country, share in found.shares.items()
        if (rate := credits_of[country]) is not None
    ]
    return {
        "credits": by_country,
        "credits_total": (
            round(sum(known), 4) if len(known) == len(by_country) else None
        ),
    }


def _charge(share: Share, rate: float | None, unknown: str) -> JsonObjectType:
    """Return what the receivers in one country cost."""
    charge: JsonObjectType = {
        "receivers": share.receivers,
        "per_part": rate,
        # Rates have a few decimals; the rest is what floats add.
        "total": None if rate is None else round(rate * share.parts, 4),
    }
    if rate is None:
        charge["reason"] = unknown
    return charge


def _unreadable(err: GatewayError) -> HomeAssistantError:
    """Return the translated error for rates that could not be read."""
    if isinstance(err, AuthFailed):
        key = "rates_host_configuration"
    elif err.reason in _OUT_OF_REACH:
        key = "rates_out_of_reach"
    else:
        key = "rates_unreadable"
    return HomeAssistantError(translation_domain=DOMAIN, translation_key=key)
