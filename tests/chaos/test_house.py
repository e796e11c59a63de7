"""A whole Home Assistant that is killed, reloaded and stopped while it sends."""

import pytest

from .nursery import Nursery
from .plan import FAULTS, NUMBERS, Crash, Plan, Trouble, call, chance
from .proof import prove_all
from .steps import Ending, Step

_CALLS = ((0.0, (call("a", *NUMBERS[:2]),)),)
_LOST = Trouble(fault=FAULTS["server error after"] | {"method": "POST", "times": 1})
_SEEDS = (0, 1, 2, 3)


@pytest.mark.parametrize("ending", [Ending.KILL, Ending.RELOAD, Ending.SHUTDOWN])
@pytest.mark.usefixtures("socket_enabled")
async def test_steps(ending: Ending, house_nursery: Nursery) -> None:
    """Accept the message once, wherever the house ends while it is sent."""
    plans = [
        Plan(
            name=f"{step}: {ending}",
            calls=_CALLS,
            troubles=(_LOST,),
            crashes=(Crash(step=step, ending=ending),),
        )
        for step in (Step.WRITTEN, Step.SENT, Step.SETTLING)
    ]
    proofs = await prove_all(plans, house_nursery)
    assert [proof.complaint for proof in proofs if proof.problems] == []
    assert all(len(proof.record.accepted) == 2 for proof in proofs)
    assert all(len(proof.record.sprung) == 1 for proof in proofs)


@pytest.mark.usefixtures("socket_enabled")
async def test_seeds(house_nursery: Nursery) -> None:
    """Lose nothing and double nothing, whatever happens."""
    proofs = await prove_all(map(chance, _SEEDS), house_nursery)
    assert [proof.complaint for proof in proofs if proof.problems] == []
