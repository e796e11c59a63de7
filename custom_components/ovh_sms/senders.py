"""Who a message can come from, as the forms offer it."""

import asyncio
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .account import OvhSmsConfigEntry
from .const import AUTH_SMS_USER, CONF_AUTH_METHOD, CONF_SENDER, CONF_SERVICE_NAME
from .credentials import rest_gateway
from .gateway import GatewayError, MissingRight, RestGateway, SenderInfo
from .sms.errors import InvalidRequest
from .sms.message import MAX_SENDER_LENGTH, SHORT_NUMBER, is_number

# A form must not wait for OVHcloud: a sender can be typed as well.
_TIMEOUT: Final = 5
_STATUSES: Final = {
    "waiting": "waitingValidation",
    "refused": "refused",
    "disabled": "disable",
}


@dataclass(frozen=True, slots=True)
class KnownSenders:
    """The senders and virtual numbers of an account, as far as OVHcloud shows them."""

    senders: tuple[SenderInfo, ...] = ()
    virtual_numbers: tuple[str, ...] = ()

    def not_offered(self) -> dict[str, str]:
        """Return the senders that cannot be used, by the reason why."""
        return {
            reason: ", ".join(s.name for s in self.senders if s.status == status) or "–"
            for reason, status in _STATUSES.items()
        }


def sender_selector(known: KnownSenders) -> SelectSelector:
    """Return a field that offers what OVHcloud has enabled, and takes what is typed."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[
                *(sender.name for sender in known.senders if sender.enabled),
                *known.virtual_numbers,
                SHORT_NUMBER,
            ],
            custom_value=True,
            mode=SelectSelectorMode.DROPDOWN,
            translation_key="sender",
        )
    )


def read_sender(typed: str) -> str:
    """Return a sender as it was typed, if a phone can show it."""
    sender = typed.strip()
    if not sender:
        raise InvalidRequest("sender_empty")
    if sender == SHORT_NUMBER or is_number(sender):
        return sender
    if len(sender) > MAX_SENDER_LENGTH:
        raise InvalidRequest("sender_too_long", limit=str(MAX_SENDER_LENGTH))
    return sender


def sends_from_number(entry: ConfigEntry) -> bool:
    """Tell whether the account or a recipient has a virtual number as its sender."""
    return any(
        is_number(place.get(CONF_SENDER, ""))
        for place in (
            entry.options,
            *(subentry.data for subentry in entry.subentries.values()),
        )
    )


def read_senders(gateway: RestGateway, service_name: str) -> KnownSenders:
    """Return the senders of an account; none where they may not be read."""
    known = KnownSenders()
    with suppress(MissingRight):
        known = replace(known, senders=tuple(gateway.senders(service_name)))
    with suppress(MissingRight):
        numbers = tuple(gateway.virtual_numbers(service_name))
        known = replace(known, virtual_numbers=numbers)
    return known


async def async_senders(hass: HomeAssistant, entry: OvhSmsConfigEntry) -> KnownSenders:
    """Return the senders of an account, if OVHcloud tells them at once."""
    if entry.data[CONF_AUTH_METHOD] == AUTH_SMS_USER:
        return KnownSenders()

    def read() -> KnownSenders:
        with closing(rest_gateway(entry.data)) as gateway:
            return read_senders(gateway, entry.data[CONF_SERVICE_NAME])

    try:
        async with asyncio.timeout(_TIMEOUT):
            return await hass.async_add_executor_job(read)
    except GatewayError, TimeoutError:
        return KnownSenders()
