"""Reading OVHcloud's answers: whatever is not of the promised form raises."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
import math
import re
from typing import Any

from .failures import says_absent
from .models import Callbacks, IncomingSms, SmsRecord


def listed(answer: Any) -> list[Any]:
    """Return a list."""
    if not isinstance(answer, list):
        raise TypeError
    return answer


def numbers(answer: Any) -> tuple[str, ...]:
    """Return phone numbers, in OVHcloud's spelling."""
    told = tuple(listed(answer))
    if not all(isinstance(number, str) and number.isprintable() for number in told):
        raise TypeError
    return told


def identifiers(answer: Any) -> list[int]:
    """Return the ids of SMS."""
    return [int(sms_id) for sms_id in listed(answer)]


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
    if int(answer["id"]) != sms_id:
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
        parts=int(answer["numberOfSms"]),
        receipt=int(answer["deliveryReceipt"]),
        ptt=int(answer["ptt"]),
        sender=text(answer.get("sender") or ""),
        delay_minutes=int(answer["differedDelivery"]),
        sent_at=_moment(sent_at) if sent_at else None,
    )


def incoming_sms(answer: Any, sms_id: int) -> IncomingSms:
    """Return the reply that was asked for."""
    if int(answer["id"]) != sms_id:
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
    return Callbacks(receipts=text(address) if address else None, replies=replies)


def callbacks_if_told(answer: Any) -> Callbacks | None:
    """Return whom OVHcloud calls, if that can be read: an account is good without."""
    with suppress(KeyError, TypeError):
        return callbacks(answer)
    return None


def text(answer: Any) -> str:
    """Return a text."""
    if not isinstance(answer, str):
        raise TypeError
    return answer


def _moment(answer: Any) -> datetime:
    moment = datetime.fromisoformat(answer)
    if moment.tzinfo is None:
        raise ValueError
    return moment
