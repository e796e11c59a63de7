"""Faults on demand: what can go wrong between a client and the service."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import count
from typing import Final, Literal

type Door = Literal["rest", "oauth2", "http2sms"]

KINDS: Final = frozenset(
    {
        "refuse",
        "reset",
        "hang",
        "slow",
        "status",
        "forbidden",
        "signature",
        "expired",
        "skew",
        "lag",
        "empty_ids",
        "half",
    }
)
BODIES: Final = frozenset({"json", "html", "empty", "list", "string", "null", "odd"})
REASONS: Final = frozenset(
    {
        "INVALID_CREDENTIAL",
        "NOT_CREDENTIAL",
        "NOT_GRANTED_CALL",
        "INVALID_KEY",
        "FORBIDDEN",
        "IAM",
    }
)
_STANDING: Final = frozenset({"refuse", "skew"})
_ON_SENDS: Final = frozenset({"empty_ids", "half", "lag"})
_TIMED: Final = frozenset({"slow", "skew", "lag"})
_ids = count(1)


@dataclass(frozen=True, slots=True)
class FaultableCall:
    """What of a call decides whether a fault meets it."""

    door: Door
    method: str
    route: str
    sends: bool
    identified: bool


@dataclass(eq=False, slots=True)
class Fault:
    """Something to go wrong, `times` times or until it is cleared.

    `path` is a glob on the path without its prefix. Without method and path a fault meets every
    call it makes sense for, `/auth/time` included.
    """

    kind: str
    times: int | None = None
    method: str | None = None
    path: str | None = None
    seconds: float | None = None
    status: int | None = None
    body: str = "json"
    retry_after: float | None = None
    applied: str = "before"
    reason: str = "INVALID_CREDENTIAL"
    id: int = field(default_factory=lambda: next(_ids), init=False)
    left: int | None = field(default=None, init=False)
    over: asyncio.Event = field(default_factory=asyncio.Event, init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse what would do nothing."""
        for name, value, choices in (
            ("kind", self.kind, KINDS),
            ("body", self.body, BODIES),
            ("reason", self.reason, REASONS),
            ("applied", self.applied, frozenset({"before", "after"})),
        ):
            if value not in choices:
                raise ValueError(
                    f"{name} must be one of {', '.join(sorted(choices))}, not {value!r}"
                )
        if self.times is not None and self.times < 1:
            raise ValueError("times must be at least 1")
        if self.kind in _TIMED and self.seconds is None:
            raise ValueError(f"a fault of kind {self.kind} needs seconds")
        if self.kind == "status" and (
            self.status is None or not 200 <= self.status <= 599
        ):
            raise ValueError("a fault of kind status needs a status from 200 to 599")
        self.left = self.times

    def meets(self, call: FaultableCall) -> bool:
        """Tell whether a call runs into this fault."""
        if self.kind in _STANDING or (self.kind in _ON_SENDS and not call.sends):
            return False
        if self.kind in {"forbidden", "signature"} and not call.identified:
            return False
        if self.kind == "signature" and call.door != "rest":
            return False
        if self.kind == "expired" and not (
            call.door == "rest" and call.route.startswith("/sms/")
        ):
            return False
        if self.method is not None and self.method.upper() != call.method:
            return False
        return self.path is None or fnmatchcase(call.route, self.path)

    async def hold(self) -> None:
        """Wait the fault's seconds, or until it is cleared."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), self.seconds)


class Faults:
    """The faults in force."""

    def __init__(self, changed: Callable[[], None]) -> None:
        """Start without any."""
        self._changed = changed
        self._faults: list[Fault] = []
        self._held: set[Fault] = set()

    def __iter__(self) -> Iterator[Fault]:
        """Go through the faults in force."""
        return iter(list(self._faults))

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force."""
        self._faults.append(fault)
        self._changed()
        return fault

    def remove(self, identifier: int) -> bool:
        """Clear one fault, and tell whether there was such a one."""
        found = [
            fault for fault in (*self._faults, *self._held) if fault.id == identifier
        ]
        self._end(found)
        return bool(found)

    def remove_kind(self, kind: str) -> None:
        """Clear all faults of a kind."""
        self._end(
            [fault for fault in (*self._faults, *self._held) if fault.kind == kind]
        )

    def clear(self) -> None:
        """Clear them all, and let go of the calls that hang."""
        self._end([*self._faults, *self._held])

    def _end(self, faults: Iterable[Fault]) -> None:
        """Take faults out of force."""
        for fault in faults:
            fault.over.set()
            self._held.discard(fault)
            if fault in self._faults:
                self._faults.remove(fault)
        self._changed()

    def holds(self, kind: str) -> bool:
        """Tell whether a fault of a kind is in force."""
        return any(fault.kind == kind for fault in self._faults)

    @property
    def skew(self) -> float:
        """Tell by how much the service's clock is off."""
        return sum(
            fault.seconds or 0.0 for fault in self._faults if fault.kind == "skew"
        )

    def take(self, call: FaultableCall) -> list[Fault]:
        """Give the faults that a call meets, each used once more."""
        met = [fault for fault in self._faults if fault.meets(call)]
        for fault in met:
            if fault.left is not None:
                fault.left -= 1
                if fault.left == 0:
                    self._faults.remove(fault)
                    self._held.add(fault)
        if met:
            self._changed()
        return met

    def done(self, faults: Iterable[Fault]) -> None:
        """Forget the faults of a call that is over."""
        self._held.difference_update(faults)
