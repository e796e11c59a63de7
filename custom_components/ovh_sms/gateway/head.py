"""Reading the head of an answer, which the standard library does as for an e-mail."""

from http import HTTPStatus
from http.client import (
    BadStatusLine,
    HTTPException,
    HTTPResponse,
    LineTooLong,
    RemoteDisconnected,
)
import re
from typing import Final, override

from requests.structures import CaseInsensitiveDict

# The versions of HTTP, as the standard library counts them.
_OLD: Final = 10
_NEW: Final = 11
# What the head of an answer has at most.
_LONGEST_LINE: Final = 65536
_MOST_LINES: Final = 100
_BLANKS: Final = " \t"
_FIRST_LINE: Final = re.compile(
    r"HTTP/1\.(?P<minor>[0-9])[ \t]+(?P<status>[1-9][0-9]{2})([ \t]+(?P<reason>.*))?"
)
_LENGTH: Final = re.compile("[0-9]{1,15}")


class Told(HTTPResponse):
    """An answer of which the head is read line by line; what follows is read as ever."""

    headers: CaseInsensitiveDict[str]  # type: ignore[assignment]  # read the same way

    @override
    def begin(self) -> None:
        """Read the head of the answer, and of those before it that only say to wait."""
        for _ in range(_MOST_LINES):
            self._read_head()
            if self.status >= HTTPStatus.OK:
                break
        else:
            raise HTTPException("too many answers that say to wait")
        coding = self.headers.get("Transfer-Encoding")
        length = self.headers.get("Content-Length")
        if coding and coding.lower() != "chunked":
            raise HTTPException("a coding that was not asked for")
        self.chunked = bool(coding)
        self.chunk_left = None
        self.length = None
        if self.status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            self.length = 0
        elif length is not None and not self.chunked:
            # Of two that differ, neither can be trusted.
            if not _LENGTH.fullmatch(length):
                raise HTTPException("a length that is none")
            self.length = int(length)
        told = self.headers.get("Connection", "").lower()
        is_kept = "keep-alive" in told if self.version == _OLD else "close" not in told
        self.will_close = not is_kept or (self.length is None and not self.chunked)

    def _read_head(self) -> None:
        line = self._read_line()
        if not (told := _FIRST_LINE.fullmatch(line)):
            raise BadStatusLine(line[:40])
        self.version = _OLD if told["minor"] == "0" else _NEW
        self.status = int(told["status"])
        self.reason = told["reason"] or ""
        self.headers = CaseInsensitiveDict(self._read_headers())

    def _read_headers(self) -> dict[str, str]:
        """Return the headers; what one says again, or on a line more, comes on top."""
        headers: dict[str, str] = {}
        name = ""
        for _ in range(_MOST_LINES):
            if not (line := self._read_line()):
                return headers
            gap = " "
            if line[0] not in _BLANKS:
                name, _, line = line.partition(":")
                name, gap = name.lower(), ", "
            before = f"{headers[name]}{gap}" if name in headers else ""
            headers[name] = (before + line.strip(_BLANKS)).strip(_BLANKS)
        raise HTTPException("too many headers")

    def _read_line(self) -> str:
        line = self.fp.readline(_LONGEST_LINE)
        if not line.endswith(b"\n"):
            if len(line) == _LONGEST_LINE:
                raise LineTooLong("head")
            raise RemoteDisconnected("the answer ends in its head")
        return str(line, "iso-8859-1").rstrip("\r\n")
