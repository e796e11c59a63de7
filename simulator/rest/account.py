"""The operations on an account, its senders, its users and its blacklist."""

from typing import cast
from uuid import NAMESPACE_URL, uuid5

from ..account import Account, Sender, Slot, User
from ..errors import bad_parameter, bad_request, service_expired, unknown_object
from ..models import render
from .operation import Call, Operation


def iam_of(urn: str, name: str) -> dict[str, object]:
    """Describe a resource as IAM knows it."""
    return render(
        "iam.ResourceMetadata",
        {
            "id": str(uuid5(NAMESPACE_URL, urn)),
            "urn": urn,
            "displayName": name,
            "state": "OK",
            "tags": {},
        },
    )


def readable(call: Call) -> Account:
    """Find the account of the path, unless its contract is over."""
    account = call.account
    if account.service_status == "expired":
        raise service_expired()
    return account


def _list(call: Call) -> list[str]:
    """List the caller's accounts."""
    return [
        account.name
        for account in call.world.accounts.values()
        if account.customer == call.principal.customer
    ]


def _get(call: Call) -> dict[str, object]:
    """Describe an account."""
    account = readable(call)
    response, templates = account.response, account.templates
    return render(
        "sms.AccountWithIAM",
        {
            "name": account.name,
            "description": account.description,
            "status": account.status,
            "creditsLeft": account.credits_left,
            "creditsHoldByQuota": account.credits_held,
            "userQuantityWithQuota": len(account.users_with_quota),
            "creditThresholdForAutomaticRecredit": account.recredit_threshold,
            "automaticRecreditAmount": account.recredit_amount,
            "callBack": account.call_back,
            "stopCallBack": account.stop_call_back,
            "channel": account.channel,
            "smpp": False,
            "smsResponse": {
                "responseType": response.type,
                "cgiUrl": response.cgi_url,
                "text": response.text,
                "trackingDefaultSmsSender": response.tracking_default_sender,
                "trackingOptions": response.tracking_options,
            },
            "templates": {
                "customizedEmailMode": templates.customized_email_mode,
                "customizedSmsMode": templates.customized_sms_mode,
                "emailBody": templates.email_body,
                "emailFrom": templates.email_from,
                "emailSubject": templates.email_subject,
                "smsBody": templates.sms_body,
            },
            "iam": iam_of(f"urn:v1:eu:resource:sms:{account.name}", account.name),
        },
    )


_ACCOUNT_FIELDS = {
    "description": "description",
    "creditThresholdForAutomaticRecredit": "recredit_threshold",
    "automaticRecreditAmount": "recredit_amount",
    "callBack": "call_back",
    "stopCallBack": "stop_call_back",
}
_RESPONSE_FIELDS = {
    "responseType": "type",
    "cgiUrl": "cgi_url",
    "text": "text",
    "trackingDefaultSmsSender": "tracking_default_sender",
    "trackingOptions": "tracking_options",
}
_TEMPLATE_FIELDS = {
    "customizedEmailMode": "customized_email_mode",
    "customizedSmsMode": "customized_sms_mode",
    "emailBody": "email_body",
    "emailFrom": "email_from",
    "emailSubject": "email_subject",
    "smsBody": "sms_body",
}


def _assign(target: object, given: dict[str, object], names: dict[str, str]) -> None:
    """Take over the fields that were given."""
    for name, value in given.items():
        if name in names:
            setattr(target, names[name], value)


def _put(call: Call) -> None:
    """Change some of an account's settings."""
    # Unknown: whether a nested object is replaced or merged; it is merged.
    account = readable(call)
    _assign(account, call.body, _ACCOUNT_FIELDS)
    _assign(
        account.response,
        cast("dict[str, object]", call.body.get("smsResponse", {})),
        _RESPONSE_FIELDS,
    )
    _assign(
        account.templates,
        cast("dict[str, object]", call.body.get("templates", {})),
        _TEMPLATE_FIELDS,
    )


def service_of(domain: str, account: Account) -> dict[str, object]:
    """Describe a contract."""
    return render(
        "services.Service",
        {
            "domain": domain,
            "serviceId": account.service_id,
            "status": account.service_status,
            "creation": account.creation,
            "expiration": account.expiration,
            "engagedUpTo": None,
            "renew": None,
            "renewalType": "manual",
            "possibleRenewPeriod": None,
            "canDeleteAtExpiration": True,
            "contactAdmin": account.customer,
            "contactBilling": account.customer,
            "contactTech": account.customer,
        },
    )


def _service_infos(call: Call) -> dict[str, object]:
    """Describe an account's contract."""
    # Unknown: whether it can be read once expired; it can here.
    return service_of(call.account.name, call.account)


def _senders(call: Call) -> list[str]:
    """List the senders, whatever their status."""
    return list(readable(call).senders)


def _sender(call: Call) -> dict[str, object]:
    """Describe a sender."""
    name = call.path["sender"]
    sender: Sender | None = readable(call).senders.get(name)
    if sender is None:
        raise unknown_object("sender", name)
    return render(
        "sms.Sender",
        {
            "sender": sender.name,
            "description": sender.description,
            "status": sender.status,
            "type": sender.type,
            "referer": sender.referer,
            "comment": sender.comment,
            "validationMedia": sender.validation_media,
        },
    )


def _users(call: Call) -> list[str]:
    """List the SMS users."""
    return list(readable(call).users)


def _user(call: Call) -> dict[str, object]:
    """Describe an SMS user."""
    user: User = readable(call).user(call.path["login"])
    return render(
        "sms.User",
        {
            "login": user.login,
            # Unknown: whether the real answer shows the password.
            "password": user.password,
            "callBack": user.call_back,
            "stopCallBack": user.stop_call_back,
            "ipRestrictions": user.ip_restrictions,
            "quotaInformations": {
                "quotaLeft": user.quota or 0.0,
                "quotaStatus": "inactive" if user.quota is None else "active",
            },
            "alertThresholdInformations": {
                "alertEmail": user.alert_email,
                "alertNumber": user.alert_number,
                "alertThreshold": user.alert_threshold,
                "support": user.alert_support,
            },
        },
    )


def _blacklists(call: Call) -> list[str]:
    """List the numbers that answered STOP."""
    wanted = call.query.get("smsOutgoingID")
    if "batchID" in call.query:
        return []
    entries = readable(call).blacklist.values()
    return [
        entry.number for entry in entries if wanted is None or entry.sms_id == wanted
    ]


def _blacklist(call: Call) -> dict[str, object]:
    """Describe one number that answered STOP."""
    entry = readable(call).blacklist.get(call.path["number"])
    if entry is None:
        raise unknown_object("number", call.path["number"])
    return render(
        "sms.Blacklist",
        {
            "number": entry.number,
            "dateCreation": entry.created,
            "batchID": None,
            "smsOutgoingID": entry.sms_id,
        },
    )


def _unblacklist(call: Call) -> None:
    """Let a number receive again."""
    if readable(call).blacklist.pop(call.path["number"], None) is None:
        raise unknown_object("number", call.path["number"])


def _exceptions(call: Call) -> list[dict[str, object]]:
    """List the operators' restrictions for a receiver."""
    receiver = str(call.query["receiver"])
    return [
        render(
            "sms.Exception",
            {
                "countrySuffixe": restriction.country_prefix,
                "operators": restriction.operators,
                "messages": restriction.messages,
                "restrictionCode": restriction.code,
                "substitution": restriction.substitution,
            },
        )
        for restriction in readable(call).restrictions
        if receiver.removeprefix("+")
        .removeprefix("00")
        .startswith(restriction.country_prefix)
    ]


def _slots(call: Call) -> list[int]:
    """List the slots of receivers."""
    return list(readable(call).slots)


def _slot_answer(slot: Slot) -> dict[str, object]:
    """Describe a slot."""
    return render(
        "sms.Receiver",
        {
            "slotId": slot.slot_id,
            "description": slot.description,
            "records": len(slot.numbers),
            "datetime": slot.updated,
            "autoUpdate": slot.auto_update,
            "canAutoUpdate": False,
        },
    )


def _find_slot(call: Call) -> Slot:
    """Find the slot of the path."""
    given = call.path["slotId"]
    slots = readable(call).slots
    if not given.isdecimal() or int(given) not in slots:
        raise unknown_object("slotId", given)
    return slots[int(given)]


def _slot(call: Call) -> dict[str, object]:
    """Describe one slot."""
    return _slot_answer(_find_slot(call))


def _add_slot(call: Call) -> dict[str, object]:
    """Fill a slot from a document that the world holds."""
    slot_id = cast("int", call.body["slotId"])
    if not 1 <= slot_id <= 9:
        raise bad_parameter("slotId", "Please give a slot from 1 to 9")
    document = cast(
        "str | None", call.body.get("csvUrl") or call.body.get("documentId")
    )
    if document is None:
        raise bad_request("Please give csvUrl or documentId")
    slot = Slot(
        slot_id,
        str(call.body["description"]),
        call.world.now(),
        list(call.world.documents.get(document, [])),
        bool(call.body["autoUpdate"]),
    )
    readable(call).slots[slot_id] = slot
    return _slot_answer(slot)


def _remove_slot(call: Call) -> None:
    """Empty a slot."""
    slot = _find_slot(call)
    del readable(call).slots[slot.slot_id]


_ONE = "/sms/{serviceName}"
_SLOT_BODY = {
    "autoUpdate": "boolean*",
    "csvUrl": "string",
    "description": "string*",
    "documentId": "string",
    "slotId": "long*",
}

OPERATIONS = (
    # Unknown: the shape of iamTags in the query; it is refused.
    Operation("GET", "/sms", _list, "sms:apiovh:get"),
    Operation("GET", _ONE, _get, "sms:apiovh:get"),
    Operation("PUT", _ONE, _put, "sms:apiovh:put", model="sms.Account"),
    Operation(
        "GET", f"{_ONE}/serviceInfos", _service_infos, "sms:apiovh:serviceInfos/get"
    ),
    Operation("GET", f"{_ONE}/senders", _senders, "sms:apiovh:senders/get"),
    Operation("GET", f"{_ONE}/senders/{{sender}}", _sender, "sms:apiovh:senders/get"),
    Operation("GET", f"{_ONE}/users", _users, "sms:apiovh:users/get"),
    Operation("GET", f"{_ONE}/users/{{login}}", _user, "sms:apiovh:users/get"),
    Operation(
        "GET",
        f"{_ONE}/blacklists",
        _blacklists,
        "sms:apiovh:blacklists/get",
        query={"batchID": "uuid", "smsOutgoingID": "long"},
    ),
    Operation(
        "GET", f"{_ONE}/blacklists/{{number}}", _blacklist, "sms:apiovh:blacklists/get"
    ),
    Operation(
        "DELETE",
        f"{_ONE}/blacklists/{{number}}",
        _unblacklist,
        "sms:apiovh:blacklists/delete",
    ),
    Operation(
        "GET",
        f"{_ONE}/exceptions",
        _exceptions,
        "sms:apiovh:exceptions/get",
        query={"receiver": "string*"},
    ),
    Operation("GET", f"{_ONE}/receivers", _slots, "sms:apiovh:receivers/get"),
    Operation(
        "POST",
        f"{_ONE}/receivers",
        _add_slot,
        "sms:apiovh:receivers/create",
        body=_SLOT_BODY,
    ),
    Operation("GET", f"{_ONE}/receivers/{{slotId}}", _slot, "sms:apiovh:receivers/get"),
    Operation(
        "DELETE",
        f"{_ONE}/receivers/{{slotId}}",
        _remove_slot,
        "sms:apiovh:receivers/delete",
    ),
)
