"""What the entities of an account have in common."""

from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription

from .account import Account
from .const import DOMAIN


class AccountEntity(Entity):
    """An entity of the account's device; never unavailable because OVHcloud is."""

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
