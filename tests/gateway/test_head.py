"""The head of an answer: read as the standard library reads it, and never for ever."""

from http.client import HTTPException, HTTPResponse
import io
import socket
from typing import Any, cast

from hypothesis import example, given, strategies as st
import pytest

from custom_components.ovh_sms.gateway.head import Told

_NAMES = (
    "Content-Type",
    "X-OVH-QUERYID",
    "Date",
    "Content-Length",
    "Transfer-Encoding",
    "Connection",
)
_VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20)
_HEADERS = st.dictionaries(
    st.sampled_from(_NAMES[:3]) | st.text("abcXYZ-", min_size=1, max_size=8), _VALUES
)


class Wire:
    """A socket of which only what comes from the other side counts."""

    def __init__(self, content: bytes) -> None:
        """Hold what came."""
        self._file: io.BufferedReader[Any] = io.BufferedReader(io.BytesIO(content))

    def makefile(self, mode: str) -> io.BufferedReader[Any]:
        """Return what came."""
        return self._file


def read(kind: type[HTTPResponse], content: bytes) -> tuple[Any, ...]:
    """Read an answer whole; return all that counts of it."""
    answer = kind(cast(socket.socket, Wire(content)))
    answer.begin()
    body = answer.read()
    headers = {name.lower(): value.strip() for name, value in answer.headers.items()}
    return answer.status, answer.reason, headers, body, answer.will_close


@st.composite
def _answers(draw: st.DrawFn) -> bytes:
    """Write an answer as a server does."""
    version = draw(st.sampled_from(["HTTP/1.1", "HTTP/1.0"]))
    status = draw(st.sampled_from([200, 204, 304, 400, 403, 404, 429, 500, 503]))
    reason = draw(st.sampled_from([" OK", " Not Found", "", " "]))
    end = draw(st.sampled_from(["\r\n", "\n"]))
    headers = draw(_HEADERS)
    body = draw(st.binary(max_size=40))
    match draw(st.sampled_from(["length", "chunked", "until the end"])):
        case "length":
            headers["Content-Length"] = str(len(body))
        case "chunked":
            headers["transfer-encoding"] = draw(st.sampled_from(["chunked", "Chunked"]))
            pieces = [body[:7], body[7:]] if len(body) > 7 else [body]
            body = b"".join(
                b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece
            )
            body += b"0\r\n\r\n"
    if draw(st.booleans()):
        headers["Connection"] = draw(
            st.sampled_from(["close", "keep-alive", "Keep-Alive", "Close"])
        )
    lines = [f"{version} {status}{reason}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = end.join([*lines, "", ""]).encode()
    if draw(st.booleans()):
        head = b"HTTP/1.1 100 Continue\r\nX: 1\r\n\r\n" + head
    return head + body


@given(content=_answers())
def test_as_the_standard_library_does(content: bytes) -> None:
    """Find the same in an answer as the reader that is left out."""
    assert read(Told, content) == read(HTTPResponse, content)


_GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-OVH-QUERYID: EU.1\r\n\r\n[]"


@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.builds(
            lambda place, new: _GOOD[:place] + new + _GOOD[place + len(new) :],
            st.integers(0, len(_GOOD)),
            st.binary(max_size=5),
        ),
        st.builds(lambda place: _GOOD[:place], st.integers(0, len(_GOOD))),
    )
)
@example(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 1e9\r\n\r\n")
@example(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n")
@example("HTTP/1.1 200 OK\r\nContent-Length: ²\r\n\r\n".encode("latin-1"))
@example(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
@example(b"HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\nContent-Length: 0\r\n\r\n")
@example("HTTP/1.1 2\u0662\u0662 OK\r\n\r\n".encode())
def test_whatever_comes(content: bytes) -> None:
    """Fail at the latest where the answer does, as the line to OVHcloud expects it."""
    try:
        read(Told, content)
    except HTTPException, OSError:
        return
    assert content.startswith(b"HTTP/1.")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "ends in its head"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "ends in its head"),
        (b"HTTP/2 200\r\n\r\n", "HTTP/2"),
        (b"<html>no server of ours</html>\r\n", "<html>no"),
        (b"HTTP/1.1 99 Odd\r\n\r\n", "99 Odd"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000, "head"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 101 + b"\r\n", "too many"),
        (b"HTTP/1.1 100 Wait\r\n\r\n" * 101, "too many"),
    ],
    ids=["nothing", "cut", "version", "page", "status", "line", "lines", "waits"],
)
def test_no_answer(content: bytes, said: str) -> None:
    """Say what is wrong with a head that is none, or that does not end."""
    with pytest.raises((HTTPException, OSError), match=said):
        read(Told, content)


def test_says_to_wait() -> None:
    """Read on until the answer that counts."""
    waits = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 3
    assert read(Told, waits + _GOOD) == read(Told, _GOOD)


@pytest.mark.parametrize(
    ("head", "closes"),
    [
        (b"Connection: close\r\nConnection: foo", True),
        (b"Connection: foo\r\n bar", False),
        (b"Connection: foo\r\n\tclose", True),
        (b"X: \xa0\r\n\x85: 1", False),
    ],
)
def test_headers_that_go_on(head: bytes, closes: bool) -> None:
    """Read all of a header that comes twice, or takes several lines."""
    content = b"HTTP/1.1  200\tOK\r\n" + head + b"\r\nContent-Length:\r\n 2\r\n\r\n[]"
    status, reason, _, body, will_close = read(Told, content)
    assert (status, reason, body, will_close) == (200, "OK", b"[]", closes)


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 2\r\nContent-Length: 5",
        b"Content-Length: -2",
        b"Content-Length: " + b"9" * 5000,
        b"Transfer-Encoding: gzip",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    ],
    ids=["two", "negative", "long", "coding", "two codings"],
)
def test_length_that_cannot_be_trusted(head: bytes) -> None:
    """Take nothing for an answer of which it is not clear where it ends."""
    with pytest.raises(HTTPException):
        read(Told, b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n[]")
