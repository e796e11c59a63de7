"""What a call asks to be sent, by account."""

from collections.abc import Collection

from homeassistant.core import ServiceCall

from .account import OvhSmsConfigEntry
from .answer import read
from .const import ATTR_CONFIG_ENTRY_ID, ATTR_RECEIVERS, ATTR_RECIPIENTS
from .errors import invalid
from .sms.errors import InvalidRequest
from .sms.privacy import shown
from .sms.request import SmsRequest
from .targets import async_account, async_recipients_meant


async def async_requests(
    call: ServiceCall, allowed: Collection[str]
) -> dict[OvhSmsConfigEntry, SmsRequest]:
    """Return what is to be sent, by account; a call has no other fields than those allowed."""
    for name in map(str, call.data):
        if name not in allowed:
            raise invalid(InvalidRequest("unknown_field", field=shown(name)))
    fields = dict(call.data)
    if ATTR_RECIPIENTS in fields:
        fields[ATTR_RECEIVERS] = fields.pop(ATTR_RECIPIENTS)
    meant = await async_recipients_meant(call.hass, call.data)
    bare = read(fields)
    named = bare.receivers or bare.document_url or bare.slot_id
    if not meant and not named:
        raise invalid(InvalidRequest("no_receivers"))
    chosen = fields.get(ATTR_CONFIG_ENTRY_ID) is not None
    account = await _async_account(call, meant) if named or chosen else None
    without_bare = {**fields, ATTR_RECEIVERS: None}
    requests = {
        entry: read(without_bare, tuple(recipients))
        for entry, recipients in meant.items()
    }
    if named and account:
        requests[account] = read(fields, tuple(meant.get(account, ())))
    return requests


async def _async_account(
    call: ServiceCall, meant: dict[OvhSmsConfigEntry, list[str]]
) -> OvhSmsConfigEntry:
    """Return the account that bare numbers are sent from."""
    entry_id = call.data.get(ATTR_CONFIG_ENTRY_ID)
    if entry_id is None and len(meant) == 1:
        return next(iter(meant))
    return await async_account(call.hass, entry_id)
