"""The messages in a ledger, as those who ask find them: what is open, and how what is over ended."""

from collections.abc import Collection
from dataclasses import dataclass, replace
import json
import sqlite3
from typing import Final

from ..gateway.models import Job
from .awaited import AwaitedReceipts
from .message import Message, Outcome
from .recipients import Receiver
from .states import OPEN, TAKEN, State
from .text import measure

_OPEN_STATES: Final = f"state IN ({', '.join(f"'{state}'" for state in OPEN)})"
IS_OPEN: Final = f"({_OPEN_STATES} AND NOT closed)"
# Said in two ways: SQLite does not see by itself that the index of what is open will do.
IN_STATE: Final = f"{_OPEN_STATES} AND state = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A message as the ledger has it.

    `asked_at` is when it was to leave, `handed_at` when it was last handed to OVHcloud,
    `reason` why it has not left.
    """

    message: Message
    state: State
    asked_at: float
    deadline: float
    handed_at: float
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InDoubt:
    """A message of which it can never be looked up whether it left."""

    asked_at: float
    receivers: tuple[Receiver, ...]


class WrittenMessages(AwaitedReceipts):
    """The part of a ledger that knows what is written down of messages."""

    def next_waiting(self) -> Written | None:
        """Return the message that has waited longest."""
        return self._first(f"{IN_STATE} ORDER BY place", State.WAITING)

    def overdue(self, now: float) -> Written | None:
        """Return a message that waited for longer than it is of use."""
        return self._first(
            f"{IN_STATE} AND deadline <= ? ORDER BY place",
            State.WAITING,
            now,
        )

    def next_deadline(self) -> float | None:
        """Return when the next waiting message is of no use any more."""
        with self._lock:
            [deadline] = self._database.execute(
                f"SELECT MIN(deadline) FROM messages WHERE {IN_STATE}",
                (State.WAITING,),
            ).fetchone()
        return None if deadline is None else float(deadline)

    def count_waiting(self) -> int:
        """Return how many messages wait."""
        return self._count(
            f"SELECT COUNT(*) FROM messages WHERE {IN_STATE}", (State.WAITING,)
        )

    def in_doubt(self, since: float) -> InDoubt | None:
        """Return the last message of which it cannot be found out whether it left."""
        with self._lock:
            row = self._database.execute(
                "SELECT message_id, MAX(created_at, IFNULL(send_at, 0)) FROM messages"
                f" WHERE {IN_STATE} AND closed AND created_at > ?"
                " ORDER BY place DESC LIMIT 1",
                (State.UNKNOWN, since),
            ).fetchone()
            return row and InDoubt(asked_at=row[1], receivers=self._receivers(row[0]))

    def doubtful(self) -> list[str]:
        """Return the messages of which it can be found out whether they left."""
        return self._ids(f"{IN_STATE} AND NOT closed", State.UNKNOWN)

    def owed(self) -> list[str]:
        """Return the messages whose end nobody was told of yet."""
        return self._ids(f"owed AND NOT {IS_OPEN}")

    def find(self, message_id: str) -> Written | None:
        """Return a message, unless its text has been forgotten."""
        return self._first("message_id = ? AND whole IS NOT NULL", message_id)

    def outcome(self, message_id: str) -> Outcome | None:
        """Return how a message ended."""
        if (written := self.find(message_id)) is None:
            return None
        with self._lock:
            [reason, paid] = self._database.execute(
                "SELECT reason, credits FROM messages WHERE message_id = ?",
                (message_id,),
            ).fetchone()
            deliveries = self._database.execute(
                "SELECT number, state, sms_id FROM deliveries WHERE message_id = ?"
                " ORDER BY position",
                (message_id,),
            ).fetchall()
        accepted = [
            (number, sms_id) for number, state, sms_id in deliveries if state in TAKEN
        ]
        return Outcome(
            message=written.message,
            state=written.state,
            ids=tuple(sms_id for _, sms_id in accepted if sms_id is not None),
            valid=tuple(number for number, _ in accepted if number is not None),
            invalid=tuple(
                number
                for number, state, _ in deliveries
                if state == State.REFUSED and written.state is State.PARTIAL
            ),
            credits=paid,
            noted_reason=reason,
            is_unprovable=written.state is State.UNKNOWN,
        )

    def known(self, sms_ids: Collection[int]) -> set[int]:
        """Return which of OVHcloud's ids are those of messages in the ledger."""
        with self._lock:
            rows = self._database.execute(
                "SELECT sms_id FROM deliveries WHERE sms_id IN"
                " (SELECT value FROM json_each(?))",
                (json.dumps(list(sms_ids)),),
            )
            return {sms_id for (sms_id,) in rows}

    def _ids(self, condition: str, *values: object) -> list[str]:
        with self._lock:
            rows = self._database.execute(
                f"SELECT message_id FROM messages WHERE {condition} ORDER BY place",
                values,
            )
            return [message_id for (message_id,) in rows]

    def _first(self, query: str, *values: object) -> Written | None:
        with self._lock:
            found = self.rows(f"SELECT * FROM messages WHERE {query} LIMIT 1", values)
            return self._read(found[0]) if found else None

    def _receivers(self, message_id: str) -> tuple[Receiver, ...]:
        rows = self._database.execute(
            "SELECT number, recipient_id FROM deliveries WHERE message_id = ?"
            " ORDER BY position",
            (message_id,),
        )
        return tuple(Receiver(*row) for row in rows)

    def _read(self, row: sqlite3.Row) -> Written:
        """Return a message as it was written down."""
        given = json.loads(row["job"])
        job = Job(**(given | {"receivers": tuple(given["receivers"])}))
        asked_at = max(row["created_at"], row["send_at"] or 0.0)
        return Written(
            message=Message(
                message_id=row["message_id"],
                receivers=self._receivers(row["message_id"]),
                job=job,
                size=replace(measure(job.message), parts=row["parts"]),
                shortened=bool(row["shortened"]),
                bypass_limits=bool(row["bypass_limits"]),
                own_tag=bool(row["own_tag"]),
                send_at=row["send_at"],
                retry_for=row["deadline"] - asked_at,
                queue=bool(row["can_wait"]),
                whole=row["whole"],
            ),
            state=State(row["state"]),
            asked_at=asked_at,
            deadline=row["deadline"],
            handed_at=row["handed_at"],
            reason=row["reason"],
        )
