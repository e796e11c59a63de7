"""A Home Assistant Cloud that gives addresses; the real one needs an account."""

import sys
from types import ModuleType
from typing import Any

import pytest

from homeassistant import components
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError


class Cloud(ModuleType):
    """What the integration asks of Home Assistant Cloud."""

    def __init__(self) -> None:
        """Be signed in and connected."""
        super().__init__("homeassistant.components.cloud")
        self.is_connected = True
        self.is_logged_in = True
        self.is_broken = False
        self.hooks: dict[str, str] = {}

    def async_is_logged_in(self, hass: HomeAssistant) -> bool:
        return self.is_logged_in

    def async_is_connected(self, hass: HomeAssistant) -> bool:
        return self.is_connected

    async def async_get_or_create_cloudhook(
        self, hass: HomeAssistant, webhook_id: str
    ) -> str:
        if self.is_broken:
            raise HomeAssistantError
        return self.hooks.setdefault(
            webhook_id, f"https://hooks.nabu.casa/fake{webhook_id[:6]}"
        )

    async def async_delete_cloudhook(
        self, hass: HomeAssistant, webhook_id: str
    ) -> None:
        del self.hooks[webhook_id]


def use_cloud(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let Home Assistant Cloud be set up."""
    cloud = Cloud()
    monkeypatch.setitem(sys.modules, cloud.__name__, cloud)
    monkeypatch.setattr(components, "cloud", cloud, raising=False)
    hass.config.components.add("cloud")
    return cloud
