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
from .texts import as_code

KEY_ENDS_SOON: Final = timedelta(days=30)
_PANEL_URL: Final = "https://www.ovh.com/manager/"
_INTEGRATION_PAGE: Final = f"/config/integrations/integration/{DOMAIN}"


@callback
def show_key_expiring(
    hass: HomeAssistant, entry: ConfigEntry, expiration: datetime | None
) -> None:
    """Warn of a key that ends soon, or has ended."""
    ends_soon = (
        expiration is not None
        and dt_util.as_utc(expiration) - dt_util.utcnow() <= KEY_ENDS_SOON
    )
    _show(
        hass,
        entry,
        "key_expiring",
        holds=ends_soon,
        date=dt_util.as_local(expiration).date().isoformat() if expiration else "–",
        integration_url=_INTEGRATION_PAGE,
        token_url=token_url(),
    )


@callback
def show_rights_missing(
    hass: HomeAssistant, entry: ConfigEntry, missing: Iterable[str]
) -> None:
    """Name the calls that the credentials are not allowed to make."""
    rights = as_code(missing)
    _show(
        hass,
        entry,
        "actions_missing"
        if entry.data[CONF_AUTH_METHOD] == AUTH_SERVICE_ACCOUNT
        else "rights_missing",
        issue="rights_missing",
        holds=bool(rights),
        severity=ir.IssueSeverity.ERROR,
        rights=rights,
        integration_url=_INTEGRATION_PAGE,
        token_url=token_url(),
    )


@callback
def show_account_disabled(
    hass: HomeAssistant, entry: ConfigEntry, *, disabled: bool
) -> None:
    """Tell that nothing can be sent from an account before its owner has acted."""
    _show(
        hass,
        entry,
        "account_disabled",
        holds=disabled,
        severity=ir.IssueSeverity.ERROR,
    )


@callback
def show_credits(
    hass: HomeAssistant, entry: ConfigEntry, credits_left: float, low_credit: int
) -> None:
    """Warn of credits that run out, and tell when they have."""
    empty = credits_left <= 0
    _show(
        hass,
        entry,
        "credits_empty",
        holds=empty,
        severity=ir.IssueSeverity.ERROR,
        credits=f"{credits_left:g}",
        panel_url=_PANEL_URL,
    )
    _show(
        hass,
        entry,
        "credits_low",
        holds=not empty and credits_left < low_credit,
        credits=f"{credits_left:g}",
        panel_url=_PANEL_URL,
    )


@callback
def show_unknown_data_keys(
    hass: HomeAssistant, entry: ConfigEntry, service: str, keys: Iterable[str]
) -> None:
    """Name what a call of a notify service asked for and nobody knows.

    In a notify group nobody else is told.
    """
    named = ", ".join(f"`{key}`" for key in keys)
    _show(
        hass,
        entry,
        "unknown_data_key",
        issue=f"unknown_data_key_{service}",
        holds=bool(named),
        key=named,
        service=f"notify.{service}",
    )


@callback
def delete_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take back all that was told of an account."""
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN and issue_id.endswith(f"_{entry.entry_id}"):
            ir.async_delete_issue(hass, domain, issue_id)


@callback
def _show(
    hass: HomeAssistant,
    entry: ConfigEntry,
    translation_key: str,
    *,
    holds: bool,
    issue: str | None = None,
    severity: ir.IssueSeverity = ir.IssueSeverity.WARNING,
    **placeholders: str,
) -> None:
    """Show an issue of an account as long as it holds."""
    issue_id = f"{issue or translation_key}_{entry.entry_id}"
    if not holds:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=False,
        severity=severity,
        translation_key=translation_key,
        translation_placeholders={"account": entry.title, **placeholders},
    )
