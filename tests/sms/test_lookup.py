"""What is found of a message, at an OVHcloud that does not stand still meanwhile."""

import asyncio
from dataclasses import replace
from typing import override

from custom_components.ovh_sms.gateway import ApiKeys, RestGateway
from custom_components.ovh_sms.sms.clock import SystemClock
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.lookup import look_up
from simulator import (
    ACCOUNT,
    APPLICATION_KEY,
    APPLICATION_SECRET,
    CONSUMER_KEY,
    Simulator,
)

from .conftest import RUN, make_message


class _TimePasses(RestGateway):
    """A gateway to an OVHcloud that goes on while it is asked what waits there."""

    def __init__(self, sim: Simulator) -> None:
        """Remember whose time it is."""
        super().__init__(
            ApiKeys(APPLICATION_KEY, APPLICATION_SECRET, CONSUMER_KEY), sim.url
        )
        self._sim = sim
        self._loop = asyncio.get_running_loop()

    @override
    def pending(
        self, service_name: str, virtual_number: str | None = None
    ) -> list[int]:
        """Ask only once the message has left."""
        advance = self._sim.advance(120)
        asyncio.run_coroutine_threadsafe(advance, self._loop).result()
        return super().pending(service_name, virtual_number)


async def test_it_leaves_while_it_is_looked_up(sim: Simulator, ledger: Ledger) -> None:
    """Find a message that was sent after the first question and gone before the second."""
    gateway, now = _TimePasses(sim), SystemClock().now()
    message = make_message()
    ledger.add(message, now, RUN)
    written = ledger.find(message.message_id)
    assert written

    def search() -> int:
        gateway.send(ACCOUNT, replace(message.job, delay_minutes=1))
        return len(look_up(gateway, ACCOUNT, written, ledger.known, now).records)

    assert await asyncio.to_thread(search) == 1
    gateway.close()
