"""What is still to happen, in order of time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
import heapq
from itertools import count

from .clock import Clock

type Action = Callable[[], Awaitable[None]]


class Schedule:
    """Things to do at their time: by themselves in real time, or when a driven clock is advanced."""

    def __init__(self, clock: Clock) -> None:
        """Start with nothing to do."""
        self._clock = clock
        self._due: list[tuple[datetime, int, Action]] = []
        self._order = count()
        self._changed = asyncio.Event()
        self._running = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def at(self, when: datetime, action: Action) -> None:
        """Plan an action."""
        heapq.heappush(self._due, (when, next(self._order), action))
        self._changed.set()

    def clear(self) -> None:
        """Forget everything planned."""
        self._due.clear()
        self._changed.set()

    def start(self) -> None:
        """Begin to act by itself, if time passes by itself."""
        if self._clock.runs_by_itself:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Cease to act."""
        self._due.clear()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def advance(self, seconds: float) -> None:
        """Let time pass, doing what comes due on the way, each at its own time."""
        if seconds < 0:
            raise ValueError("time only goes forward")
        async with self._running:
            left = seconds
            while self._due:
                step = (self._due[0][0] - self._clock.now()).total_seconds()
                if step > left:
                    break
                if step > 0:
                    self._clock.advance(step)
                    left -= step
                await heapq.heappop(self._due)[2]()
            self._clock.advance(left)
        self._changed.set()

    async def _run(self) -> None:
        """Wait for the next thing to do, and do it."""
        while True:
            self._changed.clear()
            async with self._running:
                while self._due and self._due[0][0] <= self._clock.now():
                    await heapq.heappop(self._due)[2]()
            pause = (
                (self._due[0][0] - self._clock.now()).total_seconds()
                if self._due
                else None
            )
            with suppress(TimeoutError):
                await asyncio.wait_for(
                    self._changed.wait(), None if pause is None else max(pause, 0.0)
                )
