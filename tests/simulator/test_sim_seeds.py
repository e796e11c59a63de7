"""OVHcloud's own guides, replayed: their calls get their documented answers."""

import asyncio
from collections.abc import Callable
from urllib.parse import urlencode

import aiohttp
import ovh
import pytest

from simulator import Simulator

type Make = Callable[..., ovh.Client]

PHP_BODY = {
    "charset": "UTF-8",
    "class": "phoneDisplay",
    "coding": "7bit",
    "message": "Bonjour les SMS OVH par api.ovh.com",
    "noStopClause": False,
    "priority": "high",
    "receivers": ["+3360000000"],
    "senderForResponse": True,
    "validityPeriod": 2880,
}
HTTP2SMS = {
    "account": "sms-ab12345-1",
    "login": "houseuser",
    "password": "fake0pw0",
    "from": "HOUSE",
    "to": "0033600000000",
    "message": "Hello",
    "noStop": "1",
}
HTML_HEAD = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" \
"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<HTML>
<HEAD>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" >
<title>HTTP2SMS</title>
</HEAD>
<BODY>
"""
MISSING = "Missing message. For more informations : http://guides.ovh.com/httpToSms"
FAILURES = {
    "xml": '<?xml version="1.0" encoding="UTF-8" ?><response><status>201</status>'
    f"<message>{MISSING}</message></response>",
    "json": '{"status":201,"message":"Missing message. For more informations : http//:guides.ovh.com/httpToSms"}',
    "html": f"{HTML_HEAD}KO<br>{MISSING}<br>\n</BODY>\n</HTML>",
    "plain": f"KO\n{MISSING}",
}
SUCCESSES = {
    "xml": '<?xml version="1.0" encoding="UTF-8" ?><response><status>100</status><creditLeft>1007</creditLeft>'
    "<smsIds><smsId>{id}</smsId></smsIds></response>",
    "json": '{{"status":100,"creditLeft":"1007","SmsIds":["{id}"]}}',
    "html": HTML_HEAD + "OK<br>\n1007<br>\n{id}<br>\n</BODY>\n</HTML>",
    "plain": "OK\n1007\n{id}",
}
TYPES = [
    "text/xml",
    "application/xml",
    "text/json",
    "application/json",
    "text/html",
    "text/plain",
    None,
]


async def test_node_guide(sim: Simulator, make_client: Make) -> None:
    """Send to the Node.js guide's number from a short number."""
    client = make_client()
    services = await asyncio.to_thread(client.get, "/sms")
    answer = await asyncio.to_thread(
        client.call,
        "POST",
        f"/sms/{services[0]}/jobs",
        {
            "message": "Hello World!",
            "senderForResponse": True,
            "receivers": ["0033600000000"],
        },
    )
    assert answer["totalCreditsRemoved"] == 1
    assert answer["invalidReceivers"] == []
    assert answer["validReceivers"] == ["+33600000000"]
    assert [len(str(sms_id)) for sms_id in answer["ids"]] == [8]
    assert sim.phone("+33600000000").messages[0].text == "Hello World!"


@pytest.mark.parametrize(
    ("rights", "slash"),
    [
        ([("GET", "/sms/"), ("GET", "/sms/*/jobs/"), ("POST", "/sms/*/jobs/")], "/"),
        ([("GET", "/sms/"), ("GET", "/sms/*/jobs"), ("POST", "/sms/*/jobs")], ""),
    ],
)
async def test_php_guides(
    sim: Simulator, make_client: Make, rights: list[tuple[str, str]], slash: str
) -> None:
    """Run the PHP guides, with slashes at the end of the paths and without."""
    client = make_client(consumer_key=sim.world.add_consumer_key(rules=rights).key)
    services = await asyncio.to_thread(client.get, "/sms/")
    path = f"/sms/{services[0]}/jobs{slash}"
    answer = await asyncio.to_thread(client.call, "POST", path, PHP_BODY)
    assert answer["totalCreditsRemoved"] == 1
    assert answer["invalidReceivers"] == []
    assert answer["validReceivers"] == ["+3360000000"]
    assert len(answer["ids"]) == 1
    assert await asyncio.to_thread(client.get, path) == []


async def test_php_guide_with_the_rights_of_its_link(
    sim: Simulator, make_client: Make
) -> None:
    """Refuse the French guide's first call when its link granted `/sms` and the call says `/sms/`."""
    client = make_client(
        consumer_key=sim.world.add_consumer_key(rules=[("GET", "/sms")]).key
    )
    with pytest.raises(ovh.NotGrantedCall):
        await asyncio.to_thread(client.get, "/sms/")


def _form_of(content_type: str | None) -> str:
    """Name the form of a content type."""
    return "plain" if content_type is None else content_type.partition("/")[2]


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_http2sms_success(
    sim: Simulator, web: aiohttp.ClientSession, content_type: str | None, method: str
) -> None:
    """Answer a success exactly as the guide shows it."""
    sim.world.accounts["sms-ab12345-1"].credits_left = 1008
    fields = HTTP2SMS | ({"contentType": content_type} if content_type else {})
    url = f"{sim.url}/cgi-bin/sms/http2sms.cgi"
    request = (
        web.get(f"{url}?&{urlencode(fields)}")
        if method == "GET"
        else web.post(url, data=fields)
    )
    async with request as response:
        assert response.status == 200
        assert response.content_type == (content_type or "text/plain")
        text = await response.text()
    message = sim.phone("+33600000000").messages[0]
    assert text == SUCCESSES[_form_of(content_type)].format(id=message.id)
    assert message.text == "Hello"


@pytest.mark.parametrize("content_type", TYPES)
async def test_http2sms_failure(
    sim: Simulator, web: aiohttp.ClientSession, content_type: str | None
) -> None:
    """Answer a failure exactly as the guide shows it."""
    fields = HTTP2SMS | ({"contentType": content_type} if content_type else {})
    del fields["message"]
    async with web.get(
        f"{sim.url}/cgi-bin/sms/http2sms.cgi", params=fields
    ) as response:
        assert response.status == 200
        assert await response.text() == FAILURES[_form_of(content_type)]
