"""Home Assistant's own SMS platforms, led to the loopback server from outside."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
import importlib
from importlib.util import find_spec
import os
from typing import Any, Final

from homeassistant.core import HomeAssistant

from .house import NUMBERS, TEXT
from .sender import Sender


@dataclass(frozen=True, slots=True)
class Peer:
    """A notify platform: the package it needs, its configuration, where it is led astray."""

    name: str
    package: str
    config: Callable[[str, int], dict[str, Any]]
    before: Callable[[HomeAssistant, str], None] | None = None
    after: Callable[[Any, str], None] | None = None
    takes_target: bool = True
    most: int = len(NUMBERS)

    async def sender(self, hass: HomeAssistant, url: str) -> Sender:
        """Set it up as its users do, once for each number of receivers."""
        if find_spec(self.package) is None:
            return Sender(self.name, None, f"`{self.package}` is not installed")
        platform = await hass.async_add_executor_job(
            importlib.import_module, f"homeassistant.components.{self.name}.notify"
        )
        if self.before:
            await hass.async_add_executor_job(self.before, hass, url)
        for count in {1, self.most}:
            config = platform.PLATFORM_SCHEMA(
                {"platform": self.name, **self.config(url, count)}
            )
            if hasattr(platform, "async_get_service"):
                service = await platform.async_get_service(hass, config)
            else:
                service = await hass.async_add_executor_job(
                    platform.get_service, hass, config
                )
            name = f"{self.name}_{count}"
            await service.async_setup(hass, name, name)
            await service.async_register_services()
            if self.after:
                self.after(service, url)
        return Sender(self.name, lambda count: self._send(hass, count), most=self.most)

    def _send(self, hass: HomeAssistant, count: int) -> Awaitable[object]:
        given: dict[str, Any] = {"message": TEXT}
        if self.takes_target:
            given["target"] = list(NUMBERS[:count])
        return hass.services.async_call(
            "notify", f"{self.name}_{count}", given, blocking=True
        )


def _lead_clicksend(hass: HomeAssistant, url: str) -> None:
    module: Any = importlib.import_module("homeassistant.components.clicksend.notify")
    module.BASE_API_URL = f"{url}/v3"


def _lead_twilio(hass: HomeAssistant, url: str) -> None:
    twilio = importlib.import_module("homeassistant.components.twilio")
    client = importlib.import_module("twilio.rest").Client("AC0", "token")
    client.api.base_url = url
    # It does not read the environment.
    client.http_client.session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
    hass.data[twilio.DATA_TWILIO] = client


def _lead_sinch(service: Any, url: str) -> None:
    service.client._endpoint = f"{url}/xms"  # noqa: SLF001 - no other way to lead it


def _lead_message_bird(hass: HomeAssistant, url: str) -> None:
    module: Any = importlib.import_module("messagebird.client")
    module.ENDPOINT = url


PEERS: Final = (
    Peer(
        "clicksend",
        "requests",
        lambda url, count: {
            "username": "someone",
            "api_key": "0",
            "recipient": list(NUMBERS[:count]),
        },
        before=_lead_clicksend,
        takes_target=False,
    ),
    Peer(
        "twilio_sms",
        "twilio",
        lambda url, count: {"from_number": "HOUSE"},
        before=_lead_twilio,
    ),
    Peer(
        "sinch",
        "clx",
        lambda url, count: {"api_key": "0", "service_plan_id": "plan"},
        after=_lead_sinch,
    ),
    Peer(
        "message_bird",
        "messagebird",
        lambda url, count: {"api_key": "0"},
        before=_lead_message_bird,
    ),
    # It sends to the first of several targets only.
    Peer(
        "rest",
        "xmltodict",
        lambda url, count: {
            "resource": f"{url}/rest",
            "method": "POST_JSON",
            "target_param_name": "to",
        },
        most=1,
    ),
)
