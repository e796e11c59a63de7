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
_STATUS: Final = re.compile("[1-9][0-9]{2}")
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
        length = self.headers.get("Content-Length", "")
        self.chunked = self.headers.get("Transfer-Encoding", "").lower() == "chunked"
        self.chunk_left = None
        self.length = None
        if self.status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            self.length = 0
        elif _LENGTH.fullmatch(length) and not self.chunked:
            self.length = int(length)
        told = self.headers.get("Connection", "").lower()
        is_kept = "keep-alive" in told if self.version == _OLD else "close" not in told
        self.will_close = not is_kept or (self.length is None and not self.chunked)

    def _read_head(self) -> None:
        version, _, rest = self._read_line().partition(" ")
        status, _, self.reason = rest.partition(" ")
        if not version.startswith("HTTP/1.") or not _STATUS.fullmatch(status):
            raise BadStatusLine(version)
        self.version = _OLD if version == "HTTP/1.0" else _NEW
        self.status = int(status)
        self.headers = CaseInsensitiveDict()
        for _ in range(_MOST_LINES):
            if not (line := self._read_line()):
                return
            name, _, value = line.partition(":")
            self.headers[name] = value.strip()
        raise HTTPException("too many headers")

    def _read_line(self) -> str:
        line = self.fp.readline(_LONGEST_LINE)
        if not line.endswith(b"\n"):
            if len(line) == _LONGEST_LINE:
                raise LineTooLong("head")
            raise RemoteDisconnected("the answer ends in its head")
        return str(line, "iso-8859-1").rstrip()
