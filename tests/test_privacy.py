"""No number, text or secret is logged: by whatever door, in whatever trouble, at whatever level."""

from collections.abc import Awaitable, Callable
import logging
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.script import Script
from simulator import (
    ACCOUNT,
    APPLICATION_SECRET,
    CLIENT_ID,
    CLIENT_SECRET,
    CONSUMER_KEY,
    USER_LOGIN,
    USER_PASSWORD,
    Fault,
    Simulator,
)
from tests.conftest import API_KEYS, jobs, make_entry, texts
from tests.deliveries import pass_time, settle
from tests.flows.steps import choose, go_on

pytestmark = pytest.mark.usefixtures("unloaded")

type Load = Callable[[str], Awaitable[MockConfigEntry]]

TEXT: Final = "The cellar is under water"
TITLE: Final = "Alarm at home"
PRIVATE: Final = (
    "63998",
    "6 39 98",
    "06.39.98",
    TEXT,
    TITLE,
    APPLICATION_SECRET,
    CONSUMER_KEY,
    CLIENT_SECRET,
    USER_PASSWORD,
    "Bearer ",
)
WAYS: Final = {
    "api_keys": API_KEYS,
    "service_account": {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
    "sms_user": {"login": USER_LOGIN, "password": USER_PASSWORD},
}
CALLS: Final[list[dict[str, Any]]] = [
    {
        "action": "notify.send_message",
        "target": {"entity_id": ["notify.kitchen", "notify.night_watch"]},
        "data": {"message": TEXT, "title": TITLE},
    },
    {
        "action": "notify.ovh_sms",
        "data": {
            "message": TEXT,
            "title": TITLE,
            "target": ["06 39 98 00 04", "Kitchen"],
        },
    },
    {
        "action": "notify.ovh_sms_kitchen",
        "data": {"message": TEXT, "title": TITLE, "data": {"queue": False}},
    },
    {
        "action": "ovh_sms.send_sms",
        "target": {"entity_id": "notify.kitchen"},
        "data": {"message": TEXT, "title": TITLE, "receivers": ["+33639980005"]},
    },
    {
        "action": "ovh_sms.send_sms",
        "data": {
            "message": TEXT,
            "receivers": ["+33639980006"],
            "tag": "mine",
            "queue": False,
        },
        "response_variable": "sent",
    },
    {
        "action": "ovh_sms.send_sms",
        "data": {
            "message": TEXT,
            "receivers": ["+33639980007"],
            "sender": "+33639980099",
        },
    },
    {"action": "ovh_sms.get_history", "data": {}, "response_variable": "history"},
    {"action": "ovh_sms.get_pending", "data": {}, "response_variable": "pending"},
]
# Each is what goes wrong, as the simulator is told it.
TROUBLES: Final[dict[str, list[dict[str, Any]]]] = {
    "none": [],
    "out of reach": [{"kind": "reset", "times": 12}],
    "answer lost": [
        {"kind": "reset", "path": "*/jobs", "method": "POST", "applied": "after"}
    ],
    "request lost": [{"kind": "reset", "path": "*/jobs", "method": "POST"}],
    "server error": [{"kind": "status", "status": 500, "path": "*/jobs"}],
    "odd answers": [{"kind": "status", "status": 200, "body": "odd", "times": 12}],
    "throttled": [{"kind": "status", "status": 429, "retry_after": 5, "times": 3}],
    "not granted": [{"kind": "forbidden", "reason": "NOT_GRANTED_CALL"}],
    "policy too narrow": [{"kind": "forbidden", "reason": "IAM"}],
    "key expired": [{"kind": "forbidden", "reason": "INVALID_CREDENTIAL"}],
    "receivers refused": [{"kind": "empty_ids"}],
    "refused in part": [{"kind": "half"}],
    "account expired": [{"kind": "expired"}],
}
# Calls with a mistake in them, which the errors quote.
MISTAKES: Final[list[dict[str, Any]]] = [
    {"receivers": ["06 39 98 00 0"], "message": TEXT},
    {"receivers": ["+33 1 99 00 63 99 8"], "message": TEXT},
    {"receivers": ["call 06.39.98.00.01"], "message": TEXT},
    {"receivers": [33639980001], "message": TEXT, "tag": "+33639980001 or the other"},
    {"receivers": ["+33639980001"], "message": TEXT, "0639980001": TEXT},
    {"receivers": ["+33639980001"], "message": TEXT, "sender": "é0639980099"},
    {"receivers": ["+33639980001"], "message": TEXT, "send_at": "06 39 98 00 01"},
    {"receivers": ["+33639980001"], "message": TEXT, "priority": "0639980001"},
    {"receivers": ["+33639980001"], "message": f"{TEXT} " * 2000},
    {"receivers": ["+33639980001"], "message": f"{TEXT}\x00"},
]


def told(records: list[logging.LogRecord]) -> str:
    """Return what logs tell, tracebacks and all, of those who may be expected to be silent.

    Below a warning Home Assistant tells what is called; what the simulator tells is its own.
    """
    whole = logging.Formatter("%(name)s %(levelname)s %(message)s %(args)s")
    return "\n".join(
        whole.format(record)
        for record in records
        if record.levelno > logging.DEBUG
        or not record.name.startswith(("homeassistant.", "aiohttp", "asyncio"))
        if not record.name.startswith(("aiohttp.access", "simulator"))
    )


def nothing_private(caplog: pytest.LogCaptureFixture) -> None:
    """Look for what must not be in any log."""
    log = told(caplog.records)
    assert [
        line for line in log.splitlines() if any(private in line for private in PRIVATE)
    ] == []


@pytest.fixture
def chatty(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Have all logged that a Home Assistant logs whose `logger` is set to debug."""
    caplog.set_level(logging.DEBUG)
    # As Home Assistant does when it starts: the addresses of calls are in there.
    caplog.set_level(logging.WARNING, "urllib3")
    return caplog


@pytest.fixture
def load(hass: HomeAssistant, sim: Simulator) -> Load:
    """Return a function that loads an account that is signed in one way or another."""

    async def load(way: str) -> MockConfigEntry:
        entry = make_entry(
            hass,
            {
                "Kitchen": ["+33639980001"],
                "Night watch": ["+33639980002", "+33639980003"],
            },
        )
        hass.config_entries.async_update_entry(
            entry,
            data={"auth_method": way, "service_name": ACCOUNT, **WAYS[way]},
        )
        assert await hass.config_entries.async_setup(entry.entry_id)
        await settle(hass)
        return entry

    return load


def nothing_private_in_states(hass: HomeAssistant) -> None:
    """Look for what must not be in any state."""
    shown = repr([state.as_dict() for state in hass.states.async_all()])
    assert not [private for private in PRIVATE if private in shown]


async def make(hass: HomeAssistant, calls: list[dict[str, Any]]) -> None:
    """Make calls as an automation does, which logs what goes wrong."""
    for call in calls:
        step = {**call, "continue_on_error": True}
        await Script(hass, [step], "Alarm", "automation").async_run()
    await settle(hass)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_sending(
    hass: HomeAssistant,
    sim: Simulator,
    load: Load,
    chatty: pytest.LogCaptureFixture,
    freezer: FrozenDateTimeFactory,
    way: str,
    trouble: str,
) -> None:
    """Nothing is told of what is sent, refused, tried again or looked up."""
    await load(way)
    for fault in TROUBLES[trouble]:
        sim.faults.add(Fault(**fault))
    await make(hass, CALLS)
    await pass_time(hass, freezer, 65)
    sim.faults.clear()
    await pass_time(hass, freezer, 130)
    nothing_private(chatty)
    nothing_private_in_states(hass)
    if trouble == "none":
        assert f"{TITLE}\n{TEXT}" in texts(sim, "+33639980005")


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda each: " ".join(each)[:40])
async def test_mistakes(
    hass: HomeAssistant,
    sim: Simulator,
    load: Load,
    chatty: pytest.LogCaptureFixture,
    mistake: dict[str, Any],
) -> None:
    """An error in the log does not repeat what it is about."""
    await load("api_keys")
    await make(hass, [{"action": "ovh_sms.send_sms", "data": mistake}])
    assert not jobs(sim)
    assert "Error executing script" in told(chatty.records)
    nothing_private(chatty)


@pytest.mark.parametrize("way", WAYS)
async def test_dialogs(
    hass: HomeAssistant, sim: Simulator, chatty: pytest.LogCaptureFixture, way: str
) -> None:
    """Nothing is told of what is typed, be it wrong or right."""
    hass.config.country = "FR"
    right = {**WAYS[way]}
    if way == "sms_user":
        right |= {"service_name": ACCOUNT, "sender": "HOUSE"}
    result = await choose(hass, way)
    if way != "sms_user":
        wrong = {name: f"63998{value}" for name, value in right.items()}
        result = await go_on(hass, result, wrong)
        assert result["errors"]
    result = await go_on(hass, result, right)
    if way != "sms_user":
        result = await go_on(hass, result, {"service_name": ACCOUNT})
        result = await go_on(hass, result, {"sender": "HOUSE"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    flows = hass.config_entries.subentries
    typed = {"name": "Kitchen", "send_test": True, "queue": True}
    form = await flows.async_init(
        (result["result"].entry_id, "recipient"), context={"source": "user"}
    )
    for numbers in (["06 39 98 00"], ["06 39 98 00 01"]):
        form = await flows.async_configure(
            form["flow_id"], {**typed, "phone_numbers": numbers}
        )
    assert form["type"] is FlowResultType.CREATE_ENTRY
    assert len(texts(sim, "+33639980001")) == 1
    await settle(hass)
    nothing_private(chatty)
    nothing_private_in_states(hass)


async def test_every_user_can_read_the_history(
    hass: HomeAssistant,
    load: Load,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
) -> None:
    """Say so in docs/security.md as long as it is so."""
    await load("api_keys")
    await make(hass, CALLS[:1])
    client = await hass_ws_client(hass, hass_read_only_access_token)
    await client.send_json_auto_id(
        {
            "type": "call_service",
            "domain": "ovh_sms",
            "service": "get_history",
            "return_response": True,
        }
    )
    answer = await client.receive_json()
    assert TEXT in repr(answer["result"])


async def test_others_are_heard(caplog: pytest.LogCaptureFixture) -> None:
    """What the OAuth2 library tells of the calls of other integrations is theirs to hide."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("requests_oauthlib.oauth2_session").debug("Of another")
    assert "Of another" in caplog.text
