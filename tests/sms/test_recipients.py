"""Whom a message goes to."""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from custom_components.ovh_sms.sms.errors import InvalidRequest
from custom_components.ovh_sms.sms.recipients import Receiver, resolve

from .conftest import ALICE, BOB, CAROL, RECIPIENTS

STRANGER = "+33639980099"


@pytest.mark.parametrize(
    ("recipients", "receivers", "expected"),
    [
        (["alice"], [], [(ALICE, "alice")]),
        (["watch"], [], [(BOB, "watch"), (CAROL, "watch")]),
        (["watch", "alice"], [], [(BOB, "watch"), (CAROL, "watch"), (ALICE, "alice")]),
        ([], ["Alice"], [(ALICE, "alice")]),
        ([], [" aLiCe "], [(ALICE, "alice")]),
        ([], ["night watch"], [(BOB, "watch"), (CAROL, "watch")]),
        ([], ["06 39 98 00 99"], [(STRANGER, None)]),
        # A number of a recipient is known as such.
        ([], ["06 39 98 00 02"], [(BOB, "watch")]),
        (["alice"], ["0639980099"], [(ALICE, "alice"), (STRANGER, None)]),
        # Nobody gets a message twice.
        (["alice", "alice"], ["Alice", ALICE, "0033639980001"], [(ALICE, "alice")]),
        ([], [STRANGER, "06 39 98 00 99"], [(STRANGER, None)]),
        ([], [CAROL, "Night Watch"], [(CAROL, "watch"), (BOB, "watch")]),
    ],
)
def test_resolve(
    recipients: list[str], receivers: list[str], expected: list[tuple[str, str | None]]
) -> None:
    """Find each number once, in the order it was named."""
    found = resolve(recipients, receivers, RECIPIENTS, "FR")
    assert found == tuple(Receiver(*each) for each in expected)


def test_nobody() -> None:
    """Refuse a message to nobody."""
    with pytest.raises(InvalidRequest, match="no_receivers"):
        resolve([], [], RECIPIENTS, "FR")


def test_neither_name_nor_number() -> None:
    """Refuse a name that nobody has."""
    with pytest.raises(InvalidRequest, match="number_not_a_number") as caught:
        resolve([], ["Alice", "Mallory"], RECIPIENTS, "FR")
    assert caught.value.placeholders == {"number": "Mallory"}


@pytest.mark.parametrize("receiver", ["", "  ", "None", "unknown", " unavailable "])
def test_nothing_for_a_receiver(receiver: str) -> None:
    """Refuse what a template makes of nothing, unless someone is called that."""
    with pytest.raises(InvalidRequest, match="receiver_empty") as caught:
        resolve([], [ALICE, receiver], RECIPIENTS, "FR")
    assert caught.value.placeholders == {"receiver": receiver.strip()}
    unknown = replace(RECIPIENTS["alice"], name="Unknown")
    assert resolve([], ["unknown"], {"alice": unknown}, "FR")


def test_who_does_not_wait() -> None:
    """Carry along whether a recipient has a use for a late message."""
    recipients = RECIPIENTS | {"alice": replace(RECIPIENTS["alice"], queue=False)}
    found = resolve(["watch"], [ALICE, STRANGER], recipients, "FR")
    assert [each.queue for each in found] == [True, True, False, True]


@given(
    st.lists(st.sampled_from(["alice", "watch"]), max_size=4),
    st.lists(
        st.sampled_from(["Alice", "NIGHT WATCH", ALICE, "0639980099"]), max_size=4
    ),
)
def test_each_once(recipients: list[str], receivers: list[str]) -> None:
    """Never name a number twice, and forget none."""
    wanted = {
        "alice": {ALICE},
        "watch": {BOB, CAROL},
        "Alice": {ALICE},
        "NIGHT WATCH": {BOB, CAROL},
        ALICE: {ALICE},
        "0639980099": {STRANGER},
    }
    expected = {number for each in recipients + receivers for number in wanted[each]}
    if not expected:
        return
    found = [each.number for each in resolve(recipients, receivers, RECIPIENTS, "FR")]
    assert len(found) == len(set(found))
    assert set(found) == expected
