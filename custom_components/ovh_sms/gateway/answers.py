"""Reading OVHcloud's answers: whatever is not of the promised form raises."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
import math
import re
from typing import Any, Final

from .failures import HALF, says_absent
from .models import Callbacks, IncomingSms, SmsRecord

# The ledger, events and what Home Assistant stores hold no larger numbers.
_LARGEST: Final = 2**63 - 1


def listed(answer: Any) -> list[Any]:
    """Return a list."""
    if not isinstance(answer, list):
        raise TypeError
    return answer


def numbers(answer: Any) -> tuple[str, ...]:
    """Return phone numbers, in OVHcloud's spelling."""
    told = tuple(listed(answer))
    if not all(
        isinstance(number, str) and number.isprintable() and HALF not in number
        for number in told
    ):
        raise TypeError
    return told


def identifiers(answer: Any) -> list[int]:
    """Return the ids of SMS."""
    return [whole(sms_id) for sms_id in listed(answer)]


def whole(answer: Any) -> int:
    """Return a whole number of a size that can be kept."""
    number = int(answer)
    if abs(number) > _LARGEST:
        raise ValueError
    return number


def amount(answer: Any) -> float:
    """Return a number of credits."""
    number = float(answer)
    if not math.isfinite(number):
        raise ValueError
    return number


def e164(number: str) -> str:
    """Return a number that OVHcloud wrote in our spelling."""
    return re.sub("^00", "+", number)


def sms_record(answer: Any, sms_id: int) -> SmsRecord:
    """Return the SMS that was asked for; who sent it is not told of all."""
    if whole(answer["id"]) != sms_id:
        raise ValueError
    sent_at = answer.get("sentAt")
    tag = answer.get("tag")
    return SmsRecord(
        sms_id=sms_id,
        receiver=e164(text(answer["receiver"])),
        text=text(answer["message"]),
        created=_moment(answer["creationDatetime"]),
        tag=None if tag is None else text(tag),
        credits=amount(answer["credits"]),
        parts=whole(answer["numberOfSms"]),
        receipt=whole(answer["deliveryReceipt"]),
        ptt=whole(answer["ptt"]),
        sender=text(answer.get("sender") or ""),
        delay_minutes=whole(answer["differedDelivery"]),
        sent_at=_moment(sent_at) if sent_at else None,
    )


def incoming_sms(answer: Any, sms_id: int) -> IncomingSms:
    """Return the reply that was asked for."""
    if whole(answer["id"]) != sms_id:
        raise ValueError
    return IncomingSms(
        sms_id=sms_id,
        sender=e164(text(answer["sender"])),
        text=text(answer["message"]),
        created=_moment(answer["creationDatetime"]),
        tag=text(answer.get("tag") or ""),
    )


def records_of_batch[RecordT](
    answer: Any, ids: Sequence[int], parse: Callable[[Any, int], RecordT]
) -> list[RecordT]:
    """Return the records of a batch, without those that are gone by now."""
    elements = {int(element["key"]): element for element in listed(answer)}
    # One left out in silence would pass for one that was never there.
    if elements.keys() != set(ids):
        raise ValueError
    records = []
    for sms_id in ids:
        error = elements[sms_id].get("error")
        if error is None:
            records.append(parse(elements[sms_id]["value"], sms_id))
        elif not says_absent(error):
            raise ValueError
    return records


def callbacks(answer: Any) -> Callbacks:
    """Return whom OVHcloud calls for an account."""
    address = answer.get("callBack")
    replies = answer["smsResponse"]
    if not isinstance(replies, dict):
        raise TypeError
    for name in ("responseType", "cgiUrl"):
        text(replies.get(name) or "")
    _check_numbers(replies)
    return Callbacks(receipts=text(address) if address else None, replies=replies)


def callbacks_if_told(answer: Any) -> Callbacks | None:
    """Return whom OVHcloud calls, if that can be read: an account is good without."""
    with suppress(KeyError, TypeError, ValueError):
        return callbacks(answer)
    return None


def text(answer: Any) -> str:
    """Return a text."""
    if not isinstance(answer, str):
        raise TypeError
    return answer


def _check_numbers(answer: Any) -> None:
    """Refuse what could not be stored, so as to be put back one day."""
    match answer:
        case int():
            whole(answer)
        case list():
            for each in answer:
                _check_numbers(each)
        case dict():
            _check_numbers([*answer.values()])


def _moment(answer: Any) -> datetime:
    moment = datetime.fromisoformat(answer)
    if moment.tzinfo is None:
        raise ValueError
    return moment
