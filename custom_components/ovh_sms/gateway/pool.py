"""The few connections that are kept open between calls."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from queue import Empty, SimpleQueue
import threading
from typing import Final, Protocol

from .failures import explain_preparation

# The messages that somebody waits for; a burst takes turns instead of opening more.
MAX_CALLERS: Final = 4
# One on top for a message that is sent late, and one for all that is read: however long
# OVHcloud takes to answer them, they take none from an alarm.
MAX_CONNECTIONS: Final = MAX_CALLERS + 2


class Connection(Protocol):
    """What a pool keeps."""

    def close(self) -> None:
        """Close it; it is opened again when it is needed."""


class Pool[ConnectionT: Connection]:
    """Connections for several threads, each for one thread at a time."""

    def __init__(self, make: Callable[[], ConnectionT]) -> None:
        """Begin without any; they are made when they are needed, on a worker thread."""
        self._make = make
        self._closed = False
        self._reading = threading.Lock()
        self._idle: deque[ConnectionT | None] = deque()
        # One for each that is idle.
        self._tokens: SimpleQueue[None] = SimpleQueue()
        for _ in range(MAX_CONNECTIONS):
            self._give_back(None)

    @contextmanager
    def lend(self, *, reads: bool = False) -> Iterator[ConnectionT]:
        """Lend the connection that was used last, once there is one to lend.

        Who reads has one of his own: a message would have to open another meanwhile.
        """
        with self._reading if reads else nullcontext():
            self._tokens.get()
            connection = self._idle.popleft() if reads else self._idle.pop()
            try:
                if connection is None:
                    with explain_preparation():
                        connection = self._make()
                yield connection
            finally:
                self._give_back(connection, reads=reads)
                if self._closed:
                    self.close()

    def close(self) -> None:
        """Close the connections: those that are idle now, the others after their call."""
        self._closed = True
        idle = []
        with suppress(Empty):
            while True:
                self._tokens.get_nowait()
                idle.append(self._idle.pop())
        for connection in idle:
            if connection:
                connection.close()
            self._give_back(None)

    def _give_back(
        self, connection: ConnectionT | None, *, reads: bool = False
    ) -> None:
        if reads:
            self._idle.appendleft(connection)
        else:
            self._idle.append(connection)
        self._tokens.put(None)
