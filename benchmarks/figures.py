"""What is measured, as it is shown."""

from dataclasses import dataclass, field
import statistics


@dataclass(slots=True)
class Series:
    """What sends cost, one after the other: seconds, and what the server counted."""

    name: str
    receivers: int
    seconds: list[float] = field(default_factory=list)
    cpu: float = 0.0
    requests: int = 0
    connections: int = 0

    @property
    def sends(self) -> int:
        """Return how many sends there were."""
        return len(self.seconds)

    @property
    def p50(self) -> float:
        """Return the milliseconds that half of the sends took at most."""
        return statistics.median(self.seconds) * 1000

    @property
    def p95(self) -> float:
        """Return the milliseconds that 19 of 20 sends took at most."""
        return statistics.quantiles(self.seconds, n=20)[-1] * 1000

    @property
    def cpu_each(self) -> float:
        """Return the milliseconds of processor time for each send."""
        return self.cpu / self.sends * 1000
