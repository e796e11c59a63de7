"""OVHcloud's own guides, done with `ovh_sms.send_sms`: the same requests go out.

What ours has on top of a guide's: a tag, by which a message is found again; a validity
and a priority, which are the account's; and `noStopClause: false` in so many words where
the guide leaves it out. Numbers go out as +33…, which is how OVHcloud answers them.
"""

from datetime import UTC, datetime
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from simulator import ACCOUNT, USER_LOGIN, USER_PASSWORD, Simulator
from tests.conftest import jobs, texts
from tests.gateway.http2sms.conftest import form_of

# What the guides' addresses have for credentials.
USER: Final = {
    "account": ACCOUNT,
    "login": USER_LOGIN,
    "password": USER_PASSWORD,
}


async def send_sms(hass: HomeAssistant, **data: Any) -> dict[str, Any]:
    """Call the action, and return what it answers."""
    response: Any = await hass.services.async_call(
        DOMAIN, "send_sms", data, blocking=True, return_response=True
    )
    [answer] = response["messages"]
    return dict(answer)


NODE: Final = {
    "message": "Hello World!",
    "senderForResponse": True,
    "receivers": ["+33600000000"],
}
PHP: Final = {
    "charset": "UTF-8",
    "class": "phoneDisplay",
    "coding": "7bit",
    "message": "Bonjour les SMS OVH par api.ovh.com",
    "noStopClause": False,
    "priority": "high",
    "receivers": ["+33600000000"],
    "senderForResponse": True,
    "validityPeriod": 2880,
}


@pytest.mark.parametrize(
    ("data", "guide", "on_top"),
    [
        pytest.param(
            {
                "message": "Hello World!",
                "sender_for_response": True,
                "receivers": ["0033600000000"],
                "no_stop_clause": False,
            },
            NODE,
            {"noStopClause": False, "priority": "high", "validityPeriod": 2880},
            id="Node.js",
        ),
        pytest.param(
            {
                "charset": "UTF-8",
                "message_class": "phoneDisplay",
                "coding": "7bit",
                "message": "Bonjour les SMS OVH par api.ovh.com",
                "no_stop_clause": False,
                "priority": "high",
                "receivers": ["+33600000000"],
                "sender_for_response": True,
                "validity": {"minutes": 2880},
            },
            PHP,
            {},
            id="PHP",
        ),
    ],
)
async def test_rest(
    hass: HomeAssistant,
    account: MockConfigEntry,
    sim: Simulator,
    data: dict[str, Any],
    guide: dict[str, Any],
    on_top: dict[str, Any],
) -> None:
    answer = await send_sms(hass, **data)
    [job] = jobs(sim)
    assert job.path == f"/1.0/sms/{ACCOUNT}/jobs"
    assert job.json == {**guide, **on_top, "tag": answer["tag"]}
    assert answer["valid_receivers"] == ["+33600000000"]
    assert answer["invalid_receivers"] == []
    assert answer["total_credits_removed"] == 1
    assert len(answer["ids"]) == 1
    [text] = texts(sim, "+33600000000")
    assert text.startswith(guide["message"])


async def test_number_of_the_php_guides(
    hass: HomeAssistant, account: MockConfigEntry, sim: Simulator
) -> None:
    """The guides' number lacks a digit, which is said before OVHcloud is asked."""
    with pytest.raises(ServiceValidationError) as caught:
        await send_sms(hass, message=PHP["message"], receivers=["+3360000000"])
    assert caught.value.translation_key == "number_not_possible"
    assert not jobs(sim)


@pytest.fixture
async def sms_user(hass: HomeAssistant, sim: Simulator, unloaded: None) -> None:
    """Set up an SMS user, who sends through http2sms."""
    hass.config.country = "FR"
    await hass.config.async_set_time_zone("Europe/Paris")
    entry = MockConfigEntry(
        domain=DOMAIN,
        version=2,
        unique_id=ACCOUNT,
        data={
            "auth_method": "sms_user",
            "service_name": ACCOUNT,
            "login": USER_LOGIN,
            "password": USER_PASSWORD,
        },
        options={"sender": "HOUSE"},
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)


@pytest.mark.parametrize(
    ("data", "guide"),
    [
        pytest.param(
            {"receivers": "0033600000000", "no_stop_clause": False},
            {"from": "HOUSE", "to": "0033600000000", "message": "Hello"},
            id="mandatory",
        ),
        pytest.param(
            {
                "receivers": "0033600000000,0033639980002",
                "sender": "OFFICE",
                "send_at": "2017-11-25 12:50",
                "message_class": "flash",
                "coding": "7bit",
                "no_stop_clause": True,
            },
            {
                "from": "OFFICE",
                "to": "0033600000000,0033639980002",
                "message": "Hello",
                "deferred": "125025112017",
                "class": "0",
                "smsCoding": "1",
                "noStop": "1",
            },
            id="optional",
        ),
        pytest.param(
            {
                "receivers": "0033600000000",
                "tag": "a tag of twenty char",
                "coding": "8bit",
                "message_class": "toolkit",
            },
            {
                "from": "HOUSE",
                "to": "0033600000000",
                "message": "Hello",
                "class": "3",
                "smsCoding": "2",
                "noStop": "1",
                "tag": "a tag of twenty char",
            },
            id="tag",
        ),
    ],
)
async def test_http2sms(
    hass: HomeAssistant,
    sim: Simulator,
    sms_user: None,
    freezer: FrozenDateTimeFactory,
    data: dict[str, Any],
    guide: dict[str, str],
) -> None:
    accounts = sim.world.accounts
    accounts[ACCOUNT].senders["OFFICE"] = accounts[ACCOUNT].senders["HOUSE"]
    freezer.move_to(datetime(2017, 11, 25, 9, 30, tzinfo=UTC))
    answer = await send_sms(hass, message="Hello", **data)
    [request] = sim.requests
    assert form_of(request) == {
        **USER,
        **guide,
        "tag": answer["tag"],
        "contentType": "application/json",
    }
    assert answer["status"] == "accepted"
