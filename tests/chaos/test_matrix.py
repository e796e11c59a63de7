"""Every fault, at every step, with every ending: accepted once, or it was said why not."""

import pytest

from .nursery import Nursery
from .plan import FAULTS, NUMBERS, Crash, Plan, call, matrix
from .proof import prove, prove_all
from .steps import Ending, Step
from .verdict import is_untouched


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.usefixtures("socket_enabled")
async def test_fault(fault: str, road_nursery: Nursery) -> None:
    """Lose nothing and double nothing, wherever it ends."""
    proofs = await prove_all(matrix(fault), road_nursery)
    assert [proof.complaint for proof in proofs if proof.problems] == []
    for proof in proofs:
        plan, record = proof.record.plan, proof.record
        assert is_untouched(record) == _is_never_made(plan), plan.name


@pytest.mark.parametrize("sms_user", [False, True], ids=["rest", "http2sms"])
@pytest.mark.parametrize("step", Step)
@pytest.mark.usefixtures("socket_enabled")
async def test_step_is_reached(
    step: Step, sms_user: bool, road_nursery: Nursery
) -> None:
    """Have a message pass each of the places that it can end at."""
    crash = Crash(step=step, ending=Ending.KILL)
    calls = ((0.0, (call("a", *NUMBERS[:2]),)),)
    proof = await prove(
        Plan(name=step, calls=calls, crashes=(crash,), sms_user=sms_user), road_nursery
    )
    assert proof.problems == []
    assert proof.record.sprung == [crash]


def _is_never_made(plan: Plan) -> bool:
    return any(
        (crash.step, crash.ending) == (Step.UNWRITTEN, Ending.KILL)
        for crash in plan.crashes
    )
