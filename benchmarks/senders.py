"""The ways to send an SMS that are measured, each as one call."""

from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
import hashlib
import json
import time
from typing import Any, Final, override

import aiohttp
import ovh
from ovh.client import ENDPOINTS

from homeassistant.components.notify import NotifyEntity
from homeassistant.components.notify.const import DATA_COMPONENT
from homeassistant.core import HomeAssistant

from .house import KEYS, NUMBERS, TEXT
from .peers import PEERS
from .sender import Sender
from .server import ACCOUNT

OURS: Final = ("notify.send_message", "notify.ovh_sms", "ovh_sms.send_sms")
BARE: Final = "ovh client kept open"
BARE_ENTITY: Final = "ovh client behind an entity"
FLOOR: Final = "aiohttp and a signature"


@asynccontextmanager
async def senders(hass: HomeAssistant, url: str) -> AsyncGenerator[list[Sender]]:
    """Prepare all of them; an account of ours is loaded already."""
    client = await hass.async_add_executor_job(_bare_client, url)
    async with aiohttp.ClientSession() as session:
        yield [
            *_doors(hass),
            Sender(BARE, lambda count: _bare(hass, client, count)),
            await _bare_entity(hass, client),
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


class _Entity(NotifyEntity):
    """An entity that does nothing but hand a message over."""

    def __init__(self, client: ovh.Client, count: int) -> None:
        """Stand for so many numbers."""
        self.entity_id = f"notify.bare_{count}"
        self._client = client
        self._count = count

    @override
    def send_message(self, message: str, title: str | None = None) -> None:
        """Send it, on a worker thread."""
        self._client.post(f"/sms/{ACCOUNT}/jobs", **_job(self._count))


async def _bare_entity(hass: HomeAssistant, client: ovh.Client) -> Sender:
    """Send by an entity, to tell what Home Assistant's own part of it is."""
    counts = (1, len(NUMBERS))
    await hass.data[DATA_COMPONENT].async_add_entities(
        [_Entity(client, count) for count in counts]
    )

    def send(count: int) -> Awaitable[object]:
        given = {"message": TEXT, "entity_id": f"notify.bare_{count}"}
        return hass.services.async_call("notify", "send_message", given, blocking=True)

    return Sender(BARE_ENTITY, send)


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
