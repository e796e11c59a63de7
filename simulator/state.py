"""What the control interface shows."""

from dataclasses import fields
from typing import TYPE_CHECKING

from .account import Account
from .faults import Fault
from .messages import Phone, PhoneMessage
from .record import RequestRecord

if TYPE_CHECKING:
    from .server import Simulator


def of(simulator: Simulator) -> dict[str, object]:
    """Show everything."""
    world = simulator.world
    blacklisted = {
        number for account in world.accounts.values() for number in account.blacklist
    }
    return {
        "now": world.now().isoformat(timespec="seconds"),
        "skew": simulator.skew,
        "refusing": simulator.refusing,
        "api": simulator.url,
        "accounts": [_of_account(account) for account in world.accounts.values()],
        "phones": [
            _of_phone(phone, phone.number in blacklisted)
            for phone in world.phones.values()
        ],
        "faults": [of_fault(fault) for fault in simulator.faults],
        "credentials": [
            {
                "application": world.applications[key.application_key].name,
                "consumerKey": key.key[-4:],
                "status": key.status_at(world.now()),
                "expiration": key.expiration.isoformat(timespec="seconds")
                if key.expiration
                else None,
            }
            for key in world.consumer_keys.values()
        ],
        "requests": len(simulator.requests),
    }


def _of_account(account: Account) -> dict[str, object]:
    """Show an account."""
    return {
        "name": account.name,
        "description": account.description,
        "credits": round(account.credits_left, 4),
        "status": "expired" if account.service_status == "expired" else account.status,
        "channel": account.channel,
        "senders": [
            {"sender": sender.name, "status": sender.status, "type": sender.type}
            for sender in account.senders.values()
        ],
        "virtualNumbers": list(account.virtual_numbers),
        "pending": len(account.jobs),
    }


def _of_phone(phone: Phone, blacklisted: bool) -> dict[str, object]:
    """Show a phone."""
    return {
        "number": phone.number,
        "fate": phone.fate,
        "blacklisted": blacklisted,
        "messages": [_of_message(message) for message in phone.messages],
    }


def _of_message(message: PhoneMessage) -> dict[str, object]:
    """Show a message on a phone."""
    return {
        "id": message.id,
        "direction": message.direction,
        "account": message.account,
        "sender": message.sender,
        "text": message.text,
        "at": message.at.isoformat(timespec="seconds"),
        "parts": message.coded.parts,
        "encoding": message.coded.encoding,
        "characters": message.coded.characters,
        "credits": message.credits,
        "flash": message.flash,
        "deliveryReceipt": message.delivery_receipt,
        "ptt": message.ptt,
        "state": message.state,
        "tag": message.tag,
        "canReply": message.can_reply,
    }


def of_fault(fault: Fault) -> dict[str, object]:
    """Show a fault: what was set of it."""
    shown: dict[str, object] = {"id": fault.id, "kind": fault.kind, "left": fault.left}
    defaults = {field.name: field.default for field in fields(Fault)}
    for name in (
        "times",
        "method",
        "path",
        "seconds",
        "status",
        "body",
        "retry_after",
        "applied",
        "reason",
    ):
        value = getattr(fault, name)
        if value is not None and value != defaults[name]:
            shown[name] = value
    return shown


def of_request(record: RequestRecord) -> dict[str, object]:
    """Show a request."""
    return {
        "number": record.number,
        "method": record.method,
        "path": record.path,
        "route": record.route,
        "headers": record.headers,
        "body": record.body,
        "json": record.json,
        "status": record.status,
        "at": record.at.isoformat(timespec="seconds"),
        "connection": record.connection,
    }
