"""Processes to be killed, forked from one that has everything loaded already."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
import importlib
import json
import logging
import os
from pathlib import Path
import signal
import socket
import subprocess
import sys
import traceback
import types
from typing import Any, Final, Self

from .channel import Channel, Line

ROOT: Final = Path(__file__).parents[2]
_PATHS: Final = (ROOT, ROOT / "tests" / "shim")
# The road alone, or a whole Home Assistant.
ROAD: Final = "road"
HOUSE: Final = "house"
# Seconds that an order may take; nothing here takes a tenth of it.
PATIENCE: Final = 60


class Child:
    """A process that carries out orders until it ends or is killed."""

    def __init__(
        self, connection: socket.socket, listen: Callable[[Line], None]
    ) -> None:
        """Listen to a process."""
        connection.setblocking(False)
        self._connection = connection
        self._listen = listen
        self._heard = b""
        self.pid = 0

    async def ask(self, order: str, **given: Any) -> Line | None:
        """Give an order, and wait until it is carried out; None if the process died."""
        loop = asyncio.get_running_loop()
        text = f"{json.dumps({'do': order, **given})}\n"
        with suppress(ConnectionError):
            await loop.sock_sendall(self._connection, text.encode())
        async with asyncio.timeout(PATIENCE):
            while line := await self._line():
                if "done" in line:
                    return line
                self._listen(line)
        self.close()
        return None

    async def _line(self) -> Line | None:
        """Hear the process, to its last word."""
        loop = asyncio.get_running_loop()
        while b"\n" not in self._heard:
            more = b""
            with suppress(ConnectionError):
                more = await loop.sock_recv(self._connection, 65536)
            if not more:
                return None
            self._heard += more
        text, _, self._heard = self._heard.partition(b"\n")
        line: Line = json.loads(text)
        return line

    def close(self) -> None:
        """Let go of the process, which then ends."""
        self._connection.close()


class Nursery:
    """Gives birth to processes of one kind; they end with it."""

    def __init__(self, kind: str) -> None:
        """Load what they need, once."""
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__, kind],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, _PATHS))},
                stdin=theirs.fileno(),
            )

    async def bear(self, listen: Callable[[Line], None], **given: Any) -> Child:
        """Start a process; what it says without being asked goes to `listen`."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [b"+"], [theirs.fileno()])
        child = Child(ours, listen)
        born = await child.ask("live", **given)
        assert born, "the process did not start"
        child.pid = born["done"]
        return child

    def close(self) -> None:
        """End all of them."""
        self._control.close()
        self._process.wait(PATIENCE)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End all of them."""
        self.close()


def _load(kind: str) -> Callable[[Channel], None]:
    if kind == ROAD:
        # The road is there without Home Assistant.
        package = types.ModuleType("custom_components.ovh_sms")
        package.__path__ = [str(ROOT / "custom_components" / "ovh_sms")]
        sys.modules[package.__name__] = package
    else:
        # Before all else: it makes the test library fit the newest Home Assistant.
        importlib.import_module("newest_home_assistant")
    live: Callable[[Channel], None] = importlib.import_module(
        f".{kind}", "tests.chaos"
    ).live
    assert kind != ROAD or "homeassistant" not in sys.modules
    return live


def _reap(living: set[int], flags: int) -> None:
    with suppress(ChildProcessError):
        while pid := os.waitpid(-1, flags)[0]:
            living.discard(pid)


def main(kind: str) -> None:
    """Fork a process for every connection that is handed over."""
    live = _load(kind)
    # What goes wrong there is meant to.
    logging.disable()
    control = socket.socket(fileno=os.dup(0))
    living: set[int] = set()
    while True:
        message, connections, *_ = socket.recv_fds(control, 1, 1)
        _reap(living, os.WNOHANG)
        if not message:
            break
        if pid := os.fork():
            living.add(pid)
            os.close(connections[0])
            continue
        control.close()
        status = 1
        channel = Channel(socket.socket(fileno=connections[0]))
        try:
            live(channel)
            status = 0
        except BaseException as err:  # noqa: BLE001 - a forked process must not go on from here
            traceback.print_exc()
            channel.say(told="surprise", error=repr(err))
        finally:
            sys.stderr.flush()
            os._exit(status)
    for pid in living:
        os.kill(pid, signal.SIGKILL)
    _reap(living, 0)


if __name__ == "__main__":
    main(sys.argv[1])
