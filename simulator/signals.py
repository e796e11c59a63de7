"""Telling the open pages that something changed."""

import asyncio


class Signal:
    """A counter that can be waited for."""

    def __init__(self) -> None:
        """Start at zero."""
        self.counter = 0
        self.ended = False
        self._waiting: set[asyncio.Event] = set()

    def send(self) -> None:
        """Count a change and wake whoever waits."""
        self.counter += 1
        for event in self._waiting:
            event.set()

    def end(self) -> None:
        """Wake everybody for good."""
        self.ended = True
        self.send()

    async def wait(self, seen: int, seconds: float) -> bool:
        """Wait for a change after the one seen; tells whether there was one in time."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            if self.counter == seen and not self.ended:
                await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(event)
        return True
