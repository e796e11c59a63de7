"""The calls that the service makes to its customers."""

from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Literal

import aiohttp
from yarl import URL

from .clock import Clock

_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(slots=True)
class CallbackRecord:
    """One call made, or refused because it would have left this machine."""

    method: Literal["GET", "POST"]
    url: str
    fields: dict[str, str]
    at: datetime
    status: int | None = None
    error: str | None = None


def is_loopback(url: str) -> bool:
    """Tell whether a URL points at this machine."""
    try:
        parsed = URL(url)
        host = parsed.host
    except ValueError:
        return False
    if parsed.scheme not in {"http", "https"} or not host:
        return False
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(slots=True)
class Callbacks:
    """Calls URLs on the loopback only, and keeps a record."""

    clock: Clock
    records: list[CallbackRecord] = field(default_factory=list)
    _session: aiohttp.ClientSession | None = None

    async def call(
        self, method: Literal["GET", "POST"], url: str, fields: dict[str, str]
    ) -> CallbackRecord:
        """Call a URL with fields, in the query of a GET or the form of a POST."""
        record = CallbackRecord(method, url, fields, self.clock.now())
        self.records.append(record)
        if not is_loopback(url):
            record.error = "only addresses of this machine are called"
            return record
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        try:
            async with self._session.request(
                method,
                URL(url).update_query(fields) if method == "GET" else url,
                data=fields if method == "POST" else None,
                allow_redirects=False,
            ) as response:
                record.status = response.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as err:
            record.error = str(err) or type(err).__name__
        return record

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None
