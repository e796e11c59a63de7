"""The handset port: the page with the phones, and the control interface it uses."""

from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address
import json
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web
from yarl import URL

from . import orders, state
from .signals import Signal

if TYPE_CHECKING:
    from .server import Simulator

HEARTBEAT = 15.0
_PREFIX = "/_control"
_POLICY = (
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)

type Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _error(status: int, sentence: str) -> web.Response:
    """Refuse with a sentence."""
    return web.json_response({"error": sentence}, status=status)


def _is_own_host(host: str | None, own: str) -> bool:
    """Tell whether a host name is this machine's; an address cannot be rebound, a foreign name can."""
    if host is None:
        return False
    if host in {"localhost", own}:
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class Control:
    """Serves the page and obeys it."""

    def __init__(
        self, simulator: Simulator, signal: Signal, folder: Path, host: str
    ) -> None:
        """Control a simulator."""
        self._simulator = simulator
        self._signal = signal
        self._folder = folder
        self._host = host

    def application(self) -> web.Application:
        """Make the web application."""
        application = web.Application(middlewares=[self._guard])
        application.add_routes(
            [
                web.get(f"{_PREFIX}/state", self._state),
                web.get(f"{_PREFIX}/events", self._events),
                web.get(f"{_PREFIX}/requests", self._requests),
                web.delete(f"{_PREFIX}/requests", self._obey(orders.clear_requests)),
                web.get(f"{_PREFIX}/faults", self._faults),
                web.post(f"{_PREFIX}/faults", self._obey(orders.add_fault)),
                web.delete(f"{_PREFIX}/faults", self._obey(orders.clear_faults)),
                web.delete(f"{_PREFIX}/faults/{{id}}", self._obey(orders.remove_fault)),
                web.post(f"{_PREFIX}/reply", self._obey(orders.reply)),
                web.post(f"{_PREFIX}/fate", self._obey(orders.set_fate)),
                web.post(f"{_PREFIX}/phones", self._obey(orders.add_phone)),
                web.post(f"{_PREFIX}/clock", self._obey(orders.advance)),
                web.post(f"{_PREFIX}/accounts", self._obey(orders.add_account)),
                web.patch(
                    f"{_PREFIX}/accounts/{{name}}", self._obey(orders.change_account)
                ),
                web.post(f"{_PREFIX}/senders", self._obey(orders.set_sender)),
                web.post(f"{_PREFIX}/credentials", self._obey(orders.add_credential)),
                web.patch(
                    f"{_PREFIX}/credentials/{{key}}",
                    self._obey(orders.change_credential),
                ),
                web.post(f"{_PREFIX}/reset", self._obey(orders.reset)),
                web.get("/", self._page),
            ]
        )
        if self._folder.is_dir():
            application.router.add_static("/", self._folder)
        return application

    @web.middleware
    async def _guard(self, request: web.Request, handler: Answer) -> web.StreamResponse:
        """Refuse pages of other sites, which a browser here might have open."""
        try:
            host = URL(f"http://{request.host}").host
        except ValueError:
            host = None
        if not _is_own_host(host, self._host):
            return _error(403, "This host name is not the simulator's.")
        origin = request.headers.get("Origin")
        if origin is not None and URL(origin).authority != request.host:
            return _error(403, "Only the simulator's own page may do this.")
        if (
            request.method in {"POST", "PATCH", "PUT"}
            and request.content_type != "application/json"
        ):
            return _error(400, "The body must be application/json.")
        response = await handler(request)
        if not response.prepared:
            response.headers["Cache-Control"] = "no-store"
            response.headers["Content-Security-Policy"] = _POLICY
            response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    def _obey(
        self, order: Callable[[Simulator, orders.Order], Awaitable[object]]
    ) -> Answer:
        """Make the handler of an order."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                given = await _body(request)
                answer = await order(
                    self._simulator, orders.Order(dict(request.match_info), given)
                )
            except orders.OrderError as err:
                return _error(400, str(err))
            self._signal.send()
            return web.json_response(answer if answer is not None else {})

        return handle

    async def _page(self, request: web.Request) -> web.StreamResponse:
        """Show the phones."""
        index = self._folder / "index.html"
        if not index.is_file():
            return _error(404, "The handset page is not there.")
        return web.FileResponse(index)

    async def _state(self, request: web.Request) -> web.StreamResponse:
        """Show everything."""
        return web.json_response(state.of(self._simulator))

    async def _faults(self, request: web.Request) -> web.StreamResponse:
        """List the faults in force."""
        return web.json_response(
            {"faults": [state.of_fault(fault) for fault in self._simulator.faults]}
        )

    async def _requests(self, request: web.Request) -> web.StreamResponse:
        """List the requests after a number."""
        since = request.query.get("since", "0")
        if not since.isdecimal():
            return _error(400, "since must be a number.")
        records = [
            record for record in self._simulator.requests if record.number > int(since)
        ]
        return web.json_response(
            {
                "requests": [state.of_request(record) for record in records],
                "connections": self._simulator.connections,
            }
        )

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Tell of every change as it happens."""
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(request)
        seen = -1
        while not self._signal.ended:
            if await self._signal.wait(seen, HEARTBEAT):
                seen = self._signal.counter
                text = f"data: {seen}\n\n"
            else:
                text = ": still here\n\n"
            try:
                await response.write(text.encode())
            except ConnectionError:
                break
        return response


async def _body(request: web.Request) -> Mapping[str, object]:
    """Read an order's body."""
    text = await request.text()
    if not text:
        return {}
    try:
        given = json.loads(text)
    except ValueError as err:
        raise orders.OrderError("The body is not valid JSON.") from err
    if not isinstance(given, dict):
        raise orders.OrderError("The body must be a JSON object.")
    return given
