"""The line between a process that may be killed and the one that watches it."""

import json
import socket
import threading
from typing import Any

type Line = dict[str, Any]


class Channel:
    """The end of the process that may be killed: what it says is out before it dies."""

    def __init__(self, connection: socket.socket) -> None:
        """Take over a connection."""
        self._connection = connection
        self._lines = connection.makefile("r", encoding="utf-8")
        self._lock = threading.Lock()

    def say(self, **line: Any) -> None:
        """Say something; it is heard even if the process dies at once."""
        with self._lock:
            self._connection.sendall(f"{json.dumps(line)}\n".encode())

    def hear(self) -> Line | None:
        """Wait for an order; None once nobody is there any more."""
        line = self._lines.readline()
        order: Line | None = json.loads(line) if line else None
        return order
