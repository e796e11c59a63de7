"""What is read from OVHcloud: accounts, senders, and what the key may do."""

import asyncio
from datetime import UTC, date, datetime

import pytest

from custom_components.ovh_sms.gateway import (
    AccountInfo,
    ApiKeys,
    AuthFailed,
    Credential,
    GatewayError,
    MissingRight,
    OutcomeUnknown,
    Refused,
    RestGateway,
    SenderInfo,
    ServiceInfo,
    UnknownReason,
)
from custom_components.ovh_sms.gateway.models import Callbacks
from custom_components.ovh_sms.gateway.rights import RIGHTS, Right
from simulator import (
    ACCOUNT,
    APPLICATION_KEY,
    APPLICATION_SECRET,
    SECOND_ACCOUNT,
    VIRTUAL_NUMBER,
    Fault,
    Simulator,
)

from .conftest import MakeGateway, Scripted


async def test_accounts(gateway: RestGateway) -> None:
    """List the accounts."""
    assert await asyncio.to_thread(gateway.accounts) == [ACCOUNT, SECOND_ACCOUNT]


async def test_account(sim: Simulator, gateway: RestGateway) -> None:
    """Read an account, with the credits that its users hold."""
    sim.world.add_user(ACCOUNT, "cellar", "fake0pw1", quota=49.5)
    sim.world.accounts[ACCOUNT].channel = "transactional"
    assert await asyncio.to_thread(gateway.account, ACCOUNT) == AccountInfo(
        name=ACCOUNT,
        description="Home",
        enabled=True,
        credits_left=200.5,
        credits_held=49.5,
        channel="transactional",
        callbacks=Callbacks(
            receipts=None,
            replies={
                "responseType": "none",
                "cgiUrl": None,
                "text": None,
                "trackingDefaultSmsSender": None,
                "trackingOptions": [],
            },
        ),
    )


async def test_account_disabled(sim: Simulator, gateway: RestGateway) -> None:
    """Tell an account that cannot send."""
    sim.world.accounts[ACCOUNT].status = "disable"
    assert not (await asyncio.to_thread(gateway.account, ACCOUNT)).enabled


async def test_account_with_the_least(
    scripted: Scripted, make_gateway: MakeGateway
) -> None:
    """Read an account of which OVHcloud leaves out what it may."""
    scripted.body = (
        '{"name": "sms-a", "status": "enable", "creditsLeft": 85.95,'
        ' "description": null, "creditsHoldByQuota": null}'
    )
    gateway = make_gateway(scripted.url)
    assert await asyncio.to_thread(gateway.account, "sms-a") == AccountInfo(
        name="sms-a",
        description="",
        enabled=True,
        credits_left=85.95,
        credits_held=0,
        channel="both",
    )


async def test_account_unknown(gateway: RestGateway) -> None:
    """Tell that there is no such account."""
    with pytest.raises(Refused, match="account_unknown"):
        await asyncio.to_thread(gateway.account, "sms-zz99999-9")


@pytest.mark.parametrize("credits_left", ["NaN", "Infinity", '"many"', "null"])
async def test_account_with_odd_credits(
    scripted: Scripted, make_gateway: MakeGateway, credits_left: str
) -> None:
    """Take nothing for a number of credits that is none."""
    scripted.body = (
        f'{{"name": "sms-a", "status": "enable", "creditsLeft": {credits_left}}}'
    )
    with pytest.raises(OutcomeUnknown, match="odd_answer"):
        await asyncio.to_thread(make_gateway(scripted.url).account, "sms-a")


async def test_service(sim: Simulator, gateway: RestGateway) -> None:
    """Read the contract behind an account."""
    sim.world.accounts[ACCOUNT].service_status = "unPaid"
    service = await asyncio.to_thread(gateway.service, ACCOUNT)
    assert service == ServiceInfo(status="unPaid", expiration=date(2030, 1, 15))
    assert service.is_unpaid and not service.is_expired


@pytest.mark.parametrize(
    ("expiration", "told"),
    [
        ("", None),
        (', "expiration": null', None),
        (', "expiration": "2027-03-10T12:00:00+01:00"', date(2027, 3, 10)),
    ],
)
async def test_service_with_the_least(
    scripted: Scripted, make_gateway: MakeGateway, expiration: str, told: date | None
) -> None:
    """Read a contract of which OVHcloud leaves out what it may."""
    scripted.body = f'{{"status": "ok"{expiration}}}'
    service = await asyncio.to_thread(make_gateway(scripted.url).service, "sms-a")
    assert service == ServiceInfo(status="ok", expiration=told)
    assert not service.is_unpaid and not service.is_expired


async def test_blacklisted(scripted: Scripted, make_gateway: MakeGateway) -> None:
    """Read who replied STOP, however OVHcloud spells it."""
    scripted.bodies["/sms/sms-a/blacklists"] = '["+33639980001", "0033639980002"]'
    blacklisted = make_gateway(scripted.url).blacklisted
    assert await asyncio.to_thread(blacklisted, "sms-a") == [
        "+33639980001",
        "+33639980002",
    ]


async def test_senders(sim: Simulator, gateway: RestGateway) -> None:
    """Read the senders with their status, whatever their names are made of."""
    sim.world.add_sender(ACCOUNT, "A/B &+é%")
    senders = await asyncio.to_thread(gateway.senders, ACCOUNT)
    assert [(sender.name, sender.enabled) for sender in senders] == [
        ("HOUSE", True),
        ("My House", True),
        ("ALARM2", False),
        ("PAYMENT", False),
        ("OLDNAME", False),
        ("A/B &+é%", True),
    ]
    assert senders[0] == SenderInfo(name="HOUSE", status="enable")
    asked = {request.route for request in sim.requests}
    assert f"/sms/{ACCOUNT}/senders/My%20House" in asked
    assert f"/sms/{ACCOUNT}/senders/A%2FB%20%26%2B%C3%A9%25" in asked


@pytest.mark.parametrize(
    ("name", "status"),
    [("My House", "enable"), ("ALARM2", "waitingValidation"), ("NOBODY", None)],
)
async def test_sender(gateway: RestGateway, name: str, status: str | None) -> None:
    """Read one sender, if the account has it."""
    sender = await asyncio.to_thread(gateway.sender, ACCOUNT, name)
    assert (sender and sender.status) == status


async def test_sender_of_no_account(gateway: RestGateway) -> None:
    """Tell a sender that is not there from an account that is not."""
    with pytest.raises(Refused, match="account_unknown"):
        await asyncio.to_thread(gateway.sender, "sms-zz99999-9", "HOUSE")


async def test_credential(sim: Simulator, gateway: RestGateway) -> None:
    """Read what the key may do, and until when."""
    [key] = sim.world.consumer_keys.values()
    key.expiration = datetime(2027, 3, 10, 12, tzinfo=UTC)
    assert await asyncio.to_thread(gateway.credential) == Credential(
        rights=(
            Right("GET", "/sms"),
            Right("GET", "/sms/*"),
            Right("POST", "/sms/*/jobs"),
            Right("DELETE", "/sms/*/jobs/*"),
            Right("GET", "/auth/currentCredential"),
        ),
        expiration=datetime(2027, 3, 10, 12, tzinfo=UTC),
    )


async def test_credential_without_end(gateway: RestGateway) -> None:
    """Read a key that does not expire."""
    credential = await asyncio.to_thread(gateway.credential)
    assert credential and credential.expiration is None


@pytest.mark.parametrize("reason", ["NOT_GRANTED_CALL", "IAM"])
async def test_credential_not_told(
    sim: Simulator, gateway: RestGateway, reason: str
) -> None:
    """Do without, where OVHcloud does not tell."""
    sim.faults.add(Fault("forbidden", path="/auth/currentCredential", reason=reason))
    assert await asyncio.to_thread(gateway.credential) is None


async def test_service_account_has_no_credential(service_account: RestGateway) -> None:
    """A service account has no consumer key to describe."""
    assert await asyncio.to_thread(service_account.credential) is None


async def test_missing_right(sim: Simulator, gateway: RestGateway) -> None:
    """Name the call that the key has no right to."""
    [key] = sim.world.consumer_keys.values()
    key.rules = [rule for rule in key.rules if rule.path != "/sms"]
    with pytest.raises(MissingRight) as caught:
        await asyncio.to_thread(gateway.accounts)
    assert caught.value.right == "GET /sms"
    assert caught.value.sentence == "This call has not been granted"


@pytest.mark.parametrize("body", ["{}", "null", '"text"', "7", "<html>", "", "[1"])
@pytest.mark.parametrize(
    "read",
    ["accounts", "account", "blacklisted", "senders", "service", "credential"],
)
async def test_odd_answers(
    scripted: Scripted, make_gateway: MakeGateway, read: str, body: str
) -> None:
    """Tell an answer that is not of the promised form, whatever is read."""
    scripted.body = body
    call = getattr(make_gateway(scripted.url), read)
    arguments = () if read in {"accounts", "credential"} else (ACCOUNT,)
    with pytest.raises(GatewayError) as caught:
        await asyncio.to_thread(call, *arguments)
    assert type(caught.value) is OutcomeUnknown
    assert caught.value.reason is UnknownReason.ODD_ANSWER
    assert len(scripted.requests) == 2


@pytest.mark.parametrize("read", ["account", "service", "credential"])
async def test_list_for_an_object(
    scripted: Scripted, make_gateway: MakeGateway, read: str
) -> None:
    """Tell a list where an object was promised."""
    scripted.body = "[]"
    call = getattr(make_gateway(scripted.url), read)
    with pytest.raises(OutcomeUnknown, match="odd_answer"):
        await asyncio.to_thread(call, *([] if read == "credential" else [ACCOUNT]))


async def test_sender_out_of_reach(sim: Simulator, gateway: RestGateway) -> None:
    """Tell what became of the reading of one of several senders."""
    sim.faults.add(Fault("expired", path="/sms/*/senders/ALARM2"))
    with pytest.raises(Refused, match="account_expired"):
        await asyncio.to_thread(gateway.senders, ACCOUNT)


async def test_odd_sender(scripted: Scripted, make_gateway: MakeGateway) -> None:
    """Tell a sender whose description is odd."""
    scripted.bodies["/sms/sms-a/senders"] = '["HOUSE", 12]'
    scripted.body = '{"sender": "HOUSE"}'
    with pytest.raises(OutcomeUnknown, match="odd_answer"):
        await asyncio.to_thread(make_gateway(scripted.url).senders, "sms-a")


async def test_virtual_numbers(gateway: RestGateway) -> None:
    """List the virtual numbers of an account."""
    assert await asyncio.to_thread(gateway.virtual_numbers, ACCOUNT) == [VIRTUAL_NUMBER]
    assert await asyncio.to_thread(gateway.virtual_numbers, SECOND_ACCOUNT) == []


async def test_request_key(sim: Simulator, make_gateway: MakeGateway) -> None:
    """Ask for a key without having one: unsigned, with just these rights."""
    keys = ApiKeys(APPLICATION_KEY, APPLICATION_SECRET, "")
    pending = await asyncio.to_thread(
        make_gateway(sim.url, keys).request_key, [Right("GET", "/sms")]
    )
    [request] = sim.requests
    assert request.json == {"accessRules": [{"method": "GET", "path": "/sms"}]}
    assert "X-Ovh-Signature" not in request.headers
    assert sim.world.consumer_keys[pending.consumer_key].status == "pendingValidation"
    assert pending.validation_url.startswith(f"{sim.url}/auth/?credentialToken=")
    assert pending.consumer_key not in repr(pending)


async def test_request_key_refused(sim: Simulator, make_gateway: MakeGateway) -> None:
    """Tell that OVHcloud does not know the application."""
    gateway = make_gateway(sim.url, ApiKeys("unknown", APPLICATION_SECRET, ""))
    with pytest.raises(AuthFailed, match="invalid_application_key"):
        await asyncio.to_thread(gateway.request_key, RIGHTS)


async def test_request_key_odd(scripted: Scripted, make_gateway: MakeGateway) -> None:
    """Tell an answer that holds no key."""
    scripted.body = '{"consumerKey": "x"}'
    gateway = make_gateway(scripted.url)
    with pytest.raises(OutcomeUnknown, match="odd_answer"):
        await asyncio.to_thread(gateway.request_key, RIGHTS)
