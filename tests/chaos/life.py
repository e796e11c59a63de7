"""One life of the road that a test leads by hand."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from simulator import Fault, Simulator

from .channel import Line
from .nursery import Child, Nursery
from .run import name_of


class Life:
    """A road in a process of its own, and the OVHcloud that it sends to."""

    def __init__(self, sim: Simulator, path: Path) -> None:
        """Prepare a life with the ledger at a path."""
        self.sim = sim
        self.path = path
        self.told: list[Line] = []
        self.child: Child | None = None

    async def ask(self, order: str, **given: Any) -> Line:
        """Give an order that does not kill."""
        assert self.child
        answer = await self.child.ask(order, **given)
        assert answer
        return answer

    async def send(self, *messages: Line) -> list[str]:
        """Make calls; return what the callers were told."""
        before = len(self.told)
        await self.ask("send", messages=messages)
        return [line["state"] for line in self.told[before:]]

    async def rest(self) -> float | None:
        """Do what there is to do for now; return when there is again."""
        pause: float | None = (await self.ask("work"))["pause"]
        return pause

    async def advance(self, seconds: float) -> None:
        """Let time pass."""
        await self.sim.advance(seconds)
        await self.ask("advance", seconds=seconds)

    def cut(self) -> int:
        """Put OVHcloud out of reach."""
        return self.sim.faults.add(Fault("refuse")).id

    @property
    def arrived(self) -> list[str]:
        """Return the names of the messages that phones got."""
        return sorted(
            name_of(message.text)
            for phone in self.sim.world.phones.values()
            for message in phone.messages
        )


@asynccontextmanager
async def led(
    nursery: Nursery, sim: Simulator, path: Path, **given: Any
) -> AsyncGenerator[Life]:
    """Lead a life until its end."""
    life = Life(sim, path)
    life.child = await nursery.bear(
        life.told.append,
        url=sim.url,
        path=str(path),
        now=sim.world.now().timestamp(),
        steady=1000.0,
        timeout=20,
        **given,
    )
    try:
        yield life
    finally:
        life.child.close()
