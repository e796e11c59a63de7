"""How often OVHcloud is asked: pauses after failures, and a budget for the background."""

from collections.abc import Callable
import random
import threading
from typing import Final

from .clock import Clock

FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 60.0
CALLS_A_MINUTE: Final = 60


class Pauses:
    """The pauses between attempts while OVHcloud is out of reach."""

    def __init__(
        self, clock: Clock, jitter: Callable[[], float] = random.random
    ) -> None:
        """Begin without any."""
        self._clock = clock
        self._jitter = jitter
        self._next = FIRST_PAUSE
        self._until = 0.0
        self._told_until = 0.0

    @property
    def left(self) -> float:
        """Return the seconds until what waits is tried again."""
        return max(0.0, self._until - self._clock.steady(), self.told)

    @property
    def told(self) -> float:
        """Return the seconds for which OVHcloud wants to be left alone."""
        return max(0.0, self._told_until - self._clock.steady())

    def begin(self, retry_after: float | None) -> None:
        """Begin to pause, unless there is a pause already."""
        if not self.left:
            self.grow(retry_after)
        self._obey(retry_after)

    def grow(self, retry_after: float | None = None) -> None:
        """Pause for longer than the last time; not all at the same instant."""
        pause = self._next * (0.8 + 0.4 * self._jitter())
        self._until = self._clock.steady() + min(pause, LONGEST_PAUSE)
        self._next = min(self._next * 2, LONGEST_PAUSE)
        self._obey(retry_after)

    def end(self) -> None:
        """Go on: OVHcloud has answered, or something else has changed for the better."""
        self._until = 0.0
        self._next = FIRST_PAUSE

    def _obey(self, retry_after: float | None) -> None:
        if retry_after:
            self._told_until = self._clock.steady() + retry_after


class Budget:
    """Calls that nobody waits for: about as many a minute as OVHcloud finds fair."""

    def __init__(self, clock: Clock) -> None:
        """Begin with a whole minute's calls."""
        self._clock = clock
        self._lock = threading.Lock()
        self._calls = float(CALLS_A_MINUTE)
        self._since = clock.steady()

    @property
    def left(self) -> float:
        """Return the seconds until a call is free."""
        with self._lock:
            self._refill()
        return max(0.0, (1 - self._calls) * 60 / CALLS_A_MINUTE)

    def take(self, calls: int) -> None:
        """Take calls, also more than are left: then the next ones wait for longer."""
        with self._lock:
            self._refill()
            self._calls -= calls

    def _refill(self) -> None:
        now = self._clock.steady()
        self._calls = min(
            CALLS_A_MINUTE, self._calls + (now - self._since) * CALLS_A_MINUTE / 60
        )
        self._since = now
