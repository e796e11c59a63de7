"""The limits that keep a mistake from becoming a bill."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings as how, strategies as st
import pytest

from custom_components.ovh_sms.sms import limits
from custom_components.ovh_sms.sms.errors import LimitReached
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.message import Message, Outcome
from custom_components.ovh_sms.sms.states import State

from .conftest import (
    ALICE,
    BOB,
    CAROL,
    NOW,
    RUN,
    OpenLedger,
    make_message,
    make_settings,
)

PARIS = ZoneInfo("Europe/Paris")


def sent(
    ledger: Ledger,
    at: float,
    *numbers: str,
    state: State = State.ACCEPTED,
    **changes: Any,
) -> Message:
    """Write down a message that was sent some time ago."""
    message = make_message(*numbers, **changes)
    ledger.add(message, at, RUN)
    ledger.settle(Outcome(message=message, state=state), at)
    return message


def reached(
    ledger: Ledger, now: float, message: Message | None = None, **changes: Any
) -> str | None:
    """Return the limit that a message would go over, if any."""
    try:
        limits.check(message or make_message(), ledger, make_settings(**changes), now)
    except LimitReached as err:
        return err.key
    return None


class TestDailyLimit:
    """Parts a day."""

    def test_just_fits(self, ledger: Ledger) -> None:
        """Allow as many parts as the limit says, and none more."""
        sent(ledger, NOW, ALICE, BOB, text="a" * 161)
        assert reached(ledger, NOW, daily_limit=5) is None
        assert reached(ledger, NOW, daily_limit=4) == "daily_limit"
        assert reached(ledger, NOW, daily_limit=0) is None

    def test_message_of_many_parts(self, ledger: Ledger) -> None:
        """Count each part once for each receiver, in what is to be sent too."""
        message = make_message(ALICE, BOB, CAROL, text="a" * 161)
        assert reached(ledger, NOW, message, daily_limit=6) is None
        assert reached(ledger, NOW, message, daily_limit=5) == "daily_limit"

    def test_told(self, ledger: Ledger) -> None:
        """Tell the limit."""
        with pytest.raises(LimitReached) as caught:
            limits.check(
                make_message(ALICE, BOB), ledger, make_settings(daily_limit=1), NOW
            )
        assert caught.value.placeholders == {"limit": "1"}

    @pytest.mark.parametrize(
        ("state", "counts"),
        [
            (State.ACCEPTED, True),
            (State.PARTIAL, True),
            (State.UNKNOWN, True),
            (State.REFUSED, False),
            (State.EXPIRED, False),
        ],
    )
    def test_what_counts(self, ledger: Ledger, state: State, counts: bool) -> None:
        """Count what may have cost something, and nothing else."""
        sent(ledger, NOW, state=state)
        assert (reached(ledger, NOW, daily_limit=1) is not None) is counts
        assert (reached(ledger, NOW, recipient_limit=1) is not None) is counts

    def test_what_is_being_sent(self, ledger: Ledger) -> None:
        """Count what is on its way."""
        ledger.add(make_message(), NOW, RUN)
        assert reached(ledger, NOW, daily_limit=1) == "daily_limit"

    def test_refused_receiver(self, ledger: Ledger) -> None:
        """Count only the receivers that were accepted."""
        message = make_message(ALICE, BOB)
        ledger.add(message, NOW, RUN)
        outcome = Outcome(message=message, state=State.PARTIAL, invalid=(BOB,))
        ledger.settle(outcome, NOW)
        assert ledger.parts_since(NOW) == 1
        assert len(ledger.sent_to([ALICE], NOW)[ALICE]) == 1
        assert len(ledger.sent_to([BOB], NOW)[BOB]) == 0

    def test_bypass(self, ledger: Ledger) -> None:
        """Let a message through that bypasses the limits, and count it."""
        sent(ledger, NOW, bypass_limits=True)
        message = make_message(bypass_limits=True)
        assert reached(ledger, NOW, message, daily_limit=1, recipient_limit=1) is None
        assert reached(ledger, NOW, daily_limit=1) == "daily_limit"

    @pytest.mark.parametrize(
        ("zone", "midnight"),
        [
            (PARIS, datetime(2026, 3, 10, 0, tzinfo=PARIS)),
            # The clocks change, an hour is missing or comes twice.
            (PARIS, datetime(2026, 3, 29, 0, tzinfo=PARIS)),
            (PARIS, datetime(2026, 10, 25, 0, tzinfo=PARIS)),
            (ZoneInfo("Asia/Tokyo"), datetime(2026, 3, 9, 15, tzinfo=UTC)),
            (ZoneInfo("Asia/Kolkata"), datetime(2026, 3, 9, 18, 30, tzinfo=UTC)),
            (ZoneInfo("America/New_York"), datetime(2026, 11, 1, 4, tzinfo=UTC)),
            # Here midnight itself comes twice, or is missing.
            (ZoneInfo("America/Havana"), datetime(2026, 11, 1, 4, tzinfo=UTC)),
            (ZoneInfo("America/Havana"), datetime(2026, 3, 8, 5, tzinfo=UTC)),
            (ZoneInfo("Africa/Cairo"), datetime(2026, 4, 23, 22, tzinfo=UTC)),
        ],
    )
    def test_day_of_the_house(
        self, ledger: Ledger, zone: ZoneInfo, midnight: datetime
    ) -> None:
        """Begin a day at the house's midnight, the first where it comes twice."""
        start = midnight.timestamp()
        sent(ledger, start - 1)
        for later in (0, 1, 1800, 3599, 3600, 5400, 12 * 3600, 22.9 * 3600):
            assert reached(ledger, start + later, time_zone=zone, daily_limit=1) is None
        sent(ledger, start)
        for later in (0, 1800, 3600, 5400, 7200, 22.9 * 3600):
            assert (
                reached(ledger, start + later, time_zone=zone, daily_limit=1)
                == "daily_limit"
            )

    @pytest.mark.parametrize(
        ("day", "hours"),
        [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 6, 1), 24)],
    )
    def test_length_of_a_day(
        self, ledger: Ledger, day: tuple[int, int, int], hours: int
    ) -> None:
        """A day of 23 or 25 hours is a day."""
        start = datetime(*day, tzinfo=PARIS).timestamp()
        sent(ledger, start)
        last = start + hours * 3600 - 1
        assert reached(ledger, last, time_zone=PARIS, daily_limit=1) == "daily_limit"
        assert reached(ledger, last + 1, time_zone=PARIS, daily_limit=1) is None


class TestRecipientLimit:
    """Messages to one number in ten minutes."""

    def test_window(self, ledger: Ledger) -> None:
        """Count the messages of the last ten minutes, whatever their length."""
        sent(ledger, NOW, text="a" * 500)
        assert reached(ledger, NOW, recipient_limit=2) is None
        sent(ledger, NOW + 300)
        assert reached(ledger, NOW + 300, recipient_limit=2) == "recipient_limit"
        assert reached(ledger, NOW + 600, recipient_limit=2) == "recipient_limit"
        assert reached(ledger, NOW + 600.5, recipient_limit=2) is None
        assert reached(ledger, NOW + 300, recipient_limit=0) is None

    def test_each_number_on_its_own(self, ledger: Ledger) -> None:
        """Count for each number, and name the one that gets too many by two digits."""
        sent(ledger, NOW, BOB)
        assert reached(ledger, NOW, make_message(ALICE), recipient_limit=1) is None
        with pytest.raises(LimitReached) as caught:
            limits.check(
                make_message(ALICE, BOB), ledger, make_settings(recipient_limit=1), NOW
            )
        assert caught.value.key == "recipient_limit"
        assert caught.value.placeholders == {"limit": "1", "number": "…02"}

    def test_clock_set_back(self, ledger: Ledger) -> None:
        """Go on counting what was sent before the host's clock was set back."""
        sent(ledger, NOW)
        assert reached(ledger, NOW - 3600, recipient_limit=1) == "recipient_limit"


class TestDuplicates:
    """The same text to the same number within a window."""

    def left(
        self, ledger: Ledger, message: Message, now: float, window: int = 60
    ) -> tuple[str, ...] | None:
        """Return whom a message still goes to."""
        changed = limits.without_duplicates(
            message, ledger, make_settings(duplicate_window=window), now
        )
        if changed is None:
            return None
        assert changed.job.receivers == tuple(r.number for r in changed.receivers)
        return changed.job.receivers

    def test_window(self, ledger: Ledger) -> None:
        """Leave out who got the text a moment ago."""
        sent(ledger, NOW, ALICE)
        assert self.left(ledger, make_message(ALICE), NOW + 60) is None
        assert self.left(ledger, make_message(ALICE), NOW + 60.5) == (ALICE,)
        assert self.left(ledger, make_message(ALICE, BOB), NOW + 1) == (BOB,)
        assert self.left(ledger, make_message(BOB), NOW + 1) == (BOB,)
        assert self.left(ledger, make_message(ALICE), NOW, window=0) == (ALICE,)

    def test_another_text(self, ledger: Ledger) -> None:
        """Send another text, though it differs by an accent alone."""
        sent(ledger, NOW, text="Fuite d'eau à l'étage 🚨")
        again = make_message(text="Fuite d'eau à l'étage 🚨")
        other = make_message(text="Fuite d'eau a l'étage 🚨")
        assert self.left(ledger, again, NOW) is None
        assert self.left(ledger, other, NOW) == (ALICE,)

    def test_bypass(self, ledger: Ledger) -> None:
        """Send what bypasses the limits."""
        sent(ledger, NOW)
        assert self.left(ledger, make_message(bypass_limits=True), NOW) == (ALICE,)

    @pytest.mark.parametrize(
        ("state", "got"),
        [
            (State.ACCEPTED, True),
            (State.UNKNOWN, True),
            (State.REFUSED, False),
            (State.EXPIRED, False),
        ],
    )
    def test_what_counts(self, ledger: Ledger, state: State, got: bool) -> None:
        """Send again what surely was not sent."""
        sent(ledger, NOW, state=state)
        assert (self.left(ledger, make_message(), NOW) is None) is got


class TestReached:
    """What is remembered of a limit that has stopped a message."""

    @pytest.mark.parametrize(
        ("untils", "later", "holds"),
        [
            ([600], 599, 600),
            ([600], 600, None),
            # Two numbers: the last one to be free counts.
            ([600, 100], 300, 600),
            ([100, 600], 300, 600),
            # Noted while the clock was a year ahead.
            ([365 * 86400], 1, None),
            ([365 * 86400, 600], 1, 600),
        ],
    )
    def test_until(
        self, ledger: Ledger, untils: list[int], later: int, holds: int | None
    ) -> None:
        """Tell until when no message to some number is sent."""
        for until in untils:
            stopped = LimitReached(limits.RECIPIENT_LIMIT, NOW + until, limit="10")
            limits.note(ledger, stopped, NOW)
        found = limits.reached(ledger, make_settings(), NOW + later)
        assert found.get(limits.RECIPIENT_LIMIT) == (holds and NOW + holds)

    @pytest.mark.parametrize(
        ("most", "holds"), [(10, True), (9, True), (11, False), (0, False)]
    )
    def test_changed(self, ledger: Ledger, most: int, holds: bool) -> None:
        """Tell nothing of a limit that has been raised or set off."""
        stopped = LimitReached(limits.RECIPIENT_LIMIT, NOW + 60, limit="10")
        limits.note(ledger, stopped, NOW)
        found = limits.reached(ledger, make_settings(recipient_limit=most), NOW)
        assert (limits.RECIPIENT_LIMIT in found) is holds


@how(max_examples=10, deadline=None)
@given(
    events=st.lists(
        st.tuples(
            st.integers(0, 3 * 86400),
            st.sampled_from([(ALICE,), (BOB,), (ALICE, BOB)]),
            st.integers(1, 3),
            st.sampled_from([State.ACCEPTED, State.UNKNOWN, State.REFUSED]),
        ),
        max_size=12,
    ),
    at=st.integers(0, 3 * 86400),
)
def test_counts(
    tmp_path_factory: pytest.TempPathFactory,
    events: list[tuple[int, tuple[str, ...], int, State]],
    at: int,
) -> None:
    """Count what a list in memory would count."""
    start = datetime(2026, 10, 24, tzinfo=PARIS)
    ledger = Ledger(tmp_path_factory.mktemp("ledger") / "entry.db")
    for later, numbers, parts, state in events:
        moment = (start + timedelta(seconds=later)).timestamp()
        sent(ledger, moment, *numbers, text="a" * 153 * parts, state=state)
    since = (start + timedelta(seconds=at)).timestamp()
    counted = [
        (numbers, make_message(text="a" * 153 * parts).size.parts)
        for later, numbers, parts, state in events
        if (start + timedelta(seconds=later)).timestamp() >= since
        and state is not State.REFUSED
    ]
    assert ledger.parts_since(since) == sum(len(to) * parts for to, parts in counted)
    assert len(ledger.sent_to([ALICE], since)[ALICE]) == sum(
        ALICE in to for to, _ in counted
    )
    ledger.close()


def test_fixtures_are_apart(open_ledger: OpenLedger, ledger: Ledger) -> None:
    """Two hands on one file see the same."""
    sent(ledger, NOW)
    assert open_ledger().parts_since(NOW) == 1
