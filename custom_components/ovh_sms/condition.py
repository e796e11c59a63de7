"""The condition of automations whether SMS can be sent now."""

from typing import Final, Unpack, override

import voluptuous as vol

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_OPTIONS
from homeassistant.core import HomeAssistant
from homeassistant.helpers.condition import (
    Condition,
    ConditionCheckParams,
    ConditionConfig,
)
from homeassistant.helpers.typing import ConfigType

from .account import OvhSmsConfigEntry
from .chosen import account_chosen
from .const import ATTR_CONFIG_ENTRY_ID, DOMAIN
from .errors import async_invalid
from .sms.errors import InvalidRequest

_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_OPTIONS, default=dict): {
            vol.Optional(ATTR_CONFIG_ENTRY_ID): object
        }
    }
)


class CanSendCondition(Condition):
    """True while nothing is known that keeps an account, or all of them, from sending."""

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Refuse an account that does not exist."""
        config = _SCHEMA(config)
        try:
            entry_id = account_chosen(hass, config[CONF_OPTIONS])
        except InvalidRequest as err:
            raise await async_invalid(hass, err) from err
        return {**config, CONF_OPTIONS: {ATTR_CONFIG_ENTRY_ID: entry_id}}

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take over which account is meant."""
        super().__init__(hass, config)
        self._entry_id: str | None = (config.options or {})[ATTR_CONFIG_ENTRY_ID]

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        """Tell whether to send; a disabled account counts only if it is the one meant."""
        entries: list[OvhSmsConfigEntry] = [
            entry
            for entry in self._hass.config_entries.async_entries(DOMAIN)
            if self._entry_id == entry.entry_id
            or (self._entry_id is None and not entry.disabled_by)
        ]
        return bool(entries) and all(map(_can_send, entries))


def _can_send(entry: OvhSmsConfigEntry) -> bool:
    if entry.state is ConfigEntryState.LOADED:
        return entry.runtime_data.troubles.problem is None
    # Calls wait for the end of a set-up or a reload, and an alarm must rather try.
    return entry.setup_lock.locked() and not entry.disabled_by


CONDITIONS: Final[dict[str, type[Condition]]] = {"can_send": CanSendCondition}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions by their names."""
    return CONDITIONS
