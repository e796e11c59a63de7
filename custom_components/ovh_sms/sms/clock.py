"""The one clock of the road: what time it is, and how much time has passed."""

from collections.abc import Callable
import time
from typing import Protocol


class Clock(Protocol):
    """What the road knows of time."""

    def now(self) -> float:
        """Return the time of day, in seconds since 1970; it may jump."""

    def steady(self) -> float:
        """Return seconds since some moment; they never jump."""


class SystemClock(Clock):
    """The clock of the machine."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """Take the time of day from where the house takes it."""
        self._now = now

    def now(self) -> float:
        """Return the time of day, in seconds since 1970; it may jump."""
        return self._now()

    def steady(self) -> float:
        """Return seconds since the machine was started, asleep or awake."""
        return time.clock_gettime(_STEADY)


# Elsewhere than on Linux the time asleep does not count.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
