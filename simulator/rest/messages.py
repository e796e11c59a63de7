"""The operations on jobs, outgoing and incoming messages, whosever they are.

The same three lists exist for an account, for one of its users and for one of its virtual numbers.
"""

from collections.abc import Callable
from datetime import datetime
from typing import cast

from ..errors import bad_parameter, bad_request, unknown_object
from ..messages import Incoming, Sms
from ..models import MODELS, render
from ..network import Network
from ..sending import Order, accept
from ..world import World
from .account import readable
from .operation import Call, Operation

_SEND_BODY = {
    "charset": "sms.CharsetEnum",
    "class": "sms.ClassEnum",
    "coding": "sms.CodingEnum",
    "differedPeriod": "long",
    "message": "string*",
    "noStopClause": "boolean",
    "priority": "sms.PriorityEnum",
    "receivers": "string[]",
    "receiversDocumentUrl": "string",
    "receiversSlotId": "string",
    "sender": "string",
    "senderForResponse": "boolean",
    "tag": "string",
    "validityPeriod": "long",
}
_VIRTUAL_SEND_BODY = {
    name: kind
    for name, kind in _SEND_BODY.items()
    if name not in {"noStopClause", "sender", "senderForResponse"}
}
_PERIOD = {"creationDatetime.from": "datetime", "creationDatetime.to": "datetime"}
_OUTGOING_QUERY = dict.fromkeys(
    ("deliveryReceipt", "differedDelivery", "ptt"), "long"
) | dict.fromkeys(("receiver", "sender", "tag"), "string")
_INCOMING_QUERY = {"sender": "string", "tag": "string"}
_SMS_FILTERS: dict[str, Callable[[Sms], object]] = {
    "deliveryReceipt": lambda sms: sms.delivery_receipt,
    "differedDelivery": lambda sms: sms.differed,
    "messageID": lambda sms: sms.message_id,
    "ptt": lambda sms: sms.ptt,
    "receiver": lambda sms: sms.receiver,
    "sender": lambda sms: sms.sender,
    "tag": lambda sms: sms.tag,
}


def _is_in_scope(call: Call, message: Sms | Incoming) -> bool:
    """Tell whether a message belongs to the user or the virtual number of the path."""
    if "login" in call.path:
        return message.user == call.path["login"]
    if "number" in call.path:
        return message.virtual_number == call.path["number"]
    return True


def _check_scope(call: Call) -> None:
    """Refuse a user or a virtual number that does not exist."""
    account = readable(call)
    if "login" in call.path:
        account.user(call.path["login"])
    if "number" in call.path:
        account.virtual_number(call.path["number"])


def _is_in_period(call: Call, message: Sms | Incoming) -> bool:
    """Tell whether a message was made in the period asked for."""
    # What the API shows has whole seconds, so a filter with a time that it showed finds it again.
    created = message.created.replace(microsecond=0)
    earliest = cast("datetime | None", call.query.get("creationDatetime.from"))
    latest = cast("datetime | None", call.query.get("creationDatetime.to"))
    return (earliest is None or created >= earliest) and (
        latest is None or created <= latest
    )


def _jobs(call: Call) -> list[int]:
    """List the messages that wait."""
    _check_scope(call)
    return [sms.id for sms in readable(call).jobs if _is_in_scope(call, sms)]


def _outgoing(call: Call) -> list[int]:
    """List the messages that left, filtered."""
    _check_scope(call)
    if "batchID" in call.query:
        return []
    wanted = {name: value for name, value in call.query.items() if name in _SMS_FILTERS}
    return [
        sms.id
        for sms in readable(call).outgoing(call.world.now())
        if _is_in_scope(call, sms)
        and _is_in_period(call, sms)
        and all(_SMS_FILTERS[name](sms) == value for name, value in wanted.items())
    ]


def _incoming(call: Call) -> list[int]:
    """List the replies, filtered."""
    _check_scope(call)
    sender, tag = call.query.get("sender"), call.query.get("tag")
    return [
        message.id
        for message in readable(call).incoming.values()
        if _is_in_scope(call, message)
        and _is_in_period(call, message)
        and sender in {None, message.sender}
        and tag in {None, message.tag}
    ]


def _find[M: (Sms, Incoming)](call: Call, messages: list[M]) -> M:
    """Find the message of the path."""
    _check_scope(call)
    for message in messages:
        if str(message.id) == call.path["id"] and _is_in_scope(call, message):
            return message
    raise unknown_object("id", call.path["id"])


def _find_job(call: Call) -> Sms:
    """Find a message that waits."""
    return _find(call, readable(call).jobs)


def _find_outgoing(call: Call) -> Sms:
    """Find a message that left."""
    return _find(call, readable(call).outgoing(call.world.now()))


def _find_incoming(call: Call) -> Incoming:
    """Find a reply."""
    return _find(call, list(readable(call).incoming.values()))


def _sms_answer(sms: Sms, model: str) -> dict[str, object]:
    """Describe a message in one of the forms it has."""
    values: dict[str, object] = {
        "id": sms.id,
        "creationDatetime": sms.created,
        "sentAt": sms.sent_at,
        "deliveredAt": sms.delivered_at,
        "sender": sms.sender,
        "receiver": sms.receiver,
        "message": sms.text,
        "messageLength": sms.coded.characters,
        "numberOfSms": sms.coded.parts,
        "credits": sms.credits,
        "deliveryReceipt": sms.delivery_receipt,
        "ptt": sms.ptt,
        "differedDelivery": sms.differed,
        "tag": sms.tag,
        # Unknown: what a tariff code looks like.
        "tariffCode": "",
        "batchID": None,
        "messageID": sms.message_id,
    }
    return render(model, {name: values[name] for name in MODELS[model]})


def _job(call: Call) -> dict[str, object]:
    """Describe a message that waits."""
    return _sms_answer(
        _find_job(call), "sms.VirtualNumberJob" if "number" in call.path else "sms.Job"
    )


def _cancel(call: Call) -> None:
    """Withdraw a message that waits."""
    call.network.cancel(readable(call), _find_job(call))


def _sent(call: Call) -> dict[str, object]:
    """Describe a message that left."""
    return _sms_answer(_find_outgoing(call), "sms.Outgoing")


def _forget_sent(call: Call) -> None:
    """Take a message out of the history."""
    del readable(call).messages[_find_outgoing(call).id]


def _hlr(call: Call) -> dict[str, object]:
    """Describe the receiver's operator."""
    # Unknown: real values.
    _find_outgoing(call)
    return render(
        "sms.Hlr",
        {
            "country": "France",
            "countryCode": "fr",
            "network": "208",
            "operator": "20801",
            "region": "Europe",
        },
    )


def _reply(call: Call) -> dict[str, object]:
    """Describe a reply."""
    message = _find_incoming(call)
    return render(
        "sms.Incoming",
        {
            "id": message.id,
            "creationDatetime": message.created,
            "sender": message.sender,
            "message": message.text,
            "credits": message.credits,
            "tag": message.tag,
        },
    )


def _forget_reply(call: Call) -> None:
    """Delete a reply."""
    del readable(call).incoming[_find_incoming(call).id]


def _receivers(world: World, call: Call) -> list[str]:
    """Settle whom to send to: a list, a slot or a document."""
    body = call.body
    # Unknown: an empty list; it counts as none given.
    given = [
        name
        for name in ("receivers", "receiversSlotId", "receiversDocumentUrl")
        if body.get(name)
    ]
    if len(given) != 1:
        raise bad_request(
            "Please give exactly one of receivers, receiversSlotId, receiversDocumentUrl"
        )
    if given == ["receivers"]:
        return cast("list[str]", body["receivers"])
    if given == ["receiversSlotId"]:
        slot_id = str(body["receiversSlotId"])
        slots = readable(call).slots
        if not slot_id.isdecimal() or int(slot_id) not in slots:
            raise unknown_object("slotId", slot_id)
        return slots[int(slot_id)].numbers
    url = str(body["receiversDocumentUrl"])
    if url not in world.documents:
        # Documents are not fetched: the world says what they hold.
        raise bad_parameter("receiversDocumentUrl", "The document cannot be read")
    return world.documents[url]


def _send(call: Call) -> dict[str, object]:
    """Take messages to send."""
    world: World = call.world
    network: Network = call.network
    account = readable(call)
    _check_scope(call)
    body = call.body
    short_number = body.get("senderForResponse") is True
    report = accept(
        world,
        network,
        account,
        Order(
            message=str(body["message"]),
            receivers=_receivers(world, call),
            # A sender beside senderForResponse is ignored.
            sender=None if short_number else cast("str | None", body.get("sender")),
            short_number=short_number,
            no_stop_clause=body.get("noStopClause") is True,
            tag=str(body.get("tag", "")),
            differed=cast("int", body.get("differedPeriod", 0)),
            validity=cast("int | None", body.get("validityPeriod")),
            flash=body.get("class") == "flash",
            user=call.path.get("login"),
            virtual_number=account.virtual_number(call.path["number"])
            if "number" in call.path
            else None,
        ),
        call.twist,
    )
    return render(
        "sms.SmsSendingReport",
        {
            "ids": report.ids,
            "validReceivers": report.valid,
            "invalidReceivers": report.invalid,
            "totalCreditsRemoved": report.credits,
            # Unknown: what stands here when no tag was given.
            "tag": report.tag,
        },
    )


def _operations(
    base: str,
    actions: str,
    *,
    body: dict[str, str],
    period: dict[str, str],
    more: dict[str, str],
) -> tuple[Operation, ...]:
    """Make the operations on the lists below one path."""
    return (
        Operation("GET", f"{base}/jobs", _jobs, f"{actions}jobs/get"),
        Operation(
            "POST",
            f"{base}/jobs",
            _send,
            f"{actions}jobs/create",
            body=body,
            sends=True,
        ),
        Operation("GET", f"{base}/jobs/{{id}}", _job, f"{actions}jobs/get"),
        Operation("DELETE", f"{base}/jobs/{{id}}", _cancel, f"{actions}jobs/delete"),
        Operation(
            "GET",
            f"{base}/outgoing",
            _outgoing,
            f"{actions}outgoing/get",
            query={**_OUTGOING_QUERY, **period, **more},
        ),
        Operation("GET", f"{base}/outgoing/{{id}}", _sent, f"{actions}outgoing/get"),
        Operation(
            "DELETE",
            f"{base}/outgoing/{{id}}",
            _forget_sent,
            f"{actions}outgoing/delete",
        ),
        Operation(
            "GET", f"{base}/outgoing/{{id}}/hlr", _hlr, f"{actions}outgoing/hlr/get"
        ),
        Operation(
            "GET",
            f"{base}/incoming",
            _incoming,
            f"{actions}incoming/get",
            query={**_INCOMING_QUERY, **period},
        ),
        Operation("GET", f"{base}/incoming/{{id}}", _reply, f"{actions}incoming/get"),
        Operation(
            "DELETE",
            f"{base}/incoming/{{id}}",
            _forget_reply,
            f"{actions}incoming/delete",
        ),
    )


OPERATIONS = (
    *_operations(
        "/sms/{serviceName}",
        "sms:apiovh:",
        body=_SEND_BODY,
        period=_PERIOD,
        more={"batchID": "uuid", "messageID": "uuid"},
    ),
    *_operations(
        "/sms/{serviceName}/users/{login}",
        "sms:apiovh:users/",
        body=_SEND_BODY,
        period={},
        more={},
    ),
    *_operations(
        "/sms/{serviceName}/virtualNumbers/{number}",
        "sms:apiovh:virtualNumbers/",
        body=_VIRTUAL_SEND_BODY,
        period=_PERIOD,
        more={},
    ),
)
