"""The names of the notify services, and whose they are."""

from types import MappingProxyType

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import ServiceNotFound
from simulator import SECOND_ACCOUNT, Simulator
from tests.conftest import jobs, make_entry, texts
from tests.test_notify import KITCHEN, notify

pytestmark = pytest.mark.usefixtures("unloaded")


class Another:
    """Another owner of notify services."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Count the calls."""
        self._hass = hass
        self.calls: list[str] = []

    def take(self, name: str) -> None:
        """Register a service, whoever has it."""
        self._hass.services.async_register("notify", name, self._called)

    async def _called(self, call: ServiceCall) -> None:
        self.calls.append(call.service)


@pytest.fixture
def another(hass: HomeAssistant) -> Another:
    """Return another owner of notify services."""
    return Another(hass)


def services(hass: HomeAssistant) -> set[str]:
    """Return the notify services that are not Home Assistant's own."""
    return hass.services.async_services_for_domain("notify").keys() - {
        "send_message",
        "persistent_notification",
    }


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Load an account."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


async def unload(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Unload an account."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


async def test_names_of_two_accounts_do_not_collide(
    hass: HomeAssistant, sim: Simulator
) -> None:
    first = make_entry(
        hass,
        {"Office": [KITCHEN], "Gate": ["+33639980002"], "Gate!": ["+33639980003"]},
    )
    await set_up(hass, first)
    second = make_entry(
        hass,
        {"Gate": ["+33639980008"]},
        service_name=SECOND_ACCOUNT,
        title="Office",
        sender="OFFICE",
    )
    await set_up(hass, second)
    assert services(hass) == {
        "ovh_sms",
        "ovh_sms_office",
        "ovh_sms_gate",
        "ovh_sms_gate_2",
        "ovh_sms_office_2",
        "ovh_sms_office_2_gate",
    }
    for service, number in (
        ("ovh_sms_office", KITCHEN),
        ("ovh_sms_gate_2", "+33639980003"),
        ("ovh_sms_office_2_gate", "+33639980008"),
    ):
        await notify(hass, service)
        assert texts(sim, number) == ["Water!"]
    await hass.config_entries.async_remove(first.entry_id)
    await hass.async_block_till_done()
    assert services(hass) == {"ovh_sms_office_2", "ovh_sms_office_2_gate"}
    await hass.config_entries.async_reload(second.entry_id)
    assert services(hass) == {"ovh_sms_office_2", "ovh_sms_office_2_gate"}


async def test_name_that_cannot_be_written(hass: HomeAssistant, sim: Simulator) -> None:
    await set_up(hass, make_entry(hass, {"☎": [KITCHEN], "☏": ["+33639980002"]}))
    second = make_entry(
        hass, {"厨房": ["+33639980008"]}, service_name=SECOND_ACCOUNT, title="🏠"
    )
    await set_up(hass, second)
    assert services(hass) == {
        "ovh_sms",
        "ovh_sms_recipient",
        "ovh_sms_recipient_2",
        "ovh_sms_2",
        "ovh_sms_2_chu_fang",
    }
    await notify(hass, "ovh_sms_recipient")
    await notify(hass, target="☎")
    assert texts(sim, KITCHEN) == ["Water!"] * 2


async def test_rename_keeps_the_name_of_the_service(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    kitchen = next(iter(account.subentries.values()))
    hass.config_entries.async_update_subentry(account, kitchen, title="Attic")
    hass.config_entries.async_update_entry(account, title="Country house")
    await hass.async_block_till_done()
    new = ConfigSubentry(
        data=MappingProxyType({"phone_numbers": ["+33639980007"]}),
        subentry_type="recipient",
        title="Kitchen",
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(account, new)
    await hass.async_block_till_done()
    await hass.config_entries.async_reload(account.entry_id)
    assert services(hass) == {
        "ovh_sms",
        "ovh_sms_kitchen",
        "ovh_sms_kitchen_2",
        "ovh_sms_night_watch",
    }
    await notify(hass, "ovh_sms_kitchen")
    await notify(hass, target="Attic")
    assert texts(sim, KITCHEN) == ["Water!"] * 2


async def test_names_that_others_have_are_left_alone(
    hass: HomeAssistant, sim: Simulator, entry: MockConfigEntry, another: Another
) -> None:
    another.take("ovh_sms")
    another.take("ovh_sms_home_kitchen")
    await set_up(hass, entry)
    assert services(hass) == {
        "ovh_sms",
        "ovh_sms_home",
        "ovh_sms_home_kitchen",
        "ovh_sms_home_kitchen_2",
        "ovh_sms_home_night_watch",
    }
    await notify(hass)
    assert (another.calls, jobs(sim)) == (["ovh_sms"], [])
    await unload(hass, entry)
    assert services(hass) == {"ovh_sms", "ovh_sms_home_kitchen"}


async def test_names_taken_while_the_account_was_away(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    another: Another,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await unload(hass, account)
    another.take("ovh_sms")
    another.take("ovh_sms_kitchen")
    await set_up(hass, account)
    assert "notify.ovh_sms belongs to something else now" in caplog.text
    for service in ("ovh_sms", "ovh_sms_kitchen"):
        await notify(hass, service)
    assert (another.calls, jobs(sim)) == (["ovh_sms", "ovh_sms_kitchen"], [])
    await notify(hass, "ovh_sms_night_watch")
    assert len(jobs(sim)) == 1
    await unload(hass, account)
    assert services(hass) == {"ovh_sms", "ovh_sms_kitchen"}


async def test_names_taken_over_under_our_feet(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, another: Another
) -> None:
    another.take("ovh_sms")
    another.take("ovh_sms_kitchen")
    await hass.config_entries.async_reload(account.entry_id)
    await hass.async_block_till_done()
    kitchen = next(iter(account.subentries))
    hass.config_entries.async_remove_subentry(account, kitchen)
    await hass.async_block_till_done()
    assert services(hass) == {"ovh_sms", "ovh_sms_kitchen", "ovh_sms_night_watch"}
    await notify(hass, "ovh_sms_kitchen")
    assert (another.calls, jobs(sim)) == (["ovh_sms_kitchen"], [])
    await unload(hass, account)
    assert services(hass) == {"ovh_sms", "ovh_sms_kitchen"}


async def test_name_that_is_free_again_is_taken_back(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator, another: Another
) -> None:
    another.take("ovh_sms_kitchen")
    await hass.config_entries.async_reload(account.entry_id)
    hass.services.async_remove("notify", "ovh_sms_kitchen")
    with pytest.raises(ServiceNotFound):
        await notify(hass, "ovh_sms_kitchen")
    await hass.config_entries.async_reload(account.entry_id)
    await notify(hass, "ovh_sms_kitchen")
    assert texts(sim, KITCHEN) == ["Water!"]


async def test_unloading_leaves_nothing_behind(
    hass: HomeAssistant, account: MockConfigEntry
) -> None:
    def traces() -> tuple[set[str], set[str], dict[str, int], object]:
        listeners = {
            str(signal): len(called)
            for signal, called in hass.data["dispatcher"].items()
            if called
        }
        kept = {str(key) for key in hass.data}
        return services(hass), kept, listeners, dict(hass.data["notify_services"])

    await unload(hass, account)
    away = traces()
    assert not away[0]
    assert not [key for key in away[1] if "ovh_sms" in key]
    assert away[3] == {}
    await set_up(hass, account)
    await hass.config_entries.async_reload(account.entry_id)
    await hass.async_block_till_done()
    assert traces() != away
    await unload(hass, account)
    assert traces() == away
