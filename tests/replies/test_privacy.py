"""The text of a reply and who wrote it are shown, and kept nowhere."""

import json
import logging
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.db_schema import Base
from homeassistant.components.recorder.util import session_scope
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, restore_state
from tests.deliveries import Deliveries, settle

from .conftest import KITCHEN, REPLY, Write, read

TEXT = "The key is under the mat"


def everything_in(recorder: Recorder) -> str:
    """Return all that a recorder's database holds."""
    with session_scope(session=recorder.get_session(), read_only=True) as session:
        return str(
            [
                session.execute(table.select()).all()
                for table in Base.metadata.sorted_tables
            ]
        )


@pytest.fixture
async def recorder(recorder_mock: Recorder, hass: HomeAssistant) -> Recorder:
    """Return a recorder that was there before the account."""
    return recorder_mock


async def test_not_recorded(
    recorder: Recorder,
    hass: HomeAssistant,
    polled: MockConfigEntry,
    heard: Deliveries,
    write: Write,
) -> None:
    await write(KITCHEN, TEXT)
    await read(hass, polled)
    assert heard.shown("text", "sender") == [(TEXT, KITCHEN)]
    await async_wait_recording_done(hass)
    stored = await get_instance(hass).async_add_executor_job(everything_in, recorder)
    # That something came is recorded.
    assert REPLY in stored
    assert "received_at" in stored
    assert "under the mat" not in stored
    assert KITCHEN[3:] not in stored


async def test_not_stored_to_be_restored(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    polled: MockConfigEntry,
    heard: Deliveries,
    write: Write,
    entity_registry: er.EntityRegistry,
) -> None:
    """Neither while it is there, nor renamed, nor after it is gone."""
    await write(KITCHEN, TEXT)
    await read(hass, polled)
    for step in ("there", "renamed", "gone"):
        if step == "renamed":
            entity_registry.async_update_entity(REPLY, new_entity_id="event.sms")
            await settle(hass)
        elif step == "gone":
            await hass.config_entries.async_unload(polled.entry_id)
        await restore_state.RestoreStateData.async_save_persistent_states(hass)
        stored = json.dumps(hass_storage["core.restore_state"], default=str)
        assert "event.home_delivery" in stored
        assert "under the mat" not in stored
        assert KITCHEN[3:] not in stored
    await hass.config_entries.async_setup(polled.entry_id)
    await settle(hass)
    state = hass.states.get("event.sms")
    assert state and state.state == "unknown"


async def test_not_logged(
    hass: HomeAssistant,
    polled: MockConfigEntry,
    heard: Deliveries,
    write: Write,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.clear()
    await write(KITCHEN, TEXT)
    await read(hass, polled)
    assert len(heard.told) == 1
    for record in caplog.records:
        if record.levelno >= logging.INFO or record.name.startswith("custom_comp"):
            assert "under the mat" not in record.getMessage()
            assert KITCHEN[3:] not in record.getMessage()
