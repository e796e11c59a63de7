"""A run: a house that is killed and started again, and an OVHcloud that lives through it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
import json
from pathlib import Path
import re
import sqlite3
from typing import Any, Final
from urllib.parse import parse_qs

from simulator import ACCOUNT, Fault, Simulator
from simulator.clock import DrivenClock

from .channel import Line
from .nursery import Child, Nursery
from .plan import Crash, Plan
from .steps import Ending

# A winter's evening in Paris.
START: Final = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
# A run that takes more lives or longer waits than these does not come to rest.
_MOST_LIVES: Final = 12
_MOST_WAITS: Final = 3000
_NAME: Final = re.compile(r"#(\w+)\.")


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery as the ledger has it in the end."""

    message_id: str
    name: str
    tag: str
    number: str
    index: int
    state: str
    of_message: str
    is_closed: bool


@dataclass
class Record:
    """What came of a run, from all who saw it."""

    plan: Plan
    # What OVHcloud accepted and what phones have: name and number of each.
    accepted: list[tuple[str, str]] = field(default_factory=list)
    arrived: list[tuple[str, str]] = field(default_factory=list)
    # Name and tag of each POST.
    posted: set[tuple[str, str]] = field(default_factory=set)
    # How often OVHcloud was asked for what it has.
    asked: int = 0
    rows: list[Row] = field(default_factory=list)
    # What callers and events said.
    told: list[Line] = field(default_factory=list)
    lives: int = 0
    sprung: list[Crash] = field(default_factory=list)
    is_at_rest: bool = False


def name_of(text: str) -> str:
    """Return a message's name, from whatever its text became."""
    found = _NAME.search(text)
    assert found, text
    return found[1]


class Run:
    """Carries out a plan on a simulator of its own."""

    def __init__(self, plan: Plan, nursery: Nursery, folder: Path) -> None:
        """Prepare a run whose ledger is in a folder."""
        self.plan = plan
        self.record = Record(plan)
        self.sim = Simulator(DrivenClock(START))
        self.path = folder / "ovh_sms" / "chaos.db"
        self._nursery = nursery
        self._folder = folder
        self._child: Child | None = None
        self._elapsed = 0.0
        self._set_by = 0.0
        self._crashes = list(plan.crashes)
        self._armed: Crash | None = None
        self._faults: dict[int, Fault] = {}

    async def go(self) -> Record:
        """Live through all of it, until everything is at rest."""
        await self.sim.start()
        try:
            account = self.sim.world.accounts[ACCOUNT]
            account.credits_left = 10_000
            await self._go()
            self._look()
        finally:
            if self._child:
                self._child.close()
            await self.sim.stop()
        return self.record

    async def _go(self) -> None:
        agenda = sorted(self._agenda(), key=lambda item: item[0])
        for _ in range(_MOST_WAITS):
            while agenda and agenda[0][0] <= self._elapsed:
                _, what, given = agenda.pop(0)
                await getattr(self, f"_{what}")(given)
            await self._have_life()
            worked = await self._ask("work")
            if worked is None or worked["ended"]:
                continue
            pause = worked["pause"]
            if agenda:
                left = agenda[0][0] - self._elapsed
                pause = left if pause is None else min(pause, left)
            if pause is None:
                self.record.is_at_rest = True
                await self._ask("close")
                return
            await self._advance(pause)

    def _agenda(self) -> Iterator[tuple[float, str, Any]]:
        for index, trouble in enumerate(self.plan.troubles):
            yield trouble.since, "begin", (index, trouble.fault)
            yield trouble.until, "clear", index
        for moment, jump in self.plan.jumps:
            yield moment, "jump", jump
        for moment, messages in self.plan.calls:
            yield moment, "call", messages

    async def _begin(self, given: tuple[int, Line]) -> None:
        index, fault = given
        self._faults[index] = self.sim.faults.add(Fault(**fault))

    async def _clear(self, index: int) -> None:
        self.sim.faults.remove(self._faults[index].id)

    async def _jump(self, seconds: float) -> None:
        self._set_by += seconds
        await self._have_life()
        await self._ask("advance", seconds=0, jump=seconds)

    async def _call(self, messages: tuple[Line, ...]) -> None:
        await self._have_life()
        await self._ask("send", messages=messages)

    async def _have_life(self) -> None:
        """Start the house if it is not running, with the next trap armed."""
        while self._child is None:
            self.record.lives += 1
            assert self.record.lives < _MOST_LIVES, "too many lives"
            self._child = await self._nursery.bear(
                self.record.told.append,
                url=self.sim.url,
                path=str(self.path),
                folder=str(self._folder),
                now=START.timestamp() + self._elapsed + self._set_by,
                steady=1000 + self._elapsed,
                sms_user=self.plan.sms_user,
                timeout=self.plan.timeout,
            )
            await self._arm()

    async def _arm(self) -> None:
        if self._crashes:
            self._armed = self._crashes.pop(0)
            await self._ask(
                "arm",
                step=self._armed.step,
                ending=self._armed.ending,
                passes=self._armed.passes,
            )

    async def _ask(self, order: str, **given: Any) -> Line | None:
        """Give an order; it may be the last thing that this life does."""
        assert self._child
        answer = await self._child.ask(order, **given)
        ended = answer["ended"] if answer else Ending.KILL
        if ended and order != "close":
            crash = self._armed
            assert crash, f"it died by itself: {order}"
            self.record.sprung.append(crash)
            self._armed = None
            if ended == Ending.RELOAD:
                await self._arm()
            else:
                self._child.close()
                self._child = None
                await self._advance(crash.pause)
        return answer

    async def _advance(self, seconds: float) -> None:
        """Let time pass for everyone."""
        self._elapsed += seconds
        await self.sim.advance(seconds)
        if self._child:
            await self._ask("advance", seconds=seconds)

    def _look(self) -> None:
        """Ask everyone what came of it."""
        record = self.record
        for sms in self.sim.world.accounts[ACCOUNT].messages.values():
            record.accepted.append((name_of(sms.text), sms.receiver))
        for phone in self.sim.world.phones.values():
            record.arrived += [
                (name_of(each.text), phone.number) for each in phone.messages
            ]
        for request in self.sim.requests:
            record.asked += request.method == "GET"
            if request.method == "POST" and request.path.endswith("/jobs"):
                # Not all of it may have come.
                if request.json:
                    given = request.json
                    record.posted.add((name_of(given["message"]), given["tag"]))
            elif request.path.endswith(".cgi"):
                form = parse_qs(request.body)
                if "tag" in form:
                    record.posted.add((name_of(form["message"][0]), form["tag"][0]))
        record.rows = rows_of(self.path)


def rows_of(path: Path) -> list[Row]:
    """Read a ledger as a stranger."""
    with closing(sqlite3.connect(path)) as database:
        # Whoever ended well has sorted all of it in.
        assert not database.execute("SELECT * FROM intake").fetchall()
        rows = database.execute(
            "SELECT message_id, tag, number, position + 1, deliveries.state,"
            " messages.state, job, closed FROM messages JOIN deliveries USING (message_id)"
        )
        return [
            Row(
                message_id=message_id,
                name=name_of(json.loads(job)["message"]),
                tag=tag,
                number=number,
                index=index,
                state=state,
                of_message=of_message,
                is_closed=bool(closed),
            )
            for message_id, tag, number, index, state, of_message, job, closed in rows
        ]
