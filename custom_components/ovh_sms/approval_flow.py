"""What the flows share that sign in: trying credentials, and having a key approved."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any, override

import voluptuous as vol

from homeassistant.config_entries import ConfigEntryBaseFlow, ConfigFlowResult
from homeassistant.core import callback
from homeassistant.data_entry_flow import FlowManager

from .approval import Approval
from .errors import placeholders, text_key
from .gateway import GatewayError
from .gateway.rights import Need, Right, with_reading
from .sign_in import FoundAccount, read_account
from .sms.errors import InvalidRequest


class ApprovalFlow(ConfigEntryBaseFlow):
    """A flow in which the user may approve a key on OVHcloud's page."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._data: dict[str, str] = {}
        self._found: FoundAccount | None = None
        self._approval: Approval | None = None
        self._approved: Callable[[], Awaitable[ConfigFlowResult]] | None = None
        self._closed = False
        self._errors: dict[str, str] = {}
        self._placeholders: dict[str, str] = {}

    @callback
    @override
    def async_remove(self) -> None:
        """Stop waiting for an approval when the dialog is closed."""
        self._closed = True
        if self._approval:
            self._approval.cancel()

    async def async_step_authorize(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Wait while the user approves the key on OVHcloud's page."""
        assert self._approval is not None
        if self._approval.over:
            return self.async_external_step_done(next_step_id="approved")
        return self.async_external_step(step_id="authorize", url=self._approval.url)

    async def async_step_approved(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go on with the key, if it was approved."""
        assert self._approval is not None
        assert self._approved is not None
        self._errors = {}
        if self._approval.error:
            self._errors["base"] = self._approval.error
        else:
            self._data = self._approval.data
        return await self._approved()

    async def _async_ask_approval(
        self,
        flows: FlowManager[Any, Any, Any],
        rights: Iterable[Right],
        approved: Callable[[], Awaitable[ConfigFlowResult]],
    ) -> bool:
        """Ask OVHcloud for a key, and watch for its approval to go on."""
        self._errors = {}
        self._approved = approved
        try:
            approval = await Approval.async_request(
                self.hass,
                self._data,
                with_reading(rights),
            )
        except GatewayError as failure:
            self._note(failure)
            return False
        # Nobody is left to wait for if the dialog was closed meanwhile.
        if self._closed:
            return False
        self._approval = approval
        approval.watch(flows, self.flow_id)
        return True

    async def _async_read(self, name: str, needs: Collection[Need] = ()) -> bool:
        """Read an account, its senders, and what the credentials may do with it."""
        self._errors = {}
        try:
            self._found = await self.hass.async_add_executor_job(
                read_account, self._data, name, needs
            )
        except (GatewayError, InvalidRequest) as err:
            self._note(err)
        return not self._errors

    async def _async_read_again(self, name: str, needs: Collection[Need]) -> bool:
        """Read the account that new credentials must be good for."""
        good = await self._async_read(name, needs)
        if self._errors.get("base") in ("account_unknown", "account_not_granted"):
            self._errors["base"] = "wrong_account"
        return good

    def _note(self, err: GatewayError | InvalidRequest, field: str = "base") -> None:
        """Keep what went wrong, for the form to show."""
        if isinstance(err, InvalidRequest):
            self._placeholders |= err.placeholders
            self._errors[field] = err.key
        else:
            self._placeholders |= placeholders(err)
            self._errors[field] = text_key(err)

    def _show(
        self, step_id: str, schema: vol.Schema, values: Mapping[str, Any] | None
    ) -> ConfigFlowResult:
        """Show a form with what was typed before and what was wrong with it."""
        errors, self._errors = self._errors, {}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, values),
            errors=errors,
            description_placeholders=dict(self._placeholders),
        )
