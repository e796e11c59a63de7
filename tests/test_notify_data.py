"""What the `data` of the notify service may hold, and what is said of the rest."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from custom_components.ovh_sms.foreign import FOREIGN_KEYS
from custom_components.ovh_sms.notify_data import DATA_FIELDS, read_data
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from simulator import Simulator
from tests.conftest import jobs
from tests.test_notify import notify


def repair(hass: HomeAssistant, entry: MockConfigEntry, service: str) -> Any:
    """Return what the repairs say of the calls of a notify service."""
    return ir.async_get(hass).async_get_issue(
        DOMAIN, f"unknown_data_key_{service}_{entry.entry_id}"
    )


def test_what_is_ours_is_not_foreign() -> None:
    assert FOREIGN_KEYS.isdisjoint(DATA_FIELDS)


async def test_keys_of_other_platforms_are_ignored(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    await notify(hass, data={key: {"any": ["value"]} for key in FOREIGN_KEYS})
    assert len(jobs(sim)) == 1
    assert not ir.async_get(hass).issues


@pytest.mark.parametrize(
    "tag", ["t" * 21, ["leak"], {"a": 1}, True, 10**20, "a\nb", "a\ud800"]
)
async def test_tag_of_another_platform_is_replaced(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, tag: Any
) -> None:
    await notify(hass, data={"tag": tag})
    [job] = jobs(sim)
    assert job.json["tag"].startswith("ha")


@pytest.mark.parametrize("tag", ["t" * 20, 7, None])
async def test_tag_that_fits_is_kept(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, tag: Any
) -> None:
    await notify(hass, data={"tag": tag})
    [job] = jobs(sim)
    assert job.json["tag"] == str(tag) or (tag is None and job.json["tag"])


@pytest.mark.parametrize(
    ("priority", "sent"),
    [
        (2, "medium"),
        (-2.0, "medium"),
        ("5", "medium"),
        ("-1", "medium"),
        ("max", "medium"),
        ("Normal", "medium"),
        ("urgent", "medium"),
        ("high", "high"),
        ("veryLow", "veryLow"),
    ],
)
async def test_priority_of_another_platform_is_the_accounts(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    priority: Any,
    sent: str,
) -> None:
    hass.config_entries.async_update_entry(
        account, options={**account.options, "priority": "medium"}
    )
    await notify(hass, data={"priority": priority})
    [job] = jobs(sim)
    assert job.json["priority"] == sent


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        (
            {"differedPeriod": 90, "validityPeriod": "60"},
            {"delay": {"minutes": 90}, "validity": {"minutes": "60"}},
        ),
        ({"differedPeriod": 1.5}, {"delay": {"minutes": 1.5}}),
        ({"differedPeriod": "soon"}, {"delay": "soon"}),
        ({"validityPeriod": True}, {"validity": True}),
        ({"validityPeriod": {"hours": 1}}, {"validity": {"hours": 1}}),
        ({"delay": 90, "validity": "60"}, {"delay": 90, "validity": "60"}),
        (
            {
                "class": "flash",
                "coding": "7bit",
                "charset": "UTF-8",
                "receiversSlotId": "1",
                "receiversDocumentUrl": "https://example.com",
            },
            {
                "message_class": "flash",
                "coding": "7bit",
                "charset": "UTF-8",
                "receivers_slot_id": "1",
                "receivers_document_url": "https://example.com",
            },
        ),
        (
            {"send_at": "2026-12-24 20:00", "retry_for": "00:10", "queue": False},
            {"send_at": "2026-12-24 20:00", "retry_for": "00:10", "queue": False},
        ),
    ],
)
def test_both_spellings(data: dict[object, object], fields: dict[str, object]) -> None:
    assert read_data(data) == fields


async def test_same_thing_in_both_spellings_is_refused(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    with pytest.raises(
        ServiceValidationError, match="“no_stop_clause” and “noStopClause”"
    ):
        await notify(hass, data={"no_stop_clause": True, "noStopClause": True})
    assert not jobs(sim)


@pytest.mark.parametrize(
    ("data", "error", "named"),
    [
        ({"sendr": "HOUSE"}, "“sendr” is not .* “sender”", "`sendr`"),
        ({"nostopclause": True}, "write “no_stop_clause”", "`nostopclause`"),
        ({"receivers": "+33639980009"}, "Check its spelling", "`receivers`"),
        ({"blink": 1, 7: "a", None: 1}, "“blink, 7, None”", "`blink`, `7`, `None`"),
    ],
)
async def test_key_that_nobody_knows_is_an_error_and_a_repair(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    data: dict[object, object],
    error: str,
    named: str,
) -> None:
    with pytest.raises(ServiceValidationError, match=error):
        await notify(hass, "ovh_sms_kitchen", data={**data, "ttl": 0})
    assert not jobs(sim)
    issue = repair(hass, account, "ovh_sms_kitchen")
    assert issue.severity is ir.IssueSeverity.WARNING
    assert not issue.is_fixable
    assert issue.translation_placeholders == {
        "account": "Home",
        "key": named,
        "service": "notify.ovh_sms_kitchen",
    }


async def test_repair_of_an_unknown_key_goes_with_the_mistake(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    unloaded: None,
) -> None:
    await hass.config_entries.async_setup(office.entry_id)
    await hass.async_block_till_done()
    mistakes = {
        "ovh_sms": account,
        "ovh_sms_kitchen": account,
        "ovh_sms_night_watch": account,
        "ovh_sms_office": office,
    }
    for service in mistakes:
        with pytest.raises(ServiceValidationError):
            await notify(hass, service, data={"sendr": "HOUSE"})

    def told() -> list[str]:
        return [name for name, entry in mistakes.items() if repair(hass, entry, name)]

    assert told() == list(mistakes)
    await notify(hass, "ovh_sms_kitchen", data={"sender": "HOUSE"})
    assert told() == ["ovh_sms", "ovh_sms_night_watch", "ovh_sms_office"]
    night_watch = list(account.subentries)[1]
    hass.config_entries.async_remove_subentry(account, night_watch)
    await hass.async_block_till_done()
    assert told() == ["ovh_sms", "ovh_sms_office"]
    await hass.config_entries.async_remove(account.entry_id)
    assert told() == ["ovh_sms_office"]
