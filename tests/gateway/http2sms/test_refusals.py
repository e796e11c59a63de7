"""What the gateway says when it does not send, and answers that say nothing."""

import json
from typing import Any

import pytest

from custom_components.ovh_sms.gateway import (
    AuthFailed,
    AuthReason,
    Http2SmsGateway,
    Refused,
    RefusedReason,
    SmsUser,
)
from simulator import ACCOUNT, USER_LOGIN, USER_PASSWORD, Simulator

from ..conftest import Scripted, make_job
from ..faults import Meaning
from .conftest import ODD, USER, MakeGateway, failure_of, meaning


class TestRefusals:
    """What the gateway says when it does not send."""

    @pytest.mark.parametrize(
        ("user", "account"),
        [
            (SmsUser("nobody", USER_PASSWORD), ACCOUNT),
            (SmsUser(USER_LOGIN, "wrong000"), ACCOUNT),
            (SmsUser("", USER_PASSWORD), ACCOUNT),
            (SmsUser(USER_LOGIN, ""), ACCOUNT),
            (USER, "sms-zz99999-9"),
            (USER, ""),
        ],
    )
    async def test_wrong_user(
        self, sim: Simulator, make_gateway: MakeGateway, user: SmsUser, account: str
    ) -> None:
        """Tell that account, login and password do not belong together."""
        failure = await failure_of(make_gateway(sim.url, user), account=account)
        assert meaning(failure) == (AuthFailed, AuthReason.SMS_USER)
        assert len(sim.requests) == 1

    @pytest.mark.parametrize(
        "sentence",
        [
            "Missing login",
            "Missing login. Missing password",
            "Invalid smsAccount, it should look like 'sms-ab1234-1'",
            "Wrong password",
            "unknown user",
            "Login or password invalid",
            "Account does not exist",
            "Authentication failure",
        ],
    )
    async def test_wrong_user_in_other_words(
        self, scripted: Scripted, make_gateway: MakeGateway, sentence: str
    ) -> None:
        """Recognise it however OVHcloud puts it."""
        scripted.body = json.dumps({"status": 202, "message": sentence})
        failure = await failure_of(make_gateway(scripted.url))
        assert meaning(failure) == (AuthFailed, AuthReason.SMS_USER)
        assert failure.sentence == sentence

    @pytest.mark.parametrize(
        ("sentence", "reason"),
        [
            ("Not enough credits on this SMS account", RefusedReason.NO_CREDITS),
            ("This account is disabled", RefusedReason.OTHER),
            ("User quota exceeded", RefusedReason.OTHER),
            ("Sender LOGIN is not enabled", RefusedReason.SENDER_NOT_ENABLED),
            ("Invalid sender account", RefusedReason.OTHER),
            ("Invalid tag: is too long", RefusedReason.OTHER),
            ("Invalid receiver", RefusedReason.OTHER),
        ],
    )
    async def test_not_about_the_user(
        self,
        scripted: Scripted,
        make_gateway: MakeGateway,
        sentence: str,
        reason: RefusedReason,
    ) -> None:
        """Do not ask for another password where it would not help."""
        scripted.body = json.dumps({"status": 202, "message": sentence})
        failure = await failure_of(make_gateway(scripted.url))
        assert meaning(failure) == (Refused, reason)
        assert failure.sentence == sentence

    @pytest.mark.parametrize(
        ("changes", "reason", "words"),
        [
            (
                {"sender": "NOBODY"},
                RefusedReason.SENDER_UNKNOWN,
                "Sms sender NOBODY does not exists",
            ),
            ({"tag": "x" * 21}, RefusedReason.OTHER, "Invalid tag: is too long"),
            ({"message": ""}, RefusedReason.OTHER, "Missing message"),
            ({"receivers": ()}, RefusedReason.OTHER, "Missing to"),
            ({"receivers": ("0639",)}, RefusedReason.OTHER, "Invalid receiver"),
        ],
    )
    async def test_sentences(
        self,
        sim: Simulator,
        gateway: Http2SmsGateway,
        changes: dict[str, Any],
        reason: RefusedReason,
        words: str,
    ) -> None:
        """Tell why, in OVHcloud's words and without its guide's address."""
        failure = await failure_of(gateway, make_job(**changes))
        assert meaning(failure) == (Refused, reason)
        assert failure.sentence == words
        assert len(sim.requests) == 1

    async def test_no_credits(self, sim: Simulator, gateway: Http2SmsGateway) -> None:
        """Tell that the credits do not suffice."""
        sim.world.accounts[ACCOUNT].credits_left = 0
        failure = await failure_of(gateway)
        assert meaning(failure) == (Refused, RefusedReason.NO_CREDITS)
        assert failure.sentence == "Not enough credits on this SMS account"

    async def test_address_not_allowed(
        self, sim: Simulator, make_gateway: MakeGateway
    ) -> None:
        """Tell that the user may not send from here."""
        sim.world.add_user(ACCOUNT, "away", "fake0pw2", ip_restrictions=["192.0.2.1"])
        failure = await failure_of(make_gateway(sim.url, SmsUser("away", "fake0pw2")))
        assert meaning(failure) == (AuthFailed, AuthReason.IP_NOT_ALLOWED)
        assert failure.sentence == "Unauthorized IP"

    @pytest.mark.parametrize(
        ("body", "expected", "sentence"),
        [
            (
                '{"status":201,"message":"Missing message. For more informations : http//:guides.ovh.com/httpToSms"}',
                (Refused, RefusedReason.OTHER),
                "Missing message",
            ),
            (
                '{"status":201,"message":"Missing message. Per maggiori informazioni visitare la pagina: http://guides.ovh.com/httpToSms"}',
                (Refused, RefusedReason.OTHER),
                "Missing message",
            ),
            (
                '{"status":202,"message":"For more informations : http://guides.ovh.com/httpToSms"}',
                (Refused, RefusedReason.OTHER),
                None,
            ),
            (
                '{"status":202,"message":"No links such as http://example.org"}',
                (Refused, RefusedReason.OTHER),
                "No links such as http://example.org",
            ),
            (
                '{"status":241,"message":"Sms sender A does not exists. Please create it first"}',
                (Refused, RefusedReason.SENDER_UNKNOWN),
                "Sms sender A does not exists. Please create it first",
            ),
            ('{"status":201}', (Refused, RefusedReason.OTHER), None),
            ('{"status":202,"message":["odd"]}', (Refused, RefusedReason.OTHER), None),
            ('{"status":401}', (AuthFailed, AuthReason.IP_NOT_ALLOWED), None),
            # Accepted, but for nobody.
            (
                '{"status":100,"creditLeft":"7","SmsIds":[]}',
                (Refused, RefusedReason.OTHER),
                None,
            ),
        ],
    )
    async def test_bodies(
        self,
        scripted: Scripted,
        make_gateway: MakeGateway,
        body: str,
        expected: Meaning,
        sentence: str | None,
    ) -> None:
        """Read the guide's examples and what comes near them."""
        scripted.body = body
        failure = await failure_of(make_gateway(scripted.url))
        assert meaning(failure) == expected
        assert failure.sentence == sentence

    async def test_status_of_http_too(
        self, scripted: Scripted, make_gateway: MakeGateway
    ) -> None:
        """Go by the body, also where HTTP agrees with it."""
        scripted.status, scripted.body = 401, '{"status": 401, "message": "No"}'
        failure = await failure_of(make_gateway(scripted.url))
        assert meaning(failure) == (AuthFailed, AuthReason.IP_NOT_ALLOWED)


class TestOddAnswers:
    """Answers from which nobody can tell whether the message left."""

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "OK\n1007\n10867690",
            "<html></html>",
            "null",
            "7",
            "[]",
            '"text"',
            "{}",
            "[" * 100_000,
            '{"status":null}',
            '{"status":true}',
            '{"status":[100],"SmsIds":["1"]}',
            '{"status":Infinity,"SmsIds":["1"]}',
            '{"status":1e2,"SmsIds":["1"]}',
            '{"status":"ok"}',
            '{"status":0}',
            '{"status":99,"SmsIds":["1"]}',
            '{"status":102,"SmsIds":["1"]}',
            '{"status":200,"SmsIds":["1"]}',
            '{"status":203,"message":"New"}',
            '{"status":500}',
            '{"status":100}',
            '{"status":100,"SmsIds":null}',
            '{"status":100,"SmsIds":["9223372036854775808"]}',
            '{"status":100,"SmsIds":"1"}',
            '{"status":100,"SmsIds":{"1":2}}',
            '{"status":100,"SmsIds":["one"]}',
            '{"status":100,"SmsIds":[null]}',
            '{"status":100,"SmsIds":[1.5]}',
        ],
    )
    async def test_body(
        self, scripted: Scripted, make_gateway: MakeGateway, body: str
    ) -> None:
        """Tell an answer that is not of the promised form, and never send again."""
        scripted.body = body
        failure = await failure_of(make_gateway(scripted.url))
        assert meaning(failure) == ODD
        assert scripted.posts == 1

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    async def test_redirection(
        self, scripted: Scripted, make_gateway: MakeGateway, status: int
    ) -> None:
        """Take the password nowhere else."""
        scripted.status = status
        scripted.headers["Location"] = f"{scripted.url}/elsewhere"
        failure = await failure_of(make_gateway(scripted.url))
        assert meaning(failure) == ODD
        assert scripted.requests == ["POST /cgi-bin/sms/http2sms.cgi"]
