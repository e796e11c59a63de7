"""Traps along the road, set from outside: where one springs, the process ends as it is told."""

from collections.abc import Callable
from http.client import HTTPConnection
import os
import select
import signal
import threading
from typing import Any

from custom_components.ovh_sms.gateway.http2sms import Http2SmsGateway
from custom_components.ovh_sms.gateway.rest import RestGateway
from custom_components.ovh_sms.sms.ledger import Ledger

from .steps import Ending, Step


class Traps:
    """The one trap that is armed, if any."""

    def __init__(self, spring: Callable[[Ending], None]) -> None:
        """Have `spring` called for every ending but kill -9."""
        self._spring = spring
        self._lock = threading.Lock()
        self._step: Step | None = None
        self._ending = Ending.KILL
        self._left = 0

    def arm(self, step: Step, ending: Ending, passes: int) -> None:
        """Let a step be passed some times, and end there the next time."""
        with self._lock:
            self._step, self._ending, self._left = step, ending, passes

    def reach(self, step: Step) -> None:
        """Come to a step."""
        with self._lock:
            if step is not self._step:
                return
            self._left -= 1
            if self._left >= 0:
                return
            self._step = None
        if self._ending is Ending.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        self._spring(self._ending)


def lay(traps: Traps) -> None:
    """Lay the traps, for the rest of this process's life."""
    for write in ("add", "hand_over"):
        _around(Ledger, write, traps, Step.UNWRITTEN, Step.WRITING)
    _around(Ledger, "_sort_in", traps, Step.SORTING, Step.SORTED)
    _around(Ledger, "settle", traps, Step.SETTLING, Step.SETTLED)
    for gateway in (RestGateway, Http2SmsGateway):
        _around(gateway, "send", traps, Step.WRITTEN, Step.ANSWERED)
    _on_the_line(traps)


def _around(owner: type, name: str, traps: Traps, before: Step, after: Step) -> None:
    method = getattr(owner, name)

    def trapped(*args: Any, **kwargs: Any) -> Any:
        traps.reach(before)
        try:
            return method(*args, **kwargs)
        finally:
            traps.reach(after)

    setattr(owner, name, trapped)


def _on_the_line(traps: Traps) -> None:
    """Lay the two traps between the first byte of a message and the answer to it."""
    put_request, send, get_response = (
        HTTPConnection.putrequest,
        HTTPConnection.send,
        HTTPConnection.getresponse,
    )
    on_send: set[HTTPConnection] = set()

    def trapped_put_request(
        self: HTTPConnection, method: str, url: str, *args: Any, **kwargs: Any
    ) -> None:
        on_send.discard(self)
        if method == "POST" and url.endswith(("/jobs", ".cgi")):
            on_send.add(self)
        put_request(self, method, url, *args, **kwargs)

    def trapped_send(self: HTTPConnection, data: Any) -> None:
        # A head alone is no part of the message yet.
        body = data.partition(b"\r\n\r\n")[2] if data.startswith(b"POST ") else data
        if self in on_send and body:
            place = len(data) - len(body) // 2
            send(self, data[:place])
            traps.reach(Step.SENDING)
            data = data[place:]
        send(self, data)

    def trapped_get_response(self: HTTPConnection, *args: Any, **kwargs: Any) -> Any:
        if self in on_send:
            on_send.discard(self)
            # OVHcloud has it and has answered, or never will.
            select.select([self.sock], [], [], self.sock.gettimeout())
            traps.reach(Step.SENT)
        return get_response(self, *args, **kwargs)

    vars_of: Any = HTTPConnection
    vars_of.putrequest = trapped_put_request
    vars_of.send = trapped_send
    vars_of.getresponse = trapped_get_response
