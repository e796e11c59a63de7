"""What a caller is told: a response, or a translated error."""

from collections.abc import Mapping

from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.json import JsonObjectType

from .account import OvhSmsConfigEntry
from .const import DOMAIN
from .errors import failed, invalid
from .sms.errors import InvalidRequest
from .sms.message import Outcome, State
from .sms.privacy import mask
from .sms.request import SmsRequest, read_request


def read(fields: Mapping[str, object], recipients: tuple[str, ...] = ()) -> SmsRequest:
    """Return the request that a caller's fields make, or tell what is wrong with them."""
    try:
        return read_request(fields, recipients)
    except InvalidRequest as err:
        raise invalid(err) from err


def response(entry: OvhSmsConfigEntry, outcome: Outcome) -> JsonObjectType:
    """Return an outcome as the actions answer it."""
    message = outcome.message
    return {
        "message_id": message.message_id,
        "config_entry_id": entry.entry_id,
        "service_name": entry.runtime_data.service_name,
        "status": outcome.state.value,
        "tag": message.job.tag,
        "ids": list(outcome.ids),
        "valid_receivers": list(outcome.valid),
        "invalid_receivers": list(outcome.invalid),
        "total_credits_removed": outcome.credits,
        "encoding": message.size.encoding.value,
        "parts": message.size.parts,
        "shortened": message.shortened,
    }


def raise_unless_accepted(
    entry: OvhSmsConfigEntry, outcome: Outcome, *, told: bool = False
) -> None:
    """Raise what went wrong with a message.

    `told` is for callers who get the response: it says by itself what was accepted
    in part and what is not known yet.
    """
    if outcome.state is State.ACCEPTED:
        return
    if told and outcome.state in (State.PARTIAL, State.UNKNOWN):
        return
    if outcome.failure:
        raise failed(outcome.failure)
    names = {
        receiver.number: entry.runtime_data.recipients[receiver.recipient_id].name
        for receiver in outcome.message.receivers
        if receiver.recipient_id in entry.runtime_data.recipients
    }
    raise HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=(
            "receivers_refused_in_part"
            if outcome.state is State.PARTIAL
            else "receivers_refused"
        ),
        translation_placeholders={
            "receivers": ", ".join(
                names.get(number, mask(number)) for number in outcome.invalid
            )
        },
    )
