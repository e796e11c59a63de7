"""The http2sms gateway: an account, a login and a password in a URL, and the answer in the body."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
import json

from .account import Account, User
from .constants import PARIS
from .credentials import is_admitted
from .errors import ApiError
from .network import Network
from .sending import MAX_TAG, Order, Report, Twist, accept
from .world import World

PATH = "/cgi-bin/sms/http2sms.cgi"
MORE = ". For more informations : http://guides.ovh.com/httpToSms"
# The guide's JSON example misspells the address; it is answered as documented.
JSON_MORE = ". For more informations : http//:guides.ovh.com/httpToSms"
_MANDATORY = ("account", "login", "password", "from", "to", "message")
_DEFERRED = "%H%M%d%m%Y"
_HTML = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" \
"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<HTML>
<HEAD>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" >
<title>HTTP2SMS</title>
</HEAD>
<BODY>
{body}
</BODY>
</HTML>"""


class Refusal(Exception):
    """A refusal with a status of the gateway's own."""

    def __init__(self, status: int, message: str) -> None:
        """Remember status and sentence."""
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(slots=True)
class Answer:
    """What the gateway says, in whichever form."""

    status: int
    message: str = ""
    credit_left: str = ""
    ids: list[int] = field(default_factory=list)

    @property
    def is_success(self) -> bool:
        """Tell whether the messages were taken."""
        return 100 <= self.status < 200

    def as_json(self) -> str:
        """Write it as JSON."""
        if self.is_success:
            content: dict[str, object] = {
                "status": self.status,
                "creditLeft": self.credit_left,
                "SmsIds": [str(sms_id) for sms_id in self.ids],
            }
        else:
            content = {"status": self.status, "message": self.message + JSON_MORE}
        return json.dumps(content, separators=(",", ":"), ensure_ascii=False)

    def as_xml(self) -> str:
        """Write it as XML."""
        inner = f"<message>{escape(self.message + MORE, quote=False)}</message>"
        if self.is_success:
            ids = "".join(f"<smsId>{sms_id}</smsId>" for sms_id in self.ids)
            inner = f"<creditLeft>{self.credit_left}</creditLeft><smsIds>{ids}</smsIds>"
        return f'<?xml version="1.0" encoding="UTF-8" ?><response><status>{self.status}</status>{inner}</response>'

    def as_html(self) -> str:
        """Write it as HTML."""
        if self.is_success:
            lines = ["OK", self.credit_left, *map(str, self.ids)]
            return _HTML.format(body="\n".join(f"{line}<br>" for line in lines))
        return _HTML.format(
            body=f"KO<br>{escape(self.message + MORE, quote=False)}<br>"
        )

    def as_text(self) -> str:
        """Write it as lines of text."""
        if self.is_success:
            return "\n".join(["OK", self.credit_left, *map(str, self.ids)])
        return f"KO\n{self.message}{MORE}"


_FORMS = {
    "text/xml": Answer.as_xml,
    "application/xml": Answer.as_xml,
    "text/json": Answer.as_json,
    "application/json": Answer.as_json,
    "text/html": Answer.as_html,
    "text/plain": Answer.as_text,
}


def write(answer: Answer, fields: Mapping[str, str]) -> tuple[str, str]:
    """Give the content type asked for and the answer in it."""
    # Unknown: another type; it gets the default.
    wanted = fields.get("contentType", "text/plain")
    content_type = wanted if wanted in _FORMS else "text/plain"
    return content_type, _FORMS[content_type](answer)


def _credit_text(credits: float) -> str:
    """Write credits as the gateway does: whole numbers without decimals."""
    return f"{credits:.2f}".rstrip("0").rstrip(".")


def _authenticate(
    world: World, fields: Mapping[str, str], remote: str | None
) -> tuple[Account, User]:
    """Find the account and the user, or refuse."""
    account = world.accounts.get(fields["account"])
    user = account.users.get(fields["login"]) if account else None
    if account is None or user is None or user.password != fields["password"]:
        # Unknown: status and sentence of a wrong account, login or password.
        raise Refusal(202, "Invalid account, login or password")
    if not is_admitted(remote, user.ip_restrictions):
        # Unknown: the exact sentence.
        raise Refusal(401, "Unauthorized IP")
    return account, user


def _deferred(world: World, text: str | None) -> datetime | None:
    """Read a time of the form hhmmddMMYYYY, in Paris."""
    # Unknown: a time that is past; it is refused.
    if not text:
        return None
    moment: datetime | None = None
    if len(text) == 12 and text.isdecimal():
        with suppress(ValueError):
            moment = datetime.strptime(text, _DEFERRED).replace(tzinfo=PARIS)
    if moment is None or moment <= world.now():
        raise Refusal(202, "Invalid deferred time")
    return moment


def _order(world: World, fields: Mapping[str, str], user: User) -> Order:
    """Read what to send, or refuse."""
    tag = fields.get("tag", "")
    if len(tag) > MAX_TAG:
        raise Refusal(202, "Invalid tag: is too long")
    if fields.get("class", "1") not in {"0", "1", "2", "3"}:
        raise Refusal(202, "Invalid class")
    coding = fields.get("smsCoding", fields.get("SMSencoding", "1"))
    if coding not in {"1", "2"}:
        raise Refusal(202, "Invalid smsCoding")
    return Order(
        message=fields["message"].replace("\r\n", "\n").replace("\r", "\n"),
        receivers=[
            receiver.strip() for receiver in fields["to"].split(",") if receiver.strip()
        ],
        sender=fields["from"],
        short_number=fields.get("senderForResponse") == "1",
        no_stop_clause=fields.get("noStop") == "1",
        tag=tag,
        send_at=_deferred(world, fields.get("deferred")),
        flash=fields.get("class") == "0",
        encoding="unicode" if coding == "2" else None,
        user=user.login,
    )


def _send(
    world: World,
    network: Network,
    fields: Mapping[str, str],
    remote: str | None,
    twist: Twist,
) -> Answer:
    """Take the message or refuse it."""
    given = dict(fields)
    if given.get("senderForResponse") == "1":
        given.setdefault("from", "")
    for name in _MANDATORY:
        if name not in given or not (
            given[name] or (name == "from" and given.get("senderForResponse") == "1")
        ):
            raise Refusal(201, f"Missing {name}")
    account, user = _authenticate(world, given, remote)
    order = _order(world, given, user)
    if not order.short_number and order.sender not in account.senders:
        raise Refusal(241, f"Sms sender {order.sender} does not exists")
    try:
        report: Report = accept(world, network, account, order, twist)
    except ApiError as err:
        # Unknown: the statuses of the other refusals; all are called an invalid parameter.
        raise Refusal(202, err.message) from err
    if not report.ids:
        raise Refusal(202, "Invalid receiver")
    left = account.credits_left if user.quota is None else user.quota
    # Unknown: when 101 is answered; here when some of the receivers were refused.
    return Answer(
        101 if report.invalid else 100, credit_left=_credit_text(left), ids=report.ids
    )


def answer(
    world: World,
    network: Network,
    fields: Mapping[str, str],
    remote: str | None,
    twist: Twist,
) -> Answer:
    """Answer a call."""
    try:
        return _send(world, network, fields, remote, twist)
    except Refusal as refusal:
        return Answer(refusal.status, refusal.message)
