"""Errors that quote OVHcloud, and what they say where there is nothing to quote."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN, ENV_API_URL
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from simulator import ACCOUNT, Fault, Simulator
from simulator.auth import Doorkeeper
from tests.gateway.conftest import Scripted, serve


@pytest.fixture
async def scripted(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Scripted]:
    """Have a server answer that says what a test tells it."""
    async for server in serve(Scripted()):
        monkeypatch.setenv(ENV_API_URL, server.url)
        yield server


async def error_of_a_send(hass: HomeAssistant) -> HomeAssistantError:
    """Return the error that a message ends with."""
    with pytest.raises(HomeAssistantError) as caught:
        await hass.services.async_call(
            DOMAIN,
            "send_sms",
            {"message": "Water!", "receivers": ["+33639980001"], "queue": False},
            blocking=True,
        )
    await hass.async_block_till_done(wait_background_tasks=True)
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "key"),
    [
        (400, "json", "refused"),
        (400, "html", "refused_silently"),
        (400, "empty", "refused_silently"),
        (400, "odd", "refused_silently"),
        (503, "json", "server_error"),
        (503, "html", "server_error_silently"),
        (503, "empty", "server_error_silently"),
    ],
)
async def test_refused_with_and_without_a_sentence(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    status: int,
    body: str,
    key: str,
) -> None:
    sim.faults.add(Fault("status", status=status, body=body, path="*/jobs"))
    error = await error_of_a_send(hass)
    assert error.translation_key == key
    assert error.translation_placeholders is not None
    said = error.translation_placeholders["sentence"]
    assert bool(said) is (body == "json")
    assert said in str(error)


@pytest.mark.parametrize(
    ("message", "key"),
    [
        ('"Sms sender HOUSE does not exists"', "sender_unknown"),
        ('""', "sender_unknown_silently"),
        ("null", "sender_unknown_silently"),
    ],
)
async def test_sender_refused_with_and_without_a_sentence(
    hass: HomeAssistant, scripted: Scripted, message: str, key: str
) -> None:
    hass.config.country = "FR"
    entry = MockConfigEntry(
        domain=DOMAIN,
        version=2,
        unique_id=ACCOUNT,
        data={
            "auth_method": "sms_user",
            "service_name": ACCOUNT,
            "login": "fake",
            "password": "fake1234",
        },
        options={"sender": "HOUSE"},
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    scripted.body = f'{{"status": 241, "message": {message}}}'
    error = await error_of_a_send(hass)
    assert error.translation_key == key
    assert str(error).endswith(("does not exists", "shows as enabled"))
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("skew", "key"), [(0, "clock_refused"), (-7200, "clock_wrong")]
)
async def test_clock_is_wrong_by_as_much_as_is_known(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    skew: int,
    key: str,
) -> None:
    sim.faults.add(Fault("skew", seconds=skew))
    with monkeypatch.context() as patch:
        patch.setattr(Doorkeeper, "_is_timely", lambda *_: False)
        error = await error_of_a_send(hass)
    assert error.translation_key == key
    assert ("seconds" in str(error)) is (key == "clock_wrong")


@pytest.mark.parametrize(
    ("action", "data", "key"),
    [
        ("send_sms", {"message": "Water!", "receivers": "+33639980001"}, "not_loaded"),
        ("ask", {"message": "Water?", "receivers": "+33639980001"}, "not_loaded"),
        ("get_pending", {}, "unloaded"),
        ("get_history", {}, "unloaded"),
        ("cancel", {"ids": 1}, "unloaded"),
    ],
)
async def test_account_that_ends_meanwhile(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    action: str,
    data: dict[str, Any],
    key: str,
) -> None:
    """Say that nothing was sent where that was asked for, and only there."""
    await hass.async_add_executor_job(account.runtime_data.dispatcher.close)
    sim.clear_record()
    with pytest.raises(HomeAssistantError) as caught:
        await hass.services.async_call(
            DOMAIN, action, data, blocking=True, return_response=True
        )
    assert caught.value.translation_key == f"account_{key}"
    assert "{" not in str(caught.value)
    assert sim.requests == []
