"""What was sent, as the limits count it."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from ..kept import Kept
from .database import Database, Version
from .states import FREE, OPEN

_PLACES: Final = ", ".join("?" * len(FREE))
_NOT_SENT: Final = ", ".join(f"'{state}'" for state in (*OPEN, *FREE))


@dataclass(frozen=True, slots=True)
class _Sent:
    """What went to which number and when, since a moment, in a version of the ledger."""

    version: Version
    since: float
    rows: list[tuple[bytes, float]]


class SentMessages(Database):
    """The part of a ledger that knows how much was sent, and to whom.

    What limits ask at each message is kept until something else is written down.
    """

    def __init__(self, path: Path | None) -> None:
        """Open the file; nothing is counted yet."""
        self._parts = Kept(self._count_parts)
        self._sent: _Sent | None = None
        self._mark_of = lru_cache(maxsize=1000)(self.mark)
        super().__init__(path)

    def sent_since(self, moment: float) -> tuple[int, float]:
        """Return how many messages OVHcloud took since a moment, and for what credits."""
        with self._lock:
            [count, paid] = self._database.execute(
                "SELECT COUNT(*), SUM(credits) FROM messages"
                f" WHERE created_at >= ? AND state NOT IN ({_NOT_SENT})",
                (moment,),
            ).fetchone()
        return count, paid or 0.0

    def parts_since(self, moment: float) -> int:
        """Return the SMS parts sent since a moment, one for each number."""
        with self._lock:
            return self._parts.of(self._version, moment)

    def sent_to(
        self, numbers: Collection[str], moment: float
    ) -> dict[str, list[float]]:
        """Return when messages went to numbers since a moment, the first one first."""
        marks = {self._mark_of(number): number for number in numbers}
        sent: dict[str, list[float]] = {number: [] for number in numbers}
        with self._lock:
            for mark, created_at in self._all_sent(moment):
                if mark in marks and created_at >= moment:
                    sent[marks[mark]].append(created_at)
        return sent

    def receivers_of(
        self, text: str, numbers: Collection[str], moment: float
    ) -> set[str]:
        """Return which of some numbers were sent a text since a moment."""
        with self._lock:
            rows = self._database.execute(
                "SELECT number_mark FROM messages JOIN deliveries USING (message_id)"
                " WHERE created_at >= ? AND text_mark = ?"
                f" AND deliveries.state NOT IN ({_PLACES})",
                (moment, self.mark(text), *FREE),
            )
            marks = {mark for (mark,) in rows}
        return {number for number in numbers if self.mark(number) in marks}

    def _count_parts(self, _: Version, moment: float) -> int:
        return self._count(
            "SELECT SUM(parts) FROM messages JOIN deliveries USING (message_id)"
            f" WHERE created_at >= ? AND deliveries.state NOT IN ({_PLACES})",
            (moment, *FREE),
        )

    def _all_sent(self, moment: float) -> list[tuple[bytes, float]]:
        """Return what went to whom since a moment, and maybe what went before."""
        version = self._version
        if not (sent := self._sent) or sent.version != version or moment < sent.since:
            # By time first: a number may have been written to for years.
            rows = self._database.execute(
                "SELECT number_mark, created_at FROM messages CROSS JOIN deliveries"
                " USING (message_id) WHERE created_at >= ?"
                f" AND deliveries.state NOT IN ({_PLACES}) ORDER BY created_at",
                (moment, *FREE),
            ).fetchall()
            self._sent = sent = _Sent(version, moment, rows)
        return sent.rows
