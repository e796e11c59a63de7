"""What nobody waits for: trying again, looking up, giving up."""

import asyncio
from collections.abc import Generator
from pathlib import Path
import re
from typing import Any, override

import pytest

from custom_components.ovh_sms.gateway import Http2SmsGateway, NotSent, NotSentReason
from custom_components.ovh_sms.gateway.models import Job, JobReport, SmsUser
from custom_components.ovh_sms.sms.dispatcher import Dispatcher, Work
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.message import Outcome
from custom_components.ovh_sms.sms.pace import LONGEST_PAUSE
from custom_components.ovh_sms.sms.request import SmsRequest
from custom_components.ovh_sms.sms.road import LOOKS
from custom_components.ovh_sms.sms.states import State
from simulator import Fault, Simulator
from tests.conftest import jobs, texts
from tests.ledgers import states_in

from .conftest import ALICE, BOB, NOW, RUN, DrivenClock, make_message, make_settings
from .driven import Driven


class Road(Driven[Work]):
    """A road whose late messages a test sends."""

    def __init__(self, sim: Simulator, path: Path, clock: DrivenClock) -> None:
        """Start a first run."""
        self.outcomes: list[Outcome] = []
        super().__init__(sim, path, clock, make_settings())

    async def restart(self, gateway: Any = None) -> None:
        """End the run, and start another."""
        await asyncio.to_thread(self.dispatcher.close)
        await asyncio.to_thread(self.start, gateway)

    @override
    async def step(self) -> Work:
        """Make one step."""
        work = await asyncio.to_thread(self.dispatcher.work, self.settings)
        self.outcomes += work.outcomes
        self.dispatcher.confirm_told(work.outcomes)
        return work

    @property
    def told(self) -> list[State]:
        """Return what was told so far."""
        return [outcome.state for outcome in self.outcomes]

    @property
    def states(self) -> list[State]:
        """Return the states in the ledger."""
        ledger = self.dispatcher._ledger
        assert ledger
        return list(states_in(ledger).values())


@pytest.fixture
def road(sim: Simulator, path: Path, clock: DrivenClock) -> Generator[Road]:
    """Return a road to the simulator."""
    made = Road(sim, path, clock)
    yield made
    made.dispatcher.close()


def cut(road: Road) -> Fault:
    """Have OVHcloud refuse connections."""
    return road.sim.faults.add(Fault("refuse"))


class TestWaiting:
    """A message that did not leave is tried again."""

    async def test_leaves_when_it_can(self, sim: Simulator, road: Road) -> None:
        """Keep a message while OVHcloud is out of reach, and send it once."""
        fault = cut(road)
        assert (await road.send()).state is State.WAITING
        await road.go_on(200)
        assert (road.told, road.states) == ([], [State.WAITING])
        sim.faults.remove(fault.id)
        await road.go_on(60)
        assert (road.told, road.states) == ([State.ACCEPTED], [State.ACCEPTED])
        assert texts(sim, ALICE) == ["Leak"]
        assert await road.rest() is None

    async def test_pauses_grow(self, road: Road) -> None:
        """Try again after 5 s, then less and less often, but every minute."""
        cut(road)
        await road.send()
        pauses = []
        for _ in range(7):
            pause = await road.rest()
            assert pause is not None
            pauses.append(round(pause))
            road.clock.advance(pause)
        assert pauses == [5, 10, 20, 40, 60, 60, 60]

    async def test_retry_after(self, sim: Simulator, road: Road) -> None:
        """Leave OVHcloud alone for as long as it wants, new messages too."""
        sim.faults.add(
            Fault("status", method="POST", status=429, retry_after=90, times=1)
        )
        assert (await road.send()).state is State.WAITING
        road.clock.advance(80)
        assert await road.rest() == pytest.approx(10)
        assert (await road.send(BOB)).state is State.WAITING
        assert len(jobs(sim)) == 1
        await road.go_on(11)
        assert road.told == [State.ACCEPTED, State.ACCEPTED]

    async def test_gives_up(self, sim: Simulator, road: Road) -> None:
        """Say so when a message is of no use any more, and send it no more."""
        fault = cut(road)
        await road.send()
        await road.go_on(60 * 60 + 1)
        assert (road.told, road.states) == ([State.EXPIRED], [State.EXPIRED])
        sim.faults.remove(fault.id)
        await road.go_on(600)
        assert texts(sim, ALICE) == []

    async def test_says_that_it_is_late(self, sim: Simulator, road: Road) -> None:
        """Begin a late message with the time it was asked for."""
        fault = cut(road)
        await road.send()
        await road.go_on(301)
        sim.faults.remove(fault.id)
        await road.go_on(60)
        [text] = texts(sim, ALICE)
        assert re.fullmatch(r"\[\d\d:\d\d\] Leak", text)

    async def test_order_is_kept(self, sim: Simulator, road: Road) -> None:
        """Send what has waited in the order in which it was asked for."""
        fault = cut(road)
        for text in ("One", "Two", "Three"):
            await road.send(message=text)
        sim.faults.remove(fault.id)
        await road.go_on(60)
        assert texts(sim, ALICE) == ["One", "Two", "Three"]

    async def test_new_alarm_goes_first(self, sim: Simulator, road: Road) -> None:
        """Send a new message at once, whatever waits; then what waits goes too."""
        fault = cut(road)
        await road.send(message="Old")
        await road.go_on(100)
        sim.faults.remove(fault.id)
        assert (await road.send(message="New")).state is State.ACCEPTED
        await road.rest()
        assert texts(sim, ALICE) == ["New", "Old"]

    async def test_over_a_restart(self, sim: Simulator, road: Road) -> None:
        """Go on where the last run ended."""
        fault = cut(road)
        await road.send()
        await road.restart()
        sim.faults.remove(fault.id)
        await road.rest()
        assert (road.told, texts(sim, ALICE)) == ([State.ACCEPTED], ["Leak"])

    async def test_credentials_that_can_be_mended(
        self, sim: Simulator, road: Road
    ) -> None:
        """Keep what waits while the credentials are wrong."""
        fault = cut(road)
        await road.send()
        sim.faults.remove(fault.id)
        bad = sim.faults.add(Fault("forbidden"))
        road.clock.advance(5)
        work = await road.step()
        assert (work.outcomes, work.failure and work.failure.reason) == (
            (),
            "inactive_consumer_key",
        )
        sim.faults.remove(bad.id)
        road.dispatcher.go_on()
        await road.rest()
        assert texts(sim, ALICE) == ["Leak"]

    async def test_not_all_in_doubt(self, sim: Simulator, road: Road) -> None:
        """Pause when an answer is missing: the next message would end in doubt as well."""
        fault = cut(road)
        await road.send(message="One")
        await road.send(message="Two")
        sim.faults.remove(fault.id)
        sim.faults.add(Fault("status", method="POST", status=500, times=1))
        road.clock.advance(5)
        assert await road.rest() == pytest.approx(5)
        assert sorted(road.states) == [State.UNKNOWN, State.WAITING]

    async def test_refused_at_last(self, sim: Simulator, road: Road) -> None:
        """Say that a message that waited was refused."""
        fault = cut(road)
        await road.send()
        sim.faults.remove(fault.id)
        sim.faults.add(Fault("expired"))
        await road.go_on(60)
        assert [(each.state, each.reason) for each in road.outcomes] == [
            (State.REFUSED, "account_expired")
        ]

    async def test_clock_set_from_1970(self, sim: Simulator, road: Road) -> None:
        """Lose no patience because the clock is set right meanwhile."""
        road.clock.jump(-road.clock.now() + 100)
        await road.restart()
        fault = cut(road)
        await road.send()
        road.clock.jump(1_790_000_000)
        await road.go_on(100)
        assert road.states == [State.WAITING]
        sim.faults.remove(fault.id)
        await road.go_on(60)
        assert texts(sim, ALICE) == ["Leak"]

    @pytest.mark.parametrize("jump", [3600, -3600])
    async def test_clock_set_by_an_hour(
        self, sim: Simulator, road: Road, jump: float
    ) -> None:
        """Give up when the time has really passed."""
        cut(road)
        await road.send()
        await road.go_on(30 * 60)
        road.clock.jump(jump)
        await road.go_on(29 * 60)
        assert road.states == [State.WAITING]
        await road.go_on(2 * 60)
        assert road.told == [State.EXPIRED]


class TestLookingUp:
    """A message whose answer is missing is looked up."""

    @pytest.mark.parametrize("tag", [None, "mine"])
    async def test_it_had_left(
        self, sim: Simulator, road: Road, tag: str | None
    ) -> None:
        """Find a message that OVHcloud took, and do not send it again."""
        sim.faults.add(
            Fault("status", method="POST", status=500, applied="after", times=1)
        )
        assert (await road.send(ALICE, BOB, tag=tag)).state is State.UNKNOWN
        await road.go_on(6)
        assert road.states == [State.ACCEPTED]
        [outcome] = road.outcomes
        assert (outcome.valid, outcome.credits, len(outcome.ids)) == (
            (ALICE, BOB),
            2,
            2,
        )
        await road.go_on(300)
        assert (texts(sim, ALICE), len(jobs(sim))) == (["Leak"], 1)

    @pytest.mark.parametrize("tag", [None, "mine"])
    async def test_it_had_not_left(
        self, sim: Simulator, road: Road, tag: str | None
    ) -> None:
        """Send a message again that OVHcloud does not have after two minutes."""
        sim.faults.add(Fault("status", method="POST", status=500, times=1))
        await road.send(tag=tag)
        await road.go_on(119)
        assert (road.told, texts(sim, ALICE)) == ([], [])
        await road.go_on(2)
        assert (road.told, texts(sim, ALICE)) == ([State.ACCEPTED], ["Leak"])
        first, second = jobs(sim)
        assert first.json == second.json

    async def test_it_shows_late(self, sim: Simulator, road: Road) -> None:
        """Look again and again, since OVHcloud may lag."""
        sim.faults.add(Fault("lag", seconds=50, times=1))
        sim.faults.add(
            Fault("status", method="POST", status=500, applied="after", times=1)
        )
        await road.send()
        await road.go_on(130)
        assert (road.told, texts(sim, ALICE)) == ([State.ACCEPTED], ["Leak"])

    async def test_same_text_twice(self, sim: Simulator, road: Road) -> None:
        """Do not take another message for this one, with a tag that is not ours."""
        await road.send(tag="mine")
        sim.faults.add(Fault("status", method="POST", status=500, times=1))
        await road.send(tag="mine")
        await road.go_on(130)
        assert texts(sim, ALICE) == ["Leak", "Leak"]

    async def test_killed_while_sending(self, sim: Simulator, road: Road) -> None:
        """Look up what was being sent when the last run ended."""
        await road.send(BOB)
        # What it was answered has not been written down.
        road.dispatcher._settling._answered.clear()
        await road.restart()
        assert road.states == [State.UNKNOWN]
        await road.go_on(6)
        assert road.told == [State.ACCEPTED]
        assert texts(sim, BOB) == ["Leak"]

    async def test_no_line_for_looking_up(self, sim: Simulator, road: Road) -> None:
        """Send nothing again while it cannot be looked up."""
        sim.faults.add(
            Fault("status", method="POST", status=500, applied="after", times=1)
        )
        await road.send()
        fault = cut(road)
        await road.go_on(600)
        assert (road.told, road.states) == ([], [State.UNKNOWN])
        sim.faults.remove(fault.id)
        await road.go_on(61)
        assert (road.told, len(jobs(sim))) == ([State.ACCEPTED], 1)

    async def test_no_right_to_look(self, sim: Simulator, road: Road) -> None:
        """Say that it cannot be found out, and never send it again."""
        sim.faults.add(Fault("status", method="POST", status=500, times=1))
        assert not (await road.send()).is_unprovable
        sim.faults.add(Fault("forbidden", method="GET", reason="NOT_GRANTED_CALL"))
        await road.go_on(600)
        [outcome] = road.outcomes
        assert (outcome.state, outcome.is_unprovable) == (State.UNKNOWN, True)
        assert len(jobs(sim)) == 1
        assert await road.rest() is None

    async def test_sms_user(self, sim: Simulator, road: Road) -> None:
        """Say at once that it cannot be found out, also at the next start."""
        user = SmsUser("alarm", "Abcd1234")
        await road.restart(Http2SmsGateway(user, sim.url))
        sim.faults.add(Fault("reset", method="POST", times=1))
        outcome = await road.send()
        assert (outcome.state, outcome.is_unprovable) == (State.UNKNOWN, True)
        await road.restart(Http2SmsGateway(user, sim.url))
        await road.rest()
        assert [each.is_unprovable for each in road.outcomes] == [True]
        assert await road.rest() is None

    async def test_code_of_no_use_late(self, sim: Simulator, road: Road) -> None:
        """Do not send again what is of no use late."""
        sim.faults.add(Fault("status", method="POST", status=500, times=1))
        road.settings = make_settings(retry_for=0)
        await road.send()
        await road.go_on(200)
        assert (road.told, texts(sim, ALICE)) == ([State.EXPIRED], [])

    async def test_schedule(self, sim: Simulator, road: Road) -> None:
        """Look at the agreed moments."""
        sim.faults.add(Fault("status", method="POST", status=500, times=1))
        await road.send()
        start, looks = road.clock.steady(), []
        for _ in LOOKS:
            pause = await road.rest()
            assert pause
            road.clock.advance(pause)
            await sim.advance(pause)
            looks.append(round(road.clock.steady() - start))
        assert tuple(looks) == LOOKS

    async def test_restored_backup(self, sim: Simulator, road: Road) -> None:
        """Look up what waited when a backup was made: it may have left since."""
        fault = cut(road)
        await road.send()
        ledger = road.dispatcher._ledger
        assert ledger
        ledger.hold_for_backup()
        copy = road.path.with_name("copy.db")
        copy.write_bytes(road.path.read_bytes())
        ledger.go_on_after_backup()
        sim.faults.remove(fault.id)
        await road.go_on(60)
        assert texts(sim, ALICE) == ["Leak"]
        road.path = copy
        await road.restart()
        assert road.states == [State.UNKNOWN]
        await road.go_on(300)
        assert texts(sim, ALICE) == ["Leak"]


class TestDoubtOnFullDisk:
    """A message of which it is not known whether it left, while nothing can be written."""

    @pytest.mark.parametrize("has_reader", [True, False])
    async def test_looked_at_again(
        self, sim: Simulator, road: Road, has_reader: bool
    ) -> None:
        """Take it up again when the disk can be written, in the same run."""
        lost = sim.faults.add(Fault("reset", method="POST"))
        assert (await road.send()).state is State.UNKNOWN
        sim.faults.remove(lost.id)
        if not has_reader:
            road.dispatcher.gateway = Http2SmsGateway(SmsUser("a", "b"), sim.url)
        ledger = road.dispatcher._ledger
        assert ledger
        ledger.count_waiting()
        road.clock.advance(LOOKS[-1] + 1)
        ledger._connection.execute("PRAGMA query_only = ON")
        await road.step()
        assert road.told == []
        ledger._connection.execute("PRAGMA query_only = OFF")
        await road.go_on(LOOKS[-1])
        assert road.told == [State.ACCEPTED if has_reader else State.UNKNOWN]


class DiskFills:
    """A gateway while whose answer another message comes in, and the disk is full then."""

    def __init__(self, path: Path) -> None:
        """Be out of reach at first."""
        self.ledger = Ledger(path)
        self.is_away = True

    def full(self, on: bool) -> None:
        """Let nothing be written for a while."""
        self.ledger._connection.execute(f"PRAGMA query_only = {on:d}")

    def send(self, service_name: str, job: Job) -> JobReport:
        """Take a message."""
        if self.is_away:
            raise NotSent(NotSentReason.NO_CONNECTION)
        self.ledger.add(make_message(BOB), NOW, RUN)
        self.full(True)
        return JobReport(
            ids=(1,), valid_receivers=job.receivers, invalid_receivers=(), credits=1.0
        )

    def close(self) -> None:
        """Close nothing."""


def test_late_message_is_told_though_the_disk_is_full(
    path: Path, clock: DrivenClock
) -> None:
    """Tell what became of a message, also where how things stand cannot be read."""
    gateway = DiskFills(path)
    dispatcher = Dispatcher("sms", lambda: gateway.ledger, gateway, clock)
    settings = make_settings()
    request = SmsRequest(message="Leak", receivers=(ALICE,))
    [outcome] = dispatcher.send(request, {}, settings)
    assert outcome.state is State.WAITING
    gateway.is_away = False
    clock.advance(100)
    work = dispatcher.work(settings)
    assert [each.state for each in work.outcomes] == [State.ACCEPTED]
    assert (work.standing, work.pause) == (None, LONGEST_PAUSE)
    assert dispatcher.is_unwritable
    gateway.full(False)
    dispatcher.confirm_told(work.outcomes)
    assert dispatcher.work(settings).standing
    assert states_in(gateway.ledger)[outcome.message.message_id] is State.ACCEPTED
    dispatcher.close()
