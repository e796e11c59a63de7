"""What was sent, as the limits count it."""

from collections.abc import Collection
from typing import Final

from .database import Database
from .states import FREE, OPEN

_PLACES: Final = ", ".join("?" * len(FREE))
_NOT_SENT: Final = ", ".join(f"'{state}'" for state in (*OPEN, *FREE))


class SentMessages(Database):
    """The part of a ledger that knows how much was sent, and to whom."""

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
        return self._count(
            "SELECT SUM(parts) FROM messages JOIN deliveries USING (message_id)"
            f" WHERE created_at >= ? AND deliveries.state NOT IN ({_PLACES})",
            (moment, *FREE),
        )

    def sent_to(
        self, numbers: Collection[str], moment: float
    ) -> dict[str, list[float]]:
        """Return when messages went to numbers since a moment, the first one first."""
        marks = {self.mark(number): number for number in numbers}
        sent: dict[str, list[float]] = {number: [] for number in numbers}
        with self._lock:
            # By time first: a number may have been written to for years.
            rows = self._database.execute(
                "SELECT number_mark, created_at FROM messages CROSS JOIN deliveries"
                " USING (message_id) WHERE created_at >= ?"
                f" AND number_mark IN ({', '.join('?' * len(marks))})"
                f" AND deliveries.state NOT IN ({_PLACES}) ORDER BY created_at",
                (moment, *marks, *FREE),
            )
            for mark, created_at in rows:
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
