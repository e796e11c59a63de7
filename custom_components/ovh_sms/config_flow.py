"""Sign in to OVHcloud, pick the SMS account and its sender, add recipients."""

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
    SubentryFlowContext,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .account import OvhSmsConfigEntry, make_gateway
from .const import (
    AUTH_API_KEYS,
    CONF_APPLICATION_KEY,
    CONF_APPLICATION_SECRET,
    CONF_AUTH_METHOD,
    CONF_CONSUMER_KEY,
    CONF_PHONE_NUMBERS,
    CONF_SENDER,
    CONF_SERVICE_NAME,
    DOMAIN,
    SUBENTRY_RECIPIENT,
)
from .errors import placeholders
from .gateway import AccountInfo, Gateway, GatewayError, MissingRight, SenderInfo
from .gateway.rights import missing_rights, token_url
from .sms.errors import InvalidRequest
from .sms.message import SHORT_NUMBER
from .sms.numbers import normalise

_PASSWORD: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)
API_KEYS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_APPLICATION_KEY): TextSelector(
            TextSelectorConfig(autocomplete="off")
        ),
        vol.Required(CONF_APPLICATION_SECRET): _PASSWORD,
        vol.Required(CONF_CONSUMER_KEY): _PASSWORD,
    }
)
RECIPIENT_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Required(CONF_PHONE_NUMBERS): TextSelector(
            TextSelectorConfig(type=TextSelectorType.TEL, multiple=True)
        ),
    }
)


class OvhSmsConfigFlow(ConfigFlow, domain=DOMAIN):
    """Set up an SMS account."""

    VERSION = 2

    def __init__(self) -> None:
        """Start with nothing known."""
        self._data: dict[str, Any] = {}
        self._accounts: list[AccountInfo] = []
        self._account: AccountInfo | None = None
        self._senders: list[SenderInfo] = []
        self._placeholders: dict[str, str] = {"token_url": token_url()}

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: OvhSmsConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the kinds of subentries."""
        return {SUBENTRY_RECIPIENT: RecipientFlow}

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Begin."""
        return await self.async_step_api_keys()

    async def async_step_api_keys(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the three keys and try them."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._data = _api_keys(user_input)
            errors = await self._async_try(self._list_accounts)
            if not errors:
                if len(self._accounts) == 1:
                    return await self.async_step_account(
                        {CONF_SERVICE_NAME: self._accounts[0].name}
                    )
                return await self.async_step_account()
        return self.async_show_form(
            step_id="api_keys",
            data_schema=self.add_suggested_values_to_schema(
                API_KEYS_SCHEMA, user_input
            ),
            errors=errors,
            description_placeholders=self._placeholders,
        )

    async def async_step_account(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which SMS account to use."""
        errors: dict[str, str] = {}
        if user_input is not None:
            name = user_input[CONF_SERVICE_NAME].strip()
            await self.async_set_unique_id(name)
            self._abort_if_unique_id_configured()
            errors = await self._async_try(lambda: self._read_account(name))
            if not errors:
                return await self.async_step_sender()
        return self.async_show_form(
            step_id="account",
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema(
                    {
                        vol.Required(CONF_SERVICE_NAME): SelectSelector(
                            SelectSelectorConfig(
                                options=[_option(each) for each in self._accounts],
                                custom_value=True,
                                mode=SelectSelectorMode.DROPDOWN,
                            )
                        )
                    }
                ),
                user_input,
            ),
            errors=errors,
            description_placeholders=self._placeholders,
        )

    async def async_step_sender(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask who the messages come from."""
        assert self._account is not None
        if user_input is not None:
            return self.async_create_entry(
                title=self._account.description or self._account.name,
                data={**self._data, CONF_SERVICE_NAME: self._account.name},
                options={CONF_SENDER: user_input[CONF_SENDER].strip()},
            )
        return self.async_show_form(
            step_id="sender",
            data_schema=vol.Schema(
                {
                    vol.Required(CONF_SENDER): SelectSelector(
                        SelectSelectorConfig(
                            options=[
                                *(each.name for each in self._senders if each.enabled),
                                SHORT_NUMBER,
                            ],
                            custom_value=True,
                            mode=SelectSelectorMode.DROPDOWN,
                            translation_key="sender",
                        )
                    )
                }
            ),
        )

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go straight on to the first recipient."""
        recipient = await self.hass.config_entries.subentries.async_init(
            (result["result"].entry_id, SUBENTRY_RECIPIENT),
            context=SubentryFlowContext(source=SOURCE_USER),
        )
        result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, recipient["flow_id"])
        return result

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Ask for new keys, since OVHcloud does not accept those stored."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Try new keys on the same account."""
        entry = self._get_reauth_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            self._data = _api_keys(user_input)
            name: str = entry.data[CONF_SERVICE_NAME]
            errors = await self._async_try(lambda: self._read_account(name))
            if not errors:
                return self.async_update_and_abort(entry, data_updates=self._data)
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=self.add_suggested_values_to_schema(
                API_KEYS_SCHEMA,
                user_input or {CONF_APPLICATION_KEY: entry.data[CONF_APPLICATION_KEY]},
            ),
            errors=errors,
            description_placeholders={**self._placeholders, "account": entry.title},
        )

    async def _async_try(self, step: Callable[[], None]) -> dict[str, str]:
        """Run what asks OVHcloud on a worker thread; return what to show if it fails."""
        try:
            await self.hass.async_add_executor_job(step)
        except GatewayError as failure:
            self._placeholders |= placeholders(failure)
            return {"base": failure.reason.value}
        except InvalidRequest as err:
            self._placeholders |= err.placeholders
            return {"base": err.key}
        return {}

    def _list_accounts(self) -> None:
        """Read the accounts that the keys give access to."""
        with _gateway(self._data) as gateway:
            try:
                names = gateway.accounts()
            except MissingRight:
                # A key for one account may not list them: its name is asked for.
                gateway.credential()
                self._accounts = []
                return
            if not names:
                raise InvalidRequest("no_accounts")
            self._accounts = [gateway.account(name) for name in names]

    def _read_account(self, name: str) -> None:
        """Read an account and its senders, and what the keys may do with it."""
        with _gateway(self._data) as gateway:
            credential = gateway.credential()
            missing = missing_rights(credential.rights, name) if credential else ()
            if missing:
                raise InvalidRequest(
                    "rights_missing", rights=", ".join(map(str, missing))
                )
            account = gateway.account(name)
            if not account.enabled:
                raise InvalidRequest("account_disabled")
            self._senders = gateway.senders(name)
            self._account = account


class RecipientFlow(ConfigSubentryFlow):
    """Add a person or a group, or change one."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a recipient."""
        return await self._async_step("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a recipient."""
        return await self._async_step("reconfigure", user_input)

    async def _async_step(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        changed = self._get_reconfigure_subentry() if step_id == "reconfigure" else None
        errors: dict[str, str] = {}
        wrong: dict[str, str] = {}
        if user_input is not None:
            name = user_input[CONF_NAME].strip()
            others = {
                subentry.title.casefold()
                for subentry in self._get_entry().get_subentries_of_type(
                    SUBENTRY_RECIPIENT
                )
                if subentry is not changed
            }
            if not name:
                errors[CONF_NAME] = "name_empty"
            elif name.casefold() in others:
                errors[CONF_NAME] = "name_taken"
            try:
                numbers = await self.hass.async_add_executor_job(
                    _numbers, user_input[CONF_PHONE_NUMBERS], self.hass.config.country
                )
            except InvalidRequest as err:
                errors[CONF_PHONE_NUMBERS] = err.key
                wrong = err.placeholders
            if not errors:
                if changed:
                    return self.async_update_and_abort(
                        self._get_entry(),
                        changed,
                        title=name,
                        data_updates={CONF_PHONE_NUMBERS: numbers},
                    )
                return self.async_create_entry(
                    title=name, data={CONF_PHONE_NUMBERS: numbers}
                )
        elif changed:
            user_input = {CONF_NAME: changed.title, **changed.data}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                RECIPIENT_SCHEMA, user_input
            ),
            errors=errors,
            description_placeholders={"number": "", **wrong},
        )


def _api_keys(user_input: dict[str, Any]) -> dict[str, Any]:
    return {
        CONF_AUTH_METHOD: AUTH_API_KEYS,
        **{key: value.strip() for key, value in user_input.items()},
    }


def _gateway(data: Mapping[str, Any]) -> closing[Gateway]:
    return closing(make_gateway(data))


def _option(account: AccountInfo) -> SelectOptionDict:
    return SelectOptionDict(
        value=account.name,
        label=f"{account.description or account.name} ({account.name}): {account.credits_left:g}",
    )


def _numbers(typed: list[str], country: str | None) -> list[str]:
    """Return the numbers in E.164, each once."""
    numbers = dict.fromkeys(normalise(number, country) for number in typed if number)
    if not numbers:
        raise InvalidRequest("no_numbers")
    return list(numbers)
