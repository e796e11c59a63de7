"""Many runs, a few at a time, and what they did not keep."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from .nursery import Nursery
from .plan import Plan
from .run import Record, Run
from .verdict import problems

# So many at once keep the processors busy.
_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True)
class Proof:
    """A run and what it did not keep."""

    record: Record
    problems: list[str]

    @property
    def complaint(self) -> str:
        """Return what to print of a run that failed."""
        return f"{self.record.plan.name}: {'; '.join(self.problems)}"


async def prove(plan: Plan, nursery: Nursery) -> Proof:
    """Carry out one run."""
    with TemporaryDirectory(prefix="ovh_sms_chaos") as folder:
        run = Run(plan, nursery, Path(folder))
        try:
            return Proof(await run.go(), problems(run.record))
        except (AssertionError, TimeoutError) as err:
            return Proof(run.record, [f"the run broke: {err!r}"])


async def prove_all(plans: Iterable[Plan], nursery: Nursery) -> list[Proof]:
    """Carry out runs."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(plan: Plan) -> Proof:
        async with turns:
            return await prove(plan, nursery)

    return await asyncio.gather(*map(in_turn, plans))
