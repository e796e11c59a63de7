"""An automation as users write them, and what its trigger told it."""

from collections.abc import Awaitable, Callable, Mapping
import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.ovh_sms.news import Delivery, Happening, Item, Reply
from custom_components.ovh_sms.sms.states import State
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from tests.deliveries import settle

type Options = Mapping[str, Any]


class Told:
    """What the automation was told, the first thing first."""

    def __init__(self, calls: list[ServiceCall]) -> None:
        """Keep the calls that the automation makes."""
        self._calls = calls

    @property
    def all(self) -> list[dict[str, Any]]:
        """Return the variables of each trigger."""
        return [json.loads(call.data["trigger"][1:]) for call in self._calls]

    def shown(self, *names: str) -> list[tuple[Any, ...]]:
        """Return some variables of each trigger."""
        return [tuple(one[name] for name in names) for one in self.all]


type Automate = Callable[..., Awaitable[Told]]


@pytest.fixture
def automate(hass: HomeAssistant) -> Automate:
    """Return what sets up an automation with a trigger of ours."""

    async def set_up(
        trigger: str, options: Options | None = None, *conditions: Any
    ) -> Told:
        told = Told(async_mock_service(hass, "test", "tell"))
        trigger_config: dict[str, Any] = {"trigger": f"ovh_sms.{trigger}"}
        if options is not None:
            trigger_config["options"] = options
        config = {
            "alias": "Tell",
            "mode": "parallel",
            "triggers": trigger_config,
            "conditions": list(conditions),
            # The sign keeps the template from being read as a dictionary.
            "actions": {
                "action": "test.tell",
                "data": {"trigger": "={{ trigger | to_json }}"},
            },
        }
        assert await async_setup_component(hass, "automation", {"automation": config})
        await settle(hass)
        return told

    return set_up


@pytest.fixture
async def socket(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> MockHAClientWebSocket:
    """Return the connection that the editor has."""
    # Nobody can add an address once there is a connection.
    for domain in ("notify", "webhook"):
        assert await async_setup_component(hass, domain, {})
    return await hass_ws_client(hass)


async def tell(hass: HomeAssistant, entry: MockConfigEntry, *items: Item) -> None:
    """Have an account tell what happened."""
    entry.runtime_data.news.tell(items, lambda: None)
    await settle(hass)


def recipient_id(entry: MockConfigEntry, name: str) -> str:
    """Return the id of a recipient."""
    [found] = [each for each in entry.subentries.values() if each.title == name]
    return found.subentry_id


def delivered(entry: MockConfigEntry, name: str | None = "Kitchen") -> Delivery:
    """Return the receipt of an SMS to a recipient, or to a bare number."""
    return Delivery(
        happening=Happening.DELIVERED,
        message_id="0d9f6c2e8b7a4f3d9c1e5a6b7c8d9e0f",
        recipient_id=recipient_id(entry, name) if name else None,
        recipient=name,
        index=1,
        total=2,
        state=State.DELIVERED,
        reason=None,
    )


def reply(entry: MockConfigEntry, text: str = "Oui", name: str = "Kitchen") -> Reply:
    """Return what a recipient has sent back."""
    number = entry.subentries[recipient_id(entry, name)].data["phone_numbers"][0]
    return Reply(
        recipient_id=recipient_id(entry, name),
        recipient=name,
        known=True,
        text=text,
        sender=number,
        tag="",
    )


def stranger(text: str = "Oui") -> Reply:
    """Return what somebody else has sent."""
    return Reply(
        recipient_id=None,
        recipient=None,
        known=False,
        text=text,
        sender="+33639980099",
        tag="",
    )
