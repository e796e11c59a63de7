"""The options of an account, and the rights that some of them need."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
import voluptuous as vol

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import UnitOfTime
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .approval_flow import ApprovalFlow
from .const import (
    AUTH_API_KEYS,
    CONF_ALLOW_UNLISTED,
    CONF_ALLOWED_COUNTRIES,
    CONF_APPLICATION_KEY,
    CONF_APPLICATION_SECRET,
    CONF_AUTH_METHOD,
    CONF_DAILY_LIMIT,
    CONF_DUPLICATE_WINDOW,
    CONF_HISTORY_DAYS,
    CONF_LATE_PREFIX,
    CONF_LOW_CREDIT,
    CONF_MAX_PARTS,
    CONF_NO_STOP_CLAUSE,
    CONF_PRIORITY,
    CONF_RECIPIENT_LIMIT,
    CONF_RETRY_FOR,
    CONF_SENDER,
    CONF_SERVICE_NAME,
    CONF_TEXT_MODE,
    CONF_TOO_LONG,
    CONF_VALIDITY,
)
from .gateway import GatewayError
from .gateway.rights import account_rights, missing_rights
from .senders import SenderField, async_senders
from .sign_in import granted_rights
from .sms.errors import InvalidRequest
from .sms.message import is_number
from .sms.settings import Settings, TextMode, TooLong
from .texts import as_code

_DEFAULTS: Final = {field.name: field.default for field in fields(Settings)} | {
    CONF_ALLOWED_COUNTRIES: []
}
_CALLING_CODES: Final = {
    region: code
    for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()
    for region in regions
    if region.isalpha()
}


def _number(minimum: int, maximum: int, unit: str | None = None) -> vol.All[Any]:
    return vol.All(
        NumberSelector(
            NumberSelectorConfig(
                min=minimum,
                max=maximum,
                step=1,
                mode=NumberSelectorMode.BOX,
                **({"unit_of_measurement": unit} if unit else {}),
            )
        ),
        vol.Coerce(int),
    )


def _select(name: str, options: list[str]) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=options, mode=SelectSelectorMode.LIST, translation_key=name
        )
    )


# The sections of the form, with the options in each; the sender is above them.
SECTIONS: Final[dict[str, dict[str, Any]]] = {
    "sending": {
        CONF_NO_STOP_CLAUSE: BooleanSelector(),
        CONF_PRIORITY: _select(CONF_PRIORITY, ["high", "medium", "low", "very_low"]),
        CONF_VALIDITY: _number(1, 2880, UnitOfTime.MINUTES),
    },
    "waiting": {
        CONF_RETRY_FOR: _number(0, 10_080, UnitOfTime.MINUTES),
        CONF_LATE_PREFIX: BooleanSelector(),
    },
    "text": {
        CONF_TEXT_MODE: _select(CONF_TEXT_MODE, list(TextMode)),
        CONF_MAX_PARTS: _number(1, 8),
        CONF_TOO_LONG: _select(CONF_TOO_LONG, list(TooLong)),
    },
    "limits": {
        CONF_DAILY_LIMIT: _number(0, 100_000),
        CONF_RECIPIENT_LIMIT: _number(0, 1000),
        CONF_DUPLICATE_WINDOW: _number(0, 86_400, UnitOfTime.SECONDS),
        CONF_LOW_CREDIT: _number(0, 100_000),
    },
    "receivers": {
        CONF_ALLOW_UNLISTED: BooleanSelector(),
        CONF_ALLOWED_COUNTRIES: SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(value=region, label=f"{region} +{code}")
                    for region, code in sorted(_CALLING_CODES.items())
                ],
                multiple=True,
                mode=SelectSelectorMode.DROPDOWN,
            )
        ),
    },
    "privacy": {
        CONF_HISTORY_DAYS: _number(0, 365, UnitOfTime.DAYS),
    },
}


class OvhSmsOptionsFlow(ApprovalFlow, OptionsFlow):
    """Change the options; they apply from the next message on."""

    def __init__(self) -> None:
        """Start with nothing known."""
        super().__init__()
        self._sender_field: SenderField | None = None
        self._options: dict[str, Any] = {}

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the options, and take them over."""
        if self._sender_field is None:
            self._sender_field = await SenderField.async_make(
                self.hass, await async_senders(self.hass, self.config_entry)
            )
            self._placeholders["withheld"] = self._sender_field.withheld
        field = self._sender_field
        if user_input is not None and await self._async_check(field, user_input):
            if "rights" in self._placeholders:
                return await self.async_step_approve_rights()
            return self._take_over()
        return self._show(
            "init",
            _schema(field),
            field.shown(user_input or _nested(self.config_entry.options)),
        )

    async def async_step_approve_rights(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Have a key approved with the rights that an option needs on top."""
        if user_input is not None:
            data = self.config_entry.data
            fields = (CONF_AUTH_METHOD, CONF_APPLICATION_KEY, CONF_APPLICATION_SECRET)
            self._data = {field: data[field] for field in fields}
            if await self._async_ask_approval(
                self.hass.config_entries.options,
                account_rights(data[CONF_SERVICE_NAME], from_number=True),
                self._async_rights_approved,
            ):
                return await self.async_step_authorize()
        return self._show("approve_rights", vol.Schema({}), None)

    async def _async_rights_approved(self) -> ConfigFlowResult:
        """Store the new key and the options, if the key is good for the account."""
        entry = self.config_entry
        if self._errors or not await self._async_read_again(
            entry.data[CONF_SERVICE_NAME], from_number=True
        ):
            return await self.async_step_approve_rights()
        self.hass.config_entries.async_update_entry(
            entry, data={**entry.data, **self._data}
        )
        return self._take_over()

    def _take_over(self) -> ConfigFlowResult:
        """Store the options, and keep what else is stored with them."""
        return self.async_create_entry(
            data={**self.config_entry.options, **self._options}
        )

    async def _async_check(
        self, field: SenderField, user_input: dict[str, Any]
    ) -> bool:
        """Take over what was typed, and note which rights it needs on top."""
        self._errors = {}
        self._placeholders.pop("rights", None)
        entry = self.config_entry
        for name in SECTIONS:
            self._options |= user_input[name]
        try:
            sender = field.read(user_input[CONF_SENDER])
        except InvalidRequest as err:
            self._note(err, CONF_SENDER)
            return False
        self._options[CONF_SENDER] = sender
        if (
            entry.data[CONF_AUTH_METHOD] == AUTH_API_KEYS
            and is_number(sender)
            and sender != entry.options[CONF_SENDER]
        ):
            await self._async_find_missing_rights()
        return not self._errors

    async def _async_find_missing_rights(self) -> None:
        """Note the rights that the key lacks to send from a virtual number."""
        data = self.config_entry.data
        try:
            granted = await self.hass.async_add_executor_job(granted_rights, data)
        except GatewayError as failure:
            self._note(failure)
            return
        if granted is not None and (
            missing := missing_rights(
                granted, data[CONF_SERVICE_NAME], from_number=True
            )
        ):
            self._placeholders["rights"] = as_code(missing)


def _schema(sender: SenderField) -> vol.Schema:
    return vol.Schema(
        {
            vol.Required(CONF_SENDER): sender.selector,
            **{
                vol.Required(name): section(
                    vol.Schema(
                        {
                            vol.Required(option, default=_DEFAULTS[option]): field
                            for option, field in options.items()
                        }
                    ),
                    {"collapsed": True},
                )
                for name, options in SECTIONS.items()
            },
        }
    )


def _nested(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options as the form nests them."""
    return {CONF_SENDER: options[CONF_SENDER]} | {
        name: {option: options[option] for option in names if option in options}
        for name, names in SECTIONS.items()
    }
