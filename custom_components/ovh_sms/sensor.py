"""What an account has left, and what became of it today."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from homeassistant.util import dt as dt_util

from .account import Account, OvhSmsConfigEntry
from .const import AUTH_SERVICE_ACCOUNT, CONF_AUTH_METHOD
from .coordinator import PENDING, AccountCoordinator, AccountState
from .entity import AccountEntity, StandingEntity
from .sms.standing import Standing

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ReadSensorDescription(SensorEntityDescription):
    """A sensor of what OVHcloud says."""

    value_fn: Callable[[AccountState], StateType | datetime]
    context: str | None = None


@dataclass(frozen=True, kw_only=True)
class StandingSensorDescription(SensorEntityDescription):
    """A sensor of what the ledger says."""

    value_fn: Callable[[Standing], StateType]


KEY_EXPIRES: Final = ReadSensorDescription(
    key="key_expires",
    translation_key="key_expires",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_category=EntityCategory.DIAGNOSTIC,
    value_fn=lambda read: read.credential.expiration if read.credential else None,
)
READ_SENSORS: Final[tuple[ReadSensorDescription, ...]] = (
    ReadSensorDescription(
        key="credits_left",
        translation_key="credits_left",
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        value_fn=lambda read: read.account.credits_left,
    ),
    ReadSensorDescription(
        key="credits_held",
        translation_key="credits_held",
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda read: read.account.credits_held,
    ),
    ReadSensorDescription(
        key="pending_jobs",
        translation_key="pending_jobs",
        state_class=SensorStateClass.MEASUREMENT,
        entity_registry_enabled_default=False,
        value_fn=lambda read: read.pending,
        context=PENDING,
    ),
)
# An SMS user is not told what a message costs.
CREDITS_USED_TODAY: Final = StandingSensorDescription(
    key="credits_used_today",
    translation_key="credits_used_today",
    state_class=SensorStateClass.TOTAL,
    suggested_display_precision=1,
    value_fn=lambda standing: standing.today.credits if standing.today else None,
)
STANDING_SENSORS: Final = (
    StandingSensorDescription(
        key="messages_sent_today",
        translation_key="messages_sent_today",
        state_class=SensorStateClass.TOTAL,
        value_fn=lambda standing: standing.today.messages if standing.today else None,
    ),
    StandingSensorDescription(
        key="messages_waiting",
        translation_key="messages_waiting",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda standing: standing.waiting,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OvhSmsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of an account, those that can ever show anything."""
    account = entry.runtime_data
    shown: list[SensorEntity] = [
        StandingSensor(account, description) for description in STANDING_SENSORS
    ]
    if account.coordinator:
        read = READ_SENSORS
        if entry.data[CONF_AUTH_METHOD] != AUTH_SERVICE_ACCOUNT:
            read += (KEY_EXPIRES,)
        shown += (
            ReadSensor(account, account.coordinator, description)
            for description in read
        )
        shown.append(StandingSensor(account, CREDITS_USED_TODAY))
    async_add_entities(shown)


class ReadSensor(AccountEntity, CoordinatorEntity[AccountCoordinator], SensorEntity):
    """What OVHcloud says of an account; unavailable while it does not."""

    entity_description: ReadSensorDescription

    def __init__(
        self,
        account: Account,
        coordinator: AccountCoordinator,
        description: ReadSensorDescription,
    ) -> None:
        """Follow what is read of an account."""
        AccountEntity.__init__(self, account, description)
        CoordinatorEntity.__init__(self, coordinator, description.context)

    @property
    @override
    def available(self) -> bool:
        """Return whether the account could be read."""
        # There is no data before the first answer.
        return super().available and bool(self.coordinator.data)

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return what was read last."""
        return self.entity_description.value_fn(self.coordinator.data)

    @override
    async def async_update(self) -> None:
        """Read at once."""
        await self.coordinator.async_read_now()


class StandingSensor(StandingEntity, SensorEntity):
    """What the ledger says; unknown while it cannot be read."""

    entity_description: StandingSensorDescription

    @property
    @override
    def shows(self) -> object:
        """Return the count, and since when it is counted."""
        return self.native_value, self.last_reset

    @property
    @override
    def native_value(self) -> StateType:
        """Return how things stand."""
        return self.entity_description.value_fn(self.account.troubles.standing)

    @property
    @override
    def last_reset(self) -> datetime | None:
        """Return when the day has begun that is counted.

        What is cancelled is taken off again, so the count does not only increase.
        """
        today = self.account.troubles.standing.today
        if self.entity_description.state_class is SensorStateClass.TOTAL and today:
            return dt_util.utc_from_timestamp(today.begins)
        return None
