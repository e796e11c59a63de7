"""An account that OVHcloud calls Home Assistant for."""

from dataclasses import dataclass, field

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.incoming import Incoming
from homeassistant.core import HomeAssistant, callback
from simulator import Simulator
from tests.callbacks import RECEIPTS_ELSEWHERE, allow, at_ovhcloud, choose
from tests.conftest import Client


@dataclass
class Hints:
    """What the account was told to look at."""

    receipts: list[int] = field(default_factory=list)
    replies: int = 0

    def reset(self) -> None:
        """Forget what was told."""
        self.receipts.clear()
        self.replies = 0


@pytest.fixture(autouse=True)
def hints(monkeypatch: pytest.MonkeyPatch) -> Hints:
    """Note what an account is told to look at, before it is loaded."""
    told = Hints()

    @callback
    def hint_replies(incoming: Incoming) -> None:
        told.replies += 1

    @callback
    def hint_receipt(incoming: Incoming, sms_id: int) -> None:
        told.receipts.append(sms_id)

    monkeypatch.setattr(Incoming, "async_hint_replies", hint_replies)
    monkeypatch.setattr(Incoming, "async_hint_receipt", hint_receipt)
    return told


@pytest.fixture
async def listening(
    hass: HomeAssistant,
    hints: Hints,
    account: MockConfigEntry,
    sim: Simulator,
    home: Client,
) -> MockConfigEntry:
    """Return an account that is called for receipts and replies; one address was another."""
    allow(sim)
    at_ovhcloud(sim).call_back = RECEIPTS_ELSEWHERE
    await choose(hass, account)
    hints.reset()
    sim.clear_record()
    return account


@pytest.fixture
def path(listening: MockConfigEntry) -> str:
    """Return where Home Assistant is called."""
    return f"/api/webhook/{listening.options['webhook_id']}"
