"""Whatever a call holds, it becomes jobs that OVHcloud takes, or an error with a key."""

from collections.abc import Callable
import json
from typing import Any, Final

from hypothesis import example, given, settings as hypothesis_settings, strategies as st
import pytest

from custom_components.ovh_sms.gateway import Http2SmsGateway, Job, SmsUser
from custom_components.ovh_sms.gateway.rest import _body
from custom_components.ovh_sms.sms.errors import InvalidRequest
from custom_components.ovh_sms.sms.message import prepare
from custom_components.ovh_sms.sms.request import SmsRequest, read_request
from simulator.rest import OPERATIONS
from simulator.rest.parameters import parse_body
from tests.shown import load_words

from .conftest import ALICE, NOW, RECIPIENTS, make_settings

FIELDS: Final = {
    "message": "Leak",
    "title": "Alarm",
    "receivers": [ALICE, "Night Watch"],
    "receivers_document_url": "https://example.org/residents.csv",
    "receivers_slot_id": 1,
    "sender": "HOUSE",
    "sender_for_response": True,
    "no_stop_clause": True,
    "priority": "very_low",
    "delay": {"minutes": 10},
    "send_at": "2026-11-21 20:00",
    "validity": "06:00",
    "retry_for": "02:00:00",
    "queue": False,
    "tag": "mine",
    "message_class": "flash",
    "coding": "7bit",
    "charset": "UTF-8",
    "bypass_limits": True,
}
ALWAYS: Final = {"message": "Leak", "bypass_limits": True}
WORDS: Final = load_words()["en"]["exceptions"]
UNREAD: Final = (
    "None",
    "unknown",
    "unavailable",
    "",
    " ",
    "nan",
    "10",
    "\x00",
    "\ud800",
)

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.text(st.characters(categories=["Cs", "Cc", "Nd", "Lo"]), max_size=30)
    | st.binary(max_size=5)
    | st.sampled_from(UNREAD)
    | st.dates()
    | st.times()
    | st.datetimes()
    | st.timedeltas()
    | st.just(object),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=5) | st.sampled_from(["hours", "minutes", "days"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)
calls = st.fixed_dictionaries(
    {"message": st.just("Leak") | anything, "receivers": st.just(ALICE) | anything},
    optional={
        field: st.just(example) | anything
        for field, example in FIELDS.items()
        if field not in ("message", "receivers")
    },
)


def check_body(job: Job) -> None:
    """Compare what REST is sent with what OVHcloud's schema says."""
    body = _body(job)
    place = "virtualNumbers/{number}/" if job.virtual_number else ""
    [declared] = [
        operation.body
        for operation in OPERATIONS
        if (operation.method, operation.template)
        == ("POST", f"/sms/{{serviceName}}/{place}jobs")
    ]
    # Exactly as it is: of its type already, and no null.
    assert parse_body(json.dumps(body), declared, None) == body
    named = {"receivers", "receiversDocumentUrl", "receiversSlotId"} & body.keys()
    assert len(named) == 1
    assert None not in body.values()
    # The ledger keeps it, and takes no half of a character.
    job.tag.encode()


def check_form(job: Job) -> None:
    """Compare what http2sms is sent with what its guide says."""
    gateway = Http2SmsGateway(SmsUser("houseuser", "fake0pw0"))
    form = gateway._form("sms-ab12345-1", job)
    assert form.keys() <= {
        *("account", "login", "password", "from", "to", "message", "deferred"),
        *("class", "noStop", "tag", "contentType", "smsCoding", "senderForResponse"),
    }
    assert form["to"]
    assert len(form["tag"]) <= 20
    assert form.get("class", "0") in {"0", "1", "2", "3"}
    assert form.get("smsCoding", "1") in {"1", "2"}
    for value in form.values():
        value.encode()


DOORS: Final = [
    pytest.param({}, check_body, id="rest"),
    pytest.param({"sender": "+33639980010"}, check_body, id="virtual number"),
    pytest.param({"sends_only": True}, check_form, id="http2sms"),
]


def try_to_send(
    fields: dict[str, Any], settings: dict[str, Any], check: Callable[[Job], None]
) -> SmsRequest | None:
    """Take a call as far as it goes; what it ends with must have its words."""
    try:
        request = read_request(fields)
        for message in prepare(request, RECIPIENTS, make_settings(**settings), NOW):
            check(message.job)
    except InvalidRequest as err:
        text = WORDS[err.key]["message"]
        text.format(**err.placeholders).encode()
        return None
    return request


@pytest.mark.parametrize(("settings", "check"), DOORS)
@pytest.mark.parametrize("field", FIELDS)
@hypothesis_settings(max_examples=50)
@example(value="\ud800")
@example(value="\x00")
@example(value=10**5000)
@example(value={"days": 10**400})
@example(value="[" * 10_000)
@given(value=anything)
def test_any_value_of_a_field(
    settings: dict[str, Any], check: Callable[[Job], None], field: str, value: object
) -> None:
    """Take a field or refuse it, whatever is in it."""
    receivers = {} if field.startswith("receivers") else {"receivers": ALICE}
    try_to_send(ALWAYS | receivers | {field: value}, settings, check)


@pytest.mark.parametrize(("settings", "check"), DOORS)
@given(fields=calls)
def test_any_call(
    settings: dict[str, Any], check: Callable[[Job], None], fields: dict[str, Any]
) -> None:
    """Take a call or refuse it, whatever it holds."""
    try_to_send(fields, settings, check)


@pytest.mark.parametrize("field", FIELDS)
def test_examples_are_taken(field: str) -> None:
    """Take each field's example, so that what is refused above is refused for its value."""
    receivers = {} if field.startswith("receivers") else {"receivers": ALICE}
    fields = ALWAYS | receivers | {field: FIELDS[field]}
    assert try_to_send(fields, {}, check_body)
