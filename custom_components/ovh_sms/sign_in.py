"""The ways to sign in to OVHcloud: what each asks for, and how it is tried."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from typing import Final

import voluptuous as vol

from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .const import (
    AUTH_API_KEYS,
    AUTH_SERVICE_ACCOUNT,
    AUTH_SMS_USER,
    CONF_APPLICATION_KEY,
    CONF_APPLICATION_SECRET,
    CONF_AUTH_METHOD,
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_CONSUMER_KEY,
    CONF_LOGIN,
    CONF_PASSWORD,
)
from .credentials import rest_gateway
from .gateway import AccountInfo, MissingRight, OutcomeUnknown, Refused
from .gateway.models import PendingKey
from .gateway.rights import (
    IAM_ACTIONS,
    Need,
    Right,
    account_rights,
    missing_rights,
    token_url,
)
from .senders import KnownSenders, read_senders
from .sms.errors import InvalidRequest

_PLAIN: Final = TextSelector(TextSelectorConfig(autocomplete="off"))
_SECRET: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)
APPLICATION_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_APPLICATION_KEY): _PLAIN,
        vol.Required(CONF_APPLICATION_SECRET): _SECRET,
    }
)
CREDENTIALS: Final = {
    AUTH_API_KEYS: APPLICATION_SCHEMA.extend(
        {vol.Required(CONF_CONSUMER_KEY): _SECRET}
    ),
    AUTH_SERVICE_ACCOUNT: vol.Schema(
        {
            vol.Required(CONF_CLIENT_ID): _PLAIN,
            vol.Required(CONF_CLIENT_SECRET): _SECRET,
        }
    ),
    AUTH_SMS_USER: vol.Schema(
        {vol.Required(CONF_LOGIN): _PLAIN, vol.Required(CONF_PASSWORD): _SECRET}
    ),
}
PLACEHOLDERS: Final = {
    "token_url": token_url(),
    "application_url": "https://auth.eu.ovhcloud.com/api/createApp",
    "policy_url": "https://www.ovh.com/manager/#/iam/policies",
    "users_url": "https://www.ovh.com/manager/#/sms",
    "actions": "\n".join(f"- `{action}`" for action in IAM_ACTIONS),
}


@dataclass(frozen=True, slots=True)
class FoundAccount:
    """An account, what the credentials may do with it, and who it can send as.

    The rights are None where OVHcloud does not tell them.
    """

    name: str
    rights: tuple[Right, ...] | None
    title: str = ""
    senders: KnownSenders = field(default_factory=KnownSenders)

    def lacks(self, needs: Collection[Need]) -> tuple[Right, ...]:
        """Return the rights that are missing for the account and what it needs on top."""
        if self.rights is None:
            return ()
        return missing_rights(self.rights, self.name, needs)


def credentials(method: str, typed: Mapping[str, str]) -> dict[str, str]:
    """Return what is stored of what was typed."""
    fields = [str(field) for field in CREDENTIALS[method].schema]
    return {
        CONF_AUTH_METHOD: method,
        **{name: value.strip() for name, value in typed.items() if name in fields},
    }


def find_accounts(data: Mapping[str, str]) -> dict[str, AccountInfo | None]:
    """Return the accounts that the credentials give access to; none if they may not list them.

    One that cannot be read, since it has expired or is not granted, is there by its name.
    """
    with closing(rest_gateway(data)) as gateway:
        try:
            names = gateway.accounts()
        except MissingRight:
            # A key for one account: its name is asked for. A wrong key fails here.
            gateway.credential()
            return {}
        if not names:
            raise InvalidRequest("no_accounts")
        accounts: dict[str, AccountInfo | None] = dict.fromkeys(names)
        for name in names:
            with suppress(MissingRight, OutcomeUnknown, Refused):
                accounts[name] = gateway.account(name)
        return accounts


def read_account(
    data: Mapping[str, str], name: str, needs: Collection[Need] = ()
) -> FoundAccount:
    """Return an account, if it can send and the credentials are good for it."""
    with closing(rest_gateway(data)) as gateway:
        credential = gateway.credential()
        found = FoundAccount(name, credential.rights if credential else None)
        if missing := found.lacks(needs):
            if set(account_rights(name)).issubset(missing):
                raise InvalidRequest("account_not_granted", service_name=name)
            raise InvalidRequest("rights_missing", rights=", ".join(map(str, missing)))
        account = gateway.account(name)
        if not account.enabled:
            raise InvalidRequest("account_disabled")
        return replace(
            found,
            title=account.description or name,
            senders=read_senders(gateway, name),
        )


def granted_rights(data: Mapping[str, str]) -> tuple[Right, ...] | None:
    """Return what the key may do; None where OVHcloud does not tell."""
    with closing(rest_gateway(data)) as gateway:
        credential = gateway.credential()
        return credential.rights if credential else None


def request_key(data: Mapping[str, str], rights: Iterable[Right]) -> PendingKey:
    """Ask OVHcloud for a key with these rights, for the user to approve."""
    with closing(rest_gateway({**data, CONF_CONSUMER_KEY: ""})) as gateway:
        return gateway.request_key(rights)
