"""Rights as patterns."""

import asyncio
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from hypothesis import given, strategies as st
import pytest

from custom_components.ovh_sms.gateway import AccountGateway, GatewayError, RestGateway
from custom_components.ovh_sms.gateway.rights import (
    RIGHTS,
    TOKEN_PAGE,
    Need,
    Right,
    account_rights,
    missing_rights,
    token_url,
)
from simulator import ACCOUNT, DEFAULT_RIGHTS, SECOND_ACCOUNT, VIRTUAL_NUMBER, Simulator
from tests.callbacks import allow

from .conftest import make_job

PATTERN = st.text(alphabet="ab/*.\n", max_size=8).map("/{}".format)
PATH = st.text(alphabet="ab/.\n", max_size=8).map("/{}".format)
NARROW = (
    Right("GET", f"/sms/{ACCOUNT}"),
    Right("GET", f"/sms/{ACCOUNT}/*"),
    Right("POST", f"/sms/{ACCOUNT}/jobs"),
    Right("DELETE", f"/sms/{ACCOUNT}/jobs/*"),
)


def covers(pattern: str, path: str) -> bool:
    """Match a pattern by walking through it: a star takes nothing, or one character more."""
    if not pattern:
        return not path
    if pattern[0] == "*":
        return covers(pattern[1:], path) or bool(path and covers(pattern, path[1:]))
    return bool(path) and path[0] == pattern[0] and covers(pattern[1:], path[1:])


@given(PATTERN, PATH)
def test_patterns(pattern: str, path: str) -> None:
    """Cover what the pattern covers, slashes included, and nothing else."""
    assert Right("GET", pattern).allows("GET", path) == covers(pattern, path)
    assert not Right("GET", pattern).allows("POST", path)


@given(PATTERN, PATTERN, PATH)
def test_wider_patterns(wide: str, narrow: str, path: str) -> None:
    """A right that covers another covers all that the other covers."""
    if Right("GET", wide).allows("GET", narrow) and covers(narrow, path):
        assert covers(wide, path)


@pytest.mark.parametrize(
    ("pattern", "path", "allowed"),
    [
        ("/sms/*", "/sms/a", True),
        ("/sms/*", "/sms/a/jobs", True),
        ("/sms/*", "/sms/", True),
        ("/sms/*", "/sms", False),
        ("/sms", "/sms", True),
        ("/sms/", "/sms", False),
        ("/*", "/sms/a/jobs", True),
        ("/sms/*/jobs", "/sms/a/jobs", True),
        ("/sms/*/jobs", "/sms/a/virtualNumbers/0033/jobs", True),
        ("/sms/*/jobs", "/sms/jobs", False),
        ("/sms/*/jobs", "/sms/a/jobs/1", False),
        ("/smsX*", "/sms/a", False),
        ("/sms.", "/smsX", False),
    ],
)
def test_known_patterns(pattern: str, path: str, allowed: bool) -> None:
    """Know the traps."""
    assert Right("GET", pattern).allows("GET", path) is allowed


def test_ours() -> None:
    """Ask for the rights that the simulator gives by default, and lack none with them."""
    assert [(right.method, right.path) for right in RIGHTS] == list(DEFAULT_RIGHTS)
    assert str(RIGHTS[2]) == "POST /sms/*/jobs"
    assert missing_rights(RIGHTS, ACCOUNT) == ()
    assert missing_rights(RIGHTS, "sms a/b") == ()


def test_narrow_key() -> None:
    """A key for one account is good for that one, and for no other."""
    assert missing_rights(NARROW, ACCOUNT) == ()
    assert missing_rights(iter(NARROW), ACCOUNT) == ()
    assert len(missing_rights(NARROW, SECOND_ACCOUNT)) == 4


@pytest.mark.parametrize("lost", range(4))
def test_one_right_missing(lost: int) -> None:
    """Name the right that is missing, for this account."""
    held = [right for right in NARROW if right is not NARROW[lost]]
    assert missing_rights(held, ACCOUNT) == (NARROW[lost],)


def test_virtual_number() -> None:
    """A virtual number needs rights of its own, to send and to cancel, in a narrow key."""
    needed = (
        Right("POST", f"/sms/{ACCOUNT}/virtualNumbers/*/jobs"),
        Right("DELETE", f"/sms/{ACCOUNT}/virtualNumbers/*/jobs/*"),
    )
    assert missing_rights(NARROW, ACCOUNT, [Need.VIRTUAL_NUMBER]) == needed
    assert missing_rights([*NARROW, *needed], ACCOUNT, [Need.VIRTUAL_NUMBER]) == ()
    assert missing_rights(RIGHTS, ACCOUNT, [Need.VIRTUAL_NUMBER]) == ()


def test_callbacks() -> None:
    """To be called takes the right to change the account, and that one alone."""
    needed = Right("PUT", f"/sms/{ACCOUNT}")
    assert missing_rights(NARROW, ACCOUNT, [Need.CALLBACKS]) == (needed,)
    assert missing_rights(RIGHTS, ACCOUNT, [Need.CALLBACKS]) == (needed,)
    assert missing_rights([*NARROW, needed], ACCOUNT, [Need.CALLBACKS]) == ()
    assert set(account_rights(ACCOUNT, list(Need))) > {*NARROW, needed}


def test_guides_key() -> None:
    """The link of OVHcloud's old guide gives too little."""
    guide = [
        Right("GET", "/sms/"),
        Right("GET", "/sms/*/jobs/"),
        Right("POST", "/sms/*/jobs/"),
    ]
    assert set(missing_rights(guide, ACCOUNT)) == set(NARROW)


@pytest.mark.parametrize("page", [None, "http://127.0.0.1:1/createToken"])
def test_token_page(page: str | None) -> None:
    """Ask on OVHcloud's page for just these rights."""
    url = token_url() if page is None else token_url(page)
    address, _, query = url.partition("?")
    assert address == (page or TOKEN_PAGE)
    assert parse_qsl(query) == [(right.method, right.path) for right in RIGHTS]
    assert urlsplit(url).query == query


def _calls(gateway: RestGateway, need: Need | None) -> None:
    """Make every call with a credential that an account can need."""
    number: dict[str, Any] = {
        "virtual_number": VIRTUAL_NUMBER if need is Need.VIRTUAL_NUMBER else None
    }
    if need is Need.CALLBACKS:
        gateway.call_for_receipts(ACCOUNT, "https://house.example/")
        gateway.answer_replies(ACCOUNT, gateway.callbacks(ACCOUNT).replies)
        return
    [sms_id] = gateway.send(ACCOUNT, make_job(delay_minutes=60, **number)).ids
    gateway.pending_sms(ACCOUNT, gateway.pending(ACCOUNT, **number), **number)
    gateway.cancel(ACCOUNT, sms_id, **number)
    gateway.outgoing_sms(ACCOUNT, gateway.outgoing(ACCOUNT, **number), **number)
    gateway.incoming_sms(ACCOUNT, gateway.incoming(ACCOUNT, **number), **number)
    if need:
        return
    gateway.accounts()
    gateway.account(ACCOUNT)
    gateway.service(ACCOUNT)
    gateway.blacklisted(ACCOUNT)
    gateway.senders(ACCOUNT)
    gateway.sender(ACCOUNT, "HOUSE")
    gateway.virtual_numbers(ACCOUNT)
    gateway.callbacks(ACCOUNT)
    gateway.credential()
    with suppress(GatewayError):
        gateway.meaning(4)


@pytest.mark.parametrize("need", [None, *Need])
async def test_rights_are_the_least(
    sim: Simulator, gateway: RestGateway, need: Need | None
) -> None:
    """Each call is covered, each right is needed by a call, and for nothing but its need."""
    allow(sim)
    await asyncio.to_thread(_calls, gateway, need)
    made = {
        (request.method, request.path.partition("/1.0")[2].partition("?")[0])
        for request in sim.requests
        if not request.path.endswith("/auth/time")
    }
    needs = [need] if need else []
    on_top = {right for right in account_rights(ACCOUNT, needs) if right not in NARROW}
    rights = on_top | set(RIGHTS if need is not Need.CALLBACKS else RIGHTS[1:2])
    for method, path in made:
        assert any(right.allows(method, path) for right in rights), (method, path)
    for right in on_top or rights:
        assert any(right.allows(method, path) for method, path in made), right


def test_no_call_of_the_gateway_is_left_out() -> None:
    """What it can do is what is called above."""
    methods = {
        name
        for name in vars(AccountGateway)
        if not name.startswith("_") and callable(getattr(AccountGateway, name))
    }
    assert methods | {"send"} <= {*_calls.__code__.co_names}
