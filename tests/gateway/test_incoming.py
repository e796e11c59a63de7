"""What is read of replies."""

from datetime import UTC, datetime, timedelta, timezone
import json
from typing import Any

import pytest

from custom_components.ovh_sms.gateway import (
    MissingRight,
    OutcomeUnknown,
    RestGateway,
    UnknownReason,
)
from custom_components.ovh_sms.gateway.errors import NotFound
from custom_components.ovh_sms.gateway.models import IncomingSms
from simulator import ACCOUNT, VIRTUAL_NUMBER, Simulator
from tests.queries.conftest import take_right

from .conftest import NUMBER, MakeGateway, Scripted, make_job, routes, send
from .test_records import read

REPLY: dict[str, object] = {
    "id": 7,
    "creationDatetime": "2026-03-10T12:00:00+01:00",
    "sender": "0033639980001",
    "message": "Oui",
    "credits": 1,
    "tag": "gate",
}


async def test_reply_to_a_message(sim: Simulator, gateway: RestGateway) -> None:
    await send(gateway, make_job(sender=None, short_number=True, tag="gate"))
    incoming = await sim.reply(NUMBER, "J'arrive")
    assert incoming
    assert await read(gateway, "incoming", ACCOUNT) == [incoming.id]
    assert await read(gateway, "incoming_sms", ACCOUNT, [incoming.id]) == [
        IncomingSms(
            sms_id=incoming.id,
            sender=NUMBER,
            text="J'arrive",
            created=incoming.created.replace(microsecond=0),
            tag="gate",
        )
    ]


async def test_since(sim: Simulator, gateway: RestGateway) -> None:
    """Read in whole seconds, whatever zone the moment is in."""
    first = await sim.reply(NUMBER, "One", ACCOUNT)
    await sim.advance(3600)
    second = await sim.reply(NUMBER, "Two", ACCOUNT)
    assert first
    assert second
    begin, later = (each.created.replace(microsecond=0) for each in (first, second))
    for since, expected in (
        (begin + timedelta(milliseconds=900), [first.id, second.id]),
        (begin + timedelta(seconds=50), [second.id]),
        (later.astimezone(timezone(timedelta(hours=-9))), [second.id]),
        (later + timedelta(minutes=1), []),
    ):
        assert await read(gateway, "incoming", ACCOUNT, since=since) == expected


async def test_of_a_virtual_number(sim: Simulator, gateway: RestGateway) -> None:
    incoming = await sim.reply(NUMBER, "To the number", ACCOUNT)
    assert incoming
    sim.clear_record()
    ids = await read(gateway, "incoming", ACCOUNT, virtual_number=VIRTUAL_NUMBER)
    [sms] = await read(
        gateway, "incoming_sms", ACCOUNT, ids, virtual_number=VIRTUAL_NUMBER
    )
    assert (sms.sms_id, sms.tag) == (incoming.id, "")
    asked = [route for route in routes(sim) if "/incoming" in route]
    assert asked
    assert all("/virtualNumbers/" in route for route in asked)
    with pytest.raises(NotFound):
        await read(gateway, "incoming", ACCOUNT, virtual_number="0033639980099")


async def test_many_in_one_call_and_some_gone(
    sim: Simulator, gateway: RestGateway
) -> None:
    ids = []
    for number in range(5):
        incoming = await sim.reply(NUMBER, f"Reply {number}", ACCOUNT)
        assert incoming
        ids.append(incoming.id)
    del sim.world.accounts[ACCOUNT].incoming[ids[2]]
    sim.clear_record()
    records = await read(gateway, "incoming_sms", ACCOUNT, ids)
    assert [each.sms_id for each in records] == [*ids[:2], *ids[3:]]
    assert len(sim.requests) <= 2
    assert await read(gateway, "incoming_sms", ACCOUNT, [ids[2]]) == []


async def test_missing_right(sim: Simulator, gateway: RestGateway) -> None:
    take_right(sim, "GET", "/sms/*")
    with pytest.raises(MissingRight) as caught:
        await read(gateway, "incoming", ACCOUNT)
    assert caught.value.right == f"GET /sms/{ACCOUNT}/incoming"


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 8},
        {"id": None},
        {"sender": None},
        {"sender": 33639980001},
        {"message": None},
        {"message": ["Oui"]},
        {"creationDatetime": None},
        {"creationDatetime": "yesterday"},
        {"creationDatetime": "2026-03-10T12:00:00"},
        {"tag": 1},
    ],
)
async def test_odd_reply(
    scripted: Scripted, make_gateway: MakeGateway, changes: dict[str, Any]
) -> None:
    """It is never taken for one that was deleted."""
    scripted.body = json.dumps(REPLY | changes)
    with pytest.raises(OutcomeUnknown) as caught:
        await read(make_gateway(scripted.url), "incoming_sms", "a", [7])
    assert caught.value.reason is UnknownReason.ODD_ANSWER


async def test_plain_reply(scripted: Scripted, make_gateway: MakeGateway) -> None:
    """OVHcloud may tell no tag, and numbers in its own spelling."""
    for body in (REPLY | {"tag": None}, REPLY | {"tag": ""}):
        scripted.body = json.dumps(body)
        [sms] = await read(make_gateway(scripted.url), "incoming_sms", "a", [7])
        assert sms == IncomingSms(
            sms_id=7,
            sender=NUMBER,
            text="Oui",
            created=datetime(2026, 3, 10, 11, tzinfo=UTC),
            tag="",
        )


@pytest.mark.parametrize("body", ["{}", '["x"]', "null", '"7"', "[null]", "[1e999]"])
async def test_odd_list(
    scripted: Scripted, make_gateway: MakeGateway, body: str
) -> None:
    scripted.body = body
    with pytest.raises(OutcomeUnknown) as caught:
        await read(make_gateway(scripted.url), "incoming", "a")
    assert caught.value.reason is UnknownReason.ODD_ANSWER
