"""What goes over the wire for a message, and what is read from the answer."""

from typing import Any

import pytest

from custom_components.ovh_sms.gateway import Refused, RefusedReason, RestGateway
from simulator import ACCOUNT, SECOND_ACCOUNT, VIRTUAL_NUMBER, Fault, Simulator
from simulator.account import Slot
from tests.conftest import jobs, texts

from .conftest import NUMBER, TEXT, failure_of, make_job, routes, send

PLAIN = {
    "message": TEXT,
    "receivers": [NUMBER],
    "sender": "HOUSE",
    "senderForResponse": False,
    "noStopClause": True,
    "priority": "high",
    "tag": "ha0123456789abcdef00",
}


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({}, {}),
        ({"no_stop_clause": False}, {"noStopClause": False}),
        ({"priority": "veryLow"}, {"priority": "veryLow"}),
        ({"validity_minutes": 2880}, {"validityPeriod": 2880}),
        ({"delay_minutes": 0}, {"differedPeriod": 0}),
        ({"message_class": "flash"}, {"class": "flash"}),
        ({"coding": "7bit"}, {"coding": "7bit"}),
        ({"charset": "UTF-8"}, {"charset": "UTF-8"}),
        ({"tag": "mine"}, {"tag": "mine"}),
        (
            {"receivers": (NUMBER, "+33639980002")},
            {"receivers": [NUMBER, "+33639980002"]},
        ),
        ({"message": 'Il fait 21 °C 🌡️ \\ " é'}, {"message": 'Il fait 21 °C 🌡️ \\ " é'}),
        (
            {"short_number": True, "sender": None},
            {"sender": None, "senderForResponse": True},
        ),
        ({"short_number": True}, {"sender": None, "senderForResponse": True}),
    ],
)
async def test_body(
    sim: Simulator,
    gateway: RestGateway,
    changes: dict[str, Any],
    difference: dict[str, Any],
) -> None:
    """Send exactly what is set: no unset key, and never a null."""
    report = await send(gateway, make_job(**changes))
    assert len(report.ids) == len(make_job(**changes).receivers)
    expected = {
        name: value for name, value in (PLAIN | difference).items() if value is not None
    }
    [request] = jobs(sim)
    assert request.json == expected
    assert "null" not in request.body
    assert request.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slot_id": "1"}, {"receiversSlotId": "1"}),
        (
            {"document_url": "https://example.org/a.csv"},
            {"receiversDocumentUrl": "https://example.org/a.csv"},
        ),
    ],
)
async def test_list(
    sim: Simulator,
    gateway: RestGateway,
    changes: dict[str, Any],
    field: dict[str, str],
) -> None:
    """Send to a list that OVHcloud has, and to nobody else."""
    numbers = [NUMBER, "+33639980002"]
    sim.world.documents["https://example.org/a.csv"] = numbers
    sim.world.accounts[ACCOUNT].slots[1] = Slot(
        1, "Residents", sim.clock.now(), numbers
    )
    report = await send(gateway, make_job(receivers=(), **changes))
    assert report.valid_receivers == tuple(numbers)
    assert len(report.ids) == 2
    [request] = jobs(sim)
    without = {name: value for name, value in PLAIN.items() if name != "receivers"}
    assert request.json == without | field


async def test_report(sim: Simulator, gateway: RestGateway) -> None:
    """Read what was accepted."""
    report = await send(gateway, make_job(receivers=(NUMBER, "+33639980002")))
    assert report.valid_receivers == (NUMBER, "+33639980002")
    assert report.invalid_receivers == ()
    assert report.credits == 2.0
    assert len(set(report.ids)) == 2
    assert texts(sim, NUMBER) == texts(sim, "+33639980002") == [TEXT]


async def test_half_accepted(sim: Simulator, gateway: RestGateway) -> None:
    """Read what was accepted and what was not."""
    sim.faults.add(Fault("half"))
    report = await send(gateway, make_job(receivers=(NUMBER, "+33639980002")))
    assert report.valid_receivers == (NUMBER,)
    assert report.invalid_receivers == ("+33639980002",)
    assert len(report.ids) == 1


async def test_nothing_accepted(sim: Simulator, gateway: RestGateway) -> None:
    """Read a 200 that accepted nothing."""
    sim.faults.add(Fault("empty_ids"))
    report = await send(gateway)
    assert (report.ids, report.valid_receivers) == ((), ())
    assert report.invalid_receivers == (NUMBER,)
    assert report.credits == 0


@pytest.mark.parametrize("name", ["sms a/b", "sms-é+%41", "sms-a?b=c#d"])
async def test_account_is_quoted(
    sim: Simulator, gateway: RestGateway, name: str
) -> None:
    """Sign and send an account's name that needs quoting."""
    sim.world.add_account(name).senders["HOUSE"] = sim.world.accounts[ACCOUNT].senders[
        "HOUSE"
    ]
    await send(gateway, account=name)
    assert texts(sim, NUMBER) == [TEXT]
    assert jobs(sim)[0].route.count("/") == 3


async def test_account_in_use(sim: Simulator, gateway: RestGateway) -> None:
    """Send from the account that was named."""
    await send(gateway, make_job(sender="OFFICE"), SECOND_ACCOUNT)
    assert routes(sim) == ["GET /auth/time", f"POST /sms/{SECOND_ACCOUNT}/jobs"]
    assert sim.world.accounts[SECOND_ACCOUNT].credits_left == 39.5


@pytest.mark.parametrize(
    ("changes", "reason", "words"),
    [
        ({"sender": "NOBODY"}, RefusedReason.SENDER_UNKNOWN, "NOBODY does not exists"),
        ({"sender": "ALARM2"}, RefusedReason.SENDER_NOT_ENABLED, "not enabled"),
        (
            {"short_number": True, "message": "See https://example.com"},
            RefusedReason.CONTACT_WITH_SHORT_NUMBER,
            "contact information",
        ),
        ({"tag": "x" * 21}, RefusedReason.OTHER, "tag"),
        ({"priority": "urgent"}, RefusedReason.OTHER, "urgent"),
        ({"message": ""}, RefusedReason.OTHER, "empty"),
    ],
)
async def test_refusals(
    sim: Simulator,
    gateway: RestGateway,
    changes: dict[str, Any],
    reason: RefusedReason,
    words: str,
) -> None:
    """Tell why OVHcloud refused, in its own words, and with its reference."""
    failure = await failure_of(gateway, make_job(**changes))
    assert (type(failure), failure.reason) == (Refused, reason)
    assert failure.sentence and words in failure.sentence
    assert failure.query_id and failure.query_id.startswith("EU.sim")
    assert len(jobs(sim)) == 1


async def test_account_unknown(sim: Simulator, gateway: RestGateway) -> None:
    """Tell that the account does not exist."""
    sim.world.remove_account(ACCOUNT)
    failure = await failure_of(gateway)
    assert (type(failure), failure.reason) == (Refused, RefusedReason.ACCOUNT_UNKNOWN)


async def test_no_credits(sim: Simulator, gateway: RestGateway) -> None:
    """Tell that the credits do not suffice."""
    sim.world.accounts[ACCOUNT].credits_left = 0
    failure = await failure_of(gateway)
    assert (type(failure), failure.reason) == (Refused, RefusedReason.NO_CREDITS)
    assert failure.sentence == "Not enough credits on this SMS account"


async def test_from_a_virtual_number(sim: Simulator, gateway: RestGateway) -> None:
    """Send from a virtual number: by its own path, without what does not go with it."""
    job = make_job(sender=None, virtual_number=VIRTUAL_NUMBER)
    assert (await send(gateway, job)).valid_receivers == (NUMBER,)
    [request] = jobs(sim)
    assert request.route == f"/sms/{ACCOUNT}/virtualNumbers/{VIRTUAL_NUMBER}/jobs"
    apart = {"sender", "senderForResponse", "noStopClause"}
    assert request.json == {
        name: value for name, value in PLAIN.items() if name not in apart
    }
