"""Whom OVHcloud calls: read, and changed without touching the rest of the account."""

import asyncio
import json
from typing import Any

import pytest

from custom_components.ovh_sms.gateway import MissingRight, OutcomeUnknown, RestGateway
from custom_components.ovh_sms.gateway.models import Callbacks
from simulator import ACCOUNT, Simulator
from tests.callbacks import RECEIPTS_ELSEWHERE, REPLIES_ELSEWHERE, allow, at_ovhcloud

from .conftest import MakeGateway, Scripted

OURS = "https://house.example/api/webhook/fake0id"
ACCOUNT_ANSWER: dict[str, Any] = {
    "name": ACCOUNT,
    "status": "enable",
    "creditsLeft": 1,
    "callBack": None,
    "smsResponse": {"responseType": "none"},
}


async def test_set_and_put_back(sim: Simulator, gateway: RestGateway) -> None:
    """What is changed can be put back as it was; nothing else changes."""
    allow(sim)
    account = at_ovhcloud(sim)
    account.call_back = RECEIPTS_ELSEWHERE
    account.response.type, account.response.text = "text", "Nobody reads this"
    account.stop_call_back = REPLIES_ELSEWHERE

    def change() -> tuple[Callbacks, ...]:
        before = gateway.callbacks(ACCOUNT)
        gateway.call_for_receipts(ACCOUNT, OURS)
        between = gateway.callbacks(ACCOUNT)
        gateway.answer_replies(ACCOUNT, before.with_reply_address(OURS))
        ours = gateway.callbacks(ACCOUNT)
        gateway.call_for_receipts(ACCOUNT, before.receipts)
        gateway.answer_replies(ACCOUNT, before.replies)
        return before, between, ours, gateway.callbacks(ACCOUNT)

    before, between, ours, after = await asyncio.to_thread(change)
    assert (before.receipts, before.reply_address) == (RECEIPTS_ELSEWHERE, None)
    assert (between.receipts, between.replies) == (OURS, before.replies)
    assert (ours.receipts, ours.reply_address) == (OURS, OURS)
    assert ours.replies["text"] == "Nobody reads this"
    assert after == before
    assert account.stop_call_back == REPLIES_ELSEWHERE


async def test_address_taken_out(sim: Simulator, gateway: RestGateway) -> None:
    """No address at all can be put back."""
    allow(sim)
    at_ovhcloud(sim).call_back = OURS
    await asyncio.to_thread(gateway.call_for_receipts, ACCOUNT, None)
    assert at_ovhcloud(sim).call_back is None


async def test_right_to_change(sim: Simulator, gateway: RestGateway) -> None:
    """The right that is missing is named."""
    with pytest.raises(MissingRight) as caught:
        await asyncio.to_thread(gateway.call_for_receipts, ACCOUNT, OURS)
    assert caught.value.right == f"PUT /sms/{ACCOUNT}"


@pytest.mark.parametrize(
    ("changes", "receipts", "replies"),
    [
        ({}, None, None),
        ({"callBack": ""}, None, None),
        ({"callBack": OURS}, OURS, None),
        ({"smsResponse": {}}, None, None),
        ({"smsResponse": {"responseType": "cgi"}}, None, None),
        ({"smsResponse": {"responseType": "cgi", "cgiUrl": ""}}, None, None),
        ({"smsResponse": {"responseType": "cgi", "cgiUrl": OURS}}, None, OURS),
        ({"smsResponse": {"responseType": "none", "cgiUrl": OURS}}, None, None),
    ],
)
async def test_little_told(
    scripted: Scripted,
    make_gateway: MakeGateway,
    changes: dict[str, Any],
    receipts: str | None,
    replies: str | None,
) -> None:
    """An address that is left out or empty is none."""
    scripted.body = json.dumps(ACCOUNT_ANSWER | changes)
    found = await asyncio.to_thread(make_gateway(scripted.url).callbacks, ACCOUNT)
    assert (found.receipts, found.reply_address) == (receipts, replies)


@pytest.mark.parametrize(
    "changes",
    [
        {"callBack": 1},
        {"callBack": [OURS]},
        {"smsResponse": None},
        {"smsResponse": "cgi"},
        {"smsResponse": [OURS]},
        {"smsResponse": {"responseType": 1}},
        {"smsResponse": {"responseType": "none", "new": [{"number": 2**63}]}},
        {"smsResponse": {"responseType": "cgi", "cgiUrl": [OURS]}},
    ],
)
async def test_odd_answer(
    scripted: Scripted, make_gateway: MakeGateway, changes: dict[str, Any]
) -> None:
    """What cannot be understood is not taken for nothing; the account is good without."""
    scripted.body = json.dumps(ACCOUNT_ANSWER | changes)
    gateway = make_gateway(scripted.url)
    with pytest.raises(OutcomeUnknown):
        await asyncio.to_thread(gateway.callbacks, ACCOUNT)
    account = await asyncio.to_thread(gateway.account, ACCOUNT)
    assert account.enabled and account.callbacks is None
