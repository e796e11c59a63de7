"""The actions of the integration."""

import asyncio
from typing import Final

import voluptuous as vol

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonObjectType, JsonValueType

from .account import OvhSmsConfigEntry
from .answer import gathered, of_account, raise_unless_accepted, response
from .ask import ASK_SCHEMA, async_ask
from .const import (
    ATTR_BYPASS_LIMITS,
    ATTR_CHARSET,
    ATTR_CODING,
    ATTR_CONFIG_ENTRY_ID,
    ATTR_DELAY,
    ATTR_MESSAGE,
    ATTR_MESSAGE_CLASS,
    ATTR_NO_STOP_CLAUSE,
    ATTR_PRIORITY,
    ATTR_QUEUE,
    ATTR_RECEIVERS,
    ATTR_RECEIVERS_DOCUMENT_URL,
    ATTR_RECEIVERS_SLOT_ID,
    ATTR_RECIPIENTS,
    ATTR_RETRY_FOR,
    ATTR_SEND_AT,
    ATTR_SENDER,
    ATTR_SENDER_FOR_RESPONSE,
    ATTR_TAG,
    ATTR_TITLE,
    ATTR_VALIDITY,
    DOMAIN,
    SERVICE_ASK,
    SERVICE_CANCEL,
    SERVICE_ESTIMATE,
    SERVICE_GET_HISTORY,
    SERVICE_GET_PENDING,
    SERVICE_SEND_SMS,
)
from .estimate import ESTIMATE_SCHEMA, async_estimate
from .outgoing import async_requests
from .queries import (
    CANCEL_SCHEMA,
    GET_HISTORY_SCHEMA,
    GET_PENDING_SCHEMA,
    async_cancel,
    async_get_history,
    async_get_pending,
)
from .sms.request import SmsRequest
from .targets import async_loaded

# Open on values and names: the road checks them, so that what is wrong is said in the
# user's words.
SEND_SMS_SCHEMA: Final = vol.Schema(
    {
        **cv.ENTITY_SERVICE_FIELDS,
        vol.Optional(ATTR_CONFIG_ENTRY_ID): object,
        vol.Required(ATTR_MESSAGE): object,
        vol.Optional(ATTR_TITLE): object,
        vol.Exclusive(ATTR_RECEIVERS, ATTR_RECEIVERS): object,
        vol.Exclusive(ATTR_RECIPIENTS, ATTR_RECEIVERS): object,
        vol.Optional(ATTR_RECEIVERS_DOCUMENT_URL): object,
        vol.Optional(ATTR_RECEIVERS_SLOT_ID): object,
        vol.Optional(ATTR_SENDER): object,
        vol.Optional(ATTR_SENDER_FOR_RESPONSE): object,
        vol.Optional(ATTR_NO_STOP_CLAUSE): object,
        vol.Optional(ATTR_PRIORITY): object,
        vol.Optional(ATTR_DELAY): object,
        vol.Optional(ATTR_SEND_AT): object,
        vol.Optional(ATTR_VALIDITY): object,
        vol.Optional(ATTR_RETRY_FOR): object,
        vol.Optional(ATTR_QUEUE): object,
        vol.Optional(ATTR_TAG): object,
        vol.Optional(ATTR_MESSAGE_CLASS): object,
        vol.Optional(ATTR_CODING): object,
        vol.Optional(ATTR_CHARSET): object,
        vol.Optional(ATTR_BYPASS_LIMITS): object,
    },
    extra=vol.ALLOW_EXTRA,
)
_FIELDS: Final = frozenset(map(str, SEND_SMS_SCHEMA.schema))


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_SEND_SMS,
        _async_send_sms,
        schema=SEND_SMS_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_ASK,
        async_ask,
        schema=ASK_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_ESTIMATE,
        async_estimate,
        schema=ESTIMATE_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_GET_PENDING,
        async_get_pending,
        schema=GET_PENDING_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_CANCEL,
        async_cancel,
        schema=CANCEL_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_GET_HISTORY,
        async_get_history,
        schema=GET_HISTORY_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


async def _async_send_sms(call: ServiceCall) -> ServiceResponse:
    """Send one message: for each account one job with all its receivers."""
    requests = await async_requests(call, _FIELDS)
    if len(requests) > 1:
        # What is wrong for one account is said before anything leaves from another.
        for entry, request in requests.items():
            await (await async_loaded(entry)).async_check(request)
    answers = await asyncio.gather(
        *(
            _async_send(entry, request, told=call.return_response)
            for entry, request in requests.items()
        ),
        return_exceptions=True,
    )
    messages: list[JsonValueType] = []
    errors: list[HomeAssistantError] = []
    for entry, answer in zip(requests, answers, strict=True):
        if isinstance(answer, HomeAssistantError):
            errors.append(of_account(entry, answer) if len(requests) > 1 else answer)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            messages.extend(answer)
    if errors:
        raise gathered(errors)
    return {"messages": messages} if call.return_response else None


async def _async_send(
    entry: OvhSmsConfigEntry, request: SmsRequest, *, told: bool
) -> list[JsonObjectType]:
    account = await async_loaded(entry)
    outcomes = await account.async_send(request)
    account.record(outcomes)
    raise_unless_accepted(entry, outcomes, told=told)
    return [response(entry, outcome) for outcome in outcomes]
