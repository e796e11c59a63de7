"""The http2sms gateway beyond the guide's examples."""

from typing import Any

import pytest

from simulator import Simulator

FIELDS = {
    "account": "sms-ab12345-1",
    "login": "houseuser",
    "password": "fake0pw0",
    "from": "HOUSE",
    "to": "0033639980001",
    "message": "Hello",
    "noStop": "1",
}


@pytest.fixture
def gateway(sim: Simulator, web: Any) -> Any:
    """Call the gateway; a field that is None is left out."""

    async def call(**changes: str | None) -> Any:
        fields = {
            name: value
            for name, value in (FIELDS | changes).items()
            if value is not None
        }
        fields["contentType"] = "application/json"
        async with web.get(
            f"{sim.url}/cgi-bin/sms/http2sms.cgi", params=fields
        ) as response:
            assert response.status == 200
            return await response.json()

    return call


@pytest.mark.parametrize(
    "name", ["account", "login", "password", "from", "to", "message"]
)
async def test_missing(gateway: Any, name: str) -> None:
    """Name what is missing."""
    for value in (None, ""):
        answer = await gateway(**{name: value})
        assert answer["status"] == 201
        assert answer["message"].startswith(f"Missing {name}.")


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"account": "sms-zz-1"}, 202, "Invalid account, login or password"),
        ({"login": "nobody"}, 202, "Invalid account, login or password"),
        ({"password": "wrong"}, 202, "Invalid account, login or password"),
        ({"from": "NOBODY"}, 241, "Sms sender NOBODY does not exists"),
        ({"from": "ALARM2"}, 202, "not enabled"),
        ({"to": "0639980001"}, 202, "Invalid receiver"),
        ({"to": ","}, 202, "Invalid receiver"),
        ({"tag": "x" * 21}, 202, "Invalid tag: is too long"),
        ({"class": "4"}, 202, "Invalid class"),
        ({"smsCoding": "3"}, 202, "Invalid smsCoding"),
        ({"deferred": "soon"}, 202, "Invalid deferred time"),
        ({"deferred": "126010032026"}, 202, "Invalid deferred time"),
        ({"deferred": "115910032026"}, 202, "Invalid deferred time"),
        (
            {"senderForResponse": "1", "message": "www.example.org"},
            202,
            "contact information",
        ),
    ],
)
async def test_refusals(
    sim: Simulator, gateway: Any, changes: dict[str, str], status: int, sentence: str
) -> None:
    """Refuse in the body, and send nothing."""
    answer = await gateway(**changes)
    assert answer["status"] == status
    assert sentence in answer["message"]
    assert not sim.phone("+33639980001").messages


async def test_several_receivers(sim: Simulator, gateway: Any) -> None:
    """Send to several, and say 101 when some were refused."""
    answer = await gateway(to="0033639980001, +33639980002", tag="leak")
    assert (answer["status"], answer["creditLeft"], len(answer["SmsIds"])) == (
        100,
        "248",
        2,
    )
    assert sim.phone("+33639980002").messages[0].tag == "leak"
    answer = await gateway(to="0033639980001,0639980002")
    assert (answer["status"], len(answer["SmsIds"])) == (101, 1)


async def test_text(sim: Simulator, gateway: Any) -> None:
    """Take line breaks, a forced coding, a class and the STOP clause."""
    await gateway(message="one\rtwo", SMSencoding="2", noStop=None, **{"class": "0"})
    message = sim.phone("+33639980001").messages[0]
    assert message.text == "one\ntwo\nSTOP:36111"
    assert message.coded.encoding == "unicode"
    assert message.flash


async def test_short_number(sim: Simulator, gateway: Any) -> None:
    """Send from a short number with an empty sender, or with none."""
    for sender in ("", None):
        assert (await gateway(senderForResponse="1", **{"from": sender}))[
            "status"
        ] == 100
    assert all(message.can_reply for message in sim.phone("+33639980001").messages)


async def test_deferred(sim: Simulator, gateway: Any) -> None:
    """Send at the time given, in Paris."""
    await gateway(deferred="123010032026")
    await sim.advance(1799)
    assert not sim.phone("+33639980001").messages
    await sim.advance(1)
    assert sim.phone("+33639980001").messages


async def test_quota_and_addresses(sim: Simulator, gateway: Any) -> None:
    """Keep to a user's quota and addresses."""
    sim.world.add_user("sms-ab12345-1", "guest", "fake0pw1", quota=1.5)
    guest = {"login": "guest", "password": "fake0pw1"}
    assert (await gateway(**guest))["creditLeft"] == "0.5"
    assert (await gateway(**guest))["status"] == 202
    sim.world.add_user(
        "sms-ab12345-1", "away", "fake0pw2", ip_restrictions=["192.0.2.1"]
    )
    assert (await gateway(login="away", password="fake0pw2"))["status"] == 401
