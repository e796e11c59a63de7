"""Which reply is an answer, and what may be asked for."""

from datetime import UTC, datetime
from typing import Any
import unicodedata

from hypothesis import given, strategies as st
import pytest

from custom_components.ovh_sms.gateway.models import IncomingSms
from custom_components.ovh_sms.sms.errors import InvalidRequest
from custom_components.ovh_sms.sms.questions import (
    Question,
    gist,
    read_answers,
    read_timeout,
)

from .conftest import ALICE, BOB, CAROL, NOW


def question(*answers: str, **changes: Any) -> Question:
    """Return a question to Alice and Bob."""
    given_: dict[str, Any] = {
        "numbers": frozenset({ALICE, BOB}),
        "answers": read_answers(list(answers) or None),
        "since": {"": NOW},
        "known": set(),
        "older_tags": frozenset({"older"}),
        "earliest": NOW,
        "are_tagged": True,
        "tags": {"mine"},
    }
    return Question(**(given_ | changes))


def reply(
    text: str = "Yes", sender: str = ALICE, tag: str = "", at: float = NOW
) -> IncomingSms:
    """Return a reply."""
    created = datetime.fromtimestamp(at, UTC)
    return IncomingSms(sms_id=1, sender=sender, text=text, created=created, tag=tag)


@pytest.mark.parametrize(
    ("offered", "text"),
    [
        ("Oui", " oui. "),
        ("oui", "OUI !!!"),
        ("Déjà", "deja"),
        ("deja", "«\u00a0DÉJÀ\u00a0»"),
        ("1", "1)"),
        ("1", "\uff11"),
        ("on y va", "On  y\nva"),
        ("d'accord", "D’accord"),
        ("straße", "STRASSE"),
        ("później", "pozniej"),
        ("łódź", "lodz"),
        ("👍", "👍"),
        ("+", "+."),
    ],
)
def test_the_same_answer(offered: str, text: str) -> None:
    assert question(offered).is_answered_by(reply(text), ())
    assert question(offered).answer(text) == offered


@pytest.mark.parametrize(
    ("offered", "text"),
    [("oui", "oui mais non"), ("1", "11"), ("1", "-"), ("oui", ""), ("no", "on")],
)
def test_another_answer(offered: str, text: str) -> None:
    assert not question(offered).is_answered_by(reply(text), ())


@given(st.text())
def test_gist_is_settled(text: str) -> None:
    assert gist(gist(text)) == gist(text)


@given(
    st.text(alphabet=st.characters(codec="ascii", categories=["L", "N"]), min_size=1)
)
def test_gist_takes_no_word_away(text: str) -> None:
    assert gist(f' "{text.upper()}"!\n') == text.lower()


@given(st.text())
def test_gist_of_either_form(text: str) -> None:
    """A phone may write an accent as a character of its own."""
    assert gist(unicodedata.normalize("NFC", text)) == gist(
        unicodedata.normalize("NFD", text)
    )


@given(st.lists(st.text() | st.integers(), min_size=1))
def test_any_answers(written: list[Any]) -> None:
    """What is taken is told apart, and each of it answers."""
    try:
        answers = read_answers(written)
    except InvalidRequest:
        return
    assert list(answers.values()) == [str(each) for each in written]
    asked = question(*answers.values())
    for each in answers.values():
        assert asked.answer(each) == each


@pytest.mark.parametrize(
    ("sms", "is_answer"),
    [
        (reply(), True),
        (reply(sender=BOB), True),
        (reply(sender=CAROL), False),
        (reply(tag="mine"), True),
        (reply(tag="of a later message"), True),
        (reply(tag="older"), False),
        (reply(at=NOW - 1), False),
    ],
)
def test_whose_and_when(sms: IncomingSms, *, is_answer: bool) -> None:
    assert question().is_answered_by(sms, ()) is is_answer


def test_two_questions_to_one_number() -> None:
    """The tag tells them apart; without it neither is answered."""
    first = question(tags={"first"})
    second = question(numbers=frozenset({ALICE}), tags={"second"})
    both = (first, second)
    for tag, answered in (("first", [first]), ("second", [second]), ("", [])):
        sms = reply(tag=tag)
        assert [each for each in both if each.is_answered_by(sms, both)] == answered
    assert first.is_answered_by(reply(sender=BOB), both)
    assert not question(are_tagged=False).is_clear_of([first])
    assert question(are_tagged=True).is_clear_of([first])
    assert question(are_tagged=False, numbers=frozenset({CAROL})).is_clear_of([first])


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ([], "answers_none"),
        ([True, False], "answers_not_quoted"),
        (["yes", False], "answers_not_quoted"),
        ([""], "answer_empty"),
        (["?!"], "answer_empty"),
        (["None"], "answer_empty"),
        ("unavailable", "answer_empty"),
        (["Oui", "OUI!"], "answers_alike"),
        ([1, "1"], "answers_alike"),
        ({"yes": 1}, "answers_not_list"),
        ([["yes"]], "answers_not_list"),
        ([None], "answers_not_list"),
    ],
)
def test_answers_refused(value: object, key: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_answers(value)
    assert caught.value.key == key


def test_answers_as_they_are_written() -> None:
    assert read_answers(None) == {}
    assert read_answers("Oui") == {"oui": "Oui"}
    assert read_answers([1, "Déjà !"]) == {"1": "1", "deja": "Déjà !"}


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (300, "duration_without_unit"),
        ("00:00:09", "timeout_out_of_range"),
        ({"days": 2}, "timeout_out_of_range"),
        ("soon", "duration_unreadable"),
    ],
)
def test_timeout_refused(value: object, key: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_timeout(value)
    assert caught.value.key == key


def test_timeout() -> None:
    assert read_timeout(None).total_seconds() == 300
    assert read_timeout("24:00:00").total_seconds() == 86400
