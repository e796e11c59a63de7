"""Set-up with an SMS user: nothing can be tried but by a message."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulator import ACCOUNT, USER_LOGIN, USER_PASSWORD, Fault, Simulator
from tests.conftest import texts

from .steps import choose, entry_of, go_on, offered, typed_before

USER = {
    "service_name": ACCOUNT,
    "login": USER_LOGIN,
    "password": USER_PASSWORD,
    "sender": "HOUSE",
}
RECIPIENT = {"name": "Kitchen", "phone_numbers": ["0639980001"], "send_test": True}


async def begin(hass: HomeAssistant, **user: str) -> Any:
    """Type in the user, some of it changed."""
    return await go_on(hass, await choose(hass, "sms_user"), {**USER, **user})


async def test_entry(hass: HomeAssistant, sim: Simulator) -> None:
    result = await begin(hass, service_name=f" {ACCOUNT} ", sender=" HOUSE")
    assert sim.requests == []
    entry = result["result"]
    assert (entry.title, entry.unique_id) == (ACCOUNT, ACCOUNT)
    assert entry.data == {
        "auth_method": "sms_user",
        "login": USER_LOGIN,
        "password": USER_PASSWORD,
        "service_name": ACCOUNT,
    }
    assert entry.options["sender"] == "HOUSE"
    _, flow_id = result["next_flow"]
    recipients = hass.config_entries.subentries
    [form] = recipients.async_progress()
    assert form["flow_id"] == flow_id
    added: Any = await recipients.async_configure(flow_id, RECIPIENT)
    assert added["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": "notify.kitchen", "message": "Water!"},
        blocking=True,
    )
    assert texts(sim, "+33639980001") == [
        "This is a test SMS from Home Assistant.",
        "Water!",
    ]
    assert {request.path for request in sim.requests} == {"/cgi-bin/sms/http2sms.cgi"}
    await entry_of(hass, result)


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"service_name": " "}, {"service_name": "empty"}),
        (
            {"login": " ", "password": " "},
            {"login": "empty", "password": "empty"},
        ),
        ({"sender": " "}, {"sender": "sender_empty"}),
        ({"sender": "My long house"}, {"sender": "sender_too_long"}),
    ],
)
async def test_user_that_cannot_be(
    hass: HomeAssistant,
    sim: Simulator,
    typed: dict[str, str],
    errors: dict[str, str],
) -> None:
    result = await begin(hass, **typed)
    assert (result["step_id"], result["errors"]) == ("sms_user", errors)
    assert typed_before(result) == {**USER, **typed}
    await entry_of(hass, await go_on(hass, result, USER))


async def test_account_only_once(hass: HomeAssistant, account: MockConfigEntry) -> None:
    result = await begin(hass)
    assert (result["type"], result["reason"]) == (
        FlowResultType.ABORT,
        "already_configured",
    )


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        ({"password": "fake1wrong"}, "invalid_sms_user"),
        ({"ip_restrictions": ["192.0.2.1/32"]}, "ip_not_allowed"),
    ],
)
async def test_test_sms_shows_what_is_wrong(
    hass: HomeAssistant, sim: Simulator, spoil: dict[str, Any], error: str
) -> None:
    user = sim.world.accounts[ACCOUNT].users[USER_LOGIN]
    before = {name: getattr(user, name) for name in spoil}
    for name, value in spoil.items():
        setattr(user, name, value)
    result = await begin(hass)
    _, flow_id = result["next_flow"]
    recipients = hass.config_entries.subentries
    form: Any = await recipients.async_configure(flow_id, RECIPIENT)
    assert form["errors"] == {"base": error}
    assert typed_before(form) == {**RECIPIENT, "queue": True}
    for name, value in before.items():
        setattr(user, name, value)
    form = await recipients.async_configure(flow_id, RECIPIENT)
    assert form["type"] is FlowResultType.CREATE_ENTRY
    entry = await entry_of(hass, result)
    assert entry.data["password"] == USER_PASSWORD


async def test_options_offer_the_short_number_only(
    hass: HomeAssistant, sim: Simulator
) -> None:
    result = await begin(hass)
    entry: MockConfigEntry = result["result"]
    form: Any = await hass.config_entries.options.async_init(entry.entry_id)
    assert offered(form, "sender") == ["Short number (can be replied to)"]
    assert sim.requests == []
    await entry_of(hass, result)


async def test_test_sms_that_reaches_some(hass: HomeAssistant, sim: Simulator) -> None:
    """OVHcloud says how many numbers it took, not which."""
    result = await begin(hass)
    _, flow_id = result["next_flow"]
    recipients = hass.config_entries.subentries
    sim.faults.add(Fault("half"))
    two = {**RECIPIENT, "phone_numbers": ["0639980001", "0639980002"]}
    form: Any = await recipients.async_configure(flow_id, two)
    assert form["errors"] == {"base": "receivers_refused_unnamed"}
    shown = {"accepted": "1", "count": "2"}
    assert form["description_placeholders"].items() >= shown.items()
    sim.faults.clear()
    form = await recipients.async_configure(flow_id, two)
    assert form["type"] is FlowResultType.CREATE_ENTRY
    await entry_of(hass, result)


async def test_test_sms_without_network(hass: HomeAssistant, sim: Simulator) -> None:
    sim.faults.add(Fault("refuse"))
    result = await begin(hass)
    _, flow_id = result["next_flow"]
    recipients = hass.config_entries.subentries
    form: Any = await recipients.async_configure(flow_id, RECIPIENT)
    assert form["errors"] == {"base": "no_connection"}
    await sim.accept_again()
    form = await recipients.async_configure(flow_id, RECIPIENT)
    assert form["type"] is FlowResultType.CREATE_ENTRY
    await entry_of(hass, result)
