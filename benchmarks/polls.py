"""What it costs to ask OVHcloud about SMS that may have arrived."""

from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
import statistics
import tempfile
import time

from custom_components.ovh_sms.gateway import ApiKeys, RestGateway
from custom_components.ovh_sms.sms.clock import SystemClock
from custom_components.ovh_sms.sms.dispatcher import Dispatcher
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.message import Message, Outcome, prepare
from custom_components.ovh_sms.sms.receipts import Receipts
from custom_components.ovh_sms.sms.request import SmsRequest
from custom_components.ovh_sms.sms.settings import Settings
from custom_components.ovh_sms.sms.states import State

from .house import KEYS, NUMBERS, TEXT
from .server import UNDELIVERED, Server

_SETTINGS = Settings(sender="HOUSE", country="FR", time_zone=UTC)
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll with so many SMS that are on their way: milliseconds and requests."""

    open: int
    p50: float
    requests: float


class _Clock(SystemClock):
    """A clock that can be put forward, so that the next poll is due."""

    def __init__(self) -> None:
        """Begin with the machine's time."""
        super().__init__(lambda: time.time() + self.ahead)
        self.ahead = 0.0

    def steady(self) -> float:
        """Return seconds that never jump back."""
        return super().steady() + self.ahead


def polls(server: Server, numbers: tuple[int, ...], times: int) -> list[Poll]:
    """Poll with so many SMS that are on their way, all of them due."""
    return [_poll(server, number, times) for number in numbers]


def _poll(server: Server, number: int, times: int) -> Poll:
    with tempfile.TemporaryDirectory(prefix="ovh_sms_bench_") as folder:
        clock = _Clock()
        ledger = Ledger(Path(folder) / "ledger.db")
        gateway = RestGateway(ApiKeys(**KEYS), server.url)
        dispatcher = Dispatcher(UNDELIVERED, lambda: ledger, gateway, clock)
        _fill(ledger, number)
        receipts = Receipts(dispatcher)
        # The first ones are careful: they read few at a time.
        for _ in range(3):
            _work(receipts, ledger, clock)
        reads = server.reads
        seconds = [_work(receipts, ledger, clock) for _ in range(times)]
        made = server.reads - reads
        dispatcher.close()
        return Poll(number, statistics.median(seconds) * 1000, made / times)


def _work(receipts: Receipts, ledger: Ledger, clock: _Clock) -> float:
    """Return the seconds of a poll, when everything is due."""
    clock.ahead += _MINUTE
    ledger.change("UPDATE deliveries SET look_at = ?", (clock.now() - 1,))
    began = time.perf_counter()
    receipts.work(_SETTINGS)
    return time.perf_counter() - began


def _fill(ledger: Ledger, number: int) -> None:
    """Write down SMS that OVHcloud has taken."""
    now = time.time()
    request = SmsRequest(message=TEXT, receivers=(NUMBERS[0],))
    [message] = prepare(request, {}, _SETTINGS, now)
    with ledger.transaction():
        for sms_id in range(1, number + 1):
            one: Message = replace(message, message_id=f"{sms_id:032x}")
            ledger.add(one, now, "before")
            ledger.settle(
                Outcome(message=one, state=State.ACCEPTED, ids=(sms_id,)), now
            )
