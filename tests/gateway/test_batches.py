"""Many SMS read in one call, and one by one where OVHcloud does not know how."""

import asyncio
from collections.abc import Sequence
import json
from typing import Any

import pytest

from custom_components.ovh_sms.gateway import (
    GatewayError,
    NotSent,
    OutcomeUnknown,
    Refused,
    RestGateway,
)
from simulator import ACCOUNT, Fault, Simulator

from .conftest import MakeGateway, Scripted, make_job, routes, send
from .faults import name
from .test_records import RECORD

OUTGOING = f"/sms/{ACCOUNT}/outgoing"
HEADER = "X-Ovh-Batch"
# What the scripted server answers, in the form that is assumed of OVHcloud.
GOOD: list[dict[str, object]] = [
    {"key": key, "value": RECORD | {"id": key}, "error": None} for key in (7, 8)
]


async def sent(gateway: RestGateway, count: int, **changes: Any) -> list[int]:
    """Send a message to so many numbers, and return its ids."""
    numbers = tuple(f"+3363998{number:04}" for number in range(count))
    return list((await send(gateway, make_job(receivers=numbers, **changes))).ids)


async def ids_read(
    gateway: RestGateway, ids: Sequence[int], call: str = "outgoing_sms"
) -> list[int]:
    """Return the ids of the SMS that are read."""
    records = await asyncio.to_thread(getattr(gateway, call), ACCOUNT, ids)
    return [record.sms_id for record in records]


@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        (0, []),
        (1, [1]),
        (2, [2]),
        (100, [100]),
        (101, [100, 1]),
        (250, [100, 100, 50]),
    ],
)
async def test_sizes(
    sim: Simulator, gateway: RestGateway, count: int, sizes: list[int]
) -> None:
    """Read a hundred in a call, in the order asked for; one alone is read plainly."""
    sim.world.accounts[ACCOUNT].credits_left = 1000
    ids = (await sent(gateway, 250))[:count]
    ids.reverse()
    sim.clear_record()
    assert await ids_read(gateway, ids) == ids
    assert [
        len(request.route.rpartition("/")[2].split(",")) for request in sim.requests
    ] == sizes
    assert [request.headers.get(HEADER) for request in sim.requests] == [
        "," if size > 1 else None for size in sizes
    ]


@pytest.mark.parametrize("who", ["gateway", "service_account"])
async def test_waiting(
    request: pytest.FixtureRequest, sim: Simulator, who: str
) -> None:
    """Read what waits with a key or a service account; what left is left out."""
    gateway: RestGateway = request.getfixturevalue(who)
    first, second = await sent(gateway, 2, delay_minutes=60)
    [gone] = await sent(gateway, 1)
    await asyncio.to_thread(gateway.account, ACCOUNT)
    sim.clear_record()
    assert await ids_read(gateway, [first, gone, second], "pending_sms") == [
        first,
        second,
    ]
    # The answer was understood: it stays with one call.
    assert await ids_read(gateway, [gone, 1], "pending_sms") == []
    assert routes(sim) == [
        f"GET /sms/{ACCOUNT}/jobs/{first},{gone},{second}",
        f"GET /sms/{ACCOUNT}/jobs/{gone},1",
    ]


async def test_header_is_for_one_call(sim: Simulator, gateway: RestGateway) -> None:
    """Send the header with the call that it is for, and with no other."""
    ids = await sent(gateway, 2)
    await ids_read(gateway, ids)
    await asyncio.to_thread(gateway.account, ACCOUNT)
    assert [HEADER in request.headers for request in sim.requests] == [
        False,
        False,
        True,
        False,
    ]


async def test_clock_jumps(sim: Simulator, gateway: RestGateway) -> None:
    """Read as many at once after a refusal of our clock."""
    ids = await sent(gateway, 2)
    sim.faults.add(Fault("skew", seconds=86400))
    sim.clear_record()
    assert await ids_read(gateway, ids) == ids
    assert [(request.status, request.headers.get(HEADER)) for request in sim.requests][
        ::2
    ] == [(400, ","), (200, ",")]


async def test_not_supported(sim: Simulator, gateway: RestGateway) -> None:
    """Read one by one where OVHcloud knows no other way, and remember it."""
    sim.world.batch_supported = False
    ids = [*await sent(gateway, 3), 1]
    sim.clear_record()
    assert await ids_read(gateway, ids) == ids[:3]
    singles = [f"GET {OUTGOING}/{sms_id}" for sms_id in ids]
    joined = ",".join(map(str, ids))
    assert routes(sim) == [f"GET {OUTGOING}/{joined}", *singles]
    sim.world.batch_supported = True
    sim.clear_record()
    assert await ids_read(gateway, ids) == ids[:3]
    assert routes(sim) == singles


@pytest.mark.parametrize("status", [400, 404, 405, 414])
@pytest.mark.parametrize("body", ["json", "html", "empty"])
async def test_refused_as_a_whole(
    sim: Simulator, gateway: RestGateway, status: int, body: str
) -> None:
    """Read one by one where the call is refused in whatever way."""
    ids = await sent(gateway, 2)
    sim.faults.add(Fault("status", path="*,*", status=status, body=body))
    assert await ids_read(gateway, ids) == ids


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "status", "status": 503}, OutcomeUnknown),
        ({"kind": "status", "status": 429}, NotSent),
        ({"kind": "reset"}, OutcomeUnknown),
        ({"kind": "expired"}, Refused),
    ],
    ids=name,
)
async def test_trouble(
    sim: Simulator,
    gateway: RestGateway,
    fault: dict[str, Any],
    kind: type[GatewayError],
) -> None:
    """Tell of trouble that says nothing of batches, and go on with them afterwards."""
    ids = await sent(gateway, 2)
    sim.faults.add(Fault(**fault, path="/sms/*", times=1))
    sim.clear_record()
    with pytest.raises(kind):
        await ids_read(gateway, ids)
    assert await ids_read(gateway, ids) == ids
    assert routes(sim) == [f"GET {OUTGOING}/{ids[0]},{ids[1]}"] * 2


async def test_account_unknown(gateway: RestGateway) -> None:
    """An account that is unknown is no SMS that is gone."""
    with pytest.raises(Refused, match="account_unknown"):
        await asyncio.to_thread(gateway.outgoing_sms, "sms-zz99999-9", [1, 2])


def element(**changes: object) -> list[dict[str, object]]:
    """Return a good answer, but for changes of its second element."""
    return [GOOD[0], {**GOOD[1], **changes}]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        None,
        [],
        [7, 8],
        GOOD[:1],
        [*GOOD, {"key": 9, "value": RECORD, "error": None}],
        RECORD,
        element(key="x"),
        element(key=9),
        element(value=None),
        element(value=RECORD),
        element(value={**RECORD, "id": 8, "message": None}),
        element(error={"class": "Client::Forbidden", "message": "No"}),
        element(error={"message": "This service does not exist"}),
        element(error="Internal error"),
        element(error={}),
        element(error=[404]),
        element(error=True),
    ],
)
async def test_odd_answer(
    scripted: Scripted, make_gateway: MakeGateway, answer: object
) -> None:
    """Read one by one, for good, after an answer that does not hold together."""
    gateway = make_gateway(scripted.url)
    base = f"{OUTGOING}/"
    scripted.bodies = {
        f"{base}7,8": json.dumps(answer),
        f"{base}7": json.dumps(RECORD),
        f"{base}8": json.dumps(RECORD | {"id": 8}),
    }
    for _ in range(2):
        assert await ids_read(gateway, [7, 8]) == [7, 8]
    singles = [f"GET /1.0{base}7", f"GET /1.0{base}8"]
    assert scripted.requests[1:] == [f"GET /1.0{base}7,8", *singles, *singles]


@pytest.mark.parametrize(
    "error",
    [
        {"class": "Client::NotFound", "message": "Weg ist sie"},
        {"class": "Client::ObjectNotFound", "message": None},
        {"message": "The requested object (id = 8) does not exist"},
        "Object not found",
    ],
)
async def test_element_gone(
    scripted: Scripted, make_gateway: MakeGateway, error: object
) -> None:
    """Leave out what an element says is not there, and stay with batches."""
    scripted.body = json.dumps(element(key="8", value=None, error=error))
    gateway = make_gateway(scripted.url)
    for _ in range(2):
        assert await ids_read(gateway, [7, 8]) == [7]
    assert scripted.requests[1:] == [f"GET /1.0{OUTGOING}/7,8"] * 2
