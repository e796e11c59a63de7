"""Keeping Home Assistant's address at OVHcloud right, and taking it back."""

from collections.abc import Mapping
from dataclasses import replace
import logging

from homeassistant.components import persistent_notification
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback

from .callbacks import (
    Replaced,
    as_stored,
    async_address,
    async_call,
    async_described_before,
    async_forget_address,
    called_kinds,
    is_cloud_away,
    put_back,
    replaced_in,
    set_address,
    standing,
)
from .const import CONF_CALLBACKS, CONF_REPLIES, CONF_SERVICE_NAME, DOMAIN, PANEL_URL
from .gateway import GatewayError
from .gateway.models import Callbacks
from .sms.settings import Feedback
from .texts import async_text

_LOGGER = logging.getLogger(__name__)


class Upkeep:
    """Sees to it that OVHcloud calls Home Assistant, or what it called before.

    What OVHcloud does not call with is asked for, as often as if the user wanted it so.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Trust what is stored until OVHcloud is read."""
        self._hass = hass
        self._entry = entry
        self._lost: set[str] = set()
        self._is_debt_told = False

    @property
    def fallbacks(self) -> dict[str, Feedback]:
        """Return how it is noticed what OVHcloud does not call with."""
        return {
            kind: Feedback.POLL for kind, is_held in self.held.items() if not is_held
        }

    @property
    def held(self) -> dict[str, bool]:
        """Return whether OVHcloud calls Home Assistant, for all that the options want."""
        wanted = called_kinds(self._entry.options)
        return {kind: kind not in self._lost for kind in wanted}

    @property
    def is_due(self) -> bool:
        """Tell whether there is something to set right as soon as OVHcloud is read."""
        return bool(self._lost or self._owed)

    @property
    def _owed(self) -> dict[str, Replaced]:
        """Return what is to be put back, since the options do not want it any more."""
        wanted = called_kinds(self._entry.options)
        replaced = replaced_in(self._entry.options)
        return {kind: replaced[kind] for kind in replaced if kind not in wanted}

    async def async_review(self, found: Callbacks | None) -> None:
        """Compare what OVHcloud does with what it should; None if it cannot be read."""
        self._lost.intersection_update(called_kinds(self._entry.options))
        if owed := self._owed:
            await self._async_put_back(owed, is_away=found is None)
        if found and (wanted := called_kinds(self._entry.options)):
            await self._async_hold(wanted, found)

    async def _async_put_back(
        self, owed: Mapping[str, Replaced], *, is_away: bool
    ) -> None:
        """Put back what is owed, or tell the user how; it is tried again."""
        name = self._entry.data[CONF_SERVICE_NAME]
        try:
            if not is_away:
                await async_call(
                    self._hass,
                    self._entry.data,
                    lambda gateway: put_back(gateway, name, owed),
                )
        except GatewayError as failure:
            _LOGGER.debug("A callback could not be put back: %s", failure.reason)
            is_away = True
        notification = f"{DOMAIN}_callbacks_{self._entry.entry_id}"
        if not is_away:
            await self._async_forget(owed)
            persistent_notification.async_dismiss(self._hass, notification)
            self._is_debt_told = False
        elif not self._is_debt_told:
            self._is_debt_told = True
            persistent_notification.async_create(
                self._hass,
                await async_text(
                    self._hass,
                    "callbacks_owed",
                    before=await async_described_before(self._hass, owed),
                    panel_url=PANEL_URL,
                ),
                await async_text(
                    self._hass, "callbacks_owed_title", account=self._entry.title
                ),
                notification,
            )

    async def _async_forget(self, paid: Mapping[str, Replaced]) -> None:
        """Forget what was put back, and with the last of it the address."""
        options = dict(self._entry.options)
        left = replaced_in(options)
        for kind in paid:
            left.pop(kind, None)
        if left:
            self._async_store(left)
            return
        options.pop(CONF_CALLBACKS, None)
        webhook_id = options.pop(CONF_WEBHOOK_ID)
        self._hass.config_entries.async_update_entry(self._entry, options=options)
        await async_forget_address(self._hass, webhook_id)

    async def _async_hold(self, wanted: tuple[str, ...], found: Callbacks) -> None:
        """Have OVHcloud call the address that Home Assistant has now.

        What somebody else has set meanwhile is left alone.
        """
        options = self._entry.options
        replaced = replaced_in(options)
        homes = {}
        for kind in wanted:
            if (place := replaced.get(kind)) is None:
                self._lose(kind, "its address was never set")
                continue
            home: str | None = place.address
            if not is_cloud_away(self._hass):
                home = await async_address(self._hass, options[CONF_WEBHOOK_ID])
            now = standing(kind, found)
            if home is None:
                self._lose(kind, "Home Assistant has no address that it could call")
            elif now not in (home, place.address, None):
                self._lose(kind, "something else was set at OVHcloud")
            elif now == home or await self._async_set(kind, home, found):
                self._lost.discard(kind)
                homes[kind] = home
            else:
                self._lose(kind, "Home Assistant's new address could not be set")
        self._async_store(
            {
                kind: replace(place, address=homes.get(kind, place.address))
                for kind, place in replaced_in(self._entry.options).items()
            }
        )

    async def _async_set(self, kind: str, address: str, found: Callbacks) -> bool:
        name = self._entry.data[CONF_SERVICE_NAME]
        try:
            await async_call(
                self._hass,
                self._entry.data,
                lambda gateway: set_address(gateway, name, kind, address, found),
            )
        except GatewayError as failure:
            _LOGGER.debug("A callback could not be set: %s", failure.reason)
            return False
        return True

    @callback
    def _lose(self, kind: str, reason: str) -> None:
        if kind in self._lost:
            return
        self._lost.add(kind)
        _LOGGER.warning(
            "OVHcloud does not call Home Assistant with the %s of %s: %s. It is asked for"
            " them instead",
            kind,
            self._entry.title,
            reason,
        )
        if kind == CONF_REPLIES:
            # What reads them slept for long, as it was to be called.
            self._entry.runtime_data.incoming.async_hint_replies()

    @callback
    def _async_store(self, replaced: Mapping[str, Replaced]) -> None:
        self._hass.config_entries.async_update_entry(
            self._entry,
            options={**self._entry.options, CONF_CALLBACKS: as_stored(replaced)},
        )
