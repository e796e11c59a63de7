"""The road alone, in a process of its own that may be killed at any step."""

from dataclasses import replace
from datetime import UTC, datetime
import os
from pathlib import Path
import resource
import signal
import threading
import time
from typing import Any

from custom_components.ovh_sms.gateway.http2sms import Http2SmsGateway
from custom_components.ovh_sms.gateway.models import ApiKeys, SmsUser
from custom_components.ovh_sms.gateway.rest import RestGateway
from custom_components.ovh_sms.sms import road
from custom_components.ovh_sms.sms.dispatcher import Dispatcher
from custom_components.ovh_sms.sms.errors import Closed
from custom_components.ovh_sms.sms.ledger_file import open_ledger
from custom_components.ovh_sms.sms.message import Message, Outcome
from custom_components.ovh_sms.sms.request import SmsRequest
from simulator.constants import (
    ACCOUNT,
    APPLICATION_KEY,
    APPLICATION_SECRET,
    CONSUMER_KEY,
    USER_LOGIN,
    USER_PASSWORD,
)
from tests.sms.conftest import RECIPIENTS, make_settings

from .channel import Channel, Line
from .driven import drive
from .steps import Ending, Step
from .traps import Traps, lay

_KEYS = ApiKeys(APPLICATION_KEY, APPLICATION_SECRET, CONSUMER_KEY)
_USER = SmsUser(USER_LOGIN, USER_PASSWORD)
_NOBODY = 65534


class Road:
    """One life: everything it does, it is told to do."""

    def __init__(self, channel: Channel, given: Line) -> None:
        """Begin with the ledger that the last life left."""
        self._channel = channel
        self._given = given
        self._clock = drive(given)
        self._delays: dict[str, float] = {}
        self._ending: Ending | None = None
        self._closer: threading.Thread | None = None
        self._have_them_wait()
        self.traps = Traps(self._end)
        lay(self.traps)
        began, memory = time.perf_counter(), _memory()
        self._dispatcher = self._open()
        self._began_in = time.perf_counter() - began
        self._grown_by = _memory() - memory

    def _have_them_wait(self) -> None:
        """Let calls ask for messages that wait at OVHcloud."""
        changed: Any = road
        prepare = changed.prepare

        def prepare_later(*args: Any) -> tuple[Message, ...]:
            """Have a message wait at OVHcloud."""
            return tuple(
                replace(
                    message, send_at=self._clock.now() + self._delays[message.whole]
                )
                if message.whole in self._delays
                else message
                for message in prepare(*args)
            )

        changed.prepare = prepare_later

    def _open(self) -> Dispatcher:
        url = self._given["url"]
        gateway = (
            Http2SmsGateway(
                _USER, url, lambda: datetime.fromtimestamp(self._clock.now(), UTC)
            )
            if self._given.get("sms_user")
            else RestGateway(_KEYS, url)
        )
        path = Path(self._given["path"])
        return Dispatcher(
            ACCOUNT, lambda: open_ledger(path), gateway, self._clock, lambda: 0.5
        )

    def _end(self, ending: Ending) -> None:
        """Close the account while a message is on its way."""
        if ending is Ending.CARRY_ON:
            return
        changed: Any = road
        changed._PATIENCE = 0.0 if ending is Ending.HASTE else 10.0
        self._ending = ending
        self._closer = threading.Thread(target=self._dispatcher.close)
        self._closer.start()
        while not self._dispatcher._is_closed:
            time.sleep(0)
        if ending is Ending.HASTE:
            # It cannot end before a write does that is under way.
            self._closer.join(0.05)

    def _next_life(self) -> str | None:
        """Finish what a trap began; return how it ended."""
        if self._closer is None:
            return None
        self._closer.join()
        self._closer, ending = None, self._ending
        if ending is Ending.RELOAD:
            self._dispatcher = self._open()
        return ending

    def send(self, messages: list[Line]) -> Line:
        """Make calls, all at once."""
        calls = [
            threading.Thread(target=self._call, args=(message,)) for message in messages
        ]
        for call in calls:
            call.start()
        for call in calls:
            call.join()
        return {}

    def _call(self, message: Line) -> None:
        if delay := message.get("delay"):
            self._delays[message["text"]] = delay
        request = SmsRequest(
            message=message["text"],
            receivers=tuple(message["receivers"]),
            sender=message.get("sender"),
            short_number=message.get("short_number"),
            no_stop_clause=message.get("no_stop_clause"),
            tag=message.get("tag"),
        )
        settings = make_settings(
            daily_limit=0, recipient_limit=0, retry_for=message.get("retry_for", 60)
        )
        try:
            outcomes = self._dispatcher.send(request, RECIPIENTS, settings)
        except Closed:
            self._channel.say(told="closed", text=message["text"])
            return
        except Exception as err:  # noqa: BLE001 - none is expected, so it fails the run
            self._channel.say(told="surprise", error=repr(err))
            return
        for outcome in outcomes:
            self._channel.say(told="call", log=self._log_size, **_plain(outcome))
        self._dispatcher.confirm_told(each for each in outcomes if each.is_over)

    @property
    def _log_size(self) -> int:
        try:
            return Path(f"{self._given['path']}-wal").stat().st_size
        except OSError:
            return 0

    def work(self) -> Line:
        """Work until there is nothing to do for now; return when there is again."""
        settings = make_settings(daily_limit=0, recipient_limit=0)
        while True:
            try:
                work = self._dispatcher.work(settings)
            except Closed:
                return {"pause": 0}
            if self._dispatcher._is_closed:
                # As the outbox does: the next run tells it.
                return {"pause": 0}
            for outcome in work.outcomes:
                self._channel.say(told="event", **_plain(outcome))
            self._dispatcher.confirm_told(
                each for each in work.outcomes if each.is_over
            )
            if work.pause != 0:
                return {"pause": work.pause}

    def arm(self, step: str, ending: str, passes: int) -> Line:
        """Arm a trap."""
        self.traps.arm(Step(step), Ending(ending), passes)
        return {}

    def advance(self, seconds: float, jump: float = 0.0) -> Line:
        """Let time pass, and set the clock anew."""
        self._clock.advance(seconds)
        self._clock.jump(jump)
        return {}

    def write_at_most(self, size: int | None) -> Line:
        """Let files grow to a size at most, as on a disk that is full."""
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(
            resource.RLIMIT_FSIZE, (hard if size is None else size, hard)
        )
        return {}

    def condition(self) -> Line:
        """Return how the road feels."""
        return {
            "unwritable": self._dispatcher.is_unwritable,
            "began_in": self._began_in,
            "grown_by": self._grown_by,
        }

    def close(self) -> Line:
        """End this life in peace."""
        self._dispatcher.close()
        return {"ended": Ending.SHUTDOWN}

    def obey(self, order: Line) -> bool:
        """Carry out an order; return whether there is life after it."""
        done = getattr(self, order.pop("do"))(**order)
        done |= {"ended": self._next_life() or done.get("ended")}
        self._channel.say(done=True, **done)
        return done["ended"] in (None, Ending.RELOAD)


def _plain(outcome: Outcome) -> Line:
    return {
        "id": outcome.message.message_id,
        "text": outcome.message.whole,
        "receivers": [receiver.number for receiver in outcome.message.receivers],
        "state": outcome.state,
        "over": outcome.is_over,
    }


def _memory() -> int:
    """Return the bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * resource.getpagesize()


def _become_ordinary() -> None:
    """Let the rules for files hold for root too."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)


def live(channel: Channel) -> None:
    """Live until it is over."""
    given = channel.hear()
    assert given
    if given.get("ordinary"):
        _become_ordinary()
    road = Road(channel, given)
    channel.say(done=os.getpid())
    while order := channel.hear():
        if not road.obey(order):
            return
