"""What the user must act on, told in Home Assistant's repairs."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
import sqlite3
from typing import Final, override

from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.loader import async_get_loaded_integration
from homeassistant.util import dt as dt_util

from .const import (
    AUTH_SERVICE_ACCOUNT,
    AUTH_SMS_USER,
    CONF_AUTH_METHOD,
    CONF_SERVICE_NAME,
    DOMAIN,
)
from .gateway import ServiceInfo
from .gateway.rights import token_url
from .sms.errors import Closed
from .sms.limits import DAILY_LIMIT, RECIPIENT_LIMIT
from .sms.privacy import mask
from .sms.recipients import Recipient
from .sms.settings import Settings
from .sms.written import InDoubt
from .texts import as_code

KEY_ENDS_SOON: Final = timedelta(days=30)
_PANEL_URL: Final = "https://www.ovh.com/manager/"
# Below the home of the integration, a table of all that is told here.
_EXPLAINED: Final = "blob/main/docs/setup.md#what-the-repairs-say"
_INTEGRATION_PAGE: Final = f"/config/integrations/integration/{DOMAIN}"
_LIMIT_TEXTS: Final = {
    DAILY_LIMIT: "daily_limit_reached",
    RECIPIENT_LIMIT: "recipient_limit_reached",
}
_SENDER_ISSUE: Final = "sender_not_enabled_"
UNKNOWN_SENDER: Final = "unknown"
_SENDER_TEXTS: Final = {
    "waitingValidation": "sender_waiting",
    "refused": "sender_refused",
    UNKNOWN_SENDER: "sender_unknown",
}
# So many names are given in one sentence.
_MOST_NAMES: Final = 10


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
    hass: HomeAssistant,
    entry: ConfigEntry,
    *,
    disabled: bool,
    service: ServiceInfo | None,
) -> None:
    """Tell that nothing can be sent from an account before its owner has acted.

    One that is not paid is told of while it can still send.
    """
    key = "account_disabled"
    if service and service.is_expired:
        key = "account_expired"
    elif service and service.is_unpaid:
        key = "account_unpaid"
    _show(
        hass,
        entry,
        key,
        issue="account_disabled",
        holds=disabled or key != "account_disabled",
        severity=ir.IssueSeverity.ERROR,
        date=service.expiration.isoformat() if service and service.expiration else "–",
        service_name=entry.data[CONF_SERVICE_NAME],
        panel_url=_PANEL_URL,
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
    named = as_code(keys)
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
def show_senders(
    hass: HomeAssistant,
    entry: ConfigEntry,
    withheld: Mapping[str, str],
    users: Mapping[str, Iterable[str]],
) -> None:
    """Name the senders in use that OVHcloud does not let send, and why it does not."""
    issues = {_sender_issue(name): name for name in withheld}
    end = f"_{entry.entry_id}"
    shown = {
        issue_id.removesuffix(end)
        for domain, issue_id in ir.async_get(hass).issues
        if domain == DOMAIN
        and issue_id.startswith(_SENDER_ISSUE)
        and issue_id.endswith(end)
    }
    for issue in shown | issues.keys():
        name = issues.get(issue, "")
        _show(
            hass,
            entry,
            _SENDER_TEXTS.get(withheld.get(name, "")) or "sender_disabled",
            issue=issue,
            holds=issue in issues,
            severity=ir.IssueSeverity.ERROR,
            sender=name,
            users=", ".join(users.get(name, ())),
            panel_url=_PANEL_URL,
            integration_url=_INTEGRATION_PAGE,
        )


@callback
def show_recipients_stopped(
    hass: HomeAssistant,
    entry: ConfigEntry,
    stopped: Iterable[tuple[Recipient, int]],
) -> None:
    """Name who gets nothing any more; of a group, how many of its numbers do not."""
    names = [
        recipient.name
        if len(recipient.numbers) == 1
        else f"{recipient.name} ({count}/{len(recipient.numbers)})"
        for recipient, count in stopped
    ]
    _show(
        hass,
        entry,
        "recipient_stopped",
        holds=bool(names),
        severity=ir.IssueSeverity.ERROR,
        recipients=_listed(names),
        service_name=entry.data[CONF_SERVICE_NAME],
        panel_url=_PANEL_URL,
    )


@callback
def show_limit_reached(
    hass: HomeAssistant,
    entry: ConfigEntry,
    reached: Mapping[str, float],
    settings: Settings,
) -> None:
    """Tell that messages are refused, until when, and offer to carry on."""
    for limit, most in (
        (DAILY_LIMIT, settings.daily_limit),
        (RECIPIENT_LIMIT, settings.recipient_limit),
    ):
        _show(
            hass,
            entry,
            _LIMIT_TEXTS[limit],
            issue=f"limit_reached_{limit}",
            holds=limit in reached,
            severity=ir.IssueSeverity.ERROR,
            fix={"fix": "carry_on", "limit": limit},
            limit=str(most),
            until=_moment(reached.get(limit, 0.0)).strftime("%H:%M"),
            integration_url=_INTEGRATION_PAGE,
        )


@callback
def show_outcome_unknown(
    hass: HomeAssistant,
    entry: ConfigEntry,
    in_doubt: InDoubt | None,
    recipients: Mapping[str, Recipient],
) -> None:
    """Tell of a message that may have left or not: only the user can find out."""
    names = list(
        dict.fromkeys(
            recipient.name
            if (recipient := recipients.get(receiver.recipient_id or ""))
            else mask(receiver.number or "–")
            for receiver in (in_doubt.receivers if in_doubt else ())
        )
    )
    _show(
        hass,
        entry,
        "outcome_unknown_sms_user"
        if entry.data[CONF_AUTH_METHOD] == AUTH_SMS_USER
        else "outcome_unknown",
        issue="outcome_unknown",
        holds=in_doubt is not None,
        fix={"fix": "confirm_checked"},
        time=f"{_moment(in_doubt.asked_at if in_doubt else 0.0):%Y-%m-%d %H:%M}",
        receivers=_listed(names),
        service_name=entry.data[CONF_SERVICE_NAME],
        panel_url=_PANEL_URL,
        integration_url=_INTEGRATION_PAGE,
    )


@callback
def show_ledger_damaged(
    hass: HomeAssistant, entry: ConfigEntry, set_aside: Path | None
) -> None:
    """Tell that the record of messages was begun anew, and where the old one is."""
    _show(
        hass,
        entry,
        "ledger_damaged",
        holds=set_aside is not None,
        fix={"fix": "remove_set_aside"},
        file=f"`{set_aside}`",
    )


@callback
def show_ledger_unwritable(
    hass: HomeAssistant, entry: ConfigEntry, *, is_unwritable: bool
) -> None:
    """Tell that messages are sent, but not kept."""
    _show(
        hass,
        entry,
        "ledger_unwritable",
        holds=is_unwritable,
        severity=ir.IssueSeverity.ERROR,
        folder=f"`{hass.config.path(DOMAIN)}`",
    )


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow that does what a repair offers."""
    given = data or {}
    entry = hass.config_entries.async_get_entry(str(given.get("entry_id")))

    async def act() -> None:
        if entry is None or not hasattr(entry, "runtime_data"):
            raise Closed
        troubles = entry.runtime_data.troubles
        match given:
            case {"fix": "carry_on", "limit": limit}:
                await troubles.async_carry_on(limit)
            case {"fix": "confirm_checked"}:
                await troubles.async_confirm_checked()
            case {"fix": "remove_set_aside"}:
                await troubles.async_remove_set_aside()

    return FixFlow(act)


class FixFlow(ConfirmRepairFlow):
    """Does what a repair offers once the user has confirmed it."""

    def __init__(self, act: Callable[[], Awaitable[None]]) -> None:
        """Keep what is to be done."""
        self._act = act

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask, then do it."""
        if user_input is not None:
            try:
                await self._act()
            except Closed, sqlite3.Error, OSError:
                return self.async_abort(reason="not_done")
        return await super().async_step_confirm(user_input)


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
    fix: Mapping[str, str] | None = None,
    **placeholders: str,
) -> None:
    """Show an issue of an account as long as it holds; `fix` is for one with a flow."""
    issue_id = f"{issue or translation_key}_{entry.entry_id}"
    if not holds:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        data={"entry_id": entry.entry_id, **fix} if fix else None,
        is_fixable=fix is not None,
        learn_more_url=f"{async_get_loaded_integration(hass, DOMAIN).documentation}"
        f"/{_EXPLAINED}",
        severity=severity,
        translation_key=translation_key,
        translation_placeholders={"account": entry.title, **placeholders},
    )


def _listed(names: list[str]) -> str:
    """Return names, as many as can be read."""
    return ", ".join([*names[:_MOST_NAMES], *(["…"] if names[_MOST_NAMES:] else [])])


def _moment(timestamp: float) -> datetime:
    """Return a moment in the house's time."""
    return dt_util.as_local(dt_util.utc_from_timestamp(timestamp))


def _sender_issue(name: str) -> str:
    """Return what the issue of a sender is called; diagnostics show it, but no sender."""
    return f"{_SENDER_ISSUE}{sha256(name.encode()).hexdigest()[:8]}"
