"""The action that asks a question by SMS and waits for the answer."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final

import voluptuous as vol

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv

from .account import Account, OvhSmsConfigEntry
from .answer import raise_unless_accepted
from .const import (
    ATTR_ANSWERS,
    ATTR_CONFIG_ENTRY_ID,
    ATTR_MESSAGE,
    ATTR_RECEIVERS,
    ATTR_SENDER,
    ATTR_SENDER_FOR_RESPONSE,
    ATTR_TIMEOUT,
    ATTR_TITLE,
    DOMAIN,
)
from .errors import invalid, translated, unasked
from .gateway import GatewayError
from .news import reply_of
from .outgoing import async_requests
from .sms.asking import prepare_question
from .sms.errors import InvalidRequest
from .sms.questions import Question, read_answers, read_timeout
from .sms.reply_reader import Received
from .sms.request import SmsRequest
from .sms.states import State
from .targets import async_loaded
from .texts import async_sentence

# Open on values and names, as the schema of `send_sms` is.
ASK_SCHEMA: Final = vol.Schema(
    {
        **cv.ENTITY_SERVICE_FIELDS,
        vol.Optional(ATTR_CONFIG_ENTRY_ID): object,
        vol.Required(ATTR_MESSAGE): object,
        vol.Optional(ATTR_TITLE): object,
        vol.Optional(ATTR_RECEIVERS): object,
        vol.Optional(ATTR_ANSWERS): object,
        vol.Optional(ATTR_TIMEOUT): object,
        vol.Optional(ATTR_SENDER): object,
        vol.Optional(ATTR_SENDER_FOR_RESPONSE): object,
    },
    extra=vol.ALLOW_EXTRA,
)
_FIELDS: Final = frozenset(map(str, ASK_SCHEMA.schema))


async def async_ask(call: ServiceCall) -> ServiceResponse:
    """Send a question, and return the first answer to it."""
    requests = await async_requests(call, _FIELDS)
    with translated():
        answers = read_answers(call.data.get(ATTR_ANSWERS))
        timeout = read_timeout(call.data.get(ATTR_TIMEOUT))
    if len(requests) > 1:
        raise invalid(InvalidRequest("ask_one_account"))
    [(entry, request)] = requests.items()
    account = await async_loaded(entry)
    # A question that leaves late, when nobody waits for its answer, would be a trap.
    request = replace(request, queue=False)
    question = await _async_look(account, request, answers)
    incoming = account.incoming
    if not question.is_clear_of(incoming.questions):
        raise invalid(InvalidRequest("ask_already_open"))
    with incoming.answer(question) as answer:
        await _async_send(entry, account, request, question)
        incoming.async_wake_replies()
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                received = await answer
        except TimeoutError as err:
            raise await _async_silence(account) from err
    if received is None:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="ask_interrupted",
            translation_placeholders={"account": entry.title},
        )
    return _response(account, question, received) if call.return_response else None


async def _async_look(
    account: Account, request: SmsRequest, answers: Mapping[str, str]
) -> Question:
    """Return the question, if it can be sent and its answer can be read."""
    look = partial(
        prepare_question,
        service_name=account.service_name,
        request=request,
        recipients=account.recipients,
        settings=account.settings,
        answers=answers,
    )
    try:
        return await account.async_ask(look, sends=True)
    except GatewayError as failure:
        account.learn_reading(failure)
        reason = await async_sentence(account.hass, unasked(failure))
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="ask_unreadable",
            translation_placeholders={"reason": reason},
        ) from failure


async def _async_send(
    entry: OvhSmsConfigEntry, account: Account, request: SmsRequest, question: Question
) -> None:
    """Send the question to everyone, now or not at all."""
    outcomes = await account.async_send(request)
    account.record(outcomes)
    raise_unless_accepted(entry, outcomes)
    if any(outcome.state is State.DUPLICATE for outcome in outcomes):
        raise invalid(InvalidRequest("ask_duplicate"))
    question.tags.update(outcome.message.job.tag for outcome in outcomes)


async def _async_silence(account: Account) -> HomeAssistantError:
    """Return the error for a question that nobody has answered in time."""
    if failure := account.incoming.failure_of_replies:
        reason = await async_sentence(account.hass, unasked(failure))
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="ask_timeout_unread",
            translation_placeholders={"reason": reason},
        )
    return HomeAssistantError(translation_domain=DOMAIN, translation_key="ask_timeout")


def _response(
    account: Account, question: Question, received: Received
) -> ServiceResponse:
    reply = reply_of(received, account.recipients)
    return {
        "answer": question.answer(reply.text),
        "text": reply.text,
        "sender": reply.sender,
        "recipient": reply.recipient,
    }
