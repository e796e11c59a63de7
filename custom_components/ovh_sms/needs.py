"""Which rights an account's settings need, beyond those that every account needs."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry

from .const import CONF_RECEIPTS, CONF_REPLIES, CONF_SENDER
from .gateway.rights import Need
from .sms.message import is_number
from .sms.settings import Feedback


def needs_of(entry: ConfigEntry) -> frozenset[Need]:
    """Return what an account and its recipients need as they are set."""
    return needs_of_choices(entry.options).union(
        *(needs_of_choices(each.data) for each in entry.subentries.values())
    )


def needs_of_choices(choices: Mapping[str, Any]) -> frozenset[Need]:
    """Return what the options of an account, or the fields of a recipient, need."""
    needs = set()
    if is_number(choices.get(CONF_SENDER, "")):
        needs.add(Need.VIRTUAL_NUMBER)
    if Feedback.WEBHOOK in (choices.get(CONF_RECEIPTS), choices.get(CONF_REPLIES)):
        needs.add(Need.CALLBACKS)
    return frozenset(needs)
