"""What an SMS costs by country, from OVHcloud's public list."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from custom_components.ovh_sms.gateway import (
    AuthFailed,
    AuthReason,
    GatewayError,
    NotSentReason,
    UnknownReason,
)
from custom_components.ovh_sms.gateway.rates import Rates
from simulator import Fault, Simulator

from .conftest import Scripted, routes

PATH = "/sms/rates/destinations"


class Clock:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


async def read(rates: Rates, *countries: str) -> dict[str, float | None]:
    """Read on a worker thread."""
    return await asyncio.to_thread(rates.credits, countries)


async def failure_of(rates: Rates) -> GatewayError:
    """Return why the rate of France cannot be read."""
    with pytest.raises(GatewayError) as caught:
        await read(rates, "FR")
    return caught.value


async def test_by_country(sim: Simulator) -> None:
    """Read what is asked for, and say nothing of who asks."""
    assert await read(Rates(sim.url), "FR", "GB", "PL") == {
        "FR": 1.0,
        "GB": 0.5,
        "PL": 0.4,
    }
    assert routes(sim) == [f"GET {PATH}"] * 3
    for request in sim.requests:
        assert not [name for name in request.headers if name.lower().startswith("x-")]


async def test_country_without_rate(sim: Simulator) -> None:
    """Tell a country that the list does not have from one that costs nothing."""
    rates = Rates(sim.url)
    expected = {"MC": None, "FR": 1.0, "001": None, "ZZ": None}
    assert await read(rates, *expected) == expected
    assert await read(rates, *expected) == expected
    assert len(sim.requests) == 4


async def test_kept_for_a_day(sim: Simulator) -> None:
    """Ask once a day, and only for what is not known."""
    clock = Clock()
    rates = Rates(sim.url, clock)
    for asked in (1, 1, 1):
        await read(rates, "FR")
        assert len(sim.requests) == asked
    await read(rates, "FR", "ES")
    assert len(sim.requests) == 2
    clock.now += 24 * 60 * 60 - 1
    await read(rates, "FR", "ES")
    assert len(sim.requests) == 2
    clock.now += 1
    await read(rates, "FR", "ES")
    assert len(sim.requests) == 4
    assert await read(rates) == {}


async def test_many_at_once_ask_once(sim: Simulator) -> None:
    """Let those who want the same wait for the one who reads it."""
    rates = Rates(sim.url)
    with ThreadPoolExecutor(8) as threads:
        loop = asyncio.get_running_loop()
        found = await asyncio.gather(
            *(loop.run_in_executor(threads, rates.credits, ["FR"]) for _ in range(8))
        )
    assert found == [{"FR": 1.0}] * 8
    assert len(sim.requests) == 1


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("status", status=503), UnknownReason.SERVER_ERROR),
        (Fault("status", status=429), NotSentReason.THROTTLED),
        (Fault("reset"), UnknownReason.CONNECTION_LOST),
        (Fault("hang"), UnknownReason.NO_ANSWER),
        (Fault("status", status=502, body="html"), UnknownReason.SERVER_ERROR),
        (Fault("status", status=200, body="list"), UnknownReason.ODD_ANSWER),
    ],
)
@pytest.mark.usefixtures("short_timeout")
async def test_faults(sim: Simulator, fault: Fault, reason: str) -> None:
    """Say why the rates cannot be read, remember nothing of it, and read them later."""
    rates = Rates(sim.url)
    sim.faults.add(fault)
    assert (await failure_of(rates)).reason == reason
    sim.faults.clear()
    assert await read(rates, "FR") == {"FR": 1.0}


async def test_out_of_reach(sim: Simulator) -> None:
    """Say that nobody is there, but tell what was read before."""
    clock = Clock()
    rates = Rates(sim.url, clock)
    await read(rates, "FR")
    await sim.stop()
    assert await read(rates, "FR") == {"FR": 1.0}
    with pytest.raises(GatewayError, match="no_connection"):
        await read(rates, "FR", "ES")
    clock.now += 24 * 60 * 60
    assert (await failure_of(rates)).reason == NotSentReason.NO_CONNECTION


@pytest.mark.parametrize(
    "body",
    [
        "null",
        "[]",
        "{}",
        '"1"',
        '{"credit": null}',
        '{"credit": "many"}',
        '{"credit": -1}',
        '{"credit": NaN}',
        '{"credit": 1e999}',
    ],
)
async def test_odd_answers(scripted: Scripted, body: str) -> None:
    """Take nothing for a rate that is none."""
    scripted.body = body
    assert (await failure_of(Rates(scripted.url))).reason == UnknownReason.ODD_ANSWER


async def test_environment_in_the_way(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Say that the library refuses to work with what is set on the host."""
    monkeypatch.setenv("OVH_CLIENT_ID", "other")
    monkeypatch.setenv("OVH_CLIENT_SECRET", "other")
    failure = await failure_of(Rates(sim.url))
    assert isinstance(failure, AuthFailed)
    assert failure.reason is AuthReason.HOST_CONFIGURATION


async def test_keys_of_the_host_are_not_used(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Send nothing of what is set on the host."""
    for name in ("APPLICATION_KEY", "APPLICATION_SECRET", "CONSUMER_KEY"):
        monkeypatch.setenv(f"OVH_{name}", "other")
    await read(Rates(sim.url), "FR")
    assert "other" not in str(sim.requests[0].headers)
