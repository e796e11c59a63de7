"""Whatever Home Assistant has stored of an account: it loads, or says what is to be done."""

from collections.abc import Mapping
import logging
from types import MappingProxyType
from typing import Any, Final

from hypothesis import given, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from custom_components.ovh_sms.diagnostics import async_get_config_entry_diagnostics
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError, HomeAssistantError
from simulator import (
    ACCOUNT,
    CLIENT_ID,
    CLIENT_SECRET,
    USER_LOGIN,
    USER_PASSWORD,
    VIRTUAL_NUMBER,
    Simulator,
)
from tests.answers import altered
from tests.conftest import API_KEYS, jobs, make_entry, texts
from tests.odd_input import SLOWLY

KITCHEN: Final = "+33639980001"
CREDENTIALS: Final[dict[str, dict[str, Any]]] = {
    "api_keys": API_KEYS,
    "service_account": {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
    "sms_user": {"login": USER_LOGIN, "password": USER_PASSWORD},
}
HOME: Final = "https://home.example/api/webhook/fake0hook"
OPTIONS: Final[dict[str, Any]] = {
    "sender": "HOUSE",
    "no_stop_clause": True,
    "priority": "high",
    "validity": 2880,
    "text_mode": "economical",
    "max_parts": 6,
    "too_long": "shorten",
    "retry_for": 60,
    "late_prefix": True,
    "daily_limit": 100,
    "recipient_limit": 10,
    "duplicate_window": 0,
    "allow_unlisted": True,
    "allowed_countries": ["FR"],
    "low_credit": 10,
    "replies": "webhook",
    "receipts": "webhook",
    "history_days": 30,
    "notify_service": "ovh_sms",
    "webhook_id": "fake0hook",
    "callbacks": {
        "receipts": {"address": HOME, "before": "https://customer.example/"},
        "replies": {"address": HOME, "before": {"responseType": "none"}},
    },
    "migration_notes": {"options": ["channel"], "numbers": ["+336•••01"]},
}
RECIPIENT: Final[dict[str, Any]] = {
    "phone_numbers": [KITCHEN, "+33639980002"],
    "sender": VIRTUAL_NUMBER,
    "queue": True,
    "notify_service": "ovh_sms_kitchen",
}
OLD: Final[dict[str, Any]] = {
    **API_KEYS,
    "service_name": ACCOUNT,
    "sender": "HOUSE",
    "recipients": [KITCHEN, "06 39 98 00 02"],
    "rate_limit_strategy": "queue",
    "rate_limit_max": 5,
    "rate_limit_window": 60,
    "config_validated": True,
}
DAMAGED: Final = ("stored_account_damaged", "stored_credentials_damaged")
# What a file of JSON can hold, and what others have in these places.
STORABLE: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10)
    | st.sampled_from(["", " ", "nan", "1e999", "x" * 300, "\x00", "é", "off", "12"])
    | st.sampled_from([KITCHEN, "0639980001", "+999123456", "webhook", "short_number"])
    | st.sampled_from(["٣٣٣٣٣٣٣", "../..", "a\r\nb: c", "sms_user", "low"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["address", "before", "receipts", "replies", "cgiUrl"])
            | st.text(max_size=5),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
quick = settings(SLOWLY, max_examples=25)


def nearly(good: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Draw what might be stored instead of what is right."""
    once = altered(dict(good), STORABLE)
    twice = once.flatmap(lambda stored: altered(stored, STORABLE))
    return (st.just(dict(good)) | once | twice).filter(
        lambda stored: isinstance(stored, dict)
    )


def stored_entry(
    hass: HomeAssistant, recipient: Mapping[str, Any] | None, **stored: Any
) -> MockConfigEntry:
    """Return an entry as it is read from the disk; it is not loaded."""
    hass.config.country = "FR"
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        unique_id=ACCOUNT,
        subentries_data=[
            ConfigSubentryData(
                data=recipient,
                subentry_type="recipient",
                title="Kitchen",
                unique_id=None,
            )
        ]
        if recipient is not None
        else [],
        **stored,
    )
    entry.add_to_hass(hass)
    return entry


async def live(
    hass: HomeAssistant, entry: MockConfigEntry
) -> HomeAssistantError | None:
    """Load an account, send with it and remove it; return why it did not send."""
    failure = None
    loaded = await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    if loaded:
        assert entry.state is ConfigEntryState.LOADED
        try:
            await hass.services.async_call(
                DOMAIN,
                "send_sms",
                {"message": "Water!", "receivers": [KITCHEN, "Kitchen"]},
                blocking=True,
            )
        except HomeAssistantError as err:
            failure = err
    else:
        assert entry.state is ConfigEntryState.SETUP_ERROR
        assert entry.error_reason_translation_key in DAMAGED
    await async_get_config_entry_diagnostics(hass, entry)
    await hass.async_block_till_done(wait_background_tasks=True)
    for flow in hass.config_entries.flow.async_progress():
        hass.config_entries.flow.async_abort(flow["flow_id"])
    if failure:
        assert failure.translation_key
        assert str(failure)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    return failure


def assert_no_surprise(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing has failed that nobody had thought of."""
    surprises = [
        record.getMessage()
        for record in caplog.records
        if record.exc_info
        and record.levelno >= logging.WARNING
        # What it says of odd headers; it goes on without them.
        and not record.name.startswith("urllib3")
        and not isinstance(record.exc_info[1], ConfigEntryError)
    ]
    assert surprises == []


@quick
@given(drawn=st.data())
async def test_any_entry(
    hass: HomeAssistant,
    sim: Simulator,
    caplog: pytest.LogCaptureFixture,
    drawn: st.DataObject,
) -> None:
    """It loads, or ends with a sentence that says what to do."""
    caplog.clear()
    method = drawn.draw(st.sampled_from(sorted(CREDENTIALS)))
    data = {"auth_method": method, "service_name": ACCOUNT, **CREDENTIALS[method]}
    entry = stored_entry(
        hass,
        drawn.draw(nearly(RECIPIENT), "recipient"),
        version=2,
        minor_version=drawn.draw(st.sampled_from([1, 9])),
        data=drawn.draw(nearly(data), "data"),
        options=drawn.draw(nearly(OPTIONS), "options"),
    )
    await live(hass, entry)
    assert_no_surprise(caplog)


@quick
@given(data=nearly(OLD))
async def test_any_entry_of_the_older_integration(
    hass: HomeAssistant,
    sim: Simulator,
    caplog: pytest.LogCaptureFixture,
    data: dict[str, Any],
) -> None:
    """It is taken over, whatever it was left with."""
    caplog.clear()
    await live(hass, stored_entry(hass, None, version=1, data=data))
    assert_no_surprise(caplog)


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("receipts", {"address": HOME, "before": []}),
        ("replies", {"address": HOME, "before": {"responseType": ["cgi"]}}),
        ("receipts", {"address": HOME}),
        ("others", {"address": HOME, "before": None}),
    ],
)
async def test_callback_that_cannot_be_put_back(
    hass: HomeAssistant,
    sim: Simulator,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    stored: dict[str, Any],
) -> None:
    """Remove the account all the same, whose credentials are damaged as well."""
    data = {"auth_method": "api_keys", "service_name": ACCOUNT}
    options = {**OPTIONS, "callbacks": {**OPTIONS["callbacks"], kind: stored}}
    entry = stored_entry(hass, RECIPIENT, version=2, data=data, options=options)
    await live(hass, entry)
    assert_no_surprise(caplog)


async def test_nothing_stored(hass: HomeAssistant, sim: Simulator) -> None:
    """Send with the defaults where only the credentials are there."""
    entry = make_entry(hass, {"Kitchen": [KITCHEN]})
    hass.config_entries.async_update_entry(entry, options={})
    assert await live(hass, entry) is None
    [job] = jobs(sim)
    assert job.json["senderForResponse"]
    assert texts(sim, KITCHEN) == ["Water!"]


async def test_what_can_be_used_is_kept(
    hass: HomeAssistant,
    sim: Simulator,
    entry: MockConfigEntry,
    unloaded: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Leave out only what is wrong, keep what is newer, and name both in the log."""
    options = {"sender": "HOUSE", "max_parts": "9", "daily_limit": "7", "newer": [1]}
    hass.config_entries.async_update_entry(entry, options=options)
    kitchen = next(iter(entry.subentries.values()))
    hass.config_entries.async_update_subentry(
        entry,
        kitchen,
        data=MappingProxyType({"phone_numbers": "0639980001", "queue": "no"}),
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert {name: entry.options.get(name) for name in options} == {
        "sender": "HOUSE",
        "max_parts": None,
        "daily_limit": 7,
        "newer": [1],
    }
    assert entry.runtime_data.settings.max_parts == 6
    kitchen = entry.subentries[kitchen.subentry_id]
    assert kitchen.data["phone_numbers"] == [KITCHEN]
    assert "queue" not in kitchen.data
    assert "of Home cannot be used" in caplog.text
    assert "max_parts" in caplog.text
    assert "queue (Kitchen)" in caplog.text
    assert KITCHEN not in caplog.text


@pytest.mark.parametrize(
    ("damage", "key"),
    [
        ({"service_name": 7}, "stored_account_damaged"),
        ({"auth_method": ["api_keys"]}, "stored_account_damaged"),
        ({"consumer_key": None}, "stored_credentials_damaged"),
    ],
)
async def test_what_only_the_user_can_tell(
    hass: HomeAssistant,
    sim: Simulator,
    entry: MockConfigEntry,
    damage: dict[str, Any],
    key: str,
) -> None:
    """Send nothing, say why, and ask to sign in where that is enough."""
    hass.config_entries.async_update_entry(entry, data={**entry.data, **damage})
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.error_reason_translation_key == key
    flows = [
        each["context"]["source"] for each in hass.config_entries.flow.async_progress()
    ]
    assert flows == (["reauth"] if key == "stored_credentials_damaged" else [])
    assert sim.requests == []
