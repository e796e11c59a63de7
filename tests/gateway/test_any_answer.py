"""Whatever OVHcloud answers to whatever it is asked: it is read, or one of our failures."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
import logging
from typing import Any, Final

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.ovh_sms.gateway import (
    Gateway,
    GatewayError,
    Http2SmsGateway,
    NotSent,
    OutcomeUnknown,
    RestGateway,
)
from custom_components.ovh_sms.gateway.rates import Rates
from custom_components.ovh_sms.gateway.rights import RIGHTS
from simulator import ACCOUNT, VIRTUAL_NUMBER
from tests.answers import (
    ACCOUNT_ANSWER,
    INCOMING,
    JOB,
    NUMBER,
    OUTGOING,
    Answer,
    Server,
    answers,
    assert_sound,
    serving,
)
from tests.odd_input import SLOWLY

from .conftest import KEYS, SERVICE_ACCOUNT, assert_discreet, make_job
from .http2sms.conftest import USER

MOMENT: Final = datetime(2026, 3, 10, tzinfo=UTC)
_BATCH: Final = [
    {"key": "7", "value": OUTGOING, "error": None},
    {"key": "8", "value": OUTGOING | {"id": 8}, "error": None},
]
_REPLIES: Final = [
    {"key": "7", "value": INCOMING, "error": None},
    {"key": "8", "value": None, "error": {"message": "Not found"}},
]
# Each call, and what OVHcloud answers to it.
CALLS: Final[dict[str, tuple[Callable[[RestGateway], object], Any]]] = {
    "send": (lambda gateway: gateway.send(ACCOUNT, make_job()), JOB),
    "accounts": (lambda gateway: gateway.accounts(), [ACCOUNT]),
    "account": (lambda gateway: gateway.account(ACCOUNT), ACCOUNT_ANSWER),
    "service": (
        lambda gateway: gateway.service(ACCOUNT),
        {"status": "ok", "expiration": "2027-03-10"},
    ),
    "blacklisted": (lambda gateway: gateway.blacklisted(ACCOUNT), [f"00{NUMBER[1:]}"]),
    "senders": (lambda gateway: gateway.senders(ACCOUNT), ["HOUSE"]),
    "sender": (
        lambda gateway: gateway.sender(ACCOUNT, "HOUSE"),
        {"sender": "HOUSE", "status": "enable", "type": "alpha"},
    ),
    "virtual_numbers": (
        lambda gateway: gateway.virtual_numbers(ACCOUNT),
        [VIRTUAL_NUMBER],
    ),
    "pending": (lambda gateway: gateway.pending(ACCOUNT), [7, 8]),
    "pending_sms": (lambda gateway: gateway.pending_sms(ACCOUNT, [7, 8]), _BATCH),
    "outgoing": (lambda gateway: gateway.outgoing(ACCOUNT, tag="leak"), [7, 8]),
    "outgoing_sms": (lambda gateway: gateway.outgoing_sms(ACCOUNT, [7, 8]), _BATCH),
    "one_sms": (lambda gateway: gateway.outgoing_sms(ACCOUNT, [7]), OUTGOING),
    "incoming": (lambda gateway: gateway.incoming(ACCOUNT, since=MOMENT), [7, 8]),
    "incoming_sms": (lambda gateway: gateway.incoming_sms(ACCOUNT, [7, 8]), _REPLIES),
    "one_reply": (lambda gateway: gateway.incoming_sms(ACCOUNT, [7]), INCOMING),
    "meaning": (lambda gateway: gateway.meaning(4), {"comment": "Delivered"}),
    "callbacks": (lambda gateway: gateway.callbacks(ACCOUNT), ACCOUNT_ANSWER),
    "call_for_receipts": (
        lambda gateway: gateway.call_for_receipts(ACCOUNT, None),
        None,
    ),
    "answer_replies": (lambda gateway: gateway.answer_replies(ACCOUNT, {}), None),
    "cancel": (lambda gateway: gateway.cancel(ACCOUNT, 7), None),
    "credential": (
        lambda gateway: gateway.credential(),
        {
            "rules": [{"method": "GET", "path": "/sms/*"}],
            "expiration": "2027-03-10T12:00:00+01:00",
        },
    ),
    "request_key": (
        lambda gateway: gateway.request_key(RIGHTS),
        {"consumerKey": "fake0key", "validationUrl": "https://example.org/"},
    ),
}
_HTTP2SMS: Final = {"status": 100, "creditLeft": "1987", "SmsIds": ["7"]}

quick = settings(SLOWLY, max_examples=25)


@pytest.fixture
def server(socket_enabled: None) -> Iterator[Server]:
    """Run a server that answers whatever it is told to."""
    with serving() as running:
        yield running


def try_to_read(
    call: Callable[[], object], caplog: pytest.LogCaptureFixture
) -> GatewayError | None:
    """Make a call; what comes of it can be kept and shown, and the log tells nothing."""
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        try:
            found = call()
        except GatewayError as failure:
            assert_discreet(failure, caplog)
            assert_sound((failure.sentence, failure.query_id))
            return failure
    for each in found if isinstance(found, list) else [found]:
        if is_dataclass(each) and not isinstance(each, type):
            assert_sound(asdict(each))
        else:
            assert_sound(each)
    return None


def test_every_call_is_tried() -> None:
    """No call of the gateway is left out."""
    names = {
        name
        for name in dir(RestGateway)
        if not name.startswith("_") and callable(getattr(RestGateway, name))
    }
    assert names - {"close", "call", "records"} == CALLS.keys() - {
        "one_sms",
        "one_reply",
    }


@pytest.mark.parametrize("name", CALLS)
@quick
@given(data=st.data())
def test_any_answer(
    server: Server, caplog: pytest.LogCaptureFixture, name: str, data: st.DataObject
) -> None:
    """A call succeeds with what can be kept, or fails as one of ours; it is made once."""
    call, good = CALLS[name]
    told = data.draw(st.lists(answers(good), min_size=1, max_size=3), "answers")
    server.begin(told, time_too=data.draw(st.integers(0, 9), "time, too") == 0)
    credentials: Any = data.draw(st.sampled_from([KEYS, KEYS, SERVICE_ACCOUNT]))
    with closing(RestGateway(credentials, server.url)) as gateway:
        failure = try_to_read(lambda: call(gateway), caplog)
    if name == "send" and credentials is KEYS:
        # Twice only where OVHcloud said that it has refused our clock.
        was_refused = any(b"QUERY_TIME_OUT" in each.body for each in told)
        assert server.sent <= 1 + was_refused
        if not server.sent:
            assert not isinstance(failure, OutcomeUnknown)


@quick
@given(told=st.lists(answers(_HTTP2SMS), min_size=1, max_size=2))
def test_any_answer_of_http2sms(
    server: Server, caplog: pytest.LogCaptureFixture, told: list[Answer]
) -> None:
    """A message is sent once, whatever the gateway of SMS users answers."""
    server.begin(told)
    gateway: Gateway
    with closing(Http2SmsGateway(USER, server.url)) as gateway:
        failure = try_to_read(lambda: gateway.send(ACCOUNT, make_job()), caplog)
    assert server.sent == 1
    if isinstance(failure, NotSent):
        assert b"429" in told[0].raw


@quick
@given(told=st.lists(answers({"credit": 1.5}), min_size=1, max_size=2))
def test_any_rate(
    server: Server, caplog: pytest.LogCaptureFixture, told: list[Answer]
) -> None:
    """A rate is a number, or there is none."""
    server.begin(told)
    try_to_read(lambda: Rates(server.url).credits(["FR"]), caplog)
