"""What the user must act on, told in Home Assistant's repairs."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .const import AUTH_SERVICE_ACCOUNT, CONF_AUTH_METHOD, DOMAIN
from .gateway.rights import token_url

KEY_ENDS_SOON: Final = timedelta(days=30)
_PANEL_URL: Final = "https://www.ovh.com/manager/"
_INTEGRATION_PAGE: Final = f"/config/integrations/integration/{DOMAIN}"


@callback
def show_key_expiring(
    hass: HomeAssistant, entry: ConfigEntry, expiration: datetime | None
) -> None:
    """Warn of a key that ends soon, or has ended."""
    issue_id = _issue_id("key_expiring", entry)
    if (
        expiration is None
        or dt_util.as_utc(expiration) - dt_util.utcnow() > KEY_ENDS_SOON
    ):
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="key_expiring",
        translation_placeholders={
            "account": entry.title,
            "date": dt_util.as_local(expiration).date().isoformat(),
            "integration_url": _INTEGRATION_PAGE,
            "token_url": token_url(),
        },
    )


@callback
def show_rights_missing(
    hass: HomeAssistant, entry: ConfigEntry, missing: Iterable[str]
) -> None:
    """Name the calls that the credentials are not allowed to make."""
    issue_id = _issue_id("rights_missing", entry)
    # As code: elsewhere the stars of a path would be taken for emphasis.
    rights = ", ".join(f"`{right}`" for right in missing)
    if not rights:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key=(
            "actions_missing"
            if entry.data[CONF_AUTH_METHOD] == AUTH_SERVICE_ACCOUNT
            else "rights_missing"
        ),
        translation_placeholders={
            "account": entry.title,
            "rights": rights,
            "integration_url": _INTEGRATION_PAGE,
            "token_url": token_url(),
        },
    )


@callback
def show_account_disabled(
    hass: HomeAssistant, entry: ConfigEntry, *, disabled: bool
) -> None:
    """Tell that nothing can be sent from an account before its owner has acted."""
    issue_id = _issue_id("account_disabled", entry)
    if not disabled:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key="account_disabled",
        translation_placeholders={"account": entry.title},
    )


@callback
def show_credits(
    hass: HomeAssistant, entry: ConfigEntry, credits_left: float, low_credit: int
) -> None:
    """Warn of credits that run out, and tell when they have."""
    empty = credits_left <= 0
    placeholders = {
        "account": entry.title,
        "credits": f"{credits_left:g}",
        "panel_url": _PANEL_URL,
    }
    if empty:
        ir.async_create_issue(
            hass,
            DOMAIN,
            _issue_id("credits_empty", entry),
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key="credits_empty",
            translation_placeholders=placeholders,
        )
    else:
        ir.async_delete_issue(hass, DOMAIN, _issue_id("credits_empty", entry))
    if not empty and credits_left < low_credit:
        ir.async_create_issue(
            hass,
            DOMAIN,
            _issue_id("credits_low", entry),
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="credits_low",
            translation_placeholders=placeholders,
        )
    else:
        ir.async_delete_issue(hass, DOMAIN, _issue_id("credits_low", entry))


@callback
def delete_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take back all that was told of an account."""
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN and issue_id.endswith(f"_{entry.entry_id}"):
            ir.async_delete_issue(hass, domain, issue_id)


def _issue_id(key: str, entry: ConfigEntry) -> str:
    return f"{key}_{entry.entry_id}"
