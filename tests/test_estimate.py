"""`ovh_sms.estimate`: what an SMS takes and costs, told before it is sent."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
from simulator import ACCOUNT, USER_LOGIN, USER_PASSWORD, Fault, Simulator
from tests.conftest import jobs, make_entry

NUMBER = "+33639980009"
RATES = "/sms/rates/destinations"


async def estimate(hass: HomeAssistant, **data: Any) -> dict[str, Any]:
    """Call the action."""
    response: Any = await hass.services.async_call(
        DOMAIN,
        "estimate",
        {"message": "Water!", **data},
        blocking=True,
        return_response=True,
    )
    assert isinstance(response, dict)
    return response


def set_options(hass: HomeAssistant, entry: MockConfigEntry, **options: Any) -> None:
    """Change options of a loaded account."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})


def rates_asked(sim: Simulator) -> int:
    """Count how often OVHcloud was asked for its rates."""
    return sum(request.route == RATES for request in sim.requests)


@pytest.fixture
async def no_account(hass: HomeAssistant, sim: Simulator) -> None:
    """Have the action without any account."""
    assert await async_setup_component(hass, DOMAIN, {})


async def test_response(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    before = len(sim.requests)
    assert await estimate(hass, title="Alarm", message="« 21 °C »: 3 €") == {
        "encoding": "unicode",
        "characters": 20,
        "parts": 1,
        "per_part": 70,
        "stop_clause": 0,
        "costly_characters": ["«", "°", "»"],
        "economical_message": 'Alarm\n"21 C": 3 €',
        "as_sent": {
            "message": "Alarm\n« 21 °C »: 3 €",
            "encoding": "unicode",
            "parts": 1,
            "shortened": False,
        },
    }
    assert len(sim.requests) == before


@pytest.mark.parametrize(
    ("message", "counted"),
    [
        ("a" * 160, ("gsm7", 160, 1, 160, [])),
        ("a" * 161, ("gsm7", 161, 2, 153, [])),
        ("€" * 80, ("gsm7", 160, 1, 160, ["€"])),
        ("€" * 81 + "[", ("gsm7", 164, 2, 153, ["€", "["])),
        ("ê" * 70, ("unicode", 70, 1, 70, ["ê"])),
        ("ê€" * 36, ("unicode", 72, 2, 67, ["ê"])),
        ("🚨 👍🏽", ("unicode", 7, 1, 70, ["🚨", "👍🏽"])),
        (21.5, ("gsm7", 4, 1, 160, [])),
    ],
)
@pytest.mark.usefixtures("no_account")
async def test_without_any_account(
    hass: HomeAssistant, message: Any, counted: tuple[Any, ...]
) -> None:
    answer = await estimate(hass, message=message)
    names = ("encoding", "characters", "parts", "per_part", "costly_characters")
    assert tuple(answer[name] for name in names) == counted
    assert answer["stop_clause"] == 0


@pytest.mark.parametrize(
    ("options", "data", "clause"),
    [
        ({}, {}, 0),
        ({}, {"no_stop_clause": False}, 11),
        ({}, {"no_stop_clause": "no", "sender_for_response": True}, 11),
        ({"no_stop_clause": False}, {}, 11),
        ({"no_stop_clause": False}, {"no_stop_clause": True}, 0),
        # OVHcloud takes no STOP clause for a virtual number.
        ({"no_stop_clause": False}, {"sender": "+33600000001"}, 0),
        ({"no_stop_clause": False, "sender": "+33600000001"}, {}, 0),
        ({"no_stop_clause": False, "sender": "+33600000001"}, {"sender": "A"}, 11),
    ],
)
async def test_stop_clause(
    hass: HomeAssistant,
    account: MockConfigEntry,
    options: dict[str, Any],
    data: dict[str, Any],
    clause: int,
) -> None:
    set_options(hass, account, **options)
    answer = await estimate(hass, message="a" * 150, **data)
    assert answer["stop_clause"] == clause
    assert answer["characters"] == 150 + clause
    assert answer["parts"] == answer["as_sent"]["parts"] == (2 if clause else 1)


async def test_stop_clause_of_a_recipient_with_a_number_of_its_own(
    hass: HomeAssistant, account: MockConfigEntry
) -> None:
    kitchen, _ = account.subentries.values()
    hass.config_entries.async_update_subentry(
        account, kitchen, data={**kitchen.data, "sender": "+33600000001"}
    )
    set_options(hass, account, no_stop_clause=False)
    text = "a" * 150
    answer = await estimate(hass, message=text, receivers="Kitchen")
    assert (answer["stop_clause"], answer["credits_total"]) == (0, 1.0)
    answer = await estimate(hass, message=text, receivers="Kitchen, Night watch")
    assert (answer["stop_clause"], answer["credits_total"]) == (11, 5.0)


async def test_as_sent_with_the_options_of_the_account(
    hass: HomeAssistant, account: MockConfigEntry
) -> None:
    text = "Il fait 21 °C. " * 10
    set_options(hass, account, text_mode="economical", max_parts=1)
    answer = await estimate(hass, message=text, receivers=NUMBER)
    assert (answer["encoding"], answer["parts"]) == ("unicode", 3)
    assert answer["as_sent"] == {
        "message": "Il fait 21 C. " * 10,
        "encoding": "gsm7",
        "parts": 1,
        "shortened": False,
    }
    assert answer["economical_message"] == answer["as_sent"]["message"]
    assert answer["credits_total"] == 1.0
    set_options(hass, account, text_mode="exact")
    answer = await estimate(hass, message=text, receivers=NUMBER)
    assert answer["as_sent"]["shortened"] is True
    assert answer["as_sent"]["message"] == ("Il fait 21 °C. " * 10)[:67] + "..."
    assert answer["credits_total"] == 1.0
    set_options(hass, account, too_long="refuse")
    answer = await estimate(hass, message=text, receivers=NUMBER)
    assert answer["as_sent"] is None
    assert answer["credits_total"] == 3.0


async def test_estimate_is_what_is_sent(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    data = {"message": "Oh, ça déborde ! " * 9, "receivers": ["Night watch", NUMBER]}
    answer = await estimate(hass, **data)
    assert not jobs(sim)
    sent: Any = await hass.services.async_call(
        DOMAIN, "send_sms", data, blocking=True, return_response=True
    )
    [message] = sent["messages"]
    for name in ("encoding", "parts"):
        assert answer[name] == answer["as_sent"][name] == message[name]
    assert answer["credits_total"] == message["total_credits_removed"] == 9.0
    assert jobs(sim)[0].json["message"] == answer["as_sent"]["message"]


async def test_credits_by_country(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    data = {
        "message": "°" * 71,
        "receivers": [
            "Night watch",
            "06 39 98 00 02",
            "0044 7700 900123",
            "+48 512 345 678",
        ],
    }
    answer = await estimate(hass, **data)
    assert answer["credits"] == {
        "FR": {"receivers": 2, "per_part": 1.0, "total": 4.0},
        "GB": {"receivers": 1, "per_part": 0.5, "total": 1.0},
        "PL": {"receivers": 1, "per_part": 0.4, "total": 0.8},
    }
    assert answer["credits_total"] == 5.8
    assert await estimate(hass, **data) == answer
    assert rates_asked(sim) == 3


async def test_country_without_rate(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    answer = await estimate(hass, receivers=["+377 6 12 34 56 78", NUMBER])
    assert answer["credits"]["FR"]["total"] == 1.0
    assert answer["credits"]["MC"] == {
        "receivers": 1,
        "per_part": None,
        "total": None,
        "reason": (
            "OVHcloud's public rates do not name this country,"
            " so what it costs is not known."
        ),
    }
    assert answer["credits_total"] is None


@pytest.mark.usefixtures("no_account")
async def test_credits_without_any_account(hass: HomeAssistant, sim: Simulator) -> None:
    hass.config.country = "ES"
    answer = await estimate(hass, receivers="612 34 56 78")
    assert list(answer["credits"]) == ["ES"]
    assert answer["credits_total"] == 0.9
    with pytest.raises(ServiceValidationError, match="“Kitchen” is neither"):
        await estimate(hass, receivers="Kitchen")


async def test_sms_user(hass: HomeAssistant, sim: Simulator, unloaded: None) -> None:
    entry = make_entry(hass, {})
    keys = {"login": USER_LOGIN, "password": USER_PASSWORD, "service_name": ACCOUNT}
    hass.config_entries.async_update_entry(
        entry, data={"auth_method": "sms_user", **keys}
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert (await estimate(hass, receivers=NUMBER))["credits_total"] == 1.0
    with pytest.raises(
        ServiceValidationError, match="An SMS user cannot send with this sender"
    ):
        await estimate(hass, sender="0033639980010")


async def test_which_account(
    hass: HomeAssistant,
    account: MockConfigEntry,
    office: MockConfigEntry,
    unloaded: None,
) -> None:
    set_options(hass, account, max_parts=1)
    assert await hass.config_entries.async_setup(office.entry_id)
    text = "a" * 200
    for entry, parts in ((account, 1), (office, 2)):
        answer = await estimate(hass, message=text, config_entry_id=entry.entry_id)
        assert answer["as_sent"]["parts"] == parts
    with pytest.raises(ServiceValidationError, match="multiple"):
        await estimate(hass, message=text)
    await hass.config_entries.async_unload(office.entry_id)
    with pytest.raises(ServiceValidationError, match="not loaded"):
        await estimate(hass, message=text, config_entry_id=office.entry_id)
    await hass.config_entries.async_remove(office.entry_id)
    answer = await estimate(hass, message=text)
    assert answer["as_sent"]["parts"] == 1


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"message": ""}, "message is empty"),
        ({"message": " \n"}, "message is empty"),
        ({"message": None}, "message is empty"),
        ({"message": "a" * 10_000}, "10000 characters"),
        ({"message": "a\x00"}, "U.0000"),
        ({"message": "a\ud800"}, "U.D800"),
        ({"message": ["a"]}, "message must be a text"),
        ({"title": {"a": 1}}, "title must be a text"),
        ({"sender": ["HOUSE"]}, "sender must be a text"),
        ({"sender": "TWELVELETTER"}, "longer than the 11"),
        ({"sender": "HOUSE", "sender_for_response": True}, "not both"),
        ({"no_stop_clause": "perhaps"}, "no_stop_clause must be true or false"),
        ({"receivers": 33639980001}, "Put the phone numbers in quotes"),
        ({"receivers": "None"}, "receivers is “None”"),
        ({"receivers": "01 23 45 67 89"}, "number …89 is a landline"),
        ({"receivers": [f"+3363998{n:04}" for n in range(2501)]}, "2501 receivers"),
        ({"config_entry_id": "nope"}, "nope"),
    ],
)
async def test_bad_calls_are_refused_as_a_send_is(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    data: dict[str, Any],
    error: str,
) -> None:
    with pytest.raises(ServiceValidationError, match=error):
        await estimate(hass, **data)
    assert rates_asked(sim) == 0


async def test_receivers_who_may_not_be_written_to(
    hass: HomeAssistant, account: MockConfigEntry
) -> None:
    set_options(hass, account, allowed_countries=["ES"])
    with pytest.raises(ServiceValidationError, match="…09 is in a country"):
        await estimate(hass, receivers=NUMBER)
    set_options(hass, account, allowed_countries=[], allow_unlisted=False)
    with pytest.raises(ServiceValidationError, match="…09 is not the number"):
        await estimate(hass, receivers=NUMBER)
    assert "credits" not in await estimate(hass, receivers=[])


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("refuse"), "cannot be reached.*leave the receivers out"),
        (Fault("reset"), "cannot be reached"),
        (Fault("status", status=503), "does not tell its rates.*few minutes"),
        (Fault("status", status=429), "does not tell its rates"),
        (Fault("status", status=200, body="null"), "does not tell its rates"),
    ],
)
async def test_rates_that_cannot_be_read(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    fault: Fault,
    error: str,
) -> None:
    sim.faults.add(fault)
    with pytest.raises(HomeAssistantError, match=error):
        await estimate(hass, receivers=NUMBER)
    assert (await estimate(hass))["parts"] == 1
    sim.faults.clear()
    assert (await estimate(hass, receivers=NUMBER))["credits_total"] == 1.0


async def test_host_in_the_way_of_the_rates(
    hass: HomeAssistant, account: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVH_CLIENT_ID", "other")
    with pytest.raises(HomeAssistantError, match="begin with OVH_"):
        await estimate(hass, receivers=NUMBER)


async def test_only_with_a_response(
    hass: HomeAssistant, account: MockConfigEntry
) -> None:
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            DOMAIN, "estimate", {"message": "a"}, blocking=True
        )


async def test_economical_message_takes_less(
    hass: HomeAssistant, account: MockConfigEntry
) -> None:
    answer = await estimate(hass, message="« Fuite d’eau à la cave » " * 6)
    cheaper = await estimate(hass, message=answer["economical_message"])
    assert (answer["parts"], cheaper["parts"]) == (3, 1)
    assert cheaper["economical_message"] == answer["economical_message"]
    assert cheaper["costly_characters"] == []
