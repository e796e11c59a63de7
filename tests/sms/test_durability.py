"""A power cut: whatever the instant, what was written down is there afterwards."""

from pathlib import Path
import subprocess
import sys

import pytest

from custom_components.ovh_sms.sms.dispatcher import Dispatcher
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.states import State
from simulator import ACCOUNT
from tests.ledgers import states_in

from .test_dispatcher import Says

# Each death has a ledger and a process of its own; Home Assistant is not there.
PROGRAM = """
import os, signal, sys, types
from pathlib import Path

package = types.ModuleType("custom_components.ovh_sms")
package.__path__ = ["custom_components/ovh_sms"]
sys.modules[package.__name__] = package

from custom_components.ovh_sms.gateway import RestGateway
from custom_components.ovh_sms.sms.dispatcher import Dispatcher
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.message import Outcome
from custom_components.ovh_sms.sms.states import State
from tests.sms.conftest import NOW, RUN, make_message

assert "homeassistant" not in sys.modules
message = make_message()


def added(die):
    with ledger.transaction():
        ledger.add(message, NOW, RUN)
    die()


def not_added(die):
    with ledger.transaction():
        ledger.add(message, NOW, RUN)
        die()


def settled(die):
    ledger.add(message, NOW, RUN)
    ledger.settle(Outcome(message=message, state=State.ACCEPTED), NOW)
    die()


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


def gone():
    os._exit(9)


print(message.message_id)
for live in (added, not_added, settled):
    for die in (killed, gone):
        if os.fork() == 0:
            ledger = Ledger(Path(sys.argv[1], f"{live.__name__}-{die.__name__}.db"))
            live(die)
        assert os.waitstatus_to_exitcode(os.wait()[1]) in {9, -9}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the dead have left their ledgers."""
    return tmp_path_factory.mktemp("ledgers")


@pytest.fixture(scope="module")
def message_id(folder: Path) -> str:
    """Have them all die; return the id of the message that each of them had."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.strip()


@pytest.mark.parametrize("death", ["killed", "gone"])
def test_after_it_was_written_down(
    folder: Path, message_id: str, death: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Know the message in the next run, as one that may have left; say so, once."""
    ledger = Ledger(folder / f"added-{death}.db")
    assert states_in(ledger) == {message_id: State.SENDING}
    assert ledger.parts_since(0) == 1
    Dispatcher(ACCOUNT, lambda: ledger, Says())
    assert states_in(ledger) == {message_id: State.UNKNOWN}
    assert ledger.parts_since(0) == 1
    assert "1 messages were being sent" in caplog.text
    caplog.clear()
    Dispatcher(ACCOUNT, lambda: ledger, Says())
    assert caplog.text == ""
    ledger.close()


@pytest.mark.parametrize("death", ["killed", "gone"])
@pytest.mark.usefixtures("message_id")
def test_before_it_was_written_down(folder: Path, death: str) -> None:
    """Know nothing of a message that was not written down whole: it was not sent."""
    ledger = Ledger(folder / f"not_added-{death}.db")
    assert states_in(ledger) == {}
    assert ledger.parts_since(0) == 0
    ledger.close()


@pytest.mark.parametrize("death", ["killed", "gone"])
def test_after_its_outcome_was_written_down(
    folder: Path, message_id: str, death: str
) -> None:
    """Know in the next run what became of the message."""
    ledger = Ledger(folder / f"settled-{death}.db")
    assert ledger.mark_interrupted(0) == 0
    assert states_in(ledger) == {message_id: State.ACCEPTED}
    ledger.close()
