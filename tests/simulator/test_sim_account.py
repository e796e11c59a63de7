"""An account's settings, users, numbers and slots."""

from typing import Any

import ovh
import pytest

from simulator import Simulator

BASE = "/sms/sms-ab12345-1"


async def test_changing_an_account(sim: Simulator, call: Any) -> None:
    """Change only what is given, and leave alone what is read-only."""
    await call("put", BASE, description="New", creditsLeft=1000000)
    await call(
        "put", BASE, smsResponse={"responseType": "cgi", "cgiUrl": "http://127.0.0.1/x"}
    )
    await call("put", BASE, callBack="http://127.0.0.1/dlr")
    answer = await call("get", BASE)
    assert (answer["description"], answer["creditsLeft"]) == ("New", 250)
    assert answer["smsResponse"]["cgiUrl"] == "http://127.0.0.1/x"
    assert answer["callBack"] == "http://127.0.0.1/dlr"
    await call("put", BASE, callBack=None)
    assert (await call("get", BASE))["callBack"] is None
    for wrong in (
        {"colour": "blue"},
        {"description": None},
        {"smsResponse": {"responseType": "mail"}},
        {"smsResponse": {"colour": 1}},
        {"templates": {"customizedSmsMode": "yes"}},
        {"automaticRecreditAmount": "7"},
    ):
        with pytest.raises(ovh.BadParametersError):
            await call("put", BASE, **wrong)


async def test_quota(sim: Simulator, call: Any) -> None:
    """Hold a user's credits apart, and send from them."""
    sim.world.add_user("sms-ab12345-1", "guest", "fake0pw1", quota=2.5)
    answer = await call("get", BASE)
    assert (
        answer["creditsLeft"],
        answer["creditsHoldByQuota"],
        answer["userQuantityWithQuota"],
    ) == (247.5, 2.5, 1)
    body = {
        "message": "x",
        "receivers": ["+33639980001", "+33639980002"],
        "sender": "HOUSE",
        "noStopClause": True,
    }
    await call("post", f"{BASE}/users/guest/jobs", **body)
    user = await call("get", f"{BASE}/users/guest")
    assert user["quotaInformations"] == {"quotaLeft": 0.5, "quotaStatus": "active"}
    with pytest.raises(ovh.APIError):
        await call("post", f"{BASE}/users/guest/jobs", **body)
    assert len(await call("get", f"{BASE}/users/guest/outgoing")) == 2
    assert await call("get", f"{BASE}/users/houseuser/outgoing") == []


async def test_virtual_number(sim: Simulator, call: Any) -> None:
    """Send from a virtual number, with addresses, and be answered."""
    base = f"{BASE}/virtualNumbers/0033639980010"
    answer = await call(
        "post",
        f"{base}/jobs",
        message="https://example.org",
        receivers=["+33639980001"],
    )
    assert sim.phone("+33639980001").messages[0].sender == "+33639980010"
    assert await call("get", f"{base}/outgoing") == answer["ids"]
    reply = await sim.reply("+33639980001", "ok")
    assert reply is not None
    assert await call("get", f"{base}/incoming") == [reply.id]
    for wrong in ({"sender": "HOUSE"}, {"noStopClause": True}):
        with pytest.raises(ovh.BadParametersError):
            await call(
                "post", f"{base}/jobs", message="x", receivers=["+33639980001"], **wrong
            )
    with pytest.raises(ovh.ResourceNotFoundError):
        await call("get", f"{BASE}/virtualNumbers/0033639989999/jobs")


async def test_estimate(call: Any) -> None:
    """Count a text before it is paid for."""

    async def estimate(message: str, no_stop: bool = True) -> tuple[object, ...]:
        answer = await call(
            "post",
            "/sms/estimate",
            message=message,
            noStopClause=no_stop,
            senderType="alpha",
        )
        return tuple(
            answer[name]
            for name in (
                "characters",
                "charactersClass",
                "maxCharactersPerPart",
                "parts",
            )
        )

    assert await estimate("hello") == (5, "7bits", 160, 1)
    assert await estimate("hello", no_stop=False) == (5, "7bits", 149, 1)
    assert await estimate("…" * 71) == (71, "unicode", 67, 2)
    with pytest.raises(ovh.BadParametersError):
        await call("post", "/sms/estimate", message="hello")


async def test_slots(call: Any) -> None:
    """Keep receivers in slots."""
    body = {"autoUpdate": False, "description": "x", "csvUrl": "http://127.0.0.1/x"}
    await call("post", f"{BASE}/receivers", slotId=3, **body)
    assert await call("get", f"{BASE}/receivers") == [3]
    with pytest.raises(ovh.BadParametersError):
        await call("post", f"{BASE}/receivers", slotId=10, **body)
    with pytest.raises(ovh.BadParametersError):
        await call(
            "post", f"{BASE}/receivers", slotId=1, autoUpdate=False, description="x"
        )
    await call("delete", f"{BASE}/receivers/3")
    with pytest.raises(ovh.ResourceNotFoundError):
        await call("get", f"{BASE}/receivers/3")


async def test_another_customers_account(sim: Simulator, call: Any) -> None:
    """Hide the accounts of other customers."""
    sim.world.add_account("sms-cd67890-1", "Elsewhere", customer="cd67890-ovh")
    assert "sms-cd67890-1" not in await call("get", "/sms")
    with pytest.raises(ovh.ResourceNotFoundError):
        await call("get", "/sms/sms-cd67890-1")
    with pytest.raises(TypeError):
        sim.world.add_account("sms-cd67890-2", colour="blue")


async def test_other_worlds(socket_enabled: None) -> None:
    """Begin with the accounts that are asked for."""
    assert list(Simulator(accounts=["sms-ab12345-2"]).world.accounts) == [
        "sms-ab12345-2"
    ]
    simulator = Simulator(accounts=["sms-new-1"])
    assert simulator.world.accounts["sms-new-1"].credits_left == 100
    assert Simulator(accounts=[]).world.accounts == {}
