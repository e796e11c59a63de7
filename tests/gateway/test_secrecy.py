"""No secret, no phone number and no text gets into errors or logs."""

import json
import logging

import pytest

from custom_components.ovh_sms.gateway import RestGateway
from simulator import Fault, Simulator

from .conftest import (
    KEYS,
    LOGGER,
    NUMBER,
    SECRETS,
    SERVICE_ACCOUNT,
    MakeGateway,
    Scripted,
    assert_discreet,
    failure_of,
    make_job,
)


@pytest.mark.parametrize("kind", ["reset", "refuse", "status", "forbidden"])
async def test_failed_preparation(
    sim: Simulator,
    service_account: RestGateway,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    """Show nothing when no token can be had."""
    caplog.set_level(logging.DEBUG, LOGGER)
    sim.faults.add(Fault(kind, status=500 if kind == "status" else None))
    assert_discreet(await failure_of(service_account), caplog)


@pytest.mark.parametrize(
    "body",
    [
        f'{{"ids": ["{NUMBER}"]}}',
        f'{{"ids": [1], "validReceivers": [], "{NUMBER}": 1}}',
        f'{{"ids": [1], "validReceivers": [], "invalidReceivers": [], "totalCreditsRemoved": "{NUMBER}x"}}',
        f'["{NUMBER}"',
    ],
)
async def test_odd_report(
    scripted: Scripted,
    make_gateway: MakeGateway,
    caplog: pytest.LogCaptureFixture,
    body: str,
) -> None:
    """Show nothing of an answer that cannot be read."""
    caplog.set_level(logging.DEBUG, LOGGER)
    scripted.body = body
    assert_discreet(await failure_of(make_gateway(scripted.url)), caplog)


async def test_number_in_a_refusal(
    sim: Simulator, gateway: RestGateway, caplog: pytest.LogCaptureFixture
) -> None:
    """Keep OVHcloud's sentence apart: it may hold a number."""
    caplog.set_level(logging.DEBUG, LOGGER)
    failure = await failure_of(gateway, make_job(sender=NUMBER))
    assert failure.sentence and NUMBER in failure.sentence
    assert_discreet(failure, caplog)


def test_credentials() -> None:
    """Show no secret of the credentials themselves."""
    for credentials in (KEYS, SERVICE_ACCOUNT):
        assert not any(secret in repr(credentials) for secret in SECRETS)


@pytest.mark.parametrize("error", ["invalid_client", "server_error"])
async def test_token_refusal_that_repeats_the_secret(
    scripted: Scripted,
    make_gateway: MakeGateway,
    caplog: pytest.LogCaptureFixture,
    error: str,
) -> None:
    """Show nothing of what the token endpoint answers."""
    caplog.set_level(logging.DEBUG, LOGGER)
    scripted.status = 400
    scripted.body = json.dumps(
        {"error": error, "error_description": SERVICE_ACCOUNT.client_secret}
    )
    failure = await failure_of(make_gateway(scripted.url, SERVICE_ACCOUNT))
    assert_discreet(failure, caplog)
