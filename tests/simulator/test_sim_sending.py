"""What is taken to be sent, and what is refused."""

import asyncio
from datetime import datetime
from typing import Any

import ovh
import phonenumbers
import pytest

from simulator import DrivenClock, Simulator
from simulator.account import Slot
from simulator.sending import next_opening

# Taken from the number plans themselves, so that no such number is written down here.
_EXAMPLE = phonenumbers.example_number_for_type(
    "GB", phonenumbers.PhoneNumberType.MOBILE
)
assert _EXAMPLE is not None
BRITISH = f"+{_EXAMPLE.country_code}{_EXAMPLE.national_number}"


async def test_answer(sim: Simulator, send: Any) -> None:
    """Report valid and invalid receivers, ids in the order of the valid ones, and the cost."""
    answer = await send(
        receivers=["+33639980002", "06 39 98 00 01", "0033639980001", "0639980001"],
        tag="leak",
    )
    first, second = answer["ids"]
    assert answer == {
        "ids": [first, second],
        "validReceivers": ["+33639980002", "+33639980001"],
        "invalidReceivers": ["06 39 98 00 01", "0639980001"],
        "totalCreditsRemoved": 2,
        "tag": "leak",
    }
    assert second > first > 10_000_000
    assert sim.world.accounts["sms-ab12345-1"].credits_left == 248
    assert sim.phone("+33639980002").messages[0].id == first


async def test_nothing_valid(sim: Simulator, send: Any) -> None:
    """Answer 200 with no ids when nobody can be reached."""
    answer = await send(receivers=["0639980001"])
    assert (answer["ids"], answer["totalCreditsRemoved"]) == ([], 0)
    assert not sim.phone("+33639980001").messages


async def test_number_given_twice(sim: Simulator, send: Any) -> None:
    """Send once to a number given twice."""
    assert len((await send(receivers=["+33639980001", "0033639980001"]))["ids"]) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"colour": "blue"}, "colour"),
        ({"message": ...}, "message"),
        ({"message": None}, "message"),
        ({"message": ""}, "message"),
        ({"message": 5}, "message"),
        ({"receivers": "+33639980001"}, "receivers"),
        ({"receivers": [5]}, "receivers"),
        ({"receivers": ...}, "receivers"),
        ({"receivers": [], "receiversSlotId": None}, "receivers"),
        ({"receiversSlotId": "1"}, "exactly one"),
        (
            {"receivers": ..., "receiversDocumentUrl": "http://x/y.csv"},
            "receiversDocumentUrl",
        ),
        ({"priority": "urgent"}, "priority"),
        ({"coding": "unicode"}, "coding"),
        ({"charset": "UTF-16"}, "charset"),
        ({"class": "loud"}, "class"),
        ({"noStopClause": "true"}, "noStopClause"),
        ({"noStopClause": 1}, "noStopClause"),
        ({"differedPeriod": True}, "differedPeriod"),
        ({"differedPeriod": "soon"}, "differedPeriod"),
        ({"differedPeriod": -1}, "differedPeriod"),
        ({"validityPeriod": 1.5}, "validityPeriod"),
        ({"tag": "x" * 21}, "tag"),
        ({"sender": ...}, "sender"),
        (
            {"sender": "NOBODY"},
            "Sms sender NOBODY does not exists. Please create it first",
        ),
        ({"sender": "ALARM2"}, "waitingValidation"),
        ({"sender": "PAYMENT"}, "refused"),
        ({"sender": "OLDNAME"}, "disable"),
    ],
)
async def test_refusals(
    sim: Simulator, send: Any, changes: dict[str, object], sentence: str
) -> None:
    """Refuse what is wrong with a sentence that names it, and take nothing."""
    with pytest.raises(ovh.BadParametersError) as raised:
        await send(**changes)
    assert sentence in raised.value.response.json()["message"]
    assert not sim.world.accounts["sms-ab12345-1"].messages


async def test_what_the_control_panel_sends(send: Any) -> None:
    """Take null for what may be left out, and a number written as a text."""
    answer = await send(
        sender=None,
        senderForResponse=True,
        validityPeriod="2880",
        tag=None,
        charset="UTF-8",
    )
    assert len(answer["ids"]) == 1


async def test_body_that_is_no_object(sim: Simulator, make_client: Any) -> None:
    """Refuse JSON of another kind."""
    with pytest.raises(ovh.BadParametersError):
        await asyncio.to_thread(
            make_client().call, "POST", "/sms/sms-ab12345-1/jobs", ["x"]
        )


@pytest.mark.parametrize(
    "text",
    [
        "see https://example.org",
        "www.example.org",
        "write to a@example.org",
        "call +33639980001",
        "call 06 39 98 00 01",
    ],
)
async def test_short_number_refuses_contacts(
    sim: Simulator, send: Any, text: str
) -> None:
    """Refuse contact details from a short number, but not from a name."""
    with pytest.raises(
        ovh.BadParametersError, match="cannot send contact information with shortcode"
    ):
        await send(message=text, sender=..., senderForResponse=True)
    assert (await send(message=text))["ids"]


@pytest.mark.parametrize(
    "text", ["par api.ovh.com", "host.lan: 21.5 at 12:30:00, 2026-03-10", "code 123456"]
)
async def test_short_number_takes_the_rest(send: Any, text: str) -> None:
    """Let host names, times and codes pass."""
    assert (await send(message=text, sender=..., senderForResponse=True))["ids"]


async def test_short_number(sim: Simulator, ask: Any, send: Any) -> None:
    """Ignore the sender beside senderForResponse; record none; show five digits; reach France only."""
    answer = await send(
        senderForResponse=True,
        sender="NOBODY",
        receivers=["+33639980001", BRITISH],
    )
    assert answer["invalidReceivers"] == [BRITISH]
    message = sim.phone("+33639980001").messages[0]
    assert message.sender.isdecimal()
    assert len(message.sender) == 5
    assert message.can_reply
    assert (await ask("get", f"/sms/sms-ab12345-1/outgoing/{answer['ids'][0]}"))[
        "sender"
    ] == ""
    sim.world.accounts["sms-ab12345-1"].short_number = False
    with pytest.raises(ovh.BadParametersError):
        await send(senderForResponse=True)


async def test_cost_by_parts_and_country(sim: Simulator, send: Any) -> None:
    """Count parts and countries into the cost."""
    answer = await send(message="…" * 71, receivers=["+33639980001", BRITISH])
    assert answer["totalCreditsRemoved"] == pytest.approx(2 + 2 * 0.5)


async def test_not_enough_credits(sim: Simulator, send: Any) -> None:
    """Refuse as a whole what the credits do not cover."""
    account = sim.world.accounts["sms-ab12345-1"]
    account.credits_left = 1.5
    with pytest.raises(ovh.APIError) as raised:
        await send(receivers=["+33639980001", "+33639980002"])
    assert raised.value.response.status_code == 402
    assert account.credits_left == 1.5
    assert (await send())["ids"]
    sim.world.no_credit_status = 403
    with pytest.raises(ovh.APIError) as raised:
        await send()
    assert raised.value.response.status_code == 403


async def test_disabled_account(sim: Simulator, ask: Any, send: Any) -> None:
    """Refuse to send from a disabled account, which can still be read."""
    sim.world.accounts["sms-ab12345-1"].status = "disable"
    with pytest.raises(ovh.APIError):
        await send()
    assert (await ask("get", "/sms/sms-ab12345-1"))["status"] == "disable"


async def test_unknown_service(ask: Any) -> None:
    """Refuse an account that is not there."""
    with pytest.raises(ovh.ResourceNotFoundError, match="This service does not exist"):
        await ask("get", "/sms/sms-zz99999-1")


async def test_stop_clause(sim: Simulator, send: Any) -> None:
    """Append the clause for a name, and let it count."""
    await send(noStopClause=...)
    message = sim.phone("+33639980001").messages[0]
    assert message.text == "Water leak in the cellar\nSTOP:36111"
    assert message.coded.characters == 24 + 11
    assert (await send(message="a" * 149, noStopClause=False))[
        "totalCreditsRemoved"
    ] == 1
    assert (await send(message="a" * 150, noStopClause=False))[
        "totalCreditsRemoved"
    ] == 2


@pytest.mark.parametrize(
    ("asked", "leaves"),
    [
        ("2026-03-10T12:00+01:00", "2026-03-10T12:00+01:00"),
        ("2026-03-10T07:59+01:00", "2026-03-10T08:00+01:00"),
        ("2026-03-10T20:00+01:00", "2026-03-11T08:00+01:00"),
        ("2026-03-14T21:00+01:00", "2026-03-16T08:00+01:00"),
        ("2026-03-15T12:00+01:00", "2026-03-16T08:00+01:00"),
        ("2026-03-28T23:00+01:00", "2026-03-30T08:00+02:00"),
    ],
)
def test_opening_hours(asked: str, leaves: str) -> None:
    """Open from 8 to 20, Monday to Saturday."""
    opening = next_opening(datetime.fromisoformat(asked))
    assert opening == datetime.fromisoformat(leaves)


async def test_advertising_waits_for_the_morning(
    sim: Simulator, ask: Any, send: Any
) -> None:
    """Hold what bears the clause until 8 o'clock, and nothing else."""
    await sim.advance(9 * 3600)
    held = await send(noStopClause=False)
    assert await ask("get", "/sms/sms-ab12345-1/jobs") == held["ids"]
    prompt = await send()
    assert await ask("get", "/sms/sms-ab12345-1/outgoing") == prompt["ids"]
    assert (await send(senderForResponse=True, noStopClause=False))["ids"]
    assert await ask("get", "/sms/sms-ab12345-1/jobs") == held["ids"]
    await sim.advance(11 * 3600)
    assert await ask("get", "/sms/sms-ab12345-1/jobs") == []
    assert len(sim.phone("+33639980001").messages) == 3


async def test_blacklisted_receiver(sim: Simulator, send: Any) -> None:
    """Do not send to somebody who answered STOP."""
    await send()
    await sim.reply("+33639980001", " stop ")
    assert (await send())["invalidReceivers"] == ["+33639980001"]


async def test_slot_and_document(sim: Simulator, send: Any) -> None:
    """Send to a list that the service keeps."""
    account = sim.world.accounts["sms-ab12345-1"]
    account.slots[1] = Slot(
        1, "family", sim.world.now(), ["+33639980001", "+33639980002"]
    )
    assert len((await send(receivers=..., receiversSlotId="1"))["ids"]) == 2
    with pytest.raises(ovh.ResourceNotFoundError):
        await send(receivers=..., receiversSlotId="2")
    sim.world.documents["http://127.0.0.1/list.csv"] = ["+33639980003"]
    answer = await send(receivers=..., receiversDocumentUrl="http://127.0.0.1/list.csv")
    assert answer["validReceivers"] == ["+33639980003"]


async def test_flash(sim: Simulator, send: Any) -> None:
    """Show a flash message as one."""
    await send(**{"class": "flash"})
    assert sim.phone("+33639980001").messages[0].flash


def test_clock_needs_a_zone() -> None:
    """Refuse a start without an offset."""
    with pytest.raises(ValueError, match="time zone"):
        DrivenClock(datetime(2026, 1, 1))
