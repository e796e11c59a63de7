"""Walking config flows, against a little Home Assistant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
import pytest

from demo import flows, options
from demo.client import HomeAssistant, until
from demo.errors import DemoError
from demo.stage import MENU, RECIPIENT, SIGN_IN


def form(step: str, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Make a form."""
    return {
        "type": "form",
        "flow_id": "f1",
        "step_id": step,
        "data_schema": list(fields),
        **more,
    }


def field(name: str, **more: Any) -> dict[str, Any]:
    """Make a required field."""
    return {"name": name, "required": True, **more}


START = {
    "type": "menu",
    "flow_id": "f1",
    "step_id": "user",
    "menu_options": ["api_keys", "sign_in"],
}
KEYS = form(
    "api_keys", *map(field, ("application_key", "application_secret", "consumer_key"))
)
ACCOUNT = form("account", field("service_name"))
SENDER = form(
    "sender",
    field("sender"),
    {"type": "expandable", "name": "more", "schema": [field("queue", default=True)]},
    field("hint", description={"suggested_value": "x"}),
)
DONE = {
    "type": "create_entry",
    "result": {"entry_id": "e1"},
    "next_flow": ["config_subentries_flow", "f2"],
}
WHO = form(
    "user", field("name"), field("phone_numbers"), {"name": "sender", "optional": True}
)


class LittleHouse:
    """Shows given steps one after the other, and keeps what it is sent."""

    def __init__(self, *steps: dict[str, Any]) -> None:
        """Take the steps to show."""
        self.steps = list(steps)
        self.got: list[tuple[str, Any]] = []

    async def answer(self, request: web.Request) -> web.Response:
        """Show the next step."""
        body = await request.json() if request.can_read_body else None
        self.got.append((f"{request.method} {request.path}", body))
        if not self.steps:
            return web.json_response({"message": "Invalid flow specified"}, status=404)
        return web.json_response(self.steps.pop(0))


@asynccontextmanager
async def serve(little: LittleHouse) -> AsyncIterator[HomeAssistant]:
    """Serve the little house on the loopback."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", little.answer)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    try:
        async with aiohttp.ClientSession() as session:
            yield HomeAssistant(session, str(server.make_url("")).rstrip("/"))
    finally:
        await server.close()


@pytest.mark.usefixtures("socket_enabled")
async def test_whole_flow() -> None:
    """The flow is walked to its end and on to the recipient, defaults filled in."""
    little = LittleHouse(START, KEYS, ACCOUNT, SENDER, DONE, WHO, DONE)
    async with serve(little) as house:
        made = await flows.add_entry(house, "ovh_sms", SIGN_IN, MENU)
        await flows.add_subentry(
            house, "e1", "recipient", RECIPIENT["en"], {}, made["next_flow"]
        )
    flow, subflow = flows.CONFIG_FLOW, flows.SUBENTRY_FLOW
    assert little.got == [
        (f"POST {flow}", {"handler": "ovh_sms"}),
        (f"POST {flow}/f1", {"next_step_id": "api_keys"}),
        (f"POST {flow}/f1", SIGN_IN["api_keys"]),
        (f"POST {flow}/f1", {"service_name": "sms-ab12345-1"}),
        (f"POST {flow}/f1", {"sender": "HOUSE", "more": {"queue": True}, "hint": "x"}),
        (f"GET {subflow}/f2", None),
        (
            f"POST {subflow}/f1",
            {"name": "My phone", "phone_numbers": ["06 39 98 00 01"]},
        ),
    ]


@pytest.mark.usefixtures("socket_enabled")
async def test_recipient_for_an_entry_that_is_there() -> None:
    """Without a next flow one is begun."""
    little = LittleHouse(WHO, DONE)
    async with serve(little) as house:
        await flows.add_subentry(house, "e1", "recipient", RECIPIENT["fr"], {})
    assert little.got[0] == (
        f"POST {flows.SUBENTRY_FLOW}",
        {"handler": ["e1", "recipient"]},
    )


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (
            [form("captcha", field("picture"))],
            "unknown step 'captcha' with the fields picture",
        ),
        ([form("captcha")], "unknown step 'captcha' with the fields none"),
        (
            [{**START, "step_id": "what"}],
            "unknown menu 'what' with the choices api_keys, sign_in",
        ),
        (
            [{**START, "menu_options": ["x"]}],
            "the menu 'user' has no 'api_keys'; it has x",
        ),
        (
            [form("account", field("name"))],
            "the step 'account' has no field service_name; it has name",
        ),
        (
            [form("account", field("service_name"), field("colour"))],
            "the step 'account' wants 'colour', which the demo has no answer for",
        ),
        (
            [KEYS, {**KEYS, "errors": {"base": "invalid_auth"}}],
            "the step 'api_keys' refused: {'base': 'invalid_auth'}",
        ),
        (
            [{"type": "abort", "reason": "already_configured"}],
            "ended with 'already_configured'",
        ),
        (
            [{"type": "external", "step_id": "authorize"}],
            "unknown kind of step 'external'",
        ),
        ([], "answered POST /api/config/config_entries/flow with 404"),
        ([ACCOUNT] * 30, "no end after 20 steps, the last one 'account'"),
    ],
)
@pytest.mark.usefixtures("socket_enabled")
async def test_flow_that_goes_wrong(steps: list[dict[str, Any]], message: str) -> None:
    """Whatever comes that was not expected is named."""
    async with serve(LittleHouse(*steps)) as house:
        with pytest.raises(DemoError, match="adding ovh_sms did not work") as raised:
            await flows.add_entry(house, "ovh_sms", SIGN_IN, MENU)
    assert message in str(raised.value)


@pytest.mark.usefixtures("socket_enabled")
async def test_nobody_listens() -> None:
    """A Home Assistant that is not there gives a plain error."""
    async with aiohttp.ClientSession() as session:
        house = HomeAssistant(session, f"http://127.0.0.1:{options.any_port()}")
        assert await house.status("/") == 0
        with pytest.raises(DemoError, match="did not answer GET /api/config"):
            await house.get("/api/config")


async def test_until() -> None:
    """Waiting gives the first answer that is not empty, and has an end."""
    answers = iter([[], [], [1]])

    async def ask() -> list[int]:
        return next(answers)

    async def never() -> bool:
        return False

    assert await until("it", ask, 5, every=0) == [1]
    with pytest.raises(DemoError, match="it did not happen within 0 s"):
        await until("it", never, 0.01, every=0.001)
