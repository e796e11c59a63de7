"""One way to send an SMS."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

type Send = Callable[[int], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Sender:
    """A call that sends to so many receivers; without one it is said why not."""

    name: str
    send: Send | None
    why_not: str = ""
    most: int = 3
