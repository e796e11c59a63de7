"""Gateways for a user of the simulator's SMS account."""

import asyncio
from collections.abc import Callable, Generator
from datetime import datetime
from urllib.parse import parse_qsl

import pytest

from custom_components.ovh_sms.gateway import (
    GatewayError,
    Http2SmsGateway,
    Job,
    JobReport,
    OutcomeUnknown,
    SmsUser,
    UnknownReason,
    http2sms,
)
from simulator import ACCOUNT, USER_LOGIN, USER_PASSWORD, RequestRecord, Simulator

from ..conftest import make_job
from ..faults import Meaning

USER = SmsUser(USER_LOGIN, USER_PASSWORD)
SECOND = "+33639980002"
ODD = (OutcomeUnknown, UnknownReason.ODD_ANSWER)

type MakeGateway = Callable[..., Http2SmsGateway]


@pytest.fixture
def make_gateway() -> Generator[MakeGateway]:
    """Make gateways that are closed at the end."""
    made: list[Http2SmsGateway] = []

    def make(
        url: str | None, user: SmsUser = USER, **given: Callable[[], datetime]
    ) -> Http2SmsGateway:
        made.append(Http2SmsGateway(user, url, **given))
        return made[-1]

    yield make
    for gateway in made:
        gateway.close()


@pytest.fixture
def gateway(sim: Simulator, make_gateway: MakeGateway) -> Http2SmsGateway:
    """Return a gateway to the simulator."""
    return make_gateway(sim.url)


@pytest.fixture
def short_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a call give up soon."""
    monkeypatch.setattr(http2sms, "TIMEOUT", (0.3, 0.3))


async def send(
    gateway: Http2SmsGateway, job: Job | None = None, account: str = ACCOUNT
) -> JobReport:
    """Send on a worker thread."""
    return await asyncio.to_thread(gateway.send, account, job or make_job())


async def failure_of(
    gateway: Http2SmsGateway, job: Job | None = None, account: str = ACCOUNT
) -> GatewayError:
    """Return why a send did not succeed."""
    with pytest.raises(GatewayError) as caught:
        await send(gateway, job, account)
    return caught.value


def meaning(failure: GatewayError) -> Meaning:
    """Return what a failure means."""
    return type(failure), failure.reason


def form_of(request: RequestRecord) -> dict[str, str]:
    """Return the fields of a request, each of which must stand there once."""
    fields = parse_qsl(request.body, keep_blank_values=True, strict_parsing=True)
    assert len(dict(fields)) == len(fields)
    return dict(fields)
