"""Have the user approve a key on OVHcloud's page, and notice it by ourselves."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from typing import Any, Final, Self

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowManager, UnknownFlow

from .const import CONF_CONSUMER_KEY
from .credentials import rest_gateway
from .gateway import AuthFailed, AuthReason, GatewayError
from .gateway.models import PendingKey
from .gateway.rights import Right
from .sign_in import request_key

APPROVAL_TIMEOUT: Final = 15 * 60
POLL_INTERVAL: Final = 3
# OVHcloud tells a wrong secret and a key that is not approved apart; in case it does
# not always, a wrong secret must show for this long before it is believed.
SECRET_TIMEOUT: Final = 3 * 60


class Approval:
    """A key that waits for its approval, for a flow that waits with it."""

    _task: asyncio.Task[None]

    def __init__(
        self, hass: HomeAssistant, data: Mapping[str, str], pending: PendingKey
    ) -> None:
        """Keep what the key will be used with."""
        self._hass = hass
        self.data = {**data, CONF_CONSUMER_KEY: pending.consumer_key}
        self.url = pending.validation_url
        self.over = False
        self.error: str | None = None

    @classmethod
    async def async_request(
        cls, hass: HomeAssistant, data: Mapping[str, str], rights: Iterable[Right]
    ) -> Self:
        """Ask OVHcloud for a key with these rights."""
        pending = await hass.async_add_executor_job(request_key, data, tuple(rights))
        return cls(hass, data, pending)

    def watch(self, flows: FlowManager[Any, Any, Any], flow_id: str) -> None:
        """Take the flow on to its next step once the user has approved, or time is up."""

        async def watch() -> None:
            self.error = await self._async_wait()
            self.over = True
            with suppress(UnknownFlow):
                await flows.async_configure(flow_id)

        self._task = self._hass.async_create_background_task(
            watch(), "OVHcloud SMS approval"
        )

    def cancel(self) -> None:
        """Stop waiting."""
        self._task.cancel()

    async def _async_wait(self) -> str | None:
        """Wait until OVHcloud accepts the key; return why not, if it does not."""
        loop = self._hass.loop
        started = loop.time()
        secret_may_be_right = False
        while (waited := loop.time() - started) < APPROVAL_TIMEOUT:
            await asyncio.sleep(POLL_INTERVAL)
            try:
                await self._hass.async_add_executor_job(self._try)
            except AuthFailed as failure:
                if failure.reason is not AuthReason.APPLICATION_SECRET:
                    secret_may_be_right = True
                elif not secret_may_be_right and waited > SECRET_TIMEOUT:
                    return failure.reason.value
            except GatewayError:
                # No network for a moment: the user may be approving all the same.
                continue
            else:
                return None
        return "approval_timeout"

    def _try(self) -> None:
        with closing(rest_gateway(self.data)) as gateway:
            gateway.credential()
