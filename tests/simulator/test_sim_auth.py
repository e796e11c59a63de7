"""Who gets in."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import ovh
from ovh.exceptions import ResourceExpiredError
import pytest

from simulator import CLIENT_ID, CLIENT_SECRET, CONSUMER_KEY, Fault, Simulator
from simulator.auth import sign
from simulator.credentials import Rule

type Make = Callable[..., ovh.Client]


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        ("", "$1$16ae5ba8c63841b1951575be905867991d5f49dc"),
        (
            '{"some": "random", "data": 42}',
            "$1$9acb1ac0120006d16261a635aed788e83ab172d2",
        ),
    ],
)
def test_known_signatures(body: str, signature: str) -> None:
    """Sign as OVHcloud's library is tested to."""
    url = "https://eu.api.ovh.com/1.0/unit/test"
    assert (
        sign(
            "fake application secret",
            "fake consumer key",
            "METHOD",
            url,
            body,
            "1404395931",
        )
        == signature
    )


@pytest.mark.parametrize(
    ("pattern", "path", "allowed"),
    [
        ("/sms", "/sms", True),
        ("/sms", "/sms/", False),
        ("/sms/", "/sms/", True),
        ("/sms/*", "/sms", False),
        ("/sms/*", "/sms/a/outgoing/1", True),
        ("/sms/*/jobs", "/sms/a/jobs", True),
        ("/sms/*/jobs", "/sms/a/users/b/jobs", True),
        ("/sms/*/jobs", "/sms/a/jobs/1", False),
        ("/sms/*/jobs/", "/sms/a/jobs", False),
        ("/*", "/sms", True),
        ("/sms/a.b", "/sms/axb", False),
    ],
)
def test_rights_are_patterns(pattern: str, path: str, allowed: bool) -> None:
    """Compare the path as it was called."""
    assert Rule("GET", pattern).allows("GET", path) is allowed
    assert not Rule("GET", pattern).allows("POST", path)


async def test_time_needs_nothing(sim: Simulator, web: aiohttp.ClientSession) -> None:
    """Tell the time to anybody, under both prefixes."""
    for prefix in ("/1.0", "/v1"):
        async with web.get(f"{sim.url}{prefix}/auth/time") as response:
            assert await response.json() == int(sim.world.now().timestamp())


async def test_v1_is_the_same(make_client: Make) -> None:
    """Take the other prefix as the client writes it."""
    assert await asyncio.to_thread(make_client().get, "/v1/sms") == [
        "sms-ab12345-1",
        "sms-ab12345-2",
    ]


@pytest.mark.parametrize(
    ("keys", "error", "error_code"),
    [
        ({"application_key": "nobody"}, ovh.InvalidKey, "INVALID_KEY"),
        ({"consumer_key": "nobody"}, ovh.NotCredential, "NOT_CREDENTIAL"),
        ({"application_secret": "wrong"}, ovh.BadParametersError, "INVALID_SIGNATURE"),
    ],
)
async def test_wrong_keys(
    make_client: Make, keys: dict[str, str], error: type[ovh.APIError], error_code: str
) -> None:
    """Refuse each wrong key in its own way."""
    with pytest.raises(error) as raised:
        await asyncio.to_thread(make_client(**keys).get, "/sms")
    assert raised.value.response.json()["errorCode"] == error_code


async def test_no_keys_at_all(sim: Simulator, web: aiohttp.ClientSession) -> None:
    """Refuse a call that says nothing about its caller."""
    async with web.get(f"{sim.url}/1.0/sms") as response:
        assert response.status == 401


@pytest.mark.parametrize("status", ["expired", "pendingValidation", "refused"])
async def test_key_that_is_not_valid(
    sim: Simulator, make_client: Make, status: Any
) -> None:
    """Refuse a consumer key that was not approved or is over."""
    key = sim.world.add_consumer_key(status=status)
    with pytest.raises(ovh.InvalidCredential):
        await asyncio.to_thread(make_client(consumer_key=key.key).get, "/sms")


async def test_key_expires_by_time(sim: Simulator, make_client: Make) -> None:
    """Let a consumer key end at its time."""
    client = make_client(consumer_key=sim.world.add_consumer_key(expiration=3600).key)
    assert await asyncio.to_thread(client.get, "/sms")
    await sim.advance(3601)
    with pytest.raises(ovh.InvalidCredential):
        await asyncio.to_thread(client.get, "/sms")


async def test_missing_right(sim: Simulator, make_client: Make) -> None:
    """Refuse what the rights do not cover, and what they cover only with a slash."""
    key = sim.world.add_consumer_key(rules=[("GET", "/sms/")])
    client = make_client(consumer_key=key.key)
    with pytest.raises(ovh.NotGrantedCall):
        await asyncio.to_thread(client.get, "/sms")
    assert await asyncio.to_thread(client.get, "/sms/")


async def test_address_that_is_not_allowed(sim: Simulator, make_client: Make) -> None:
    """Refuse a caller from elsewhere."""
    elsewhere = sim.world.add_consumer_key(allowed_ips=["192.0.2.0/24"])
    with pytest.raises(ovh.Forbidden):
        await asyncio.to_thread(make_client(consumer_key=elsewhere.key).get, "/sms")
    here = sim.world.add_consumer_key(allowed_ips=["127.0.0.0/8"])
    assert await asyncio.to_thread(make_client(consumer_key=here.key).get, "/sms")


async def test_stale_clock(sim: Simulator, make_client: Make) -> None:
    """Refuse a client whose idea of the time is old, until it asks again."""
    client = make_client()
    await asyncio.to_thread(client.get, "/sms")
    sim.faults.add(Fault("skew", seconds=120))
    with pytest.raises(ovh.BadParametersError) as raised:
        await asyncio.to_thread(client.get, "/sms")
    assert raised.value.response.json()["errorCode"] == "QUERY_TIME_OUT"
    client._time_delta = None
    assert await asyncio.to_thread(client.get, "/sms")


async def test_advancing_is_no_skew(sim: Simulator, make_client: Make) -> None:
    """Go on hearing a client that learned its offset before time was advanced."""
    client = make_client()
    await asyncio.to_thread(client.get, "/sms")
    await sim.advance(86400)
    assert await asyncio.to_thread(client.get, "/sms")
    assert await asyncio.to_thread(make_client().get, "/sms")


async def test_path_that_needs_quoting(make_client: Make) -> None:
    """Take a quoted path, and refuse an unquoted one, whose signature does not fit."""
    client = make_client()
    sender = await asyncio.to_thread(
        client.get, "/sms/sms-ab12345-1/senders/My%20House"
    )
    assert sender["sender"] == "My House"
    with pytest.raises(ovh.BadParametersError):
        await asyncio.to_thread(client.get, "/sms/sms-ab12345-1/senders/My House")


async def test_current_credential(sim: Simulator, make_client: Make) -> None:
    """Describe the key in use, which needs no right of its own."""
    key = sim.world.add_consumer_key(rules=[("GET", "/sms")], expiration=60)
    answer = await asyncio.to_thread(
        make_client(consumer_key=key.key).get, "/auth/currentCredential"
    )
    assert answer["rules"] == [{"method": "GET", "path": "/sms"}]
    assert answer["status"] == "validated"
    assert answer["expiration"] == "2026-03-10T12:01:00+01:00"


async def test_details_and_logout(make_client: Make) -> None:
    """Describe the caller, and end its key."""
    client = make_client()
    details = await asyncio.to_thread(client.get, "/auth/details")
    assert details["method"] == "account"
    assert await asyncio.to_thread(client.post, "/auth/logout") is None
    with pytest.raises(ovh.InvalidCredential):
        await asyncio.to_thread(client.get, "/sms")


async def test_consumer_key_flow(
    sim: Simulator, make_client: Make, web: aiohttp.ClientSession
) -> None:
    """Ask for a key, approve it in a browser, and use it."""
    client = make_client(consumer_key="")
    request = client.new_consumer_key_request()
    request.add_recursive_rules(["GET"], "/sms")
    answer = await asyncio.to_thread(request.request, "http://127.0.0.1:1/back")
    assert answer["state"] == "pendingValidation"
    assert answer["validationUrl"].startswith(f"{sim.url}/auth/?credentialToken=")
    with pytest.raises(ovh.InvalidCredential):
        await asyncio.to_thread(client.get, "/sms")
    async with web.get(answer["validationUrl"]) as page:
        text = await page.text()
    assert "GET /sms/*" in text
    assert "ab12345-ovh" in text
    form = {"action": "approve", "account": "ab12345-ovh", "validity": "1d"}
    async with web.post(
        answer["validationUrl"], data=form, allow_redirects=False
    ) as done:
        assert (done.status, done.headers["Location"]) == (
            302,
            "http://127.0.0.1:1/back",
        )
    assert await asyncio.to_thread(client.get, "/sms")
    expiration = sim.world.consumer_keys[answer["consumerKey"]].expiration
    assert expiration is not None
    assert (expiration - sim.world.now()).days == 1
    async with web.post(answer["validationUrl"], data=form) as again:
        assert again.status == 410


async def test_refusing_a_key(
    sim: Simulator, make_client: Make, web: aiohttp.ClientSession
) -> None:
    """Refuse a key in the browser."""
    client = make_client(consumer_key="")
    request = client.new_consumer_key_request()
    request.add_rule("GET", "/sms")
    answer = await asyncio.to_thread(request.request)
    async with web.post(answer["validationUrl"], data={"action": "refuse"}) as done:
        assert "close this window" in await done.text()
    assert sim.world.consumer_keys[answer["consumerKey"]].status == "refused"
    async with web.get(f"{sim.url}/auth/?credentialToken=unknown") as page:
        assert page.status == 404


async def test_malformed_access_rules(make_client: Make) -> None:
    """Refuse a request for a key without usable rights."""
    with pytest.raises(
        ovh.BadParametersError, match="accessRules isn't formated correctly"
    ):
        await asyncio.to_thread(
            make_client().call, "POST", "/auth/credential", {"accessRules": []}, False
        )


async def test_keys_made_on_the_page(
    sim: Simulator, make_client: Make, web: aiohttp.ClientSession
) -> None:
    """Make application and consumer key at once, with the rights of the link."""
    url = f"{sim.url}/createToken/?GET=/sms&POST=/sms/*/jobs"
    async with web.get(url) as page:
        assert "POST /sms/*/jobs" in await page.text()
    form = {
        "name": "<b>house</b>",
        "description": "x",
        "validity": "",
        "rules": "GET /sms\nPOST /sms/*/jobs",
    }
    async with web.post(url, data=form) as done:
        text = await done.text()
    application = next(
        one for one in sim.world.applications.values() if one.name == "<b>house</b>"
    )
    key = next(
        one
        for one in sim.world.consumer_keys.values()
        if one.application_key == application.key
    )
    assert all(
        secret in text for secret in (application.key, application.secret, key.key)
    )
    client = make_client(application.key, application.secret, key.key)
    assert await asyncio.to_thread(client.get, "/sms")
    async with web.post(url, data=form) as again:
        assert again.status == 400
        assert "already exists" in await again.text()
    async with web.post(
        url, data=form | {"name": "other", "rules": "FETCH sms"}
    ) as wrong:
        assert wrong.status == 400


@pytest.fixture
def make_service_account(
    sim: Simulator, make_client: Make, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., ovh.Client]:
    """Make clients that sign in as a service account."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setitem(
        ovh.client.OAUTH2_TOKEN_URLS, "ovh-eu", f"{sim.url}/auth/oauth2/token"
    )

    def make(
        client_id: str = CLIENT_ID, client_secret: str = CLIENT_SECRET
    ) -> ovh.Client:
        return ovh.Client(
            "ovh-eu", client_id=client_id, client_secret=client_secret, timeout=5
        )

    return make


async def test_service_account(sim: Simulator, make_service_account: Make) -> None:
    """Let a service account in, and only by its policy."""
    client = await asyncio.to_thread(make_service_account)
    assert await asyncio.to_thread(client.get, "/sms") == [
        "sms-ab12345-1",
        "sms-ab12345-2",
    ]
    assert (await asyncio.to_thread(client.get, "/auth/details"))[
        "method"
    ] == "oauth2_client_credentials"
    sim.world.oauth2_clients[CLIENT_ID].actions = {
        "sms:apiovh:get",
        "sms:apiovh:outgoing/*",
    }
    assert await asyncio.to_thread(client.get, "/sms/sms-ab12345-1/outgoing") == []
    with pytest.raises(ovh.APIError) as raised:
        await asyncio.to_thread(client.get, "/sms/sms-ab12345-1/senders")
    assert type(raised.value) is ovh.APIError
    details = raised.value.response.json()["details"]
    assert details["unauthorizedActionsByIAM"] == "sms:apiovh:senders/get"


async def test_service_account_that_does_not_exist(make_service_account: Make) -> None:
    """Refuse an unknown service account and a wrong secret."""
    for keys in ({"client_id": "EU.nobody"}, {"client_secret": "wrong"}):

        def sign_in(keys: dict[str, str] = keys) -> None:
            make_service_account(**keys).get("/sms")

        with pytest.raises(
            ovh.exceptions.OAuth2FailureError, match="oauth2 client does not exists"
        ):
            await asyncio.to_thread(sign_in)


async def test_token_errors_and_expiry(
    sim: Simulator, web: aiohttp.ClientSession
) -> None:
    """Answer the token endpoint's errors, and refuse a token that is over."""
    url = f"{sim.url}/auth/oauth2/token"
    keys = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    for form, error in (
        ({}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "scope": "some"}, "invalid_scope"),
    ):
        async with web.post(url, data=keys | form) as response:
            assert response.status == 400
            assert (await response.json())["error"] == error
    async with web.post(
        url, data=keys | {"grant_type": "client_credentials", "scope": "all"}
    ) as response:
        token = await response.json()
    assert (token["token_type"], token["expires_in"], token["scope"]) == (
        "Bearer",
        3599,
        "all",
    )
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    async with web.get(f"{sim.url}/1.0/sms", headers=headers) as response:
        assert response.status == 200
    await sim.advance(3600)
    async with web.get(f"{sim.url}/1.0/sms", headers=headers) as response:
        assert response.status == 401


async def test_expired_service(sim: Simulator, make_client: Make) -> None:
    """Answer 460 for an expired service, whose contract can still be read."""
    sim.world.accounts["sms-ab12345-1"].service_status = "expired"
    client = make_client()
    with pytest.raises(ResourceExpiredError, match="This service is expired"):
        await asyncio.to_thread(client.get, "/sms/sms-ab12345-1")
    assert (await asyncio.to_thread(client.get, "/sms/sms-ab12345-1/serviceInfos"))[
        "status"
    ] == "expired"


async def test_last_use_is_noted(sim: Simulator, make_client: Make) -> None:
    """Note when a key was last used."""
    await asyncio.to_thread(make_client().get, "/sms")
    assert sim.world.consumer_keys[CONSUMER_KEY].last_use == sim.world.now()
