"""The API's doors: every request is recorded, meets its faults, and is answered."""

from collections.abc import Callable
from itertools import count
import json
import secrets
from urllib.parse import parse_qsl

from aiohttp import web

from . import errors, http2sms, oauth2, pages
from .auth import Doorkeeper, SignedCall
from .clock import Clock
from .errors import ApiError
from .faults import Door, Fault, FaultableCall, Faults
from .listener import Listener, reset
from .network import Network
from .record import RequestRecord
from .rest import OPERATIONS
from .rest.dispatch import Dispatcher, RestCall, without_prefix
from .sending import Twist
from .world import World

_REFUSALS: dict[str, Callable[[], ApiError]] = {
    "INVALID_CREDENTIAL": errors.invalid_credential,
    "NOT_CREDENTIAL": errors.not_credential,
    "NOT_GRANTED_CALL": errors.not_granted,
    "INVALID_KEY": errors.invalid_key,
    "FORBIDDEN": errors.forbidden,
}
_HTML_ERROR = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"
_ODD_BODIES = {
    "empty": "",
    "list": "[]",
    "string": '"an error"',
    "null": "null",
    "odd": '{"message":{"text":["odd"]},"errorCode":7,"class":null}',
}


class Dropped(Exception):
    """The caller is gone: there is nobody to answer."""


def _json(status: int, content: object) -> web.Response:
    """Make a JSON answer, with the query id that every answer of the API carries."""
    return web.Response(
        status=status,
        text=json.dumps(content, ensure_ascii=False),
        content_type="application/json",
        headers={"X-OVH-QUERYID": f"EU.sim-1.{secrets.token_hex(6)}"},
    )


def _html(status: int, text: str) -> web.Response:
    """Make a page."""
    return web.Response(status=status, text=text, content_type="text/html")


def _status_answer(fault: Fault) -> web.Response:
    """Make the answer of a fault of kind status."""
    status = fault.status or 500
    if fault.body == "html":
        response = _html(status, _HTML_ERROR.format(f"{status} Error"))
    elif fault.body == "json":
        # Unknown: what the JSON of a 429 and of the 5xx looks like.
        group = "Server" if status >= 500 else "Client"
        response = _json(
            status, {"class": f"{group}::Fault", "message": f"Simulated error {status}"}
        )
    else:
        response = web.Response(
            status=status, text=_ODD_BODIES[fault.body], content_type="application/json"
        )
    if fault.retry_after is not None:
        response.headers["Retry-After"] = f"{fault.retry_after:g}"
    return response


class Api:
    """Answers requests on the API's port."""

    def __init__(
        self,
        world: World,
        network: Network,
        doorkeeper: Doorkeeper,
        faults: Faults,
        changed: Callable[[], None],
    ) -> None:
        """Open the doors to a world."""
        self._faults = faults
        self._changed = changed
        self.listener: Listener | None = None
        self.requests: list[RequestRecord] = []
        self._numbers = count(1)
        self.enter(world, network, doorkeeper)

    def enter(self, world: World, network: Network, doorkeeper: Doorkeeper) -> None:
        """Move to another world."""
        self._world, self._network, self._doorkeeper = world, network, doorkeeper
        self._dispatcher = Dispatcher(world, network, doorkeeper, OPERATIONS)

    @property
    def clock(self) -> Clock:
        """Tell the time by the world's clock."""
        return self._world.clock

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Record and answer a request."""
        body = (await request.read()).decode("utf-8", "replace")
        record = self._record(request, body)
        call = self._classify(record)
        taken = self._faults.take(call) if call else []
        try:
            response = await self._answer_with_faults(request, record, call, taken)
        except Dropped:
            response = web.Response(status=503)
        else:
            record.status = response.status
        finally:
            self._faults.done(taken)
            self._changed()
        return response

    def _record(self, request: web.BaseRequest, body: str) -> RequestRecord:
        """Write down what came in."""
        path = request.raw_path.partition("?")[0]
        try:
            parsed = json.loads(body) if body else None
        except ValueError:
            parsed = None
        record = RequestRecord(
            next(self._numbers),
            request.method,
            request.raw_path,
            without_prefix(path) or path,
            dict(request.headers),
            body,
            parsed,
            self._world.now(),
            self.listener.number_of(request) if self.listener else 0,
        )
        self.requests.append(record)
        return record

    def _classify(self, record: RequestRecord) -> FaultableCall | None:
        """Tell by which door a request came; the pages have no faults."""
        path = record.path.partition("?")[0]
        headers = {name.lower() for name in record.headers}
        door: Door
        if without_prefix(path):
            door = "rest"
            found = self._dispatcher.find(record.method, record.route)
            sends = found is not None and found[0].sends
            signed = bool(headers & {"x-ovh-signature", "authorization"})
            identified = signed or (record.method, record.route) == (
                "POST",
                "/auth/credential",
            )
        elif path == http2sms.PATH:
            door, sends, identified = "http2sms", True, True
        elif path == oauth2.TOKEN_PATH:
            door, sends, identified = "oauth2", False, True
        else:
            return None
        return FaultableCall(door, record.method, record.route, sends, identified)

    async def _answer_with_faults(
        self,
        request: web.BaseRequest,
        record: RequestRecord,
        call: FaultableCall | None,
        taken: list[Fault],
    ) -> web.Response:
        """Answer a request, with what goes wrong before and after it is carried out."""
        for fault in taken:
            if fault.applied == "before" or fault.kind in {
                "forbidden",
                "signature",
                "expired",
            }:
                early = await self._suffer(request, record, call, fault)
                if early is not None:
                    return early
        twist = Twist(
            any(fault.kind == "empty_ids" for fault in taken),
            any(fault.kind == "half" for fault in taken),
            sum(fault.seconds or 0.0 for fault in taken if fault.kind == "lag"),
        )
        response = self._answer(request, record, twist)
        for fault in taken:
            if fault.applied == "after":
                response = await self._suffer(request, record, call, fault) or response
        return response

    async def _suffer(
        self,
        request: web.BaseRequest,
        record: RequestRecord,
        call: FaultableCall | None,
        fault: Fault,
    ) -> web.Response | None:
        """Let a fault happen; gives the answer that it causes, if any."""
        if fault.kind in {"hang", "slow"}:
            await fault.hold()
            if request.transport is None or request.transport.is_closing():
                raise Dropped
        elif fault.kind == "reset":
            reset(request)
            raise Dropped
        elif fault.kind == "status":
            return _status_answer(fault)
        elif fault.kind == "forbidden":
            return self._forbid(record, call, fault)
        elif fault.kind == "signature":
            return self._refuse(errors.invalid_signature())
        elif fault.kind == "expired":
            return self._refuse(errors.service_expired())
        return None

    def _forbid(
        self, record: RequestRecord, call: FaultableCall | None, fault: Fault
    ) -> web.Response:
        """Refuse as the door in question does."""
        if call is not None and call.door == "oauth2":
            return _json(*oauth2.unknown_client())
        if call is not None and call.door == "http2sms":
            return self._write_http2sms(
                http2sms.Answer(401, "Unauthorized IP"), self._fields(record)
            )
        if fault.reason == "IAM":
            found = self._dispatcher.find(record.method, record.route)
            return self._refuse(
                errors.not_granted_by_iam((found[0].action if found else None) or "")
            )
        return self._refuse(_REFUSALS[fault.reason]())

    @staticmethod
    def _refuse(error: ApiError) -> web.Response:
        """Make the answer of a refusal."""
        return _json(error.status, error.payload)

    def _answer(
        self, request: web.BaseRequest, record: RequestRecord, twist: Twist
    ) -> web.Response:
        """Carry out a request."""
        path, _, query = record.path.partition("?")
        if without_prefix(path):
            return self._answer_rest(request, record, query, twist)
        if path == http2sms.PATH and record.method in {"GET", "POST"}:
            fields = self._fields(record)
            return self._write_http2sms(
                http2sms.answer(
                    self._world, self._network, fields, request.remote, twist
                ),
                fields,
            )
        if path == oauth2.TOKEN_PATH and record.method == "POST":
            return _json(*oauth2.issue_token(self._world, request.headers, record.body))
        return self._answer_page(record, path, query)

    def _answer_rest(
        self, request: web.BaseRequest, record: RequestRecord, query: str, twist: Twist
    ) -> web.Response:
        """Answer a call of the REST API."""
        base = f"{request.scheme}://{request.headers.get('Host', '')}"
        signed = SignedCall(
            record.method,
            base + record.path,
            record.route,
            record.body,
            request.headers,
            request.remote,
        )
        try:
            return _json(
                200, self._dispatcher.answer(RestCall(signed, query, base, twist))
            )
        except ApiError as err:
            return self._refuse(err)

    @staticmethod
    def _fields(record: RequestRecord) -> dict[str, str]:
        """Read the parameters of http2sms, from the query or from the form."""
        query = record.path.partition("?")[2]
        return dict(parse_qsl(query, keep_blank_values=True)) | (
            dict(parse_qsl(record.body, keep_blank_values=True))
            if record.method == "POST"
            else {}
        )

    @staticmethod
    def _write_http2sms(
        answer: http2sms.Answer, fields: dict[str, str]
    ) -> web.Response:
        """Make the gateway's answer, whose HTTP status is always 200."""
        content_type, text = http2sms.write(answer, fields)
        return web.Response(text=text, content_type=content_type)

    def _answer_page(
        self, record: RequestRecord, path: str, query: str
    ) -> web.Response:
        """Answer a browser."""
        form = dict(parse_qsl(record.body, keep_blank_values=True))
        try:
            if path == pages.VALIDATION_PATH and record.method == "GET":
                return _html(200, pages.validation_page(self._world, query))
            if path == pages.VALIDATION_PATH and record.method == "POST":
                text, redirection = pages.validate(self._world, query, form)
                if redirection:
                    return web.Response(status=302, headers={"Location": redirection})
                return _html(200, text)
            if path in pages.TOKEN_PATHS and record.method == "GET":
                return _html(200, pages.token_form(query))
            if path in pages.TOKEN_PATHS and record.method == "POST":
                return _html(200, pages.create_token(self._world, form))
        except pages.PageError as err:
            return _html(err.status, pages.error_page(err))
        return self._refuse(errors.unknown_path())
