"""Every fault, at every step, with every ending: accepted once, or it was said why not."""

import pytest

from .nursery import Nursery
from .plan import FAULTS, Plan, matrix
from .proof import prove_all
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


def _is_never_made(plan: Plan) -> bool:
    return any(
        (crash.step, crash.ending) == (Step.UNWRITTEN, Ending.KILL)
        for crash in plan.crashes
    )
