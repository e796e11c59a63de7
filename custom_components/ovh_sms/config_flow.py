"""Sign in to OVHcloud, pick the SMS account and its sender, add recipients."""

from collections.abc import Mapping
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_USER,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
    OptionsFlow,
    SubentryFlowContext,
)
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from .account import OvhSmsConfigEntry
from .approval_flow import ApprovalFlow
from .const import (
    AUTH_API_KEYS,
    AUTH_SERVICE_ACCOUNT,
    AUTH_SMS_USER,
    CONF_APPLICATION_KEY,
    CONF_APPLICATION_SECRET,
    CONF_AUTH_METHOD,
    CONF_CLIENT_ID,
    CONF_LOGIN,
    CONF_SENDER,
    CONF_SERVICE_NAME,
    DOMAIN,
    SUBENTRY_RECIPIENT,
)
from .gateway import AccountInfo, AuthReason, GatewayError
from .gateway.errors import RightReason
from .gateway.rights import RIGHTS, Need, account_rights
from .needs import needs_of, needs_of_choices
from .options_flow import OvhSmsOptionsFlow
from .recipient_flow import RecipientFlow
from .senders import KnownSenders, SenderField
from .sign_in import (
    APPLICATION_SCHEMA,
    CREDENTIALS,
    PLACEHOLDERS,
    credentials,
    find_accounts,
)
from .sms.errors import InvalidRequest
from .texts import as_code

SMS_USER_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_SERVICE_NAME): TextSelector(),
        **CREDENTIALS[AUTH_SMS_USER].schema,
    }
)
# Shown again in the forms that ask for new credentials; the others are secret.
_NAMES: Final = (CONF_APPLICATION_KEY, CONF_CLIENT_ID, CONF_LOGIN)
# Approving again cannot mend these: it takes another application.
_APPLICATION_FAULTS: Final = (AuthReason.APPLICATION_KEY, AuthReason.APPLICATION_SECRET)
_FORMS: Final = {**CREDENTIALS, "sign_in": APPLICATION_SCHEMA}


class OvhSmsConfigFlow(ApprovalFlow, ConfigFlow, domain=DOMAIN):
    """Set up an SMS account, or keep it signed in."""

    VERSION = 2

    def __init__(self) -> None:
        """Start with nothing known."""
        super().__init__()
        self._way = ""
        self._sender = ""
        self._accounts: dict[str, AccountInfo | None] = {}
        self._placeholders = dict(PLACEHOLDERS)

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: OvhSmsConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the kinds of subentries."""
        return {SUBENTRY_RECIPIENT: RecipientFlow}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the flow for the options."""
        return OvhSmsOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer the ways to sign in."""
        return self.async_show_menu(
            step_id="user",
            menu_options=[
                AUTH_API_KEYS,
                "sign_in",
                AUTH_SERVICE_ACCOUNT,
                AUTH_SMS_USER,
            ],
        )

    async def async_step_api_keys(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the three keys."""
        return await self._async_step_credentials(AUTH_API_KEYS, user_input)

    async def async_step_service_account(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for an OAuth2 client."""
        return await self._async_step_credentials(AUTH_SERVICE_ACCOUNT, user_input)

    async def async_step_sign_in(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for an application, and OVHcloud for a key that the user approves."""
        if user_input is not None:
            self._way = "sign_in"
            self._data = credentials(AUTH_API_KEYS, user_input)
            if self._are_filled(self._data) and await self._async_ask_approval(
                self.hass.config_entries.flow, RIGHTS, self._async_signed_in
            ):
                return await self.async_step_authorize()
        return self._show("sign_in", APPLICATION_SCHEMA, user_input or self._data)

    async def async_step_sms_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for an SMS user; only an SMS can show whether the login is right."""
        field = await SenderField.async_make(self.hass, KnownSenders())
        if user_input is not None:
            name = user_input[CONF_SERVICE_NAME].strip()
            data = {
                **credentials(AUTH_SMS_USER, user_input),
                CONF_SERVICE_NAME: name,
            }
            if self._are_filled(data) and self._read_sender(field, user_input):
                await self._async_claim(name)
                return self.async_create_entry(
                    title=name, data=data, options={CONF_SENDER: self._sender}
                )
        return self._show(
            AUTH_SMS_USER,
            SMS_USER_SCHEMA.extend({vol.Required(CONF_SENDER): field.selector}),
            field.shown(user_input),
        )

    async def async_step_account(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which SMS account to use."""
        if user_input is not None:
            name = user_input[CONF_SERVICE_NAME].strip()
            if self._are_filled({CONF_SERVICE_NAME: name}):
                await self._async_claim(name)
                if await self._async_read(name):
                    return await self.async_step_sender()
                if self._needs_other_credentials(name):
                    return self._show(self._way, _FORMS[self._way], self._data)
        selector = SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(value=name, label=_label(name, account))
                    for name, account in self._accounts.items()
                ],
                custom_value=True,
                mode=SelectSelectorMode.DROPDOWN,
            )
        )
        return self._show(
            "account",
            vol.Schema({vol.Required(CONF_SERVICE_NAME): selector}),
            user_input,
        )

    async def async_step_sender(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask who the messages come from."""
        assert self._found is not None
        field = await SenderField.async_make(self.hass, self._found.senders)
        self._placeholders["withheld"] = field.withheld
        if user_input is not None and self._read_sender(field, user_input):
            if self._found.lacks(self._needs):
                return await self.async_step_approve_rights()
            return self._create()
        return self._show(
            "sender",
            vol.Schema({vol.Required(CONF_SENDER): field.selector}),
            field.shown(user_input),
        )

    async def async_step_approve_rights(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Explain which rights the choice needs, and have a key with them approved."""
        assert self._found is not None
        self._placeholders["rights"] = as_code(self._found.lacks(self._needs))
        if user_input is not None and await self._async_ask_approval(
            self.hass.config_entries.flow,
            account_rights(self._found.name, self._needs),
            self._async_rights_approved,
        ):
            return await self.async_step_authorize()
        return self._show("approve_rights", vol.Schema({}), None)

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
        """Sign in again, since OVHcloud does not accept what is stored."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer to approve again, or ask for new credentials."""
        return await self._async_step_again("reauth_confirm", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the credentials of the account."""
        return await self._async_step_again("reconfigure", user_input)

    async def async_step_approve_again(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Have a new key for the stored application approved."""
        data = self._entry.data
        if user_input is not None:
            fields = (CONF_AUTH_METHOD, CONF_APPLICATION_KEY, CONF_APPLICATION_SECRET)
            self._data = {field: data[field] for field in fields}
            rights = account_rights(data[CONF_SERVICE_NAME], needs_of(self._entry))
            if await self._async_ask_approval(
                self.hass.config_entries.flow, rights, self._async_approved_again
            ):
                return await self.async_step_authorize()
        if self._errors.get("base") in _APPLICATION_FAULTS:
            return await self.async_step_new_keys()
        return self._show("approve_again", vol.Schema({}), None)

    async def async_step_new_keys(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for three new keys."""
        return await self._async_step_new("new_keys", user_input)

    async def _async_step_again(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        self._placeholders["account"] = self._entry.title
        if self._entry.data[CONF_AUTH_METHOD] == AUTH_API_KEYS:
            return self.async_show_menu(
                step_id=step_id,
                menu_options=["approve_again", "new_keys"],
                description_placeholders=self._placeholders,
            )
        return await self._async_step_new(step_id, user_input)

    async def _async_step_new(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Take new credentials for the same account, if they are good for it."""
        method: str = self._entry.data[CONF_AUTH_METHOD]
        if user_input is not None:
            self._data = credentials(method, user_input)
            if self._are_filled(self._data) and (
                method == AUTH_SMS_USER or await self._async_read_own()
            ):
                return self.async_update_and_abort(self._entry, data_updates=self._data)
        known = {field: self._entry.data.get(field) for field in _NAMES}
        return self._show(step_id, CREDENTIALS[method], user_input or known)

    async def _async_step_credentials(
        self, method: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        if user_input is not None:
            self._way = method
            self._data = credentials(method, user_input)
            if self._are_filled(self._data) and await self._async_find():
                return await self._async_pick_account()
        return self._show(method, CREDENTIALS[method], user_input)

    async def _async_signed_in(self) -> ConfigFlowResult:
        if self._errors or not await self._async_find():
            return await self.async_step_sign_in()
        return await self._async_pick_account()

    async def _async_rights_approved(self) -> ConfigFlowResult:
        assert self._found is not None
        if self._errors or not await self._async_read_again(
            self._found.name, self._needs
        ):
            return await self.async_step_approve_rights()
        return self._create()

    async def _async_approved_again(self) -> ConfigFlowResult:
        if self._errors or not await self._async_read_own():
            return await self.async_step_approve_again()
        return self.async_update_and_abort(self._entry, data_updates=self._data)

    async def _async_pick_account(self) -> ConfigFlowResult:
        if len(self._accounts) == 1:
            return await self.async_step_account(
                {CONF_SERVICE_NAME: next(iter(self._accounts))}
            )
        return await self.async_step_account()

    async def _async_claim(self, name: str) -> None:
        """End the flow if the account is set up; one begun in a closed window is no bar."""
        await self.async_set_unique_id(name, raise_on_progress=False)
        self._abort_if_unique_id_configured()

    async def _async_find(self) -> bool:
        """Read the accounts that the credentials give access to."""
        self._errors = {}
        try:
            self._accounts = await self.hass.async_add_executor_job(
                find_accounts, self._data
            )
        except (GatewayError, InvalidRequest) as err:
            self._note(err)
        return not self._errors

    async def _async_read_own(self) -> bool:
        """Read the entry's account with new credentials, which must be good for it."""
        return await self._async_read_again(
            self._entry.data[CONF_SERVICE_NAME], needs_of(self._entry)
        )

    def _needs_other_credentials(self, name: str) -> bool:
        """Tell whether an account cannot be used for a fault of its credentials.

        Where they only reach one account, another name may have been typed by mistake.
        """
        error = self._errors["base"]
        return error in ("rights_missing", *AuthReason) or (
            name in self._accounts and error in ("account_not_granted", *RightReason)
        )

    @property
    def _needs(self) -> frozenset[Need]:
        """Return what the chosen sender needs on top."""
        return needs_of_choices({CONF_SENDER: self._sender})

    def _are_filled(self, typed: Mapping[str, str]) -> bool:
        """Tell whether something was typed in each field."""
        self._errors = {}
        for field, value in typed.items():
            if not value:
                self._errors[field] = "empty"
        return not self._errors

    def _read_sender(self, field: SenderField, user_input: Mapping[str, str]) -> bool:
        """Take over a sender, if it can be one."""
        try:
            self._sender = field.read(user_input[CONF_SENDER])
        except InvalidRequest as err:
            self._note(err, CONF_SENDER)
        return not self._errors

    def _create(self) -> ConfigFlowResult:
        assert self._found is not None
        return self.async_create_entry(
            title=self._found.title,
            data={**self._data, CONF_SERVICE_NAME: self._found.name},
            options={CONF_SENDER: self._sender},
        )

    @property
    def _entry(self) -> ConfigEntry:
        if self.source == SOURCE_REAUTH:
            return self._get_reauth_entry()
        return self._get_reconfigure_entry()


def _label(name: str, account: AccountInfo | None) -> str:
    """Return an account as the list shows it, with its credits where they can be read."""
    if account is None:
        return name
    return f"{account.description or name} ({name}): {account.credits_left:g}"
