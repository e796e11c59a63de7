"""What is called is a hint and nothing more, whoever calls, with whatever."""

from datetime import timedelta
import logging
from typing import Any
from urllib.parse import urlencode

from aiohttp.web import Response
from hypothesis import HealthCheck, given, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from homeassistant.components.webhook import async_handle_webhook
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.aiohttp import MockRequest
from simulator import Simulator
from tests.callbacks import choose, options
from tests.conftest import Client

from .conftest import Hints

NUMBER = "+33639980001"


async def handle(
    hass: HomeAssistant, entry: MockConfigEntry, **request: Any
) -> Response:
    """Call without a connection."""
    made: Any = MockRequest(**{"content": b"", "mock_source": "test"} | request)
    return await async_handle_webhook(hass, entry.options["webhook_id"], made)


async def later(hass: HomeAssistant, seconds: float) -> None:
    """Let time pass."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_ovhcloud_calls(
    hass: HomeAssistant, listening: MockConfigEntry, sim: Simulator, hints: Hints
) -> None:
    """A receipt and a reply are told of as OVHcloud calls, and it gets its 200."""
    await hass.services.async_call(
        "ovh_sms",
        "send_sms",
        {
            "entity_id": "notify.kitchen",
            "message": "Water!",
            "sender_for_response": True,
        },
        blocking=True,
    )
    await sim.advance(60)
    [sms_id] = at_ids(sim)
    await sim.reply(NUMBER, "I am coming")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [(call.method, call.status) for call in sim.callbacks] == [
        ("GET", 200),
        ("POST", 200),
    ]
    assert (hints.receipts, hints.replies) == ([sms_id], 1)


def at_ids(sim: Simulator) -> list[int]:
    """Return the ids of the SMS that a phone got."""
    return [message.sms.id for message in sim.phone(NUMBER).messages if message.sms]


@pytest.mark.parametrize(
    ("query", "receipts"),
    [
        ("?id=27814656&ptt=0&description=1", [27814656]),
        ("?id=1", [1]),
        ("?ptt=0", []),
        ("", []),
        ("?id=", []),
        ("?id=0", []),
        ("?id=-5", []),
        ("?id=+5", []),
        ("?id=1.5", []),
        ("?id=1_0", []),
        ("?id=%D9%A3", []),
        ("?id=%00", []),
        ("?id=%ff", []),
        ("?id=999999999999999999", [999999999999999999]),
        ("?id=9999999999999999999", []),
        ("?id=" + "9" * 4000, []),
        ("?id=7&id=8", [7]),
    ],
)
async def test_receipt(
    hass: HomeAssistant,
    home: Client,
    path: str,
    hints: Hints,
    query: str,
    receipts: list[int],
) -> None:
    response = await home.get(path + query)
    assert (response.status, await response.text()) == (200, "")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (hints.receipts, hints.replies) == (receipts, 0)


@pytest.mark.parametrize("method", ["HEAD", "PUT"])
async def test_other_methods(
    hass: HomeAssistant, home: Client, path: str, hints: Hints, method: str
) -> None:
    response = await home.request(method, path + "?id=5", data={"id": "5"})
    assert response.status == 200
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (hints.receipts, hints.replies) == ([], 0)


@pytest.mark.parametrize(
    ("mode", "told"), [(("webhook", "off"), ([5], 0)), (("poll", "webhook"), ([], 1))]
)
async def test_only_what_was_chosen(
    hass: HomeAssistant,
    listening: MockConfigEntry,
    home: Client,
    path: str,
    hints: Hints,
    mode: tuple[str, str],
    told: tuple[list[int], int],
) -> None:
    await choose(hass, listening, *mode)
    await home.get(path + "?id=5")
    await home.post(path, data={"id": "6", "message": "Yes"})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (hints.receipts, hints.replies) == told


async def test_flood(
    hass: HomeAssistant, listening: MockConfigEntry, hints: Hints
) -> None:
    """However many call, there are few looks, and all that fit are looked at."""

    async def call(sms_id: int) -> None:
        for method in ("GET", "POST"):
            await handle(hass, listening, method=method, query_string=f"id={sms_id}")

    for sms_id in range(1, 301):
        await call(sms_id)
    assert (hints.receipts, hints.replies) == ([1], 1)
    await later(hass, 1.1)
    assert sorted(hints.receipts) == list(range(1, 202))
    assert hints.replies == 1
    await later(hass, 5.1)
    assert hints.replies == 2
    # Whoever calls again is heard again, once.
    await later(hass, 12)
    await call(1000)
    await call(1000)
    assert (hints.receipts.count(1000), hints.replies) == (1, 3)


async def test_listens_while_it_is_loaded_and_wanted(
    hass: HomeAssistant,
    listening: MockConfigEntry,
    home: Client,
    path: str,
    hints: Hints,
) -> None:
    async def is_heard(sms_id: int) -> bool:
        response = await home.get(f"{path}?id={sms_id}")
        assert response.status == 200
        await later(hass, 30)
        return sms_id in hints.receipts

    assert await is_heard(1)
    await hass.config_entries.async_unload(listening.entry_id)
    assert not await is_heard(2)
    await hass.config_entries.async_setup(listening.entry_id)
    assert await is_heard(3)
    await options(hass, listening, "poll", "off")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not await is_heard(4)
    # What is turned on again has another address.
    await choose(hass, listening)
    assert not path.endswith(listening.options["webhook_id"])
    assert not await is_heard(5)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"id=%ff&message=%"),
        ("application/x-www-form-urlencoded", b"\xff" * 70_000),
        ("multipart/form-data", b"x"),
        ("application/json", b""),
        ("a/b", b"x" * 20_000_000),
    ],
)
async def test_whatever_comes_over_the_wire(
    home: Client, path: str, body: bytes, content_type: str
) -> None:
    response = await home.post(path, data=body, headers={"Content-Type": content_type})
    assert response.status == 200


TEXT = st.text(max_size=30)


@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT"]),
    query=TEXT
    | st.dictionaries(
        st.sampled_from(["id", "ptt", "message"]), st.integers() | TEXT
    ).map(lambda fields: "&".join(f"{name}={fields[name]}" for name in fields)),
    body=st.binary(max_size=200),
    headers=st.dictionaries(
        st.sampled_from(["Content-Type", "Content-Length"]), TEXT, max_size=2
    ),
)
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_whatever_comes(
    hass: HomeAssistant,
    listening: MockConfigEntry,
    hints: Hints,
    caplog: pytest.LogCaptureFixture,
    method: str,
    query: str,
    body: bytes,
    headers: dict[str, str],
) -> None:
    """It is answered, nothing breaks, and nothing of it is in the log."""
    caplog.clear()
    response = await handle(
        hass,
        listening,
        content=body,
        method=method,
        headers=headers,
        query_string=query,
    )
    assert (response.status, response.body) == (200, None)
    assert [r for r in caplog.records if r.levelno > logging.DEBUG] == []
    assert all(0 < sms_id < 2**63 for sms_id in hints.receipts)


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "BREW"]),
    query=st.dictionaries(st.sampled_from(["id", "ptt"]) | TEXT, TEXT, max_size=3),
    body=st.binary(max_size=2000)
    | st.dictionaries(TEXT, TEXT, max_size=3).map(
        lambda form: urlencode(form).encode()
    ),
    headers=st.fixed_dictionaries(
        {},
        optional={
            "Content-Type": st.sampled_from(
                [
                    "application/x-www-form-urlencoded",
                    "application/json",
                    "multipart/form-data; boundary=",
                    "a/b; charset=x",
                ]
            ),
            "Content-Encoding": st.sampled_from(["gzip", "deflate", "br", "x"]),
            "X-Forwarded-For": st.sampled_from(["127.0.0.1", "nobody", "::1, x"]),
        },
    ),
)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_whatever_comes_in_a_request(
    home: Client,
    path: str,
    hints: Hints,
    caplog: pytest.LogCaptureFixture,
    method: str,
    query: dict[str, str],
    body: bytes,
    headers: dict[str, str],
) -> None:
    """It is answered and never breaks anything, and nothing of ours says a word of it."""
    caplog.clear()
    response = await home.request(
        method, path, params=query, data=body, headers=headers
    )
    if "X-Forwarded-For" in headers:
        # Home Assistant turns away who says to be a proxy.
        assert response.status in (200, 400, 405)
    elif method in ("GET", "POST", "PUT"):
        assert response.status in (200, 400)
    else:
        assert response.status in (400, 405)
    assert [r for r in caplog.records if r.name.startswith("custom_components")] == []
    assert all(0 < sms_id < 2**63 for sms_id in hints.receipts)
