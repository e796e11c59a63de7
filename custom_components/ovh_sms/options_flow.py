"""The options of an account, and what some of them need on top."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final, override

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
import voluptuous as vol

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult, OptionsFlow
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

from .callback_flow import FEEDBACK, CallbackFlow
from .const import (
    AUTH_API_KEYS,
    AUTH_SMS_USER,
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
    CONF_RECEIPTS,
    CONF_RECIPIENT_LIMIT,
    CONF_REPLIES,
    CONF_RETRY_FOR,
    CONF_SENDER,
    CONF_SERVICE_NAME,
    CONF_TEXT_MODE,
    CONF_TOO_LONG,
    CONF_VALIDITY,
)
from .gateway import GatewayError
from .gateway.rights import Need, account_rights, missing_rights
from .needs import needs_of, needs_of_choices
from .senders import SenderField, async_senders
from .sign_in import granted_rights
from .sms.errors import InvalidRequest
from .sms.message import is_number
from .sms.settings import Feedback, Settings, TextMode, TooLong
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
    FEEDBACK: {
        CONF_RECEIPTS: _select(CONF_RECEIPTS, list(Feedback)),
        CONF_REPLIES: _select(CONF_REPLIES, list(Feedback)),
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


class OvhSmsOptionsFlow(CallbackFlow, OptionsFlow):
    """Change the options; they apply from the next message on."""

    def __init__(self) -> None:
        """Start with nothing known."""
        super().__init__()
        self._sender_field: SenderField | None = None

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
            return await self._async_take_over()
        sections = self._sections
        return self._show(
            "init",
            _schema(field, sections, self._errors),
            field.shown(user_input or _nested(self.config_entry.options, sections)),
        )

    @override
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
                account_rights(data[CONF_SERVICE_NAME], self._needs),
                self._async_rights_approved,
            ):
                return await self.async_step_authorize()
        return self._show("approve_rights", vol.Schema({}), None)

    async def _async_rights_approved(self) -> ConfigFlowResult:
        """Store the new key if it is good for the account, and go on with the options."""
        entry = self.config_entry
        if self._errors or not await self._async_read_again(
            entry.data[CONF_SERVICE_NAME], self._needs
        ):
            return await self.async_step_approve_rights()
        self.hass.config_entries.async_update_entry(
            entry, data={**entry.data, **self._data}
        )
        return await self._async_take_over()

    @property
    @override
    def _entry(self) -> ConfigEntry:
        """Return the account."""
        return self.config_entry

    @property
    def _sections(self) -> dict[str, dict[str, Any]]:
        """Return the sections that mean something for the way of signing in."""
        sections = dict(SECTIONS)
        if self.config_entry.data[CONF_AUTH_METHOD] == AUTH_SMS_USER:
            del sections[FEEDBACK]
        return sections

    @property
    def _needs(self) -> frozenset[Need]:
        """Return what the account needs as it is, and as it is going to be."""
        return needs_of(self.config_entry) | needs_of_choices(self._options)

    async def _async_check(
        self, field: SenderField, user_input: dict[str, Any]
    ) -> bool:
        """Take over what was typed, and note what it needs on top."""
        self._errors = {}
        self._placeholders.pop("rights", None)
        entry = self.config_entry
        for name in self._sections:
            self._options |= user_input[name]
        try:
            sender = field.read(user_input[CONF_SENDER])
        except InvalidRequest as err:
            self._note(err, CONF_SENDER)
            return False
        self._options[CONF_SENDER] = sender
        is_new_number = is_number(sender) and sender != entry.options[CONF_SENDER]
        is_called = await self._async_prepare_callbacks()
        if (
            (is_new_number or is_called)
            and not self._errors
            and entry.data[CONF_AUTH_METHOD] == AUTH_API_KEYS
        ):
            await self._async_find_missing_rights()
        return not self._errors

    async def _async_find_missing_rights(self) -> None:
        """Note the rights that the key lacks for what was chosen."""
        data = self.config_entry.data
        try:
            granted = await self.hass.async_add_executor_job(granted_rights, data)
        except GatewayError as failure:
            self._note(failure)
            return
        if granted is not None and (
            missing := missing_rights(granted, data[CONF_SERVICE_NAME], self._needs)
        ):
            self._placeholders["rights"] = as_code(missing)


def _schema(
    sender: SenderField,
    sections: Mapping[str, Mapping[str, Any]],
    errors: Mapping[str, str],
) -> vol.Schema:
    """Return the form; a section with an error is open."""
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
                    {"collapsed": name not in errors},
                )
                for name, options in sections.items()
            },
        }
    )


def _nested(
    options: Mapping[str, Any], sections: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the options as the form nests them."""
    return {CONF_SENDER: options[CONF_SENDER]} | {
        name: {option: options[option] for option in names if option in options}
        for name, names in sections.items()
    }
