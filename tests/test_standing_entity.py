"""An entity that shows how things stand writes its state where that has changed, and no less."""

from types import SimpleNamespace
from typing import Any, override

from custom_components.ovh_sms.entity import StandingEntity
from homeassistant.core import callback
from homeassistant.helpers.entity import EntityDescription


class Shown(StandingEntity):
    """An entity that counts what it writes."""

    def __init__(self) -> None:
        """Show nothing."""

        async def look() -> None:
            self.looks += 1

        account: Any = SimpleNamespace(
            entry=SimpleNamespace(entry_id="a"),
            troubles=SimpleNamespace(async_review_now=look),
        )
        super().__init__(account, EntityDescription(key="shown"))
        self.now: object = None
        self.looks = 0
        self.written: list[object] = []

    @property
    @override
    def shows(self) -> object:
        return self.now

    # Final, but there is no Home Assistant here.
    @callback  # type: ignore[misc]
    @override
    def async_write_ha_state(self) -> None:
        self.written.append(self.now)


async def test_written_where_it_has_changed() -> None:
    entity = Shown()
    # What Home Assistant wrote when it added the entity is not known here.
    for now in (None, None, 1, 1, None):
        entity.now = now
        entity.async_follow()
    assert entity.written == [None, 1, None]


async def test_written_after_a_look_on_demand() -> None:
    """Home Assistant has shown what was found, which may not be what was followed."""
    entity = Shown()
    entity.async_follow()
    await entity.async_update()
    assert entity.looks == 1
    entity.async_follow()
    assert entity.written == [None, None]
