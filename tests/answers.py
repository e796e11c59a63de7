"""Whatever a server can answer, over real HTTP: well-formed, nearly so, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import json
import math
import socketserver
import threading
import time
from typing import Any, Final, override

from hypothesis import strategies as st

from simulator import ACCOUNT

NUMBER: Final = "+33639980001"
TEXT: Final = "Water leak in the cellar"
_RECORD: Final = {
    "id": 7,
    "creationDatetime": "2026-03-10T12:00:00+01:00",
    "message": TEXT,
    "sender": "HOUSE",
    "tag": "leak",
    "credits": 1,
}
OUTGOING: Final = {
    **_RECORD,
    "sentAt": "2026-03-10T12:00:01+01:00",
    "receiver": NUMBER,
    "numberOfSms": 1,
    "deliveryReceipt": 1,
    "ptt": 4,
    "differedDelivery": 0,
}
INCOMING: Final = {**_RECORD, "sender": "0033639980001", "message": "I am coming"}
JOB: Final = {
    "ids": [7],
    "validReceivers": [NUMBER],
    "invalidReceivers": [],
    "totalCreditsRemoved": 1,
}
ACCOUNT_ANSWER: Final = {
    "name": ACCOUNT,
    "description": "",
    "status": "enable",
    "creditsLeft": 100.5,
    "creditsHoldByQuota": 0,
    "channel": "both",
    "callBack": "https://customer.example/receipts",
    "smsResponse": {"responseType": "cgi", "cgiUrl": "https://customer.example/"},
}
ERROR: Final = {"class": "Client::NotFound", "message": "No", "errorCode": "INVALID"}
# Where numbers, texts and times end, and what others make of nothing.
_EDGES: Final = (
    *(2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**400, 1e300, -1, -0.0, 0),
    *(math.nan, math.inf, -math.inf, "nan", "1e999", "1_0", "٣", "9" * 5000),
    *("", "\x00", "\ud800", "\ud83d", "a\ud800b", "\udfff\ud800", "x" * 70_000),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-03-10", "12:00"),
    *("INVALID_KEY", "QUERY_TIME_OUT", "message", "errorCode", "null"),
)
JSON: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(_EDGES),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["message", "errorCode", "class"]) | st.text(max_size=5),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
_MOSTLY: Final = st.sampled_from([True] * 7 + [False])


@st.composite
def altered(draw: Any, good: Any, other: st.SearchStrategy[Any] = JSON) -> Any:
    """Draw what is right but for one place, in which there is something else."""
    match good:
        case dict() if good and draw(_MOSTLY):
            name = draw(st.sampled_from(sorted(good)))
            if draw(_MOSTLY):
                return {**good, name: draw(altered(good[name], other))}
            return {key: value for key, value in good.items() if key != name}
        case list() if good and draw(_MOSTLY):
            place = draw(st.integers(0, len(good) - 1))
            return [
                *good[:place],
                draw(altered(good[place], other)),
                *good[place + 1 :],
            ]
    return draw(other)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it goes over the wire."""

    status: str
    headers: tuple[str, ...]
    body: bytes

    @property
    def raw(self) -> bytes:
        """Return all of it."""
        head = "\r\n".join([f"HTTP/1.1 {self.status}", *self.headers, "", ""])
        return head.encode("latin-1", "replace") + self.body


_STATUSES: Final = st.just("200 OK") | st.sampled_from(
    [f"{status} Status" for status in (201, 204, 304, 301, 307, 400, 401, 403, 404)]
    + [f"{status} Status" for status in (408, 409, 429, 460, 500, 502, 503, 599, 999)]
    + ["100 Continue", "0 Nothing", "", "two hundred", "-200 OK", "200"]
)
_HEADERS: Final = st.lists(
    st.sampled_from(
        [
            *(f"Retry-After: {value}" for value in ("7", "-1", "1e300", "nan", "soon")),
            *(f"X-OVH-QUERYID: {value}" for value in ("EU.ext-1", "\xff", "")),
            *(f"Content-Encoding: {name}" for name in ("gzip", "deflate", "br", "x")),
            *(f"Content-Type: {kind}" for kind in ("text/html", "a/b; charset=utf-16")),
            "Location: http://127.0.0.1:9/elsewhere",
            "Set-Cookie: a=b; domain=.example",
            "no colon in it",
            ": no name",
            "X-Long: " + "x" * 70_000,
        ]
    ),
    max_size=2,
)


@st.composite
def answers(draw: st.DrawFn, good: Any) -> Answer:
    """Draw an answer, most of them of the right form on the outside."""
    told = draw(st.just(good) | altered(good) | altered(good) | altered(ERROR))
    body = json.dumps(told).encode()
    status, headers = "200 OK", [f"Content-Length: {len(body)}"]
    match draw(st.integers(0, 9)):
        case 0:
            body = draw(st.binary(max_size=200) | st.just(b"[" * 100_000))
            headers = []
        case 1:
            body = body[: draw(st.integers(0, len(body)))]
        case 2:
            length = draw(st.sampled_from(["0", "-1", "9" * 30, "x", "1, 2", ""]))
            headers = [f"Content-Length: {length}"]
        case 3:
            chunk = draw(
                st.sampled_from([b"%x\r\n%s\r\n0\r\n\r\n", b"%x\r\n%s", b"%x;%s"])
            )
            body = chunk % (draw(st.integers(0, 2**70) | st.just(len(body))), body)
            headers = ["Transfer-Encoding: chunked"]
        case 4 | 5:
            status = draw(_STATUSES)
            headers += draw(_HEADERS)
    return Answer(status, (*headers, "Connection: close"), body)


class Server(socketserver.ThreadingTCPServer):
    """Gives the answers it is told to give, the last one again and again, and hangs up."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        """Listen on a port of the loopback."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.begin([])

    def begin(self, told: list[Answer], *, time_too: bool = False) -> None:
        """Give other answers from now on; to what time it is, too, or a good one."""
        self.told = list(told)
        self.time_too = time_too
        self.sent = 0

    def answer(self, request: str) -> bytes:
        """Return the answer to a request."""
        self.sent += request.startswith("POST") and "/auth/" not in request
        if "/auth/time" in request and not self.time_too:
            body = str(int(time.time())).encode()
            headers = (f"Content-Length: {len(body)}", "Connection: close")
            return Answer("200 OK", headers, body).raw
        return (self.told.pop(0) if len(self.told) > 1 else self.told[0]).raw

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: whoever calls may hang up when it has seen enough."""


class _Handler(socketserver.StreamRequestHandler):
    """Reads one request, whole, so that hanging up is no reset."""

    timeout = 5

    @override
    def handle(self) -> None:
        """Answer it."""
        assert isinstance(self.server, Server)
        request = self.rfile.readline().decode()
        length = 0
        while (line := self.rfile.readline().strip().lower()) != b"":
            name, _, value = line.partition(b":")
            if name == b"content-length":
                length = int(value)
        self.rfile.read(length)
        self.wfile.write(self.server.answer(request))


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server in a thread."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def assert_sound(value: object) -> None:
    """Look for what a ledger, an event or an error could not hold."""
    match value:
        case str():
            value.encode()
        case int():
            assert -(2**63) <= value < 2**63
        case float():
            assert math.isfinite(value)
        case dict():
            assert_sound([*value.keys(), *value.values()])
        case list() | tuple():
            for each in value:
                assert_sound(each)
