"""Long outages, clocks that jump, and what cannot be promised."""

from collections import Counter
from dataclasses import replace

import pytest

from .nursery import Nursery
from .plan import FAULTS, NUMBERS, Crash, Plan, Trouble, call
from .proof import prove
from .run import START
from .steps import Ending, Step

_HOUR = 3600.0
_DAY = 24 * _HOUR
_TO_1970 = 100 - START.timestamp()
_JUMPS = {
    "a good clock": (),
    "from 1970 to now": ((0.0, _TO_1970), (2 * _HOUR, -_TO_1970)),
    "back by an hour": ((10 * _HOUR, -_HOUR),),
    "forth by an hour": ((10 * _HOUR, _HOUR),),
}


@pytest.mark.parametrize("clock", _JUMPS)
@pytest.mark.usefixtures("socket_enabled")
async def test_a_day_without_internet(clock: str, road_nursery: Nursery) -> None:
    """Send what is still of use, and say of the rest that it was not sent."""
    plan = Plan(
        name=clock,
        calls=((1.0, (call("a"), call("b", retry_for=26 * 60))),),
        troubles=(Trouble(fault=FAULTS["refuse"], until=_DAY),),
        crashes=(Crash(step=Step.WRITTEN, ending=Ending.KILL, passes=200),),
        jumps=_JUMPS[clock],
    )
    proof = await prove(plan, road_nursery)
    assert proof.problems == []
    assert proof.record.accepted == [("b", NUMBERS[0])]
    assert {row.name: row.state for row in proof.record.rows} == {
        "a": "expired",
        "b": "accepted",
    }
    assert len(proof.record.sprung) == 1


_SHOWN_LATE = Plan(
    name="shown late",
    calls=((0.0, (call("a"),)),),
    troubles=(Trouble(fault=FAULTS["reset after"] | {"method": "POST", "times": 1}),),
)


@pytest.mark.parametrize(("lag", "times"), [(115.0, 1), (130.0, 2)])
@pytest.mark.usefixtures("socket_enabled")
async def test_shown_late(lag: float, times: int, road_nursery: Nursery) -> None:
    """Double a message only if OVHcloud hides for two minutes that it took it."""
    late = Trouble(fault={"kind": "lag", "seconds": lag, "times": 1})
    plan = replace(_SHOWN_LATE, troubles=(*_SHOWN_LATE.troubles, late))
    record = (await prove(plan, road_nursery)).record
    assert Counter(record.accepted) == {("a", NUMBERS[0]): times}
    # Under the same tag, so that it can be seen for what it is.
    assert len(record.posted) == 1
