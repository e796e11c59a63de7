"""What the older integration was set to, and what its user is told of it."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.loader import async_get_integration
from simulator import ACCOUNT, Simulator
from tests.older_integration import (
    CREDITS,
    NOTIFY,
    entities,
    old_entity,
    old_entry,
    old_sensor,
    set_up,
)

pytestmark = pytest.mark.usefixtures("unloaded")


def notes(entry: ConfigEntry, issues: ir.IssueRegistry) -> dict[str, str]:
    """Return what the repair says."""
    issue = issues.async_get_issue(DOMAIN, f"migration_notes_{entry.entry_id}")
    assert issue and issue.translation_placeholders
    return issue.translation_placeholders


@pytest.mark.parametrize(
    ("recipients", "numbers", "left_out"),
    [
        ("+33639980001, 06 39 98 00 02 ,", ["+33639980001", "+33639980002"], "–"),
        (["+33639980001", "0033639980001"], ["+33639980001"], "–"),
        (["+33639980001", "+336399800", "+33199000012"], ["+33639980001"], "…00, …12"),
        ([33639980001, "me"], ["+33639980001"], "me"),
    ],
)
async def test_numbers(
    hass: HomeAssistant,
    sim: Simulator,
    issue_registry: ir.IssueRegistry,
    recipients: object,
    numbers: list[str],
    left_out: str,
) -> None:
    entry = old_entry(hass, recipients=recipients)
    await set_up(hass, entry)
    [recipient] = entry.subentries.values()
    assert recipient.data["phone_numbers"] == numbers
    assert notes(entry, issue_registry)["numbers"] == left_out


@pytest.mark.parametrize("recipients", [[], "", None, ["nobody"]])
async def test_account_without_numbers(
    hass: HomeAssistant,
    sim: Simulator,
    issue_registry: ir.IssueRegistry,
    recipients: object,
) -> None:
    entry = old_entry(hass, recipients=recipients)
    old_entity(hass, entry)
    old_sensor(hass, entry)
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert not entry.subentries
    assert entities(hass, entry) == {CREDITS}
    assert notes(entry, issue_registry)["entity"] == "–"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {"sender": "HOUSE"}),
        ({"sender": " My House "}, {"sender": "My House"}),
        ({"sender": ""}, {"sender": "short_number"}),
        ({"sender": None}, {"sender": "short_number"}),
        (
            {"rate_limit_strategy": "off"},
            {"sender": "HOUSE", "recipient_limit": 0},
        ),
        (
            {"rate_limit_strategy": "disabled"},
            {"sender": "HOUSE", "recipient_limit": 0},
        ),
        ({"rate_limit_strategy": "queue"}, {"sender": "HOUSE"}),
    ],
)
@pytest.mark.parametrize("place", ["data", "options"])
async def test_options(
    hass: HomeAssistant,
    sim: Simulator,
    old: dict[str, Any],
    new: dict[str, Any],
    place: str,
) -> None:
    entry = old_entry(hass, **old) if place == "data" else old_entry(hass, options=old)
    await set_up(hass, entry)
    ours = {"sender", "recipient_limit"} & entry.options.keys()
    assert {key: entry.options[key] for key in ours} == new


@pytest.mark.parametrize(
    ("old", "named"),
    [
        (
            {},
            "rate_limit_strategy: drop, rate_limit_max: 10, rate_limit_window: 60",
        ),
        (
            {"rate_limit_strategy": "queue"},
            "rate_limit_strategy: queue, rate_limit_max: 10, rate_limit_window: 60, rate_limit_queue_size: 50",
        ),
        ({"rate_limit_strategy": "disabled"}, "–"),
        (
            {"rate_limit_strategy": "disabled", "webhook_secret": "fake0webhook"},
            "webhook_secret",
        ),
    ],
)
async def test_notes(
    hass: HomeAssistant,
    sim: Simulator,
    issue_registry: ir.IssueRegistry,
    old: dict[str, Any],
    named: str,
) -> None:
    entry = old_entry(hass, **old)
    old_entity(hass, entry)
    er.async_get(hass).async_update_entity(NOTIFY, name="Family")
    await set_up(hass, entry)
    assert notes(entry, issue_registry) == {
        "account": f"OVH SMS - {ACCOUNT}",
        "entity": NOTIFY,
        "services": "notify.ovh_sms, notify.ovh_sms_family",
        "options": named,
        "numbers": "–",
    }
    issue = issue_registry.async_get_issue(DOMAIN, f"migration_notes_{entry.entry_id}")
    assert issue and not issue.is_fixable
    assert issue.severity is ir.IssueSeverity.WARNING
    integration = await async_get_integration(hass, DOMAIN)
    assert issue.learn_more_url == integration.documentation
    assert all(
        hass.services.has_service("notify", name)
        for name in ("ovh_sms", "ovh_sms_family")
    )


async def test_notes_stay_until_they_are_ignored(
    hass: HomeAssistant, sim: Simulator, issue_registry: ir.IssueRegistry
) -> None:
    entry = old_entry(hass)
    await set_up(hass, entry)
    issue_id = f"migration_notes_{entry.entry_id}"
    assert await hass.config_entries.async_unload(entry.entry_id)
    # As a restart leaves it: what is not stored is not active.
    issue_registry.async_delete(DOMAIN, issue_id)
    await set_up(hass, entry)
    issue = issue_registry.async_get_issue(DOMAIN, issue_id)
    assert issue and issue.active
    ir.async_ignore_issue(hass, DOMAIN, issue_id, True)
    assert await hass.config_entries.async_reload(entry.entry_id)
    issue = issue_registry.async_get_issue(DOMAIN, issue_id)
    assert issue and issue.dismissed_version is not None


async def test_new_account_has_no_notes(
    hass: HomeAssistant, account: MockConfigEntry, issue_registry: ir.IssueRegistry
) -> None:
    assert not issue_registry.issues
