"""Random faults and endings, in runs that a seed brings back; scripts/chaos makes many more."""

from typing import Final

import pytest

from .nursery import Nursery
from .plan import chance
from .proof import prove_all

_FIRST: Final = 1
_RUNS: Final = 60
_AT_A_TIME: Final = 20


@pytest.mark.parametrize("first", range(_FIRST, _FIRST + _RUNS, _AT_A_TIME))
@pytest.mark.usefixtures("socket_enabled")
async def test_seeds(first: int, road_nursery: Nursery) -> None:
    """Lose nothing and double nothing, whatever happens."""
    plans = map(chance, range(first, first + _AT_A_TIME))
    proofs = await prove_all(plans, road_nursery)
    assert [proof.complaint for proof in proofs if proof.problems] == []
