"""Messages, settings and ledgers to try the road with."""

from collections.abc import Callable, Generator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from custom_components.ovh_sms.sms.clock import Clock
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.message import Message, prepare
from custom_components.ovh_sms.sms.recipients import Recipient
from custom_components.ovh_sms.sms.request import SmsRequest
from custom_components.ovh_sms.sms.settings import Settings

ALICE = "+33639980001"
BOB = "+33639980002"
CAROL = "+33639980003"
RECIPIENTS = {
    "alice": Recipient(recipient_id="alice", name="Alice", numbers=(ALICE,)),
    "watch": Recipient(recipient_id="watch", name="Night Watch", numbers=(BOB, CAROL)),
}
NOW = 1_790_000_000.0

RUN = "run"

type OpenLedger = Callable[..., Ledger]


class DrivenClock(Clock):
    """A clock that goes as it is told."""

    def __init__(self) -> None:
        """Start at a fixed moment."""
        self.time_of_day = NOW
        self.passed = 1000.0

    def now(self) -> float:
        """Return the time of day."""
        return self.time_of_day

    def steady(self) -> float:
        """Return the seconds that have passed."""
        return self.passed

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.time_of_day += seconds
        self.passed += seconds

    def jump(self, seconds: float) -> None:
        """Set the clock anew; no time passes."""
        self.time_of_day += seconds


def make_settings(**changes: Any) -> Settings:
    """Return the settings of a new account, but for the changes."""
    given: dict[str, Any] = {"sender": "HOUSE", "country": "FR", "time_zone": UTC}
    return Settings(**(given | changes))


def make_message(*numbers: str, text: str = "Water leak", **changes: Any) -> Message:
    """Return a message to numbers, ready to be sent."""
    request = SmsRequest(message=text, receivers=numbers or (ALICE,), **changes)
    [message] = prepare(request, RECIPIENTS, make_settings(), NOW)
    return message


def ready(request: dict[str, Any] | None = None, **settings: Any) -> Message:
    """Prepare a message with settings of its own."""
    given: dict[str, Any] = {"message": "Leak", "receivers": (ALICE,)}
    [message] = prepare(
        SmsRequest(**(given | (request or {}))),
        RECIPIENTS,
        make_settings(**settings),
        NOW,
    )
    return message


@pytest.fixture
def clock() -> DrivenClock:
    """Return a clock that goes as it is told."""
    return DrivenClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the ledger of a test is."""
    return tmp_path / "ovh_sms" / "entry.db"


@pytest.fixture
def open_ledger(path: Path) -> Generator[OpenLedger]:
    """Open ledgers that are closed at the end."""
    opened: list[Ledger] = []

    def make(where: Path = path) -> Ledger:
        opened.append(Ledger(where))
        return opened[-1]

    yield make
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger: OpenLedger) -> Ledger:
    """Return a new ledger."""
    return open_ledger()
