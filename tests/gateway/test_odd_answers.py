"""Answers to a send that OVHcloud's documentation does not promise."""

import json
import math

from hypothesis import HealthCheck, given, settings
import pytest
import requests

from custom_components.ovh_sms.gateway import (
    AuthFailed,
    JobReport,
    MissingRight,
    NotSent,
    NotSentReason,
    OutcomeUnknown,
    Refused,
    UnknownReason,
)
from custom_components.ovh_sms.gateway.failures import explain
from tests.answers import JSON

from .conftest import NUMBER, MakeGateway, Scripted, failure_of, send

GOOD: dict[str, object] = {
    "ids": [27814656],
    "validReceivers": [NUMBER],
    "invalidReceivers": [],
    "totalCreditsRemoved": 1,
}


@pytest.mark.parametrize(
    "changes",
    [
        {"ids": None},
        {"ids": ...},
        {"ids": "12"},
        {"ids": ["x"]},
        {"ids": [None]},
        {"ids": [math.inf]},
        {"ids": {}},
        {"ids": []},
        {"validReceivers": None},
        {"validReceivers": ...},
        {"validReceivers": NUMBER},
        {"validReceivers": [["+33"]]},
        {"validReceivers": [None]},
        {"invalidReceivers": None},
        {"invalidReceivers": NUMBER},
        {"invalidReceivers": ["\ud800"]},
        {"totalCreditsRemoved": None},
        {"totalCreditsRemoved": "a lot"},
        {"totalCreditsRemoved": math.nan},
        {"totalCreditsRemoved": math.inf},
        {"totalCreditsRemoved": 10**400},
    ],
)
async def test_odd_report(
    scripted: Scripted, make_gateway: MakeGateway, changes: dict[str, object]
) -> None:
    """A report that does not hold together leaves the outcome open; nothing is sent again."""
    report = {
        name: value for name, value in (GOOD | changes).items() if value is not ...
    }
    scripted.body = json.dumps(report)
    failure = await failure_of(make_gateway(scripted.url))
    assert (type(failure), failure.reason) == (OutcomeUnknown, UnknownReason.ODD_ANSWER)
    assert scripted.posts == 1


async def test_report_in_other_spellings(
    scripted: Scripted, make_gateway: MakeGateway
) -> None:
    """Read ids and credits that come as texts, and ignore what is new."""
    scripted.body = json.dumps(
        GOOD | {"ids": ["12"], "totalCreditsRemoved": "0.5", "tag": "x", "new": {}}
    )
    assert await send(make_gateway(scripted.url)) == JobReport(
        ids=(12,), valid_receivers=(NUMBER,), invalid_receivers=(), credits=0.5
    )


async def test_clock_refused_twice(
    scripted: Scripted, make_gateway: MakeGateway
) -> None:
    """Try once more after a refusal of our clock, not for ever."""
    scripted.status = 400
    scripted.body = '{"errorCode": "QUERY_TIME_OUT", "message": "Query out of time"}'
    failure = await failure_of(make_gateway(scripted.url))
    assert (type(failure), failure.reason) == (NotSent, NotSentReason.CLOCK_WRONG)
    assert scripted.posts == 2


@pytest.mark.parametrize("code", ["QUERY_TIME_OUT", "INVALID_KEY", "INVALID_SIGNATURE"])
@pytest.mark.parametrize("status", [500, 502, 503])
async def test_code_in_a_server_error(
    scripted: Scripted, make_gateway: MakeGateway, status: int, code: str
) -> None:
    """A server's error leaves the outcome open, whatever code it carries."""
    scripted.status = status
    scripted.body = json.dumps({"errorCode": code, "message": "Oh"})
    failure = await failure_of(make_gateway(scripted.url))
    assert (type(failure), failure.reason) == (
        OutcomeUnknown,
        UnknownReason.SERVER_ERROR,
    )
    assert failure.sentence == "Oh"
    assert scripted.posts == 1


@pytest.mark.parametrize(
    "value", ["soon", "nan", "inf", "1e999", "", "Wed, 21 Oct 2026 07:28:00 GMT"]
)
async def test_odd_retry_after(
    scripted: Scripted, make_gateway: MakeGateway, value: str
) -> None:
    """A pause that is no number of seconds is none that we know."""
    scripted.status = 429
    scripted.body = "{}"
    scripted.headers = {"Retry-After": value}
    failure = await failure_of(make_gateway(scripted.url))
    assert isinstance(failure, NotSent)
    assert (failure.reason, failure.retry_after) == (NotSentReason.THROTTLED, None)


async def test_half_a_character_in_a_sentence(
    scripted: Scripted, make_gateway: MakeGateway
) -> None:
    """What OVHcloud says can be shown."""
    scripted.status = 400
    scripted.body = json.dumps({"message": "Oh \ud83d"})
    failure = await failure_of(make_gateway(scripted.url))
    assert failure.sentence == "Oh \ufffd"


@pytest.mark.parametrize("status", [200, 400, 503])
async def test_answer_without_a_bottom(
    scripted: Scripted, make_gateway: MakeGateway, status: int
) -> None:
    """Tell what an answer means that no parser gets to the end of."""
    scripted.status = status
    scripted.body = "[" * 200_000
    failure = await failure_of(make_gateway(scripted.url))
    expected = Refused if status == 400 else OutcomeUnknown
    assert type(failure) is expected
    assert failure.sentence is None


async def test_answer_that_cannot_be_unpacked(
    scripted: Scripted, make_gateway: MakeGateway
) -> None:
    """Tell an answer to a send that is not what its headers say."""
    scripted.bodies["/auth/time"] = "1700000000"
    gateway = make_gateway(scripted.url)
    await failure_of(gateway)
    scripted.requests.clear()
    scripted.headers = {"Content-Encoding": "gzip"}
    failure = await failure_of(gateway)
    assert type(failure) is OutcomeUnknown
    assert scripted.posts == 1


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 429, 460, 500, 503])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(told=JSON)
def test_any_json(status: int, told: object) -> None:
    """Tell what any answer means; a server's error is never a refusal."""
    answer = requests.Response()
    answer.status_code = status
    answer._content = json.dumps(told).encode()
    answer.request = requests.Request("POST", "http://127.0.0.1").prepare()
    failure = explain(AttributeError(), answer, "POST", "/sms/a/jobs")
    assert failure.sentence is None or isinstance(failure.sentence, str)
    if status == 200 or status >= 500:
        assert isinstance(failure, OutcomeUnknown)
    elif status == 429:
        assert isinstance(failure, AuthFailed | NotSent)
    else:
        assert isinstance(
            failure, AuthFailed | MissingRight | NotSent | OutcomeUnknown | Refused
        )
