"""What is read back of SMS that were sent, or that wait at OVHcloud."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
import json
import math
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.ovh_sms.gateway import (
    GatewayError,
    OutcomeUnknown,
    RestGateway,
    SmsRecord,
    UnknownReason,
)
from simulator import ACCOUNT, SECOND_ACCOUNT, VIRTUAL_NUMBER, Simulator
from tests.odd_input import SLOWLY

from .conftest import NUMBER, TEXT, MakeGateway, Scripted, make_job, routes, send

RECORD: dict[str, object] = {
    "id": 7,
    "creationDatetime": "2026-03-10T12:00:00+01:00",
    "sentAt": "2026-03-10T12:00:01+01:00",
    "deliveredAt": None,
    "sender": "HOUSE",
    "receiver": NUMBER,
    "message": TEXT,
    "messageLength": 24,
    "numberOfSms": 1,
    "credits": 1,
    "deliveryReceipt": 0,
    "ptt": 0,
    "differedDelivery": 0,
    "tag": "leak",
}


async def read(gateway: RestGateway, call: str, *arguments: Any, **more: Any) -> Any:
    """Read on a worker thread."""
    return await asyncio.to_thread(getattr(gateway, call), *arguments, **more)


async def sent(gateway: RestGateway, **changes: Any) -> int:
    """Send a message to one number, and return its id."""
    [sms_id] = (await send(gateway, make_job(**changes))).ids
    return sms_id


def created(sim: Simulator, sms_id: int) -> datetime:
    """Return when OVHcloud says that it took an SMS."""
    return sim.world.accounts[ACCOUNT].messages[sms_id].created.replace(microsecond=0)


async def test_sent(sim: Simulator, gateway: RestGateway) -> None:
    """Read all of a message that left, before and after it arrived."""
    sms_id = await sent(gateway, message="Fuite à la cave", tag="leak")
    assert await read(gateway, "outgoing", ACCOUNT) == [sms_id]
    [record] = await read(gateway, "outgoing_sms", ACCOUNT, [sms_id])
    moment = created(sim, sms_id)
    assert record == SmsRecord(
        sms_id=sms_id,
        receiver=NUMBER,
        text="Fuite à la cave",
        created=moment,
        tag="leak",
        credits=1.0,
        parts=1,
        receipt=0,
        ptt=0,
        sender="HOUSE",
        delay_minutes=0,
        sent_at=record.sent_at,
    )
    assert moment <= record.sent_at <= moment + timedelta(seconds=2)
    await sim.advance(4)
    [record] = await read(gateway, "outgoing_sms", ACCOUNT, [sms_id])
    assert (record.receipt, record.ptt) == (1, 4)


async def test_waiting(sim: Simulator, gateway: RestGateway) -> None:
    """Read what waits at OVHcloud, which tells no tag, until it leaves."""
    assert await read(gateway, "pending", ACCOUNT) == []
    sms_id = await sent(gateway, delay_minutes=60, message="°" * 71)
    assert await read(gateway, "pending", ACCOUNT) == [sms_id]
    assert await read(gateway, "outgoing", ACCOUNT) == []
    assert await read(gateway, "pending", SECOND_ACCOUNT) == []
    [record] = await read(gateway, "pending_sms", ACCOUNT, [sms_id])
    assert record == SmsRecord(
        sms_id=sms_id,
        receiver=NUMBER,
        text="°" * 71,
        created=created(sim, sms_id),
        tag=None,
        credits=2.0,
        parts=2,
        receipt=0,
        ptt=0,
        sender="HOUSE",
        delay_minutes=60,
        sent_at=None,
    )
    await sim.advance(3600)
    assert await read(gateway, "pending", ACCOUNT) == []
    assert await read(gateway, "pending_sms", ACCOUNT, [sms_id]) == []
    assert await read(gateway, "outgoing", ACCOUNT) == [sms_id]


async def test_virtual_number(sim: Simulator, gateway: RestGateway) -> None:
    """Read what a virtual number sent and has waiting, by its own paths."""
    await sent(gateway)
    gone = await sent(gateway, virtual_number=VIRTUAL_NUMBER, tag="gone")
    waits = await sent(gateway, virtual_number=VIRTUAL_NUMBER, delay_minutes=5)
    sim.clear_record()
    number = {"virtual_number": VIRTUAL_NUMBER}
    assert await read(gateway, "outgoing", ACCOUNT, tag="gone", **number) == [gone]
    assert await read(gateway, "pending", ACCOUNT, **number) == [waits]
    [record] = await read(gateway, "outgoing_sms", ACCOUNT, [gone], **number)
    assert (record.sms_id, record.tag) == (gone, "gone")
    [record] = await read(gateway, "pending_sms", ACCOUNT, [waits], **number)
    assert (record.sms_id, record.sender, record.sent_at) == (waits, "", None)
    base = f"GET /sms/{ACCOUNT}/virtualNumbers/{VIRTUAL_NUMBER}"
    assert routes(sim) == [
        f"{base}/outgoing",
        f"{base}/jobs",
        f"{base}/outgoing/{gone}",
        f"{base}/jobs/{waits}",
    ]


async def test_found_by_tag(sim: Simulator, gateway: RestGateway) -> None:
    first = await sent(gateway, tag="one")
    second = await sent(gateway, tag="two")
    third = await sent(gateway, tag="one")
    for filters, expected in (
        ({}, [first, second, third]),
        ({"tag": "one"}, [first, third]),
        ({"tag": "ONE"}, []),
    ):
        assert await read(gateway, "outgoing", ACCOUNT, **filters) == expected, filters


@pytest.mark.parametrize(
    ("call", "filters", "query"),
    [
        ("outgoing", {}, ""),
        ("outgoing", {"tag": ""}, "?tag="),
        (
            "outgoing",
            {"tag": "a b+c&d=é/%20?#"},
            "?tag=a%20b%2Bc%26d%3D%C3%A9%2F%2520%3F%23",
        ),
        ("incoming", {}, ""),
        (
            "incoming",
            {
                "since": datetime(
                    2026, 3, 9, 20, 2, 3, tzinfo=timezone(-timedelta(hours=5))
                )
            },
            "?creationDatetime.from=2026-03-10T01%3A02%3A03%2B00%3A00",
        ),
    ],
)
async def test_query(
    sim: Simulator, gateway: RestGateway, call: str, filters: dict[str, Any], query: str
) -> None:
    """Ask for what is wanted, quoted as it was signed."""
    await read(gateway, call, ACCOUNT, **filters)
    assert sim.requests[-1].path == f"/1.0/sms/{ACCOUNT}/{call}{query}"
    assert sim.requests[-1].status == 200


@settings(SLOWLY, max_examples=60)
@given(tag=st.text(min_size=1, max_size=19))
async def test_any_tag(sim: Simulator, gateway: RestGateway, tag: str) -> None:
    """Find a message by its tag and by no other, whatever the tag is made of."""
    account = sim.world.accounts[ACCOUNT]
    account.messages.clear()
    account.credits_left = 100
    await sent(gateway, tag=f"{tag}.")
    sms_id = await sent(gateway, tag=tag)
    assert await read(gateway, "outgoing", ACCOUNT, tag=tag) == [sms_id]
    [record] = await read(gateway, "outgoing_sms", ACCOUNT, [sms_id])
    assert record.tag == tag


@pytest.mark.parametrize("account", ["sms a/b", "sms-é+%2"])
async def test_account_is_quoted(
    sim: Simulator, gateway: RestGateway, account: str
) -> None:
    """Read from an account whatever its name is made of."""
    sim.world.add_account(account)
    number = "+33 6/39"
    sim.world.accounts[account].virtual_numbers[number] = sim.world.accounts[
        ACCOUNT
    ].virtual_numbers[VIRTUAL_NUMBER]
    for virtual_number in (None, number):
        assert await read(gateway, "pending", account, virtual_number) == []
        assert await read(gateway, "pending_sms", account, [1, 2], virtual_number) == []
        assert not await read(gateway, "cancel", account, 1, virtual_number)


@pytest.mark.parametrize(
    "body", ["{}", "null", "7", '"12"', "<html>", "", '["x"]', f"[{2**63}]"]
)
@pytest.mark.parametrize("call", ["pending", "outgoing", "incoming"])
async def test_odd_list(
    scripted: Scripted, make_gateway: MakeGateway, call: str, body: str
) -> None:
    """Tell a list that is not of the promised form."""
    scripted.body = body
    with pytest.raises(GatewayError) as caught:
        await read(make_gateway(scripted.url), call, "sms-a")
    assert type(caught.value) is OutcomeUnknown
    assert caught.value.reason is UnknownReason.ODD_ANSWER


async def record_of(
    scripted: Scripted, make_gateway: MakeGateway, changes: dict[str, object]
) -> Any:
    """Read an SMS that is described with these changes; `...` leaves something out."""
    told = {
        name: value for name, value in (RECORD | changes).items() if value is not ...
    }
    scripted.body = json.dumps(told)
    [record] = await read(
        make_gateway(scripted.url), "outgoing_sms", "sms-a", iter([7])
    )
    return record


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 8},
        {"id": None},
        {"receiver": ...},
        {"receiver": 33639980001},
        {"message": None},
        {"message": ["x"]},
        {"creationDatetime": "2026-03-10T12:00:00"},
        {"creationDatetime": "yesterday"},
        {"creationDatetime": None},
        {"sentAt": "soon"},
        {"credits": math.nan},
        {"credits": None},
        {"numberOfSms": ...},
        {"deliveryReceipt": "delivered"},
        {"ptt": None},
        {"ptt": 2**63},
        {"numberOfSms": 1e300},
        {"differedDelivery": ...},
        {"tag": 7},
        {"sender": {"name": "HOUSE"}},
    ],
)
async def test_odd_record(
    scripted: Scripted, make_gateway: MakeGateway, changes: dict[str, object]
) -> None:
    """Tell a description that does not hold together."""
    with pytest.raises(OutcomeUnknown, match="odd_answer"):
        await record_of(scripted, make_gateway, changes)


@pytest.mark.parametrize(
    ("changes", "name", "expected"),
    [
        ({"receiver": "0033639980001"}, "receiver", NUMBER),
        ({"sender": None}, "sender", ""),
        ({"tag": None}, "tag", None),
        ({"tag": ""}, "tag", ""),
        ({"sentAt": ...}, "sent_at", None),
        ({"credits": "0.5"}, "credits", 0.5),
        ({"id": "7", "new": {}}, "sms_id", 7),
        # What a phone cut in the middle of an emoji, which nothing could write down.
        ({"message": "Yes \ud83d"}, "text", "Yes \ufffd"),
        ({"receiver": "\ud800+33"}, "receiver", "\ufffd+33"),
        (
            {"creationDatetime": "2026-03-10T11:00:00Z"},
            "created",
            datetime(2026, 3, 10, 11, tzinfo=UTC),
        ),
    ],
)
async def test_record_in_other_spellings(
    scripted: Scripted,
    make_gateway: MakeGateway,
    changes: dict[str, object],
    name: str,
    expected: object,
) -> None:
    """Read what is told in another way, and ignore what is new."""
    record = await record_of(scripted, make_gateway, changes)
    assert getattr(record, name) == expected
