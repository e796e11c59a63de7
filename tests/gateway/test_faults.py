"""What goes wrong with a send, told apart by what became of the message."""

import logging

import pytest

from custom_components.ovh_sms.gateway import (
    NotSent,
    NotSentReason,
    OutcomeUnknown,
    RestGateway,
    UnknownReason,
)
from simulator import ACCOUNT, Fault, Simulator
from tests.conftest import jobs, texts

from .conftest import (
    LOGGER,
    NUMBER,
    TEXT,
    assert_discreet,
    failure_of,
    make_job,
    routes,
    send,
)
from .faults import CASES, Meaning, name, on_post


@pytest.mark.parametrize(("fault", "meaning"), CASES, ids=name)
async def test_meaning(
    sim: Simulator,
    gateway: RestGateway,
    caplog: pytest.LogCaptureFixture,
    fault: dict[str, object],
    meaning: Meaning,
) -> None:
    """Tell what a failure means, showing nothing, and never send a second time."""
    caplog.set_level(logging.DEBUG, LOGGER)
    sim.faults.add(on_post(fault))
    failure = await failure_of(gateway)
    assert_discreet(failure, caplog)
    assert (type(failure), failure.reason) == meaning
    assert len(jobs(sim)) == 1
    reached = fault.get("applied") == "after"
    assert texts(sim, NUMBER) == ([TEXT] if reached else [])
    # The gateway goes on afterwards.
    sim.faults.clear()
    await send(gateway)
    assert len(jobs(sim)) == 2


@pytest.mark.parametrize("applied", ["before", "after"])
@pytest.mark.usefixtures("short_timeout")
async def test_hang(sim: Simulator, gateway: RestGateway, applied: str) -> None:
    """Give up on an answer that does not come: nobody can tell what it would have been."""
    sim.faults.add(on_post({"kind": "hang", "applied": applied}))
    failure = await failure_of(gateway)
    assert (type(failure), failure.reason) == (OutcomeUnknown, UnknownReason.NO_ANSWER)
    assert len(jobs(sim)) == 1
    assert texts(sim, NUMBER) == ([TEXT] if applied == "after" else [])


async def test_slow(sim: Simulator, gateway: RestGateway) -> None:
    """Wait for an answer that comes in time."""
    sim.faults.add(on_post({"kind": "slow", "seconds": 0.05}))
    assert (await send(gateway)).valid_receivers == (NUMBER,)
    assert len(jobs(sim)) == 1


@pytest.mark.parametrize("warm", [False, True])
async def test_refused_connection(
    sim: Simulator, gateway: RestGateway, warm: bool
) -> None:
    """Tell that nothing was sent, also where a connection was open before."""
    if warm:
        await send(gateway)
    await sim.refuse()
    sim.clear_record()
    failure = await failure_of(gateway)
    assert (type(failure), failure.reason) == (NotSent, NotSentReason.NO_CONNECTION)
    await sim.accept_again()
    await send(gateway)
    assert len(jobs(sim)) == 1


@pytest.mark.parametrize(
    ("retry_after", "expected"),
    [(None, None), (7, 7.0), (0, 0.0), (0.5, 0.5), (-3, 0), (86_400, 900)],
)
async def test_throttled(
    sim: Simulator,
    gateway: RestGateway,
    retry_after: float | None,
    expected: float | None,
) -> None:
    """Tell when OVHcloud wants to be asked again."""
    sim.faults.add(
        on_post(
            {
                "kind": "status",
                "status": 429,
                "body": "html",
                "retry_after": retry_after,
            }
        )
    )
    failure = await failure_of(gateway)
    assert isinstance(failure, NotSent)
    assert (failure.reason, failure.retry_after) == (NotSentReason.THROTTLED, expected)


async def test_one_receiver_of_two(sim: Simulator, gateway: RestGateway) -> None:
    """A failure after the work was done leaves it done, and is not tried again."""
    sim.faults.add(on_post({"kind": "reset", "applied": "after"}))
    await failure_of(gateway, make_job(receivers=(NUMBER, "+33639980002")))
    assert texts(sim, NUMBER) == texts(sim, "+33639980002") == [TEXT]


class TestClock:
    """OVHcloud's clock and ours."""

    async def test_skew_from_the_start(
        self, sim: Simulator, gateway: RestGateway
    ) -> None:
        """Sign with OVHcloud's time, whatever ours says."""
        sim.faults.add(Fault("skew", seconds=-7200))
        await send(gateway)
        assert routes(sim) == ["GET /auth/time", f"POST /sms/{ACCOUNT}/jobs"]

    async def test_jump(self, sim: Simulator, gateway: RestGateway) -> None:
        """Ask for the time again when the clocks part, and send once more."""
        await send(gateway)
        sim.faults.add(Fault("skew", seconds=86400))
        sim.clear_record()
        report = await send(gateway, make_job(message="Second"))
        assert len(report.ids) == 1
        assert routes(sim) == [
            f"POST /sms/{ACCOUNT}/jobs",
            "GET /auth/time",
            f"POST /sms/{ACCOUNT}/jobs",
        ]
        assert [request.status for request in jobs(sim)] == [400, 200]
        assert texts(sim, NUMBER) == [TEXT, "Second"]
        # What was learned is kept.
        await send(gateway)
        assert routes(sim).count("GET /auth/time") == 1

    async def test_time_out_of_reach_after_a_jump(
        self, sim: Simulator, gateway: RestGateway
    ) -> None:
        """Tell that nothing was sent when the time cannot be had after a refusal."""
        await send(gateway)
        sim.faults.add(Fault("skew", seconds=86400))
        sim.faults.add(Fault("status", status=503, path="/auth/time"))
        sim.clear_record()
        failure = await failure_of(gateway)
        assert (type(failure), failure.reason) == (
            NotSent,
            NotSentReason.SERVER_TROUBLE,
        )
        assert len(jobs(sim)) == 1
