"""A dispatcher whose steps a test makes, with a clock that a test drives."""

from abc import ABC, abstractmethod
import asyncio
from pathlib import Path
from typing import Any, Final, Protocol

from custom_components.ovh_sms.gateway import ApiKeys, RestGateway
from custom_components.ovh_sms.sms.dispatcher import Dispatcher
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.message import Outcome
from custom_components.ovh_sms.sms.request import SmsRequest
from custom_components.ovh_sms.sms.settings import Settings
from simulator import ACCOUNT, Simulator
from tests.conftest import API_KEYS

from .conftest import ALICE, RECIPIENTS, DrivenClock

KEYS: Final = ApiKeys(**API_KEYS)


class Step(Protocol):
    """What was done in a step, and when there is more to do."""

    @property
    def pause(self) -> float | None:
        """Return in how many seconds there is more to do."""


class Driven[S: Step](ABC):
    """A run of the road, and an OVHcloud behind it."""

    dispatcher: Dispatcher

    def __init__(
        self, sim: Simulator, path: Path, clock: DrivenClock, settings: Settings
    ) -> None:
        """Start a first run."""
        self.sim = sim
        self.path = path
        self.clock = clock
        self.settings = settings
        self.gateway: Any = None
        self.start()

    def start(self, gateway: Any = None) -> None:
        """Start a run."""
        self.gateway = gateway or RestGateway(KEYS, self.sim.url)
        self.dispatcher = Dispatcher(
            ACCOUNT, lambda: Ledger(self.path), self.gateway, self.clock, lambda: 0.5
        )

    async def send(self, *receivers: str, **changes: Any) -> Outcome:
        """Send a message."""
        given = {"message": "Leak", "receivers": receivers or (ALICE,)}
        [outcome] = await asyncio.to_thread(
            self.dispatcher.send,
            SmsRequest(**(given | changes)),
            RECIPIENTS,
            self.settings,
        )
        return outcome

    @abstractmethod
    async def step(self) -> S:
        """Make one step."""

    async def rest(self) -> float | None:
        """Make steps until there is nothing to do now; return when there is again."""
        while (done := await self.step()).pause == 0:
            pass
        return done.pause

    async def pass_time(self, seconds: float) -> None:
        """Let time pass for everyone."""
        self.clock.advance(seconds)
        await self.sim.advance(seconds)

    async def go_on(self, seconds: float) -> None:
        """Let time pass, and do what is due in it."""
        until = self.clock.steady() + seconds
        while (pause := await self.rest()) is not None:
            if self.clock.steady() + pause > until:
                break
            await self.pass_time(pause)
        await self.pass_time(until - self.clock.steady())
