"""Someone between an account and OVHcloud, who may give another answer than OVHcloud's."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from .answers import Answer


@dataclass(frozen=True, slots=True)
class Lie:
    """An answer in the place of OVHcloud's, which may have done what it was asked for."""

    answer: Answer
    is_done: bool


class Middleman:
    """Hands each request on, and its answer back, but for the lies."""

    def __init__(self, url: str) -> None:
        """Stand before this OVHcloud."""
        self._url = urlsplit(url)
        self.lies: dict[str, list[Lie]] = {}
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader) -> bytes:
        """Return the answer to a request."""
        head, _, _ = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        by_name = {name.lower(): value for name, value in headers.items()}
        body = await reader.readexactly(int(by_name.get("content-length", 0)))
        method, path, _ = first.split(" ")
        waiting = self.lies.get(method, [])
        lie = waiting.pop(0) if waiting and "/auth/time" not in path else None
        if lie and not lie.is_done:
            return lie.answer.raw
        kept = [line for line in lines if not line.lower().startswith("connection:")]
        told = await self._hand_on("\r\n".join([first, *kept]), body)
        return lie.answer.raw if lie else told

    async def _hand_on(self, head: str, body: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(
            self._url.hostname, self._url.port
        )
        writer.write(f"{head}\r\nConnection: close\r\n\r\n".encode("latin-1") + body)
        try:
            return await reader.read()
        finally:
            writer.close()


@asynccontextmanager
async def standing_before(url: str) -> AsyncGenerator[Middleman]:
    """Have someone stand before an OVHcloud."""
    middleman = Middleman(url)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            writer.write(await middleman.answer(reader))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    middleman.url = url.replace(urlsplit(url).netloc, f"127.0.0.1:{address[1]}")
    try:
        yield middleman
    finally:
        server.close()
