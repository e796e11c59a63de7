"""Values that are made anew only when what they are made of has changed."""

from collections.abc import Callable


class Kept[*Ts, T]:
    """What is made of some values: as long as they are the same, it is not made again."""

    def __init__(self, make: Callable[[*Ts], T]) -> None:
        """Begin without any."""
        self._make = make
        self._last: tuple[tuple[*Ts], T] | None = None

    def of(self, *values: *Ts) -> T:
        """Return what is made of the values."""
        if self._last is None or self._last[0] != values:
            self._last = (values, self._make(*values))
        return self._last[1]
