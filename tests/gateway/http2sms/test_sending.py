"""What goes over the wire for a message, and what is read from the answer."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from custom_components.ovh_sms.gateway import (
    Http2SmsGateway,
    JobReport,
    Refused,
    RefusedReason,
    SmsUser,
)
from simulator import ACCOUNT, USER_LOGIN, USER_PASSWORD, DrivenClock, Fault, Simulator
from tests.conftest import texts

from ..conftest import NUMBER, TEXT, Scripted, make_job
from .conftest import SECOND, MakeGateway, failure_of, form_of, meaning, send

PLAIN = {
    "account": ACCOUNT,
    "login": USER_LOGIN,
    "password": USER_PASSWORD,
    "from": "HOUSE",
    "to": "0033639980001",
    "message": TEXT,
    "noStop": "1",
    "tag": "ha0123456789abcdef00",
    "contentType": "application/json",
}


class TestForm:
    """What goes over the wire."""

    @pytest.mark.parametrize(
        ("changes", "difference"),
        [
            ({}, {}),
            ({"receivers": (NUMBER, SECOND)}, {"to": "0033639980001,0033639980002"}),
            ({"no_stop_clause": False}, {"noStop": None}),
            ({"short_number": True}, {"from": "", "senderForResponse": "1"}),
            (
                {"short_number": True, "sender": None},
                {"from": "", "senderForResponse": "1"},
            ),
            ({"message_class": "flash"}, {"class": "0"}),
            ({"message_class": "phoneDisplay"}, {"class": "1"}),
            ({"message_class": "sim"}, {"class": "2"}),
            ({"message_class": "toolkit"}, {"class": "3"}),
            ({"coding": "7bit"}, {"smsCoding": "1"}),
            ({"coding": "8bit"}, {"smsCoding": "2"}),
            ({"tag": "mine"}, {"tag": "mine"}),
            ({"delay_minutes": 0}, {}),
            (
                {"message": "one\ntwo\r\nthree\rfour"},
                {"message": "one\rtwo\rthree\rfour"},
            ),
            ({"message": "é+&=%0d 🌡️ €"}, {"message": "é+&=%0d 🌡️ €"}),
            ({"priority": "low", "validity_minutes": 60, "charset": "UTF-8"}, {}),
        ],
    )
    async def test_fields(
        self,
        sim: Simulator,
        gateway: Http2SmsGateway,
        changes: dict[str, Any],
        difference: dict[str, str | None],
    ) -> None:
        """Send exactly what is set, in the gateway's spelling."""
        await send(gateway, make_job(**changes))
        [request] = sim.requests
        assert form_of(request) == {
            name: value
            for name, value in (PLAIN | difference).items()
            if value is not None
        }

    async def test_nothing_in_the_address(
        self, sim: Simulator, gateway: Http2SmsGateway
    ) -> None:
        """Keep everything out of the address, which servers and proxies write down."""
        await send(gateway)
        [request] = sim.requests
        assert (request.method, request.path) == ("POST", "/cgi-bin/sms/http2sms.cgi")
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"

    async def test_text(self, sim: Simulator, gateway: Http2SmsGateway) -> None:
        """Have the phone show the text as it was, line breaks included."""
        await send(gateway, make_job(message="Alarm\n21 °C & 50 % + 1 = 🌡️"))
        assert texts(sim, NUMBER) == ["Alarm\n21 °C & 50 % + 1 = 🌡️"]

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"message_class": "hologram"}, "Invalid class"),
            ({"coding": "9bit"}, "Invalid smsCoding"),
            ({"sender": None}, "Missing from"),
        ],
    )
    async def test_left_to_the_gateway(
        self, gateway: Http2SmsGateway, changes: dict[str, Any], words: str
    ) -> None:
        """Leave what makes no sense for the gateway to refuse."""
        failure = await failure_of(gateway, make_job(**changes))
        assert meaning(failure) == (Refused, RefusedReason.OTHER)
        assert failure.sentence == words

    async def test_unreadable_text(
        self, sim: Simulator, gateway: Http2SmsGateway
    ) -> None:
        """Fail in our own terms where no form can be made."""
        await failure_of(gateway, make_job(message="\ud800"))
        assert sim.requests == []

    def test_usual_address(self, make_gateway: MakeGateway) -> None:
        """Speak to OVHcloud itself unless told otherwise."""
        usual = make_gateway(None)._url
        assert usual == "https://www.ovh.com/cgi-bin/sms/http2sms.cgi"

    async def test_netrc_is_ignored(
        self, sim: Simulator, gateway: Http2SmsGateway
    ) -> None:
        """Send no password of the host's to OVHcloud."""
        netrc = Path.home() / ".netrc"
        netrc.write_text("default login someone password hunter2\n")
        netrc.chmod(0o600)
        await send(gateway)
        assert "Authorization" not in sim.requests[0].headers


class TestDeferred:
    """When a message shall leave: told to the minute, in Paris."""

    @pytest.mark.parametrize(
        ("now", "minutes", "told", "leaves_after"),
        [
            ("2026-03-10T11:00:00Z", 1, "120110032026", 1),
            ("2026-12-31T22:30:00Z", 30, "000001012027", 30),
            ("2026-06-30T21:59:00Z", 2880, "235902072026", 2880),
            # Never early: the rest of a minute counts for a whole one.
            ("2026-03-10T11:00:01Z", 1, "120210032026", 2),
            ("2026-03-10T11:00:00.000001Z", 1, "120210032026", 2),
            # The clocks go forward: half past two does not exist.
            ("2026-03-29T00:30:00Z", 60, "033029032026", 60),
            ("2026-03-29T00:30:00Z", 29, "015929032026", 29),
            # The clocks go back: half past two is there twice.
            ("2026-10-24T23:50:00Z", 60, "025025102026", 60),
            ("2026-10-25T00:10:00Z", 120, "031025102026", 120),
            ("2026-10-25T00:50:00Z", 20, "030025102026", 70),
            ("2026-10-25T01:10:00Z", 30, "030025102026", 50),
        ],
    )
    async def test_time(
        self,
        socket_enabled: None,
        make_gateway: MakeGateway,
        now: str,
        minutes: int,
        told: str,
        leaves_after: int,
    ) -> None:
        """Have a message leave when it was asked for, and not before."""
        clock = DrivenClock(datetime.fromisoformat(now))
        sim = Simulator(clock=clock)
        await sim.start()
        gateway = make_gateway(sim.url, clock=clock.now)
        await send(gateway, make_job(delay_minutes=minutes))
        assert form_of(sim.requests[0])["deferred"] == told
        due = datetime.fromisoformat(now).replace(second=0, microsecond=0)
        due += timedelta(minutes=leaves_after)
        await sim.advance((due - clock.now()).total_seconds() - 1)
        assert texts(sim, NUMBER) == []
        await sim.advance(1)
        assert texts(sim, NUMBER) == [TEXT]
        await sim.stop()

    async def test_own_clock(self, sim: Simulator, gateway: Http2SmsGateway) -> None:
        """Go by the host's clock unless told otherwise."""
        await send(gateway, make_job(delay_minutes=1441))
        told = form_of(sim.requests[0])["deferred"]
        day = (datetime.now(UTC) + timedelta(minutes=1441)).date()
        deferred = datetime.strptime(told, "%H%M%d%m%Y").date()
        assert abs(deferred - day) <= timedelta(days=1)


class TestReport:
    """What is read from an answer that accepts."""

    async def test_one(self, sim: Simulator, gateway: Http2SmsGateway) -> None:
        """Read what was accepted and what is left; not what was taken, which is not told."""
        report = await send(gateway)
        [message] = sim.world.accounts[ACCOUNT].messages.values()
        assert report == JobReport(
            ids=(message.id,),
            valid_receivers=(NUMBER,),
            invalid_receivers=(),
            credits=None,
            credits_left=249,
        )
        assert message.user == USER_LOGIN

    async def test_two(self, sim: Simulator, gateway: Http2SmsGateway) -> None:
        """Send to two at once."""
        report = await send(gateway, make_job(receivers=(NUMBER, SECOND)))
        assert report.valid_receivers == (NUMBER, SECOND)
        assert len(set(report.ids)) == 2
        assert texts(sim, NUMBER) == texts(sim, SECOND) == [TEXT]
        assert len(sim.requests) == 1

    async def test_half(self, sim: Simulator, gateway: Http2SmsGateway) -> None:
        """Claim nothing of a number where only some were accepted: it is not told which."""
        sim.faults.add(Fault("half"))
        report = await send(gateway, make_job(receivers=(NUMBER, SECOND)))
        assert len(report.ids) == 1
        assert report.valid_receivers == report.invalid_receivers == ()

    async def test_decimals(self, sim: Simulator, make_gateway: MakeGateway) -> None:
        """Read a part of a credit."""
        sim.world.add_user(ACCOUNT, "cellar", "fake0pw1", quota=49.5)
        gateway = make_gateway(sim.url, SmsUser("cellar", "fake0pw1"))
        assert (await send(gateway)).credits_left == 48.5

    @pytest.mark.parametrize(
        ("body", "ids", "left"),
        [
            (
                '{"status":100,"creditLeft":"1007","SmsIds":["10867690"]}',
                (10867690,),
                1007,
            ),
            ('{"status":101,"creditLeft":"85.95","SmsIds":["1"]}', (1,), 85.95),
            ('{"status":100,"smsIds":["1","2"],"creditLeft":"53.00"}', (1, 2), 53),
            ('{"status":"100","SmsIds":[1],"creditLeft":7}', (1,), 7),
            # What is left is good to know, no more.
            ('{"status":100,"SmsIds":["1"]}', (1,), None),
            ('{"status":100,"SmsIds":["1"],"creditLeft":null}', (1,), None),
            ('{"status":100,"SmsIds":["1"],"creditLeft":"many"}', (1,), None),
            ('{"status":100,"SmsIds":["1"],"creditLeft":"nan"}', (1,), None),
            ('{"status":100,"SmsIds":["1"],"creditLeft":["3"]}', (1,), None),
        ],
    )
    async def test_spellings(
        self,
        scripted: Scripted,
        make_gateway: MakeGateway,
        body: str,
        ids: tuple[int, ...],
        left: float | None,
    ) -> None:
        """Read the guide's example and what else is seen."""
        scripted.body = body
        report = await send(make_gateway(scripted.url))
        assert (report.ids, report.credits_left) == (ids, left)
        assert report.valid_receivers == ((NUMBER,) if len(ids) == 1 else ())
