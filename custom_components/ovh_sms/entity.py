"""What the entities of an account have in common."""

from abc import abstractmethod
from typing import Final, override

from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription

from .account import Account
from .const import DOMAIN

# No state of an entity is the same as this.
_NOTHING: Final = object()


class AccountEntity(Entity):
    """An entity of the account's device."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, account: Account, description: EntityDescription) -> None:
        """Belong to an account."""
        self.account = account
        self.entity_description = description
        self._attr_unique_id = f"{account.entry.entry_id}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, account.entry.entry_id)}
        )


class StandingEntity(AccountEntity):
    """An entity that shows how things stand here; never unavailable because OVHcloud is."""

    _shown: object = _NOTHING

    @property
    @abstractmethod
    def shows(self) -> object:
        """Return all that it shows."""

    @override
    async def async_added_to_hass(self) -> None:
        """Follow what happens to the account."""
        await super().async_added_to_hass()
        watchers = self.account.troubles.watchers
        watchers.append(self.async_follow)
        self.async_on_remove(lambda: watchers.remove(self.async_follow))

    @callback
    def async_follow(self) -> None:
        """Show what has happened, if it is anything to be shown here: a burst asks often."""
        if (shows := self.shows) != self._shown:
            self._shown = shows
            self.async_write_ha_state()

    async def async_update(self) -> None:
        """Look at once how things stand; Home Assistant shows it."""
        await self.async_look()
        self._shown = _NOTHING

    async def async_look(self) -> None:
        """See how things stand."""
        await self.account.troubles.async_review_now()
