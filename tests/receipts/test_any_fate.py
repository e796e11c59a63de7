"""Whatever OVHcloud says and whenever: each delivery ends once, as the receipt says."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.ovh_sms.gateway.models import JobReport, SmsRecord
from custom_components.ovh_sms.gateway.rest import RestGateway
from custom_components.ovh_sms.sms.dispatcher import Dispatcher
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.receipts import Receipts
from custom_components.ovh_sms.sms.request import SmsRequest
from tests.sms.conftest import NOW, RECIPIENTS, DrivenClock, make_settings
from tests.sms.driven import KEYS

from .conftest import DAY

_NUMBERS = tuple(f"+3363998000{place}" for place in range(5))
_END = 49 * 3600.0
_LAST = 12 * DAY

_moments = st.one_of(st.floats(0, 100), st.floats(0, _END), st.floats(0, _LAST))


@st.composite
def _fates(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what OVHcloud says of an SMS from some moment on, and when it has it."""
    return {
        "known_at": draw(st.one_of(st.just(0.0), _moments)),
        "ends_at": draw(_moments),
        "receipt": draw(st.sampled_from((0, 1, 2, 3, 4, 8, 16, -1, 2**70))),
        "ptt": draw(st.one_of(st.sampled_from((0, 4, 23)), st.integers())),
        "sent_at": draw(st.sampled_from((None, 0.0, 5 * DAY, -400 * DAY, 4000 * DAY))),
    }


class _Gateway(RestGateway):
    """Tells what was drawn."""

    def __init__(self, clock: DrivenClock, fates: list[dict[str, Any]]) -> None:
        super().__init__(KEYS)
        self._driven = clock
        self._fates = fates
        self.calls: list[float] = []

    def send(self, service_name: str, job: Any) -> JobReport:
        """Take everything."""
        ids = tuple(range(len(job.receivers)))
        return JobReport(
            ids=ids, valid_receivers=job.receivers, invalid_receivers=(), credits=1
        )

    def outgoing_sms(
        self, service_name: str, ids: Any, virtual_number: str | None = None
    ) -> list[SmsRecord]:
        """Tell how it stands with some SMS."""
        passed = self._driven.steady() - 1000
        self.calls.append(passed)
        return [
            self._drawn(sms_id, self._fates[sms_id], passed)
            for sms_id in ids
            if self._fates[sms_id]["known_at"] <= passed
        ]

    def _drawn(self, sms_id: int, fate: dict[str, Any], passed: float) -> SmsRecord:
        over = fate["ends_at"] <= passed
        sent_at = fate["sent_at"]
        return SmsRecord(
            sms_id=sms_id,
            receiver=_NUMBERS[sms_id],
            text="",
            created=datetime.fromtimestamp(NOW, UTC),
            tag="",
            credits=1,
            parts=1,
            receipt=fate["receipt"] if over else 0,
            ptt=fate["ptt"],
            sender="",
            delay_minutes=0,
            sent_at=None
            if sent_at is None
            else datetime.fromtimestamp(NOW + sent_at, UTC),
        )

    def meaning(self, ptt: int) -> str:
        """Say something, not always something sensible."""
        return "\ud800" if ptt % 2 else ""


@contextmanager
def _opened(path: Path, clock: DrivenClock, gateway: Any) -> Iterator[Receipts]:
    dispatcher = Dispatcher("sms", lambda: Ledger(path), gateway, clock, lambda: 0.5)
    receipts = Receipts(dispatcher)
    yield receipts
    receipts.close()
    dispatcher.close()


@given(
    st.lists(_fates(), min_size=1, max_size=5),
    st.lists(
        st.tuples(_moments, st.sampled_from((-5, 3600, -3600, 90000))), max_size=2
    ),
    st.lists(_moments, max_size=2),
)
@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_model(
    tmp_path_factory: pytest.TempPathFactory,
    fates: list[dict[str, Any]],
    jumps: list[tuple[float, float]],
    restarts: list[float],
) -> None:
    """Tell each end once: what the receipt says if it comes in time, else that none came."""
    path = tmp_path_factory.mktemp("any") / "a.db"
    clock = DrivenClock()
    gateway = _Gateway(clock, fates)
    chosen = make_settings(daily_limit=0, recipient_limit=0)
    numbers = _NUMBERS[: len(fates)]
    with _opened(path, clock, gateway) as receipts:
        receipts._road.send(
            SmsRequest(message="Leak", receivers=numbers), RECIPIENTS, chosen
        )
    told: dict[int, list[tuple[str, float]]] = {}
    agenda = sorted([*((at, by) for at, by in jumps), *((at, 0) for at in restarts)])
    while True:
        with _opened(path, clock, gateway) as receipts:
            until = agenda[0][0] if agenda else _LAST
            pause: float | None = 0.0
            while pause is not None and clock.steady() - 1000 <= until:
                reading = receipts.work(chosen)
                for each in reading.receipts:
                    moment = clock.steady() - 1000
                    told.setdefault(each.key[1], []).append((each.state, moment))
                receipts.confirm_told(reading.receipts)
                pause = reading.pause
                clock.advance(pause or 0.0)
        if not agenda:
            break
        clock.jump(agenda.pop(0)[1])
    for place, fate in enumerate(fates):
        [(state, moment)] = told.get(place, [("", 0.0)])
        seen = max(fate["ends_at"], fate["known_at"])
        ended = {1: "delivered", 2: "failed", 16: "failed"}.get(fate["receipt"])
        jumped = sum(abs(by) for _, by in jumps)
        if ended and seen + jumped < _END:
            assert (state, moment >= seen) == (ended, True)
        elif not ended:
            assert state in ("unconfirmed", "")
        if state == "unconfirmed":
            assert moment >= _END - jumped
    assert len(gateway.calls) < 100
