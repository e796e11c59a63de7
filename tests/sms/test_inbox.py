"""The bookkeeping of replies, against a model: each is told once, and none that is old."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
import multiprocessing
import os
from pathlib import Path
import shutil
import signal
import tempfile
from typing import Any

from hypothesis import given, settings, strategies as st

from custom_components.ovh_sms.gateway import RestGateway
from custom_components.ovh_sms.gateway.errors import NotSent, NotSentReason
from custom_components.ovh_sms.gateway.models import ApiKeys, IncomingSms
from custom_components.ovh_sms.sms.dispatcher import Dispatcher
from custom_components.ovh_sms.sms.inbox import OVERLAP, Inbox
from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.replies import Replies
from custom_components.ovh_sms.sms.settings import Feedback

from .conftest import NOW, DrivenClock, make_settings

VIRTUAL = "0033639980010"


@dataclass(frozen=True)
class Known:
    """A reply as OVHcloud has it, and the scopes that it is listed in."""

    sms: IncomingSms
    scopes: tuple[str, ...]


class Ovhcloud(RestGateway):
    """What OVHcloud has; nothing goes over the wire."""

    def __init__(self) -> None:
        """Begin without any reply."""
        super().__init__(ApiKeys("a", "b", "c"))
        self.replies: dict[int, Known] = {}
        self.calls_left: int | None = None

    def _count(self) -> None:
        if self.calls_left is not None:
            self.calls_left -= 1
            if self.calls_left < 0:
                raise NotSent(NotSentReason.NO_CONNECTION)

    def incoming(self, service_name: str, **asked: Any) -> list[int]:
        """Return the ids, in no order."""
        self._count()
        return [
            sms_id
            for sms_id, known in self.replies.items()
            if (asked["virtual_number"] or "") in known.scopes
            and known.sms.created >= asked["since"].replace(microsecond=0)
        ]

    def incoming_sms(
        self, service_name: str, ids: Any, virtual_number: str | None = None
    ) -> list[IncomingSms]:
        """Return replies."""
        self._count()
        return [self.replies[each].sms for each in ids]


class House:
    """Replies read again and again, with restarts and crashes in between."""

    def __init__(self, path: Path) -> None:
        """Start a first run."""
        self.path = path
        self.clock = DrivenClock()
        self.ovhcloud = Ovhcloud()
        self.settings = make_settings(
            replies=Feedback.POLL, virtual_numbers=("+33639980010",)
        )
        self.told: list[int] = []
        self.start()

    def start(self) -> None:
        """Start a run."""
        self.road = Dispatcher(
            "sms", lambda: Ledger(self.path), self.ovhcloud, self.clock, lambda: 0.5
        )
        self.replies = Replies(self.road, "sms")

    def read(self, *, crash: str | None = None) -> None:
        """Read, and tell what is new; a crash may come before or after it is told."""
        self.road.budget.take(-60)
        self.replies.hint()
        self.replies.go_on()
        reading = self.replies.work(self.settings)
        ids = [each.sms.sms_id for each in reading.replies]
        if crash != "before":
            self.told += ids
            self.replies.confirm_told(ids)
        if crash == "after":
            # All that was lost is that it was told.
            self.replies.settle()
        if crash:
            self.restart()

    def restart(self) -> None:
        """End the run as a power cut does, and start another."""
        self.road.close()
        self.start()

    def close(self) -> None:
        """End it."""
        self.road.close()


steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("reply"),
            st.integers(1, 10**6),
            # How long before now it came: OVHcloud may show it late.
            st.floats(0, OVERLAP - 60),
            st.sampled_from([("",), (VIRTUAL,), ("", VIRTUAL)]),
        ),
        st.tuples(st.just("read"), st.sampled_from([None, "before", "after"])),
        st.tuples(st.just("cut"), st.integers(0, 3)),
        st.tuples(st.just("wait"), st.floats(1, 3 * 3600)),
    ),
    max_size=30,
)


@given(steps)
@settings(max_examples=60, deadline=None)
def test_each_once(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder) / "entry.db")
        house.read()
        house.clock.advance(OVERLAP + 2)
        begun = NOW
        expected: set[int] = set()
        for step in steps:
            match step:
                case "reply", sms_id, age, scopes:
                    if sms_id in house.ovhcloud.replies:
                        continue
                    created = int(house.clock.now() - age)
                    house.ovhcloud.replies[sms_id] = Known(
                        IncomingSms(
                            sms_id=sms_id,
                            sender="+33639980001",
                            text="1",
                            created=datetime.fromtimestamp(created, UTC),
                            tag="",
                        ),
                        scopes,
                    )
                    if created >= begun:
                        expected.add(sms_id)
                case "read", crash:
                    house.ovhcloud.calls_left = None
                    house.read(crash=crash)
                case "cut", calls:
                    house.ovhcloud.calls_left = calls
                    house.read()
                case "wait", seconds:
                    # Whoever waits for longer than that has read meanwhile.
                    house.ovhcloud.calls_left = None
                    house.read()
                    house.clock.advance(seconds)
        house.ovhcloud.calls_left = None
        house.read()
        house.read()
        assert sorted(house.told) == sorted(expected)
        house.close()


def add_reply(house: House) -> None:
    """Have a reply come."""
    house.clock.advance(10)
    sms = IncomingSms(
        sms_id=7,
        sender="+33639980001",
        text="Private words",
        created=datetime.fromtimestamp(int(house.clock.now()), UTC),
        tag="",
    )
    house.ovhcloud.replies[7] = Known(sms, ("",))


def house_with_reply(tmp_path: Path) -> House:
    """Return a house to which a reply has come."""
    house = House(tmp_path / "entry.db")
    house.read()
    add_reply(house)
    return house


def test_turned_on_in_the_same_second(tmp_path: Path) -> None:
    """OVHcloud tells and takes whole seconds: what came just before is old as well."""
    house = House(tmp_path / "entry.db")
    house.clock.advance(-10)
    add_reply(house)
    house.clock.advance(0.8)
    house.read()
    assert house.told == []
    house.close()


def test_half_a_character(tmp_path: Path) -> None:
    """What Home Assistant could not pass on is replaced."""
    house = house_with_reply(tmp_path)
    house.replies.hint()
    known = house.ovhcloud.replies[7]
    house.ovhcloud.replies[7] = replace(
        known, sms=replace(known.sms, text="Yes \ud83d", sender="\udfff")
    )
    [received] = house.replies.work(house.settings).replies
    assert (received.sms.text, received.sms.sender) == ("Yes ?", "?")
    house.close()


def read_and_die(path: Path) -> None:
    """Read a reply, and be killed before it is told."""
    house = House(path)
    add_reply(house)
    assert house.replies.work(house.settings).replies
    os.kill(os.getpid(), signal.SIGKILL)


def test_killed_between_write_and_tell(tmp_path: Path) -> None:
    """A process that dies the hard way has written down what is to be told."""
    house = house_with_reply(tmp_path)
    house.road.close()
    child = multiprocessing.get_context("spawn").Process(
        target=read_and_die, args=(house.path,)
    )
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    # What is told now can only come from what the other has written down.
    since = house.ovhcloud.replies[7].sms.created.timestamp() + 1
    house.start()
    house.road.ask(lambda ledger, gateway, clock: Inbox(ledger).begin("", since))
    house.read()
    house.read()
    assert house.told == [7]
    house.close()


def test_no_text_and_no_number_on_disk(tmp_path: Path) -> None:
    house = house_with_reply(tmp_path)
    house.replies.hint()
    assert house.replies.work(house.settings).replies
    house.close()
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert b"Private" not in content
        assert b"639980001" not in content


def test_future_reply_hides_none(tmp_path: Path) -> None:
    """A wrong time at OVHcloud does not make everything else look old."""
    house = house_with_reply(tmp_path)
    odd = datetime.fromtimestamp(house.clock.now() + 10**8, UTC)
    house.ovhcloud.replies[8] = Known(
        IncomingSms(sms_id=8, sender="x", text="", created=odd, tag=""), ("",)
    )
    house.read()
    house.clock.advance(5)
    late = datetime.fromtimestamp(int(house.clock.now()), UTC)
    house.ovhcloud.replies[6] = Known(
        IncomingSms(sms_id=6, sender="x", text="", created=late, tag=""), ("",)
    )
    house.read()
    assert sorted(house.told) == [6, 7, 8]
    house.close()


def test_restored_backup_tells_nothing_again(tmp_path: Path) -> None:
    """What came since the backup was made may have been told."""
    folder = tmp_path / "house"
    folder.mkdir()
    house = house_with_reply(folder)
    house.road.hold_for_backup()
    shutil.copytree(folder, tmp_path / "backup")
    house.read()
    house.close()
    assert house.told == [7]
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "backup", folder)
    house.clock.advance(2)
    house.start()
    house.read()
    assert house.told == [7]
    house.close()


def test_little_is_kept(tmp_path: Path) -> None:
    """Ids are forgotten once they are not listed any more."""
    house = house_with_reply(tmp_path)
    for sms_id in range(10, 30):
        house.clock.advance(OVERLAP)
        created = datetime.fromtimestamp(int(house.clock.now()), UTC)
        house.ovhcloud.replies[sms_id] = Known(
            IncomingSms(sms_id=sms_id, sender="x", text="", created=created, tag=""),
            ("",),
        )
        house.read()
    assert house.told == [7, *range(10, 30)]
    inbox = house.road.ask(lambda ledger, gateway, clock: Inbox(ledger))
    assert len(inbox.unseen(house.told)) >= 15
    house.close()
