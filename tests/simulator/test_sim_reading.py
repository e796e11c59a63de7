"""What can be read, deleted and changed."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
import json
from pathlib import Path
from typing import Any

import ovh
import pytest

from simulator import Simulator, schema_check
from simulator.account import Restriction
from simulator.models import MODELS, render
from simulator.rest import OPERATIONS

BASE = "/sms/sms-ab12345-1"


async def test_every_read_answers_its_model(
    sim: Simulator, call: Any, send: Any
) -> None:
    """Answer every GET; serialisation itself refuses a model that is not complete."""
    account = sim.world.accounts["sms-ab12345-1"]
    account.restrictions.append(Restriction("33", "all", ["no names"]))
    account.users["houseuser"].quota = 5.0
    virtual = "0033639980010"
    waiting = (await send(differedPeriod=5, receivers=["+33639980002"]))["ids"][0]
    sent = (await send(senderForResponse=True))["ids"][0]
    await sim.advance(5)
    reply = await sim.reply("+33639980001", "ok")
    assert reply is not None
    await sim.reply("+33639980001", "STOP")
    by_user = (
        await call(
            "post",
            f"{BASE}/users/houseuser/jobs",
            message="x",
            receivers=["+33639980003"],
            sender="HOUSE",
            noStopClause=True,
        )
    )["ids"][0]
    by_number = (
        await call(
            "post",
            f"{BASE}/virtualNumbers/{virtual}/jobs",
            message="x",
            receivers=["+33639980003"],
        )
    )["ids"][0]
    number_reply = await sim.reply("+33639980003", "fine")
    assert number_reply is not None
    await call(
        "post",
        f"{BASE}/receivers",
        autoUpdate=False,
        description="x",
        slotId=1,
        csvUrl="http://127.0.0.1/x",
    )
    later = {"message": "x", "receivers": ["+33639980003"], "differedPeriod": 9}
    user_waiting = (
        await call("post", f"{BASE}/users/houseuser/jobs", sender="HOUSE", **later)
    )["ids"][0]
    number_waiting = (
        await call("post", f"{BASE}/virtualNumbers/{virtual}/jobs", **later)
    )["ids"][0]
    user_reply = next(iter(account.incoming.values()))
    user_reply.user = "houseuser"
    ids = {
        f"{BASE}/jobs": waiting,
        f"{BASE}/outgoing": sent,
        f"{BASE}/incoming": reply.id,
        f"{BASE}/users/houseuser/jobs": user_waiting,
        f"{BASE}/users/houseuser/outgoing": by_user,
        f"{BASE}/users/houseuser/incoming": user_reply.id,
        f"{BASE}/virtualNumbers/{virtual}/jobs": number_waiting,
        f"{BASE}/virtualNumbers/{virtual}/outgoing": by_number,
        f"{BASE}/virtualNumbers/{virtual}/incoming": number_reply.id,
    }
    names = {
        "{serviceName}": "sms-ab12345-1",
        "{login}": "houseuser",
        "{sender}": "HOUSE",
        "{slotId}": "1",
    }
    queries: dict[str, dict[str, object]] = {
        "/sms/ptts": {"ptt": 4},
        "/sms/rates/destinations": {"country": "fr"},
        "/sms/rates/packs": {"country": "fr", "billingCountry": "fr"},
        "/sms/{serviceName}/exceptions": {"receiver": "+33639980001"},
    }
    for operation in OPERATIONS:
        if operation.method != "GET":
            continue
        path = operation.template
        for name, value in names.items():
            path = path.replace(name, value)
        path = path.replace("blacklists/{number}", "blacklists/%2B33639980001").replace(
            "{number}", virtual
        )
        path = path.replace("{id}", str(ids.get(path.partition("/{id}")[0])))
        answer = await call("get", path, **queries.get(operation.template, {}))
        assert answer not in (None, [], {}), path


def test_incomplete_model_is_refused() -> None:
    """Refuse to answer with less, more or something else than the model."""
    whole: dict[str, object] = {
        "comment": "x",
        "description": "x",
        "duration": "permanent",
    }
    assert render("sms.PttDetails", whole) == whole
    for wrong in (
        {"comment": "x"},
        whole | {"more": 1},
        whole | {"comment": None},
        whole | {"duration": "long"},
    ):
        with pytest.raises(TypeError):
            render("sms.PttDetails", wrong)


def test_schema_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Find what differs from a published schema."""
    field = {"type": "string", "canBeNull": True, "readOnly": False, "required": False}
    models = {"sms.PttDetails": {"properties": {"comment": field}}}
    (tmp_path / "sms.json").write_text(json.dumps({"models": models, "apis": []}))
    (tmp_path / "auth.json").write_text(json.dumps({"models": {}, "apis": []}))
    monkeypatch.setattr("sys.argv", ["schema_check", str(tmp_path)])
    assert schema_check.main() == 1
    shown = capsys.readouterr().out
    assert "sms.PttDetails.comment: published string?, here string" in shown
    assert "sms.PttDetails.duration: published None" in shown
    assert "GET /sms: not published" in shown
    assert f"{len(MODELS)} models" in shown


async def test_outgoing_filters(sim: Simulator, call: Any, send: Any) -> None:
    """Filter the history by each of its filters."""
    failed = sim.phone("+33639980002")
    failed.fate = "failed"
    first = (await send(tag="one"))["ids"][0]
    await sim.advance(3600)
    second = (await send(tag="two", receivers=["+33639980002"], sender="My House"))[
        "ids"
    ][0]
    third = (await send(differedPeriod=10, tag="later"))["ids"][0]
    await sim.advance(3600)
    detail = await call("get", f"{BASE}/outgoing/{first}")
    later = (sim.world.now() - timedelta(hours=1, minutes=30)).isoformat(
        timespec="seconds"
    )
    for filters, expected in (
        ({}, [first, second, third]),
        ({"tag": "one"}, [first]),
        ({"tag": "none"}, []),
        ({"receiver": "+33639980002"}, [second]),
        ({"sender": "My House"}, [second]),
        ({"deliveryReceipt": 1}, [first, third]),
        ({"deliveryReceipt": 2, "ptt": 23}, [second]),
        ({"differedDelivery": 10}, [third]),
        ({"messageID": detail["messageID"]}, [first]),
        ({"batchID": detail["messageID"]}, []),
        ({"creationDatetime.from": later}, [second, third]),
        ({"creationDatetime.to": later}, [first]),
        (
            {
                "creationDatetime.from": detail["creationDatetime"],
                "creationDatetime.to": detail["creationDatetime"],
            },
            [first],
        ),
    ):
        assert await call("get", f"{BASE}/outgoing", **filters) == expected, filters
    for wrong in (
        {"ptt": "x"},
        {"ptt": None},
        {"messageID": "x"},
        {"creationDatetime.from": "x"},
        {"x": 1},
    ):
        with pytest.raises(ovh.BadParametersError):
            await call("get", f"{BASE}/outgoing", **wrong)


async def test_outgoing_detail(sim: Simulator, call: Any, send: Any) -> None:
    """Show a message with all its fields."""
    sms_id = (await send(tag="leak", message="Fuite à la cave"))["ids"][0]
    before = await call("get", f"{BASE}/outgoing/{sms_id}")
    assert (before["deliveryReceipt"], before["deliveredAt"]) == (0, None)
    await sim.advance(4)
    detail = await call("get", f"{BASE}/outgoing/{sms_id}")
    message_id = detail.pop("messageID")
    assert len(message_id) == 36
    assert detail == {
        "id": sms_id,
        "creationDatetime": "2026-03-10T12:00:00+01:00",
        "sentAt": "2026-03-10T12:00:00+01:00",
        "deliveredAt": "2026-03-10T12:00:04+01:00",
        "sender": "HOUSE",
        "receiver": "+33639980001",
        "message": "Fuite à la cave",
        "messageLength": 15,
        "numberOfSms": 1,
        "credits": 1,
        "deliveryReceipt": 1,
        "ptt": 4,
        "differedDelivery": 0,
        "tag": "leak",
        "tariffCode": "",
        "batchID": None,
    }
    await call("delete", f"{BASE}/outgoing/{sms_id}")
    with pytest.raises(ovh.ResourceNotFoundError):
        await call("get", f"{BASE}/outgoing/{sms_id}")


async def test_batch_header(
    sim: Simulator, make_client: Callable[..., ovh.Client], send: Any
) -> None:
    """Read several objects at once, unless that is switched off."""
    ids = (await send(receivers=["+33639980001", "+33639980002"]))["ids"]
    client = make_client()
    path = f"{BASE}/outgoing/{ids[0]},{ids[1]},7"

    def read() -> Any:
        return client.raw_call("GET", path, headers={"X-Ovh-Batch": ","})

    answer = (await asyncio.to_thread(read)).json()
    assert [element["key"] for element in answer] == [str(ids[0]), str(ids[1]), "7"]
    assert [element["value"] and element["value"]["id"] for element in answer] == [
        *ids,
        None,
    ]
    assert [element["error"] is None for element in answer] == [True, True, False]
    sim.world.batch_supported = False
    assert (await asyncio.to_thread(read)).status_code == 404


async def test_cancelling_a_job(sim: Simulator, call: Any, send: Any) -> None:
    """Cancel what waits, get its credits back, and find it nowhere."""
    sms_id = (await send(differedPeriod=60))["ids"][0]
    job = await call("get", f"{BASE}/jobs/{sms_id}")
    assert (job["differedDelivery"], job["sentAt"]) == (60, None)
    assert await call("delete", f"{BASE}/jobs/{sms_id}") is None
    assert sim.world.accounts["sms-ab12345-1"].credits_left == 250
    await sim.advance(3700)
    assert not sim.phone("+33639980001").messages
    for method in ("get", "delete"):
        with pytest.raises(ovh.ResourceNotFoundError):
            await call(method, f"{BASE}/jobs/{sms_id}")


async def test_sent_job_cannot_be_cancelled(call: Any, send: Any) -> None:
    """Refuse to cancel what left."""
    with pytest.raises(ovh.ResourceNotFoundError):
        await call("delete", f"{BASE}/jobs/{(await send())['ids'][0]}")


async def test_rates_need_no_keys(sim: Simulator, web: Any) -> None:
    """Tell the rates to anybody."""
    async with web.get(f"{sim.url}/1.0/sms/rates/destinations?country=gb") as response:
        assert (await response.json())["credit"] == 0.5
    async with web.get(f"{sim.url}/1.0/sms/rates/destinations") as response:
        assert response.status == 400


@pytest.mark.parametrize(
    "path",
    ["/me", "/sms/sms-ab12345-1/batches", "/sms/sms-ab12345-1/hlr", "/sms//senders"],
)
async def test_what_is_not_simulated(call: Any, path: str) -> None:
    """Answer the rest like a path that does not exist."""
    with pytest.raises(ovh.ResourceNotFoundError):
        await call("get", path)
