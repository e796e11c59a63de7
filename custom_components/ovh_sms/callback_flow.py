"""The step of the options that has OVHcloud call Home Assistant."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol

from homeassistant.components.webhook import async_generate_id
from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_WEBHOOK_ID

from .approval_flow import ApprovalFlow
from .callbacks import (
    Attempt,
    Replaced,
    as_stored,
    async_address,
    async_call,
    async_described,
    async_forget_address,
    async_shown_address,
    called_kinds,
    replaced_in,
    setting,
    standing,
    take_place,
)
from .const import (
    AUTH_API_KEYS,
    CONF_AUTH_METHOD,
    CONF_CALLBACKS,
    CONF_RECEIPTS,
    CONF_REPLIES,
    CONF_SERVICE_NAME,
)
from .gateway import GatewayError, MissingRight, RestGateway
from .gateway.models import Callbacks
from .texts import as_code, async_text

# The section of the form with the options that this is about.
FEEDBACK: Final = "feedback"
_OURS: Final = {CONF_RECEIPTS: "receipts_ours", CONF_REPLIES: "replies_ours"}


class CallbackFlow(ApprovalFlow):
    """Options that may have OVHcloud call Home Assistant, after asking."""

    def __init__(self) -> None:
        """Start with nothing known."""
        super().__init__()
        self._options: dict[str, Any] = {}
        self._kinds: tuple[str, ...] = ()
        self._webhook_id = async_generate_id()
        self._callbacks: Callbacks | None = None

    @property
    @abstractmethod
    def _entry(self) -> ConfigEntry:
        """Return the account."""

    @abstractmethod
    async def async_step_approve_rights(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Have a key approved with the rights that an option needs on top."""

    async def async_step_callbacks(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show whom OVHcloud calls now, and have it call Home Assistant."""
        if user_input is not None:
            attempt = await self._async_take_place()
            if attempt and not attempt.failure:
                return await self._async_keep(attempt.replaced)
            if attempt and (lacking := self._lacking(attempt.failure)):
                self._placeholders["rights"] = as_code([lacking])
                return await self.async_step_approve_rights()
        assert self._callbacks is not None
        shown = async_shown_address(self.hass, self._webhook_id)
        self._placeholders["address"] = as_code([shown]) if shown else "–"
        self._placeholders["found"] = "\n".join(
            [
                f"- {await self._async_described(kind, self._callbacks)}"
                for kind in self._kinds
            ]
        )
        return self._show("callbacks", vol.Schema({}), None)

    async def _async_take_over(self) -> ConfigFlowResult:
        """Store the options, once OVHcloud calls Home Assistant if that is wanted."""
        if self._kinds:
            return await self.async_step_callbacks()
        return self.async_create_entry(data={**self._entry.options, **self._options})

    async def _async_prepare_callbacks(self) -> bool:
        """Tell whether OVHcloud is to be asked to call, and see whom it calls now."""
        entry = self._entry
        self._webhook_id = entry.options.get(CONF_WEBHOOK_ID, self._webhook_id)
        is_loaded = entry.state is ConfigEntryState.LOADED
        held = entry.runtime_data.upkeep.held if is_loaded else {}
        called = called_kinds(entry.options)
        self._kinds = tuple(
            kind
            for kind in called_kinds(self._options)
            if kind not in called or not held.get(kind, True)
        )
        if not self._kinds:
            return False
        if async_shown_address(self.hass, self._webhook_id) is None:
            self._errors[FEEDBACK] = "no_address"
            return True
        try:
            self._callbacks = await async_call(
                self.hass,
                entry.data,
                lambda gateway: gateway.callbacks(entry.data[CONF_SERVICE_NAME]),
            )
        except GatewayError as failure:
            self._note(failure)
        return True

    async def _async_take_place(self) -> Attempt | None:
        """Have OVHcloud call; None if it is not asked to, since something has changed."""
        address = await async_address(self.hass, self._webhook_id)
        if address is None:
            self._errors["base"] = "no_address"
            return None
        entry = self._entry
        name = entry.data[CONF_SERVICE_NAME]
        known = replaced_in(entry.options)
        shown, kinds = self._callbacks, self._kinds

        def take(gateway: RestGateway) -> Attempt | Callbacks:
            found = gateway.callbacks(name)
            if shown is None or any(
                setting(kind, found) != setting(kind, shown) for kind in kinds
            ):
                return found
            return take_place(gateway, name, address, found, known, kinds)

        try:
            attempt = await async_call(self.hass, entry.data, take)
        except GatewayError as failure:
            attempt = Attempt({}, failure)
        if isinstance(attempt, Callbacks):
            self._callbacks = attempt
            self._errors["base"] = "callbacks_changed"
            return None
        if attempt.failure:
            self._note(attempt.failure)
            await self._async_leave(attempt.replaced)
        return attempt

    async def _async_keep(self, replaced: Mapping[str, Replaced]) -> ConfigFlowResult:
        """Store the options with what was replaced, unless the dialog was closed."""
        if self._closed:
            await self._async_leave(replaced)
        else:
            self._options |= self._with(replaced)
        self._kinds = ()
        return await self._async_take_over()

    async def _async_leave(self, replaced: Mapping[str, Replaced]) -> None:
        """Have put back later what could not be put back yet."""
        entry = self._entry
        if replaced:
            self.hass.config_entries.async_update_entry(
                entry, options={**entry.options, **self._with(replaced)}
            )
        elif CONF_WEBHOOK_ID not in entry.options:
            await async_forget_address(self.hass, self._webhook_id)

    def _with(self, replaced: Mapping[str, Replaced]) -> dict[str, Any]:
        """Return what is stored of addresses that were replaced, with those before."""
        known = replaced_in(self._entry.options)
        return {
            CONF_WEBHOOK_ID: self._webhook_id,
            CONF_CALLBACKS: as_stored({**known, **replaced}),
        }

    def _lacking(self, failure: GatewayError | None) -> str | None:
        """Return the right that a key must be approved for anew, if that is what failed."""
        is_key = self._entry.data[CONF_AUTH_METHOD] == AUTH_API_KEYS
        return failure.right if is_key and isinstance(failure, MissingRight) else None

    async def _async_described(self, kind: str, found: Callbacks) -> str:
        """Return in words what OVHcloud does with receipts, or with replies."""
        place = replaced_in(self._entry.options).get(kind)
        if place and standing(kind, found) == place.address:
            return await async_text(self.hass, _OURS[kind])
        return await async_described(self.hass, kind, found)
