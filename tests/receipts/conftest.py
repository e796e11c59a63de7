"""A road whose receipts a test reads step by step, and an OVHcloud that lives by the same time."""

import asyncio
from bisect import bisect_left
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, override

import ovh.client
import pytest

from custom_components.ovh_sms.gateway import client
from custom_components.ovh_sms.sms.awaited import Receipt
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.receipts import Receipts, ReceiptsRead
from simulator import ACCOUNT, RequestRecord, Simulator
from simulator.clock import DrivenClock as SimulatorClock
from simulator.messages import Sms
from tests.sms.conftest import DrivenClock, make_settings
from tests.sms.driven import Driven

# A Monday at noon: what has a STOP text may leave.
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = 3600.0
DAY = 24 * HOUR

type Told = tuple[str, str | None]


class Desk(Driven[ReceiptsRead]):
    """An account whose receipts a test reads."""

    def __init__(self, sim: Simulator, path: Path, clock: DrivenClock) -> None:
        """Start a first run."""
        self.told: list[Receipt] = []
        self.readings: list[ReceiptsRead] = []
        super().__init__(
            sim, path, clock, make_settings(daily_limit=0, recipient_limit=0)
        )

    @override
    def start(self, gateway: Any = None) -> None:
        """Start a run."""
        super().start(gateway)
        self.receipts = Receipts(self.dispatcher)

    def close(self) -> None:
        """End the run in peace."""
        self.receipts.close()
        self.dispatcher.close()

    async def restart(self, gateway: Any = None, *, crash: bool = False) -> None:
        """End the run, without its last write where it crashes, and start another."""
        end = self.dispatcher.close if crash else self.close
        await asyncio.to_thread(end)
        await asyncio.to_thread(self.start, gateway)

    @override
    async def step(self, *, tells: bool = True) -> ReceiptsRead:
        """Make one step."""
        reading = await asyncio.to_thread(self.receipts.work, self.settings)
        self.readings.append(reading)
        if tells:
            self.told += reading.receipts
            self.receipts.confirm_told(reading.receipts)
        return reading

    async def look_up(self, seconds: float) -> None:
        """Let time pass, and do what else is due in the background."""
        await self.pass_time(seconds)
        while (work := await asyncio.to_thread(self.work)).pause == 0:
            self.dispatcher.confirm_told(work.outcomes)

    def work(self) -> Any:
        """Make a step of what is not about receipts."""
        return self.dispatcher.work(self.settings)

    @property
    def ledger(self) -> Ledger:
        """Return the ledger, with all that was answered."""
        return self.dispatcher._up_to_date()

    @property
    def ends(self) -> list[Told]:
        """Return how deliveries were told to end, and why."""
        return [(receipt.state, receipt.reason) for receipt in self.told]

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """Return the state of each delivery, and whether it is awaited or to be told."""
        found = self.ledger.rows(
            "SELECT state, reason, look_at IS NOT NULL, owed FROM deliveries"
            " ORDER BY message_id, position"
        )
        return [tuple(row) for row in found]

    @property
    def sms(self) -> list[Sms]:
        """Return what OVHcloud took."""
        return list(self.sim.world.accounts[ACCOUNT].messages.values())

    @property
    def reads(self) -> list[RequestRecord]:
        """Return what was asked about SMS that left, and what codes mean."""
        return [
            request
            for request in self.sim.requests
            if "/outgoing" in request.path or "/ptts" in request.path
        ]

    @property
    def looks(self) -> list[int]:
        """Return when that was, in seconds since the start."""
        start = START.timestamp()
        return [round(request.at.timestamp() - start) for request in self.reads]

    @property
    def busiest_minute(self) -> int:
        """Return the most calls that were made within a minute."""
        looks = self.looks
        return max(
            (bisect_left(looks, begin + 60) - place)
            for place, begin in enumerate(looks)
        )


@asynccontextmanager
async def opened(path: Path, patch: pytest.MonkeyPatch) -> AsyncGenerator[Desk]:
    """Open a desk, and close it at the end."""
    clock = DrivenClock()
    clock.time_of_day = START.timestamp()
    watch = SimpleNamespace(time=clock.now, monotonic=clock.steady)
    for module in (client, ovh.client):
        patch.setattr(module, "time", watch)
    sim = Simulator(SimulatorClock(START))
    await sim.start()
    sim.world.accounts[ACCOUNT].credits_left = 100_000
    desk = Desk(sim, path, clock)
    try:
        yield desk
    finally:
        await asyncio.to_thread(desk.close)
        await sim.stop()


@pytest.fixture
async def desk(
    socket_enabled: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Desk]:
    """Return a desk with a ledger of its own."""
    async with opened(tmp_path / "ovh_sms" / "entry.db", monkeypatch) as made:
        yield made
