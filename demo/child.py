"""A program that the demo starts, and ends."""

import asyncio
from collections.abc import Mapping, Sequence
import contextlib
import ctypes
import os
from pathlib import Path
import re
import signal
import sys
from typing import Final, Self

from .errors import DemoError

GRACE: Final = 15.0
TAIL: Final = 25
PR_SET_PDEATHSIG: Final = 1


def tail(log: Path, lines: int = TAIL) -> str:
    """Give the end of a log."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def _end_with_parent() -> None:
    """Have the system end this program when the demo is gone, even killed (Linux only)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """A running program, in a process group of its own, writing to a log."""

    def __init__(
        self, name: str, log: Path, process: asyncio.subprocess.Process
    ) -> None:
        """Take over a process that was just started."""
        self.name = name
        self.log = log
        self._process = process

    @classmethod
    async def start(
        cls,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        folder: Path,
        environment: Mapping[str, str],
        append: bool = False,
    ) -> Self:
        """Start a program; the terminal's Ctrl-C does not reach it, only the demo ends it."""
        with log.open("ab" if append else "wb") as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                cwd=folder,
                env=dict(environment),
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )
        return cls(name, log, process)

    @property
    def pid(self) -> int:
        """Give the process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Give how the program ended, None while it runs."""
        return self._process.returncode

    def must_run(self) -> None:
        """Raise if the program has ended."""
        if self.exit_code is not None:
            raise DemoError(f"{self.name} has ended with exit code {self.exit_code}")

    async def wait(self) -> int:
        """Wait for the program to end by itself."""
        return await self._process.wait()

    async def wait_for_line(
        self, pattern: re.Pattern[str], within: float
    ) -> re.Match[str]:
        """Wait until the program has written a line that matches."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while True:
                    text = self.log.read_text(encoding="utf-8", errors="replace")
                    if match := pattern.search(text):
                        return match
                    self.must_run()
                    await asyncio.sleep(0.05)
        raise DemoError(f"{self.name} was not ready within {within:.0f} s")

    async def stop(self, grace: float = GRACE) -> None:
        """End the program: ask, wait, then kill it and whatever it started; never leave one behind."""
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                async with asyncio.timeout(grace):
                    await self._process.wait()
            except TimeoutError, asyncio.CancelledError:
                # Asked again while waiting: no more patience.
                pass
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        await self._process.wait()
