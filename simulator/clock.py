"""The simulator's idea of the time."""

from datetime import UTC, datetime, timedelta
from typing import override


class Clock:
    """Real time, which can be made to jump forward."""

    def __init__(self) -> None:
        """Start at the host's own time."""
        self.travelled = 0.0

    def now(self) -> datetime:
        """Tell the current time, with its offset."""
        return datetime.now(UTC) + timedelta(seconds=self.travelled)

    def advance(self, seconds: float) -> None:
        """Jump forward."""
        if seconds < 0:
            raise ValueError("time only goes forward")
        self.travelled += seconds

    @property
    def runs_by_itself(self) -> bool:
        """Tell whether time passes without being told to."""
        return True


class DrivenClock(Clock):
    """A time that stands still until it is advanced.

    Signed calls are compared with this time, so a client that works out its offset at the start
    of a test and goes on for more than 30 real seconds is refused: the host's clock went on, this one did not.
    """

    def __init__(self, start: datetime) -> None:
        """Start at the given time, which must carry an offset."""
        super().__init__()
        if start.tzinfo is None:
            raise ValueError("the start of a driven clock needs a time zone")
        self._start = start

    @override
    def now(self) -> datetime:
        """Tell the time it was driven to."""
        return self._start + timedelta(seconds=self.travelled)

    @property
    @override
    def runs_by_itself(self) -> bool:
        """Tell that it does not."""
        return False
