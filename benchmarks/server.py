"""The loopback server: answers as OVHcloud and the others do, and counts."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
import json
import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path
import ssl
import time
from typing import Any, Final, Protocol
from weakref import WeakSet

from aiohttp import web

ACCOUNT: Final = "sms-ab12345-1"
# What leaves from here is on its way for ever.
UNDELIVERED: Final = "sms-ab12345-2"
PENDING: Final = 0
DELIVERED: Final = 1
_SENT: Final = "2026-01-01T00:00:00+00:00"


class Counts(Protocol):
    """Numbers that the two processes share: requests, connections, reads."""

    def __getitem__(self, index: int) -> int:
        """Return one of them."""

    def __setitem__(self, index: int, value: int) -> None:
        """Set one of them."""


@dataclass(frozen=True, slots=True)
class Server:
    """The server as the other process sees it."""

    url: str
    _counts: Counts

    @property
    def requests(self) -> int:
        """Return how many requests there have been, but for those that only read of SMS."""
        return self._counts[0]

    @property
    def connections(self) -> int:
        """Return how many connections have been opened."""
        return self._counts[1]

    @property
    def reads(self) -> int:
        """Return how many requests there have been that only read of SMS."""
        return self._counts[2]


@contextmanager
def running(certificate: Path | None = None) -> Generator[Server]:
    """Run the server in a process of its own, behind TLS if it has a certificate."""
    context = multiprocessing.get_context("spawn")
    counts = context.Array("q", 3, lock=False)
    here, there = context.Pipe()
    process = context.Process(
        target=_live, args=(counts, there, certificate), daemon=True
    )
    process.start()
    scheme = "https" if certificate else "http"
    try:
        yield Server(f"{scheme}://127.0.0.1:{here.recv()}", counts)
    finally:
        process.terminate()
        process.join()


def _live(counts: Counts, ready: Connection[int], certificate: Path | None) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
    if tls and certificate:
        tls.load_cert_chain(certificate)
    asyncio.run(_serve(counts, ready, tls))


async def _serve(
    counts: Counts, ready: Connection[int], tls: ssl.SSLContext | None
) -> None:
    answers = _Answers()
    known: WeakSet[object] = WeakSet()

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        # What is read of SMS is no send: it comes when it is due, whoever is measured.
        if request.method == "GET" and request.path.startswith("/1.0/sms/"):
            counts[2] += 1
        else:
            counts[0] += 1
            counts[1] += request.transport not in known
        known.add(request.transport)
        body = await request.read()
        status, answer = answers.to(request, body)
        return web.Response(
            status=status,
            body=json.dumps(answer).encode(),
            content_type="application/json",
        )

    handler = web.Server(handle, access_log=None)
    server = await asyncio.get_running_loop().create_server(
        handler, "127.0.0.1", 0, backlog=512, ssl=tls
    )
    ready.send(server.sockets[0].getsockname()[1])
    await asyncio.Event().wait()


class _Answers:
    """What is said, and the last id that was given away."""

    def __init__(self) -> None:
        self._id = 1000

    def to(self, request: web.BaseRequest, body: bytes) -> tuple[int, Any]:
        """Return the status and the answer to a request."""
        path = request.path
        if path.startswith("/1.0/"):
            return 200, self._ovh(request.method, path.removeprefix("/1.0"), body)
        if path.startswith("/v3/"):
            return 200, _clicksend(body)
        if path.startswith("/2010-04-01/"):
            return 201, self._twilio()
        if path.startswith("/xms/"):
            return 201, self._sinch(body)
        if path == "/balance":
            return 200, {"payment": "prepaid", "type": "credits", "amount": 1000}
        if path == "/messages":
            return 201, self._message_bird()
        return 200, {}

    def _next(self) -> int:
        self._id += 1
        return self._id

    def _ovh(self, method: str, path: str, body: bytes) -> Any:
        if method == "POST":
            receivers = json.loads(body)["receivers"]
            return {
                "totalCreditsRemoved": len(receivers),
                "invalidReceivers": [],
                "ids": [self._next() for _ in receivers],
                "validReceivers": receivers,
            }
        match path.split("/")[1:]:
            case ["auth", "time"]:
                return int(time.time())
            case ["auth", "currentCredential"]:
                rights = [(m, p) for m in ("GET", "POST", "DELETE") for p in ("/*",)]
                return {
                    "rules": [{"method": m, "path": p} for m, p in rights],
                    "expiration": None,
                    "status": "validated",
                }
            case ["sms", name]:
                return {"name": name, "status": "enable", "creditsLeft": 100_000}
            case ["sms", name, "outgoing", ids]:
                receipt = PENDING if name == UNDELIVERED else DELIVERED
                found = [_sms(int(sms_id), receipt) for sms_id in ids.split(",")]
                batch = [{"key": each["id"], "value": each} for each in found]
                return batch if len(found) > 1 else found[0]
            case ["sms", _, "senders", name]:
                return {"sender": name, "status": "enable", "type": "alpha"}
        return []

    def _twilio(self) -> Any:
        return {
            "sid": f"SM{self._next():032x}",
            "account_sid": "AC0",
            "status": "queued",
            "num_segments": "1",
            "num_media": "0",
            "date_created": "Thu, 01 Jan 2026 00:00:00 +0000",
        }

    def _sinch(self, body: bytes) -> Any:
        return {
            **json.loads(body),
            "type": "mt_text",
            "id": f"{self._next():x}",
            "canceled": False,
            "created_at": _SENT,
            "modified_at": _SENT,
        }

    def _message_bird(self) -> Any:
        return {
            "id": f"{self._next():x}",
            "type": "sms",
            "createdDatetime": _SENT,
            "recipients": {
                "totalCount": 1,
                "totalSentCount": 1,
                "items": [{"recipient": 1, "status": "sent", "statusDatetime": _SENT}],
            },
        }


def _sms(sms_id: int, receipt: int) -> dict[str, Any]:
    """Return an SMS that has left."""
    return {
        "id": sms_id,
        "receiver": "+33639980001",
        "message": "",
        "creationDatetime": _SENT,
        "credits": 1,
        "numberOfSms": 1,
        "deliveryReceipt": receipt,
        "ptt": 4,
        "differedDelivery": 0,
    }


def _clicksend(body: bytes) -> Any:
    messages = json.loads(body)["messages"] if body else []
    return {
        "http_code": 200,
        "response_code": "SUCCESS",
        "response_msg": "Messages queued for delivery.",
        "data": {
            "total_count": len(messages),
            "queued_count": len(messages),
            "messages": [{**each, "status": "SUCCESS"} for each in messages],
        },
    }
