"""What the editor is told of triggers and conditions."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from simulator import Fault, Simulator
from tests.deliveries import notify, settle


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (
            "trigger",
            {
                "message_delivered": ["recipient", "config_entry_id"],
                "message_failed": ["recipient", "config_entry_id"],
                "reply_received": [
                    "recipient",
                    "contains",
                    "strangers",
                    "config_entry_id",
                ],
            },
        ),
        ("condition", {"can_send": ["config_entry_id"]}),
    ],
)
async def test_offered(
    account: MockConfigEntry,
    socket: MockHAClientWebSocket,
    kind: str,
    fields: dict[str, list[str]],
) -> None:
    """The editor offers them, with their fields in this order."""
    await socket.send_json_auto_id({"type": f"{kind}_platforms/subscribe"})
    assert (await socket.receive_json())["success"]
    offered: dict[str, Any] = (await socket.receive_json())["event"]
    assert {
        name.removeprefix("ovh_sms."): list(described["fields"])
        for name, described in offered.items()
        if name.startswith("ovh_sms.")
    } == fields


async def test_recipients_to_choose_from(
    account: MockConfigEntry, socket: MockHAClientWebSocket
) -> None:
    """Only recipients are offered, and several can be chosen."""
    await socket.send_json_auto_id({"type": "trigger_platforms/subscribe"})
    await socket.receive_json()
    offered = (await socket.receive_json())["event"]
    field = offered["ovh_sms.reply_received"]["fields"]["recipient"]
    selector = field["selector"]["entity"]
    [wanted] = filters if isinstance(filters := selector["filter"], list) else [filters]
    assert selector["multiple"] is True
    assert wanted["integration"] == "ovh_sms"
    assert wanted["domain"] in ("notify", ["notify"])


async def test_tried_in_the_editor(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    socket: MockHAClientWebSocket,
) -> None:
    """The editor shows that a trigger fires, and with what."""
    await socket.send_json_auto_id(
        {
            "type": "subscribe_trigger",
            "trigger": {
                "trigger": "ovh_sms.message_failed",
                "options": {"recipient": ["notify.kitchen"]},
            },
        }
    )
    assert (await socket.receive_json())["success"]
    sim.faults.add(Fault("expired", method="POST"))
    with pytest.raises(HomeAssistantError, match="expired"):
        await notify(hass)
    await settle(hass)
    told = (await socket.receive_json())["event"]["variables"]["trigger"]
    assert (told["recipient"], told["state"], told["reason"]) == (
        "Kitchen",
        "refused",
        "account_expired",
    )
