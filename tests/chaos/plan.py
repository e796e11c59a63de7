"""What happens in a run: the calls, what goes wrong, and where it ends; all from one seed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
import random
from typing import Any, Final

from simulator.constants import VIRTUAL_NUMBER

from .channel import Line
from .steps import CARDINAL, CLEAN, Ending, Step

NUMBERS: Final = ("+33639980001", "+33639980002", "+33639980003")
# OVHcloud shows what it took in less time than it is looked up for.
_LONGEST_LAG: Final = 100
# Real seconds after which an answer is not waited for any more, where one will be missing.
SHORT: Final = 0.25
# All that the simulator can do wrong, as it meets a send.
FAULTS: Final[Mapping[str, Line]] = {
    "none": {},
    "refuse": {"kind": "refuse"},
    "reset": {"kind": "reset"},
    "reset after": {"kind": "reset", "applied": "after"},
    "hang": {"kind": "hang"},
    "hang after": {"kind": "hang", "applied": "after"},
    "slow": {"kind": "slow", "seconds": 0.02},
    "server error": {"kind": "status", "status": 500},
    "server error after": {"kind": "status", "status": 500, "applied": "after"},
    "bad gateway after": {
        "kind": "status",
        "status": 502,
        "body": "html",
        "applied": "after",
    },
    "odd answer after": {
        "kind": "status",
        "status": 200,
        "body": "odd",
        "applied": "after",
    },
    "throttled": {"kind": "status", "status": 429, "retry_after": 30},
    "bad request": {"kind": "status", "status": 400},
    "payment required": {"kind": "status", "status": 402},
    "forbidden": {"kind": "forbidden"},
    "not granted": {"kind": "forbidden", "reason": "NOT_GRANTED_CALL"},
    "signature": {"kind": "signature"},
    "expired": {"kind": "expired"},
    # By more than that it is the house that is wrong: its clock jumps.
    "skew": {"kind": "skew", "seconds": 600},
    "lag": {"kind": "lag", "seconds": _LONGEST_LAG},
    "nobody valid": {"kind": "empty_ids"},
    "half valid": {"kind": "half"},
}
_STANDING: Final = ("refuse", "skew")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A fault that begins and ends at a moment of the run, in seconds."""

    fault: Line
    since: float = 0.0
    until: float = 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """An ending at a step that was passed some times; `pause` is how long it stays dark."""

    step: Step
    ending: Ending
    passes: int = 0
    pause: float = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A run: `calls` are made at their moments, those of one moment at once."""

    name: str
    calls: tuple[tuple[float, tuple[Line, ...]], ...]
    troubles: tuple[Trouble, ...] = ()
    crashes: tuple[Crash, ...] = ()
    jumps: tuple[tuple[float, float], ...] = ()
    sms_user: bool = False

    @property
    def has_haste(self) -> bool:
        """Tell whether the house does not wait for the end of a write somewhere."""
        return any(crash.ending is Ending.HASTE for crash in self.crashes)

    @property
    def timeout(self) -> float:
        """Return how long an answer is waited for, in real seconds."""
        is_missing = any(each.fault["kind"] == "hang" for each in self.troubles)
        return SHORT if is_missing else 20


def call(name: str, *numbers: str, **more: Any) -> Line:
    """Return a call; the name can be found in the text, however it is sent."""
    return {
        "text": f"Leak in the cellar #{name}.",
        "receivers": list(numbers or NUMBERS[:1]),
        **more,
    }


def matrix(fault: str) -> Iterator[Plan]:
    """Return every step and every ending for a fault that meets one message to two numbers."""
    calls = ((0.0, (call("a", *NUMBERS[:2]),)),)
    given = FAULTS[fault]
    troubles: tuple[Trouble, ...] = ()
    if given:
        on_send = {} if given["kind"] in _STANDING else {"method": "POST"}
        troubles = (Trouble(fault=given | on_send),)
    yield Plan(name=f"{fault}: carry on", calls=calls, troubles=troubles)
    for step in CARDINAL:
        for ending in (Ending.KILL, *CLEAN):
            yield Plan(
                name=f"{fault}, {step}: {ending}",
                calls=calls,
                troubles=troubles,
                crashes=(Crash(step=step, ending=ending),),
            )


@dataclass
class _Dice:
    """What chance decides."""

    seed: int
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def happens(self, chance: float) -> bool:
        return self.random.random() < chance

    def moment(self, longest: float) -> float:
        return round(self.random.uniform(0, longest), 1)

    def call(self, name: str, *, sms_user: bool) -> Line:
        """Return one message of any kind."""
        numbers = self.random.sample(NUMBERS, self.random.choice((1, 1, 2, 3)))
        more: Line = {"retry_for": self.random.choice((60, 60, 60, 5, 0))}
        match self.random.randrange(8):
            case 0:
                more["short_number"] = True
            case 1 if not sms_user:
                more["sender"] = VIRTUAL_NUMBER
            case 2:
                # It is night: advertising waits for the morning.
                more["no_stop_clause"] = False
            case 3:
                more["delay"] = self.random.choice((90, 1800, 7200))
            case 4:
                more["tag"] = "mine"
        return call(name, *numbers, **more)

    def calls(self, *, sms_user: bool) -> Iterator[tuple[float, tuple[Line, ...]]]:
        """Return one to four messages, some of them at once, some the same."""
        for number in range(self.random.choice((1, 1, 2, 3, 4))):
            name = "abcd"[number]
            at_once = 1 if self.happens(0.75) else self.random.choice((2, 3))
            if self.happens(0.15):
                same = self.call(name, sms_user=sms_user) | {"tag": "same"}
                yield self.moment(120), (same,) * at_once
            else:
                yield (
                    self.moment(120),
                    tuple(
                        self.call(f"{name}{each}", sms_user=sms_user)
                        for each in range(at_once)
                    ),
                )

    def trouble(self) -> Trouble:
        """Return a fault of any kind, on some calls or all, for a while or some times."""
        fault = dict(
            FAULTS[self.random.choice([name for name in FAULTS if name != "none"])]
        )
        if fault["kind"] not in _STANDING:
            if self.happens(0.7):
                fault["method"] = self.random.choice(("POST", "POST", "GET"))
            if self.happens(0.5):
                fault["times"] = self.random.choice((1, 1, 2, 5))
        since = self.moment(60) if self.happens(0.4) else 0.0
        return Trouble(
            fault=fault,
            since=since,
            until=since + self.random.choice((10, 60, 140, 400, 5000)),
        )

    def crash(self) -> Crash:
        """Return an ending anywhere."""
        return Crash(
            step=self.random.choice(list(Step)),
            ending=self.random.choice(
                [Ending.KILL] * 4 + [Ending.RELOAD, Ending.SHUTDOWN, Ending.HASTE]
            ),
            passes=self.random.choice((0, 0, 1, 2)),
            pause=self.random.choice((0, 3, 20, 130, 1000)),
        )


def chance(seed: int) -> Plan:
    """Return the run of a seed."""
    dice = _Dice(seed)
    sms_user = dice.happens(0.15)
    return Plan(
        name=f"seed {seed}",
        calls=tuple(sorted(dice.calls(sms_user=sms_user), key=lambda each: each[0])),
        troubles=tuple(
            dice.trouble() for _ in range(dice.random.choice((0, 1, 1, 2, 3)))
        ),
        crashes=tuple(dice.crash() for _ in range(dice.random.choice((0, 1, 1, 2, 4)))),
        jumps=tuple(
            (dice.moment(200), dice.random.choice((3600.0, -3600.0, 86400.0)))
            for _ in range(dice.random.choice((0, 0, 0, 0, 1)))
        ),
        sms_user=sms_user,
    )
