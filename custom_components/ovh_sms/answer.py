"""What a caller is told: a response, or a translated error."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.json import JsonObjectType

from .account import OvhSmsConfigEntry
from .const import DOMAIN
from .errors import failed, translated
from .sms.message import Outcome
from .sms.privacy import mask
from .sms.request import SmsRequest, read_request
from .sms.states import State

# More of them would make no readable sentence.
_MAX_NAMES: Final = 5


def read(fields: Mapping[str, object], recipients: tuple[str, ...] = ()) -> SmsRequest:
    """Return the request that a caller's fields make, or tell what is wrong with them."""
    with translated():
        return read_request(fields, recipients)


def response(entry: OvhSmsConfigEntry, outcome: Outcome) -> JsonObjectType:
    """Return an outcome as the actions answer it."""
    message = outcome.message
    return {
        "message_id": message.message_id,
        "config_entry_id": entry.entry_id,
        "service_name": entry.runtime_data.service_name,
        "status": "queued" if outcome.state is State.WAITING else outcome.state.value,
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
    entry: OvhSmsConfigEntry, outcomes: Iterable[Outcome], *, told: bool = False
) -> None:
    """Raise what went wrong with a message.

    What waits here, and what is being looked up, will be told by an event. `told` is
    for callers who get the response: it says by itself what was accepted in part and
    what is not known yet.
    """
    fine = {State.ACCEPTED, State.WAITING, State.DUPLICATE}
    if told:
        fine |= {State.PARTIAL, State.UNKNOWN}
    outcomes = tuple(outcomes)
    errors = [
        _of_receivers(entry, outcome) if len(outcomes) > 1 else _error(entry, outcome)
        for outcome in outcomes
        if outcome.state not in fine and not _will_be_told(outcome)
    ]
    if errors:
        raise gathered(errors)


def gathered(errors: Sequence[HomeAssistantError]) -> HomeAssistantError:
    """Return one error for all that went wrong."""
    if len(errors) == 1:
        return errors[0]
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="several_errors",
        translation_placeholders={"errors": "\n".join(map(str, errors))},
    )


def _will_be_told(outcome: Outcome) -> bool:
    """Tell whether a caller who can wait hears later what became of a message."""
    return (
        outcome.state is State.UNKNOWN
        and outcome.message.queue
        and not outcome.is_unprovable
    )


def of_account(entry: OvhSmsConfigEntry, err: HomeAssistantError) -> HomeAssistantError:
    """Return an error that says which of several accounts it is about."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="error_of_account",
        translation_placeholders={"account": entry.title, "error": str(err)},
    )


def _of_receivers(entry: OvhSmsConfigEntry, outcome: Outcome) -> HomeAssistantError:
    """Return the error of one of several messages, with whom it was for."""
    numbers = outcome.message.job.receivers
    names = list(dict.fromkeys(_names(entry, outcome, numbers)))
    more = ["…"] if len(names) > _MAX_NAMES else []
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="error_of_receivers",
        translation_placeholders={
            "receivers": ", ".join(names[:_MAX_NAMES] + more),
            "error": str(_error(entry, outcome)),
        },
    )


def refusal_key(outcome: Outcome) -> str:
    """Return the key of the text for a message that was not accepted for all."""
    if outcome.ids and not outcome.invalid:
        return "receivers_refused_unnamed"
    if outcome.state is State.PARTIAL:
        return "receivers_refused_in_part"
    return "receivers_refused"


def refusal_placeholders(outcome: Outcome, refused: Iterable[str]) -> dict[str, str]:
    """Return what goes into that text; `refused` is what to call who was refused."""
    return {
        "receivers": ", ".join(refused),
        "accepted": str(len(outcome.ids)),
        "count": str(len(outcome.message.receivers)),
    }


def _error(entry: OvhSmsConfigEntry, outcome: Outcome) -> HomeAssistantError:
    if outcome.failure:
        return failed(outcome.failure)
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=refusal_key(outcome),
        translation_placeholders=refusal_placeholders(
            outcome, _names(entry, outcome, outcome.invalid)
        ),
    )


def _names(
    entry: OvhSmsConfigEntry, outcome: Outcome, numbers: Iterable[str]
) -> Iterator[str]:
    """Yield what to call receivers: by name, or by the end of the number."""
    recipients = entry.runtime_data.recipients
    names = {
        receiver.number: recipients[receiver.recipient_id].name
        for receiver in outcome.message.receivers
        if receiver.recipient_id and receiver.recipient_id in recipients
    }
    for number in numbers:
        yield names.get(number, mask(number))
