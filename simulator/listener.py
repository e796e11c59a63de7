"""The API's listening socket, which can really be closed and opened again."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
import socket
import struct

from aiohttp import web

type Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

_BACKLOG = 128
# How many turns of the loop pass between taking a connection and knowing it.
_TURNS_TO_CONNECT = 3


class Listener:
    """Listens on one port, counts the connections, and drops them on demand."""

    def __init__(self, handler: Handler) -> None:
        """Prepare to hand requests to a handler."""
        self._web = web.Server(handler, access_log=None)
        self._host = ""
        self.port = 0
        self.connections = 0
        # By identity: aiohttp's protocols cannot be referred to weakly, and a reused identity is written anew.
        self._numbers: dict[int, int] = {}
        self._server: asyncio.Server | None = None
        self._socket: socket.socket | None = None
        self._opening: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> None:
        """Begin to listen."""
        self._host, self.port = host, port
        self.open()
        await self.settle()

    async def stop(self) -> None:
        """Cease to listen and drop what is connected."""
        await self.settle()
        if self._socket is not None:
            # A connection that was just taken is not known yet, so nothing would drop it.
            asyncio.get_running_loop().remove_reader(self._socket)
            for _ in range(_TURNS_TO_CONNECT):
                await asyncio.sleep(0)
        self.close()
        await self._web.shutdown(timeout=1)

    def number_of(self, request: web.BaseRequest) -> int:
        """Tell which connection a request came by."""
        return self._numbers.get(id(request.protocol), 0)

    def open(self) -> None:
        """Accept connections from now on."""
        if self._socket is not None:
            return
        family, kind, protocol, _, address = socket.getaddrinfo(
            self._host, self.port, type=socket.SOCK_STREAM
        )[0]
        self._socket = socket.socket(family, kind, protocol)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.setblocking(False)
        self._socket.bind(address)
        self._socket.listen(_BACKLOG)
        self.port = self._socket.getsockname()[1]
        # The kernel already queues connections; the task only begins to take them.
        self._opening = asyncio.create_task(self._serve(self._socket))

    async def settle(self) -> None:
        """Wait until the port is served, if it is being opened."""
        if self._opening is not None:
            await self._opening

    def close(self) -> None:
        """Refuse connections from now on and drop the live ones."""
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        for connection in self._web.connections:
            if connection.transport is not None:
                _hang_up(connection.transport)

    async def _serve(self, listening: socket.socket) -> None:
        """Take the connections of a listening socket."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._accept, sock=listening, backlog=_BACKLOG
        )

    def _accept(self) -> asyncio.BaseProtocol:
        """Count a connection."""
        protocol = self._web()
        self.connections += 1
        self._numbers[id(protocol)] = self.connections
        return protocol


def _hang_up(transport: asyncio.Transport) -> None:
    """Drop a connection at once: the loop itself would only get to it later."""
    connected = transport.get_extra_info("socket")
    if connected is not None:
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)
    transport.abort()


def reset(request: web.BaseRequest) -> None:
    """Break a request's connection with a TCP reset."""
    transport = request.transport
    if transport is None:
        return
    connected = transport.get_extra_info("socket")
    if connected is not None:
        with suppress(OSError):
            connected.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
    transport.abort()
