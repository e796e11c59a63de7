"""The ways to send an SMS that are measured, each as one call."""

from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
import hashlib
import json
import time
from typing import Any, Final

import aiohttp
import ovh
from ovh.client import ENDPOINTS

from homeassistant.core import HomeAssistant

from .house import KEYS, NUMBERS, TEXT
from .peers import PEERS
from .sender import Sender
from .server import ACCOUNT

OURS: Final = ("notify.send_message", "notify.ovh_sms", "ovh_sms.send_sms")
BARE: Final = "ovh client kept open"
FLOOR: Final = "aiohttp and a signature"


@asynccontextmanager
async def senders(hass: HomeAssistant, url: str) -> AsyncGenerator[list[Sender]]:
    """Prepare all of them; an account of ours is loaded already."""
    client = await hass.async_add_executor_job(_bare_client, url)
    async with aiohttp.ClientSession() as session:
        yield [
            *_doors(hass),
            Sender(BARE, lambda count: _bare(hass, client, count)),
            Sender(FLOOR, lambda count: _floor(session, url, count)),
            *[await peer.sender(hass, url) for peer in PEERS],
        ]
    await hass.async_add_executor_job(client._session.close)  # noqa: SLF001 - it cannot be closed


def _doors(hass: HomeAssistant) -> list[Sender]:
    """Return the three doors of this integration."""
    call = hass.services.async_call

    def send_message(count: int) -> Awaitable[object]:
        target = {"entity_id": "notify.one" if count == 1 else "notify.three"}
        return call(
            "notify", "send_message", {"message": TEXT, **target}, blocking=True
        )

    def notify(count: int) -> Awaitable[object]:
        given = {"message": TEXT, "target": list(NUMBERS[:count])}
        return call("notify", "ovh_sms", given, blocking=True)

    def send_sms(count: int) -> Awaitable[object]:
        given = {"message": TEXT, "receivers": list(NUMBERS[:count])}
        return call("ovh_sms", "send_sms", given, blocking=True)

    return [
        Sender(name, send)
        for name, send in zip(OURS, (send_message, notify, send_sms), strict=True)
    ]


def _job(count: int) -> dict[str, Any]:
    return {
        "message": TEXT,
        "receivers": list(NUMBERS[:count]),
        "priority": "high",
        "validityPeriod": 2880,
        "sender": "HOUSE",
        "senderForResponse": False,
        "noStopClause": True,
    }


def _bare_client(url: str) -> ovh.Client:
    ENDPOINTS["benchmark"] = f"{url}/1.0"
    return ovh.Client(endpoint="benchmark", **KEYS)


def _bare(hass: HomeAssistant, client: ovh.Client, count: int) -> Awaitable[object]:
    """Send as a short script in an executor does."""
    return hass.async_add_executor_job(
        lambda: client.post(f"/sms/{ACCOUNT}/jobs", **_job(count))
    )


async def _floor(session: aiohttp.ClientSession, url: str, count: int) -> None:
    """Do what cannot be left out, and nothing else."""
    target = f"{url}/1.0/sms/{ACCOUNT}/jobs"
    body = json.dumps(_job(count), separators=(",", ":"))
    now = str(int(time.time()))
    signed = "+".join(
        (KEYS["application_secret"], KEYS["consumer_key"], "POST", target, body, now)
    )
    headers = {
        "Content-type": "application/json",
        "X-Ovh-Application": KEYS["application_key"],
        "X-Ovh-Consumer": KEYS["consumer_key"],
        "X-Ovh-Timestamp": now,
        "X-Ovh-Signature": f"$1${hashlib.sha1(signed.encode()).hexdigest()}",
    }
    async with session.post(target, data=body, headers=headers) as answer:
        await answer.json()
