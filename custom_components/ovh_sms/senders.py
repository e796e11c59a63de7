"""Who a message can come from, as the forms offer it."""

import asyncio
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import Any, Final, Self

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
from .texts import async_text

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


@dataclass(frozen=True, slots=True)
class SenderField:
    """The field that asks for a sender.

    A field that also takes what is typed shows the value that was picked, not its label:
    so the short number goes by a name that can be read.
    """

    known: KnownSenders
    short_number: str
    withheld: str

    @classmethod
    async def async_make(cls, hass: HomeAssistant, known: KnownSenders) -> Self:
        """Word it in the language of Home Assistant."""
        withheld = {
            reason: ", ".join(s.name for s in known.senders if s.status == status)
            for reason, status in _STATUSES.items()
        }
        return cls(
            known,
            await async_text(hass, "short_number"),
            "\n\n"
            + await async_text(
                hass,
                "senders_withheld",
                **{reason: names or "–" for reason, names in withheld.items()},
            )
            if any(withheld.values())
            else "",
        )

    @property
    def selector(self) -> SelectSelector:
        """Return the field: what OVHcloud has enabled, or what is typed."""
        return SelectSelector(
            SelectSelectorConfig(
                options=[
                    *(sender.name for sender in self.known.senders if sender.enabled),
                    *self.known.virtual_numbers,
                    self.short_number,
                ],
                custom_value=True,
                mode=SelectSelectorMode.DROPDOWN,
            )
        )

    def shown(self, values: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the values of a form with the sender as the field shows it."""
        shown = dict(values or {})
        if shown.get(CONF_SENDER) == SHORT_NUMBER:
            shown[CONF_SENDER] = self.short_number
        return shown

    def read(self, typed: str) -> str:
        """Return the sender that was picked or typed, if a phone can show it."""
        sender = typed.strip()
        if not sender:
            raise InvalidRequest("sender_empty")
        if sender in (SHORT_NUMBER, self.short_number):
            return SHORT_NUMBER
        if not is_number(sender) and len(sender) > MAX_SENDER_LENGTH:
            raise InvalidRequest("sender_too_long", limit=str(MAX_SENDER_LENGTH))
        return sender


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
