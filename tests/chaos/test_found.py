"""What random runs have found: each was lost, doubled or left unsaid once."""

import pytest

from .nursery import Nursery
from .plan import FAULTS, NUMBERS, Crash, Plan, Trouble, call
from .proof import prove
from .steps import Ending, Step

_TWO = call("a", *NUMBERS[:2])
# It is night: it waits at OVHcloud, where nothing shows its tag.
_WAITING = call("a", no_stop_clause=False)
_TAKEN = Trouble(fault=FAULTS["server error after"] | {"method": "POST", "times": 1})
_NO_LOOK = Trouble(
    fault={"kind": "status", "status": 500, "method": "GET", "path": "/sms/*"},
    until=125.0,
)
PLANS = (
    Plan(
        name="who was refused is said after the end",
        calls=((0.0, (_TWO,)),),
        troubles=(Trouble(fault=FAULTS["half valid"]),),
        crashes=(Crash(step=Step.SETTLED, ending=Ending.KILL),),
    ),
    *(
        Plan(
            name=f"the clock is set by {jump:.0f} s before it is looked up",
            calls=((0.0, (_WAITING,)),),
            troubles=(_TAKEN, _NO_LOOK),
            jumps=((100.0, jump),),
        )
        for jump in (3600.0, -3600.0)
    ),
    *(
        Plan(
            name=f"the clock is wrong by {jump:.0f} s after the end",
            calls=((0.0, (_WAITING,)),),
            troubles=(_NO_LOOK,),
            crashes=(Crash(step=Step.SENT, ending=Ending.KILL, pause=3.0),),
            jumps=((1.0, jump),),
        )
        for jump in (3600.0, -3600.0)
    ),
    Plan(
        name="the clock was wrong until the end",
        calls=((1.0, (_WAITING,)),),
        troubles=(_NO_LOOK,),
        crashes=(Crash(step=Step.SENT, ending=Ending.KILL, pause=3.0),),
        jumps=((0.0, 3600.0), (2.0, -3600.0)),
    ),
)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
@pytest.mark.usefixtures("socket_enabled")
async def test_found(plan: Plan, road_nursery: Nursery) -> None:
    """Keep it kept."""
    assert (await prove(plan, road_nursery)).problems == []


@pytest.mark.usefixtures("socket_enabled")
async def test_looks_at_its_moments_only(road_nursery: Nursery) -> None:
    """Ask no more often than agreed, whatever the rounding of the moments is."""
    absent = Trouble(
        fault=FAULTS["server error"] | {"method": "POST", "times": 1}, until=100.0
    )
    for moment in (0.1, 0.6, 1.1):
        plan = Plan(name="", calls=((moment, (_TWO,)),), troubles=(absent,))
        record = (await prove(plan, road_nursery)).record
        # The clock, and three questions at each of five moments.
        assert record.asked == 1 + 3 * 5
