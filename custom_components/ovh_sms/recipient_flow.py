"""Add the people and groups to write to, and change them."""

from dataclasses import replace
from typing import Any

import voluptuous as vol

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentry,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .account import Account, OvhSmsConfigEntry
from .answer import refusal_key, refusal_placeholders
from .const import (
    CONF_PHONE_NUMBERS,
    CONF_QUEUE,
    CONF_SEND_TEST,
    CONF_SENDER,
    SUBENTRY_RECIPIENT,
)
from .errors import placeholders, text_key
from .senders import SenderField, async_senders
from .sms.errors import Closed, InvalidRequest
from .sms.numbers import normalise
from .sms.request import SmsRequest
from .sms.states import State
from .texts import async_text


class RecipientFlow(ConfigSubentryFlow):
    """Add a person or a group, or change one."""

    def __init__(self) -> None:
        """Start with nothing wrong."""
        self._sender_field: SenderField | None = None
        self._errors: dict[str, str] = {}
        self._placeholders: dict[str, str] = {}

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a recipient."""
        if user_input is not None:
            data = await self._async_check(user_input, None)
            if not self._errors:
                return self.async_create_entry(
                    title=user_input[CONF_NAME].strip(), data=data
                )
        return await self._async_show("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a recipient."""
        recipient = self._get_reconfigure_subentry()
        if user_input is not None:
            data = await self._async_check(user_input, recipient)
            if not self._errors:
                kept = {k: v for k, v in recipient.data.items() if k != CONF_SENDER}
                return self.async_update_and_abort(
                    self._get_entry(),
                    recipient,
                    title=user_input[CONF_NAME].strip(),
                    data={**kept, **data},
                )
        return await self._async_show(
            "reconfigure", user_input or {CONF_NAME: recipient.title, **recipient.data}
        )

    async def _async_check(
        self, user_input: dict[str, Any], changed: ConfigSubentry | None
    ) -> dict[str, Any]:
        """Return what is stored of what was typed, or note what is wrong with it."""
        self._errors = {}
        entry: OvhSmsConfigEntry = self._get_entry()
        name = user_input[CONF_NAME].strip()
        others = {
            subentry.title.casefold()
            for subentry in entry.get_subentries_of_type(SUBENTRY_RECIPIENT)
            if subentry is not changed
        }
        if not name:
            self._errors[CONF_NAME] = "name_empty"
        elif name.casefold() in others:
            self._errors[CONF_NAME] = "name_taken"
        numbers: list[str] = []
        try:
            numbers = await self.hass.async_add_executor_job(
                _numbers, user_input[CONF_PHONE_NUMBERS], self.hass.config.country
            )
        except InvalidRequest as err:
            self._note(CONF_PHONE_NUMBERS, err)
        data: dict[str, Any] = {
            CONF_PHONE_NUMBERS: numbers,
            CONF_QUEUE: user_input[CONF_QUEUE],
        }
        if user_input.get(CONF_SENDER, "").strip():
            try:
                field = await self._async_sender_field()
                data[CONF_SENDER] = field.read(user_input[CONF_SENDER])
            except InvalidRequest as err:
                self._note(CONF_SENDER, err)
        if user_input[CONF_SEND_TEST] and not self._errors:
            if entry.state is ConfigEntryState.LOADED:
                await self._async_send_test(entry.runtime_data, data)
            else:
                self._errors["base"] = "account_not_loaded"
        return data

    async def _async_send_test(self, account: Account, data: dict[str, Any]) -> None:
        """Send a test SMS, and note what goes wrong."""
        request = SmsRequest(
            message=await async_text(self.hass, "test_message"),
            receivers=tuple(data[CONF_PHONE_NUMBERS]),
            sender=data.get(CONF_SENDER),
        )
        # The recipient is not in the list yet, a test may be repeated, and it is of no
        # use once the form is closed.
        settings = replace(
            account.settings, allow_unlisted=True, duplicate_window=0, retry_for=0
        )
        try:
            outcomes = await account.async_try(request, settings)
        except InvalidRequest as err:
            self._note("base", err)
            return
        except Closed:
            self._errors["base"] = "account_not_loaded"
            return
        for outcome in outcomes:
            if outcome.failure:
                self._errors["base"] = text_key(outcome.failure)
                self._placeholders |= placeholders(outcome.failure)
            elif outcome.state is not State.ACCEPTED:
                self._errors["base"] = refusal_key(outcome)
                self._placeholders |= refusal_placeholders(outcome, outcome.invalid)

    def _note(self, field: str, err: InvalidRequest) -> None:
        """Keep what is wrong with what was typed, for the form to show."""
        self._errors[field] = err.key
        self._placeholders |= err.placeholders

    async def _async_show(
        self, step_id: str, values: dict[str, Any] | None
    ) -> SubentryFlowResult:
        field = await self._async_sender_field()
        schema = vol.Schema(
            {
                vol.Required(CONF_NAME): TextSelector(),
                vol.Required(CONF_PHONE_NUMBERS): TextSelector(
                    TextSelectorConfig(type=TextSelectorType.TEL, multiple=True)
                ),
                vol.Optional(CONF_SENDER): field.selector,
                vol.Optional(CONF_QUEUE, default=True): BooleanSelector(),
                vol.Optional(CONF_SEND_TEST, default=False): BooleanSelector(),
            }
        )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                schema, field.shown(values)
            ),
            errors=self._errors,
            description_placeholders=dict(self._placeholders),
        )

    async def _async_sender_field(self) -> SenderField:
        """Return the field for the sender, which the first form reads."""
        if self._sender_field is None:
            self._sender_field = await SenderField.async_make(
                self.hass, await async_senders(self.hass, self._get_entry())
            )
        return self._sender_field


def _numbers(typed: list[str], country: str | None) -> list[str]:
    """Return the numbers in E.164, each once."""
    numbers = dict.fromkeys(normalise(number, country) for number in typed if number)
    if not numbers:
        raise InvalidRequest("no_numbers")
    return list(numbers)
