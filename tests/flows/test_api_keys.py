"""Set-up with three keys: every failure has its own words and keeps what was typed."""

import socket
from typing import Any

import pytest

from custom_components.ovh_sms.const import ENV_API_URL
from homeassistant.config_entries import FlowType
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulator import ACCOUNT, SECOND_ACCOUNT, VIRTUAL_NUMBER, Fault, Simulator
from simulator.auth import Doorkeeper
from tests.conftest import API_KEYS, texts

from .steps import choose, entry_of, finish, go_on, offered, typed_before


async def begin(hass: HomeAssistant, **keys: str) -> Any:
    """Type in the keys, some of them changed."""
    return await go_on(hass, await choose(hass, "api_keys"), {**API_KEYS, **keys})


async def test_from_keys_to_the_first_message(
    hass: HomeAssistant, sim: Simulator
) -> None:
    result = await choose(hass, "api_keys")
    assert "GET=/sms&GET=/sms/*" in result["description_placeholders"]["token_url"]
    result = await go_on(hass, result, API_KEYS)
    assert offered(result, "service_name") == [
        {"value": ACCOUNT, "label": f"Home ({ACCOUNT}): 250"},
        {"value": SECOND_ACCOUNT, "label": f"Office ({SECOND_ACCOUNT}): 40.5"},
    ]
    result = await go_on(hass, result, {"service_name": ACCOUNT})
    assert offered(result, "sender") == [
        "HOUSE",
        "My House",
        VIRTUAL_NUMBER,
        "Short number (can be replied to)",
    ]
    assert result["description_placeholders"]["withheld"] == (
        "\n\nSome senders cannot be chosen. Waiting for OVHcloud's approval: ALARM2;"
        " refused by OVHcloud: PAYMENT; disabled: OLDNAME."
    )
    result = await go_on(hass, result, {"sender": "HOUSE"})
    entry = result["result"]
    assert (entry.title, entry.unique_id) == ("Home", ACCOUNT)
    assert entry.data == {
        "auth_method": "api_keys",
        **API_KEYS,
        "service_name": ACCOUNT,
    }
    assert entry.options["sender"] == "HOUSE"

    flow_type, flow_id = result["next_flow"]
    assert flow_type is FlowType.CONFIG_SUBENTRIES_FLOW
    recipient: Any = await hass.config_entries.subentries.async_configure(
        flow_id, {"name": "Kitchen", "phone_numbers": ["06 39 98 00 01"]}
    )
    assert recipient["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": "notify.kitchen", "message": "Water!"},
        blocking=True,
    )
    assert texts(sim, "+33639980001") == ["Water!"]
    await entry_of(hass, result)


async def test_typed_keys_are_trimmed(hass: HomeAssistant, sim: Simulator) -> None:
    keys = {field: f" {value}\n" for field, value in API_KEYS.items()}
    result = await begin(hass, **keys)
    entry = await finish(hass, result)
    assert entry.data.items() >= API_KEYS.items()


@pytest.mark.parametrize("field", list(API_KEYS))
async def test_nothing_typed_in_a_field(
    hass: HomeAssistant, sim: Simulator, field: str
) -> None:
    result = await begin(hass, **{field: " "})
    assert (result["step_id"], result["errors"]) == ("api_keys", {field: "empty"})
    assert sim.requests == []
    await finish(hass, await go_on(hass, result, API_KEYS))


@pytest.mark.parametrize(
    ("keys", "spoil", "error"),
    [
        ({"application_key": "fake1unknown1key"}, None, "invalid_application_key"),
        ({"application_secret": "fake1wrong"}, None, "invalid_application_secret"),
        ({"consumer_key": "fake1unknown"}, None, "unknown_consumer_key"),
        ({}, Fault("forbidden", reason="INVALID_CREDENTIAL"), "inactive_consumer_key"),
        ({}, Fault("forbidden", reason="FORBIDDEN", path="/sms"), None),
        ({}, Fault("status", status=500), "server_trouble"),
        ({}, Fault("status", status=500, path="/sms"), "server_error"),
        ({}, Fault("status", status=429), "throttled"),
        (
            {},
            Fault("status", status=502, body="html", path="/sms"),
            "server_error_silently",
        ),
        ({}, Fault("status", status=200, body="string", path="/sms"), "odd_answer"),
        ({}, Fault("status", status=200, body="empty", path="/sms"), "odd_answer"),
        ({}, Fault("status", status=400, path="/sms"), "refused"),
        ({}, Fault("status", status=400, body="list", path="/sms"), "refused_silently"),
        ({}, Fault("reset", path="/sms"), "connection_lost"),
        ({}, Fault("refuse"), "no_connection"),
    ],
)
async def test_keys_that_do_not_work(
    hass: HomeAssistant,
    sim: Simulator,
    keys: dict[str, str],
    spoil: Fault | None,
    error: str | None,
) -> None:
    if spoil:
        sim.faults.add(spoil)
    result = await begin(hass, **keys)
    if error is None:
        # It may be a key for one account, which cannot list them.
        assert (result["step_id"], offered(result, "service_name")) == ("account", [])
    else:
        assert (result["step_id"], result["errors"]) == ("api_keys", {"base": error})
        assert typed_before(result) == {**API_KEYS, **keys}
        await sim.accept_again()
        sim.faults.clear()
        result = await go_on(hass, result, API_KEYS)
        assert not result["errors"]
    await finish(hass, result)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("expired", "inactive_consumer_key"),
        ("refused", "inactive_consumer_key"),
        ("pendingValidation", "inactive_consumer_key"),
    ],
)
async def test_key_that_is_not_valid(
    hass: HomeAssistant, sim: Simulator, status: Any, error: str
) -> None:
    key = sim.world.add_consumer_key(status=status)
    result = await begin(hass, consumer_key=key.key)
    assert result["errors"] == {"base": error}
    await finish(hass, await go_on(hass, result, API_KEYS))


@pytest.mark.parametrize(
    ("skew", "error"), [(-7200, "clock_wrong"), (0, "clock_refused")]
)
async def test_clock_that_is_wrong(
    hass: HomeAssistant,
    sim: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    skew: int,
    error: str,
) -> None:
    sim.faults.add(Fault("skew", seconds=skew))
    with monkeypatch.context() as patch:
        patch.setattr(Doorkeeper, "_is_timely", lambda *_: False)
        result = await begin(hass)
    assert result["errors"] == {"base": error}
    offset = int(result["description_placeholders"]["seconds"])
    assert abs(offset + skew) <= 1
    sim.faults.clear()
    await finish(hass, await go_on(hass, result, API_KEYS))


async def test_name_that_is_not_resolved(
    hass: HomeAssistant, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", fail)
        patch.setenv(ENV_API_URL, "https://ovh.invalid")
        result = await begin(hass)
    assert result["errors"] == {"base": "name_not_resolved"}
    await finish(hass, await go_on(hass, result, API_KEYS))


async def test_connection_that_is_not_secure(
    hass: HomeAssistant, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv(ENV_API_URL, sim.url.replace("http:", "https:"))
        result = await begin(hass)
    assert result["errors"] == {"base": "tls_failed"}
    await finish(hass, await go_on(hass, result, API_KEYS))


async def test_host_settings_in_the_way(
    hass: HomeAssistant, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("OVH_CLIENT_ID", "EU.other")
        patch.setenv("OVH_CLIENT_SECRET", "other")
        result = await begin(hass)
    assert result["errors"] == {"base": "host_configuration"}
    await finish(hass, await go_on(hass, result, API_KEYS))


async def test_window_that_was_closed_is_no_bar(
    hass: HomeAssistant, sim: Simulator
) -> None:
    for _ in range(2):
        result = await begin(hass)
        result = await go_on(hass, result, {"service_name": ACCOUNT})
        assert result["step_id"] == "sender"
    await finish(hass, result)
    assert hass.config_entries.flow.async_progress() == []
