"""The actions that show what was sent and what waits, and cancel it."""

from collections.abc import Iterable, Mapping
from typing import Final

import voluptuous as vol

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType, JsonValueType

from .account import Account
from .asked import read_ids, read_limit, read_since, read_text
from .const import (
    ATTR_CONFIG_ENTRY_ID,
    ATTR_IDS,
    ATTR_LIMIT,
    ATTR_MESSAGE_ID,
    ATTR_RECIPIENT,
    ATTR_SINCE,
    DOMAIN,
)
from .errors import invalid, translated, unasked
from .gateway import Gateway, GatewayError
from .sms import history
from .sms.cancelling import Cancellation, Canceller, Kept, NotCancelled
from .sms.clock import Clock
from .sms.errors import InvalidRequest
from .sms.history import Delivery, Line
from .sms.ledger import Ledger
from .sms.message import Outcome
from .sms.numbers import normalise
from .sms.pending import MAX_READ, Job, Pending, pending
from .sms.recipients import Recipient
from .sms.states import State
from .targets import async_account
from .texts import async_sentence

# Open on values, as the schema of `send_sms` is.
GET_PENDING_SCHEMA: Final = vol.Schema({vol.Optional(ATTR_CONFIG_ENTRY_ID): object})
CANCEL_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): object,
        vol.Optional(ATTR_MESSAGE_ID): object,
        vol.Optional(ATTR_IDS): object,
    }
)
GET_HISTORY_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): object,
        vol.Optional(ATTR_RECIPIENT): object,
        vol.Optional(ATTR_SINCE): object,
        vol.Optional(ATTR_LIMIT): object,
    }
)
_KEPT: Final = {
    Kept.LEFT: "cancel_left",
    Kept.GONE: "cancel_gone",
    Kept.SENDING: "cancel_sending",
    Kept.UNKNOWN: "cancel_unknown",
    Kept.NEVER_LEFT: "cancel_never_left",
    Kept.NO_ID: "cancel_no_id",
    Kept.UNANSWERED: "cancel_unanswered",
    Kept.SMS_USER: "cancel_not_with_sms_user",
}


async def async_get_pending(call: ServiceCall) -> ServiceResponse:
    """Tell what has not left yet; without OVHcloud at least what waits here."""
    account = await _async_account(call)
    senders = account.settings.virtual_numbers

    def look(ledger: Ledger, gateway: Gateway, clock: Clock) -> Pending:
        return pending(ledger, gateway, clock, account.service_name, senders)

    found = await account.async_ask(look)
    account.learn_reading(found.failure)
    gap = _gap(found)
    recipients = account.recipients
    return {
        "messages": [
            *(_waiting_here(line, recipients) for line in found.here),
            *(_waiting_there(job, recipients) for job in found.jobs),
        ],
        "complete": gap is None,
        "note": await async_sentence(call.hass, gap) if gap else None,
    }


async def async_cancel(call: ServiceCall) -> ServiceResponse:
    """Cancel a message, or SMS by OVHcloud's ids."""
    account = await _async_account(call)
    with translated():
        message_id = read_text(call.data, ATTR_MESSAGE_ID)
        ids = read_ids(call.data, ATTR_IDS)
    if message_id and ids:
        raise invalid(InvalidRequest("cancel_two_ways"))
    if not message_id and not ids:
        raise invalid(InvalidRequest("cancel_what"))
    senders = account.settings.virtual_numbers

    def cancel(
        ledger: Ledger, gateway: Gateway, clock: Clock
    ) -> tuple[Cancellation, list[Outcome]]:
        canceller = Canceller(ledger, gateway, clock, account.service_name, senders)
        result = (
            canceller.cancel_message(message_id)
            if message_id
            else canceller.cancel_sms(ids)
        )
        outcomes = map(ledger.outcome, result.message_ids)
        return result, [outcome for outcome in outcomes if outcome]

    result, outcomes = await account.async_ask(cancel, writes=True)
    account.tell(outcomes)
    account.outbox.async_wake()
    failures = [
        each.why for each in result.not_cancelled if isinstance(each.why, GatewayError)
    ]
    account.learn_reading(failures[0] if failures else None)
    if result.sms_ids and account.coordinator:
        # What it would have cost is given back.
        account.coordinator.async_read_soon()
    cancelled = len(result.sms_ids) or len(result.message_ids)
    if result.not_cancelled and not (cancelled and call.return_response):
        sentences = [
            await async_sentence(call.hass, _sentence(each))
            for each in result.not_cancelled
        ]
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="cancelled_in_part" if cancelled else "cancelled_nothing",
            translation_placeholders={
                "cancelled": str(cancelled),
                "count": str(cancelled + len(result.not_cancelled)),
                "reasons": " ".join(dict.fromkeys(sentences)),
            },
        )
    recipients = account.recipients
    return {
        "cancelled": {
            "message_ids": list(result.message_ids),
            "ids": list(result.sms_ids),
        },
        "not_cancelled": [
            {
                "message_id": each.message_id,
                "id": each.sms_id,
                "recipient": _name(each.recipient_id, recipients),
                "reason": (
                    each.why if isinstance(each.why, Kept) else each.why.reason
                ).value,
                "note": await async_sentence(call.hass, _sentence(each)),
            }
            for each in result.not_cancelled
        ],
    }


async def async_get_history(call: ServiceCall) -> ServiceResponse:
    """Tell what was sent, the newest first."""
    account = await _async_account(call)
    with translated():
        recipient_id, numbers = _whom(call, account)
        limit = read_limit(call.data, ATTR_LIMIT)
        since = read_since(call.data, ATTR_SINCE)

    def look(ledger: Ledger, gateway: Gateway, clock: Clock) -> tuple[Line, ...]:
        return history.newest(ledger, limit, since, recipient_id, numbers)

    lines = await account.async_ask(look)
    recipients = account.recipients
    return {
        "messages": [
            {
                **_told(line, line.deliveries, recipients),
                "time": _time(line.created_at),
                "send_at": _time(line.send_at),
                "parts": line.parts,
                "credits": line.credits,
                "deliveries": [
                    {
                        "recipient": _name(each.recipient_id, recipients),
                        "number": each.number,
                        "state": each.state.value,
                        "reason": each.reason,
                        "id": each.sms_id,
                    }
                    for each in line.deliveries
                ],
            }
            for line in lines
        ]
    }


async def _async_account(call: ServiceCall) -> Account:
    """Return the account that is asked about."""
    with translated():
        entry_id = read_text(call.data, ATTR_CONFIG_ENTRY_ID)
    entry = await async_account(call.hass, entry_id)
    return entry.runtime_data


def _gap(found: Pending) -> HomeAssistantError | None:
    """Return why what waits at OVHcloud is not told, or not all of it."""
    if not found.can_read:
        return HomeAssistantError(
            translation_domain=DOMAIN, translation_key="pending_not_with_sms_user"
        )
    if found.failure:
        return unasked(found.failure)
    if found.unread:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="pending_too_many",
            translation_placeholders={
                "count": str(found.unread),
                "limit": str(MAX_READ),
            },
        )
    return None


def _sentence(each: NotCancelled) -> HomeAssistantError:
    """Return why an SMS was not cancelled."""
    if isinstance(each.why, GatewayError):
        return unasked(each.why)
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=_KEPT[each.why],
        translation_placeholders={"id": str(each.sms_id)},
    )


def _whom(call: ServiceCall, account: Account) -> tuple[str | None, tuple[str, ...]]:
    """Return the recipient whose messages are asked for, and its numbers."""
    wanted = read_text(call.data, ATTR_RECIPIENT)
    if wanted is None:
        return None, ()
    recipients = account.recipients
    by_name = {each.name.casefold(): each for each in recipients.values()}
    entity = er.async_get(call.hass).async_get(wanted)
    if wanted.startswith("notify."):
        recipient = recipients.get((entity and entity.config_subentry_id) or "")
        if recipient is None:
            raise InvalidRequest("entity_not_ours", entity=wanted)
    else:
        recipient = by_name.get(wanted.casefold())
    if recipient:
        return recipient.recipient_id, recipient.numbers
    return None, (normalise(wanted, account.settings.country),)


def _waiting_here(line: Line, recipients: Mapping[str, Recipient]) -> JsonObjectType:
    return {
        "where": "home_assistant",
        **_told(line, line.deliveries, recipients),
        "ids": [*sorted(line.sms_ids)],
        "send_at": _time(line.send_at),
        "deadline": _time(line.deadline),
    }


def _waiting_there(job: Job, recipients: Mapping[str, Recipient]) -> JsonObjectType:
    first = job.records[0]
    by_id = {record.sms_id: record for record in job.records}
    numbers: list[JsonValueType] = [record.receiver for record in job.records]
    told: JsonObjectType
    if job.line:
        left = [each for each in job.line.deliveries if each.sms_id in by_id]
        told = _told(job.line, left, recipients)
    else:
        owners = (
            each.recipient_id
            for each in recipients.values()
            if not {record.receiver for record in job.records}.isdisjoint(each.numbers)
        )
        told = {
            "message_id": None,
            "recipients": _names(owners, recipients),
            "sender": first.sender or None,
            "state": State.ACCEPTED.value,
            "reason": None,
        }
    return {
        "where": "ovhcloud",
        **told,
        # Also of what is forgotten here.
        "receivers": numbers,
        "message": first.text,
        "ids": [*by_id],
        "send_at": _time(job.leaves_at),
        "deadline": None,
    }


def _told(
    line: Line, deliveries: Iterable[Delivery], recipients: Mapping[str, Recipient]
) -> JsonObjectType:
    """Return what all the answers tell of a message."""
    deliveries = tuple(deliveries)
    return {
        "message_id": line.message_id,
        "recipients": _names((each.recipient_id for each in deliveries), recipients),
        "receivers": [each.number for each in deliveries if each.number],
        "message": line.text,
        "sender": line.sender,
        "state": line.state.value,
        "reason": line.reason,
    }


def _names(
    recipient_ids: Iterable[str | None], recipients: Mapping[str, Recipient]
) -> list[JsonValueType]:
    names = (_name(recipient_id, recipients) for recipient_id in recipient_ids)
    return [*dict.fromkeys(name for name in names if name is not None)]


def _name(recipient_id: str | None, recipients: Mapping[str, Recipient]) -> str | None:
    """Return the name that a recipient has now; one that was removed has none."""
    recipient = recipients.get(recipient_id or "")
    return recipient.name if recipient else None


def _time(seconds: float | None) -> str | None:
    """Return a moment in the house's time."""
    if seconds is None:
        return None
    moment = dt_util.as_local(dt_util.utc_from_timestamp(seconds))
    return moment.isoformat(timespec="seconds")
