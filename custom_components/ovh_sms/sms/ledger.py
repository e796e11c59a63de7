"""The ledger: every message is on disk before OVHcloud hears of it."""

from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass, fields, replace
import json
import logging
import sqlite3
from typing import Final

from ..gateway.models import Job
from .awaited import AwaitedReceipts
from .message import Message, Outcome
from .numbers import as_e164
from .recipients import Receiver
from .states import FREE, OPEN, ORIGINS, TAKEN, State
from .text import measure

_LOGGER = logging.getLogger(__name__)

_PLACES: Final = ", ".join("?" * len(FREE))
_OPEN_STATES: Final = f"state IN ({', '.join(f"'{state}'" for state in OPEN)})"
_NOT_SENT: Final = ", ".join(f"'{state}'" for state in (*OPEN, *FREE))
IS_OPEN: Final = f"({_OPEN_STATES} AND NOT closed)"
# Said in two ways: SQLite does not see by itself that the index of what is open will do.
_IN_STATE: Final = f"{_OPEN_STATES} AND state = ?"
_IS_OVER: Final = f"NOT {IS_OPEN} AND NOT owed"
_IS_AWAITED: Final = (
    "EXISTS (SELECT 1 FROM deliveries WHERE message_id = messages.message_id"
    " AND (look_at IS NOT NULL OR owed))"
)
_FIELDS: Final = tuple(field.name for field in fields(Job))
# What OVHcloud must be asked by stays until the last receipt is there.
_FORGET_TEXT: Final = (
    "UPDATE messages SET whole = NULL, job = json_object("
    + ", ".join(
        f"'{name}', json_extract(job, '$.{name}')"
        for name in ("virtual_number", "validity_minutes", "no_stop_clause")
    )
    + ") WHERE"
)


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


class Ledger(AwaitedReceipts):
    """The messages of one account."""

    def add(
        self, message: Message, now: float, run: str, state: State = State.SENDING
    ) -> None:
        """Write a message down, as being sent or as one that has to wait."""
        deadline = max(now, message.send_at or 0) + message.retry_for
        with self.transaction():
            self._database.execute(
                "INSERT INTO messages (message_id, tag, own_tag, state, run, can_wait,"
                " created_at, changed_at, send_at, deadline, handed_at, job, whole,"
                " text_mark, shortened, bypass_limits, parts)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    message.message_id,
                    message.job.tag,
                    message.own_tag,
                    state,
                    run,
                    message.queue,
                    now,
                    now,
                    message.send_at,
                    deadline,
                    now,
                    _written(message.job),
                    message.whole,
                    self.mark(message.whole),
                    message.shortened,
                    message.bypass_limits,
                    message.size.parts,
                ),
            )
            self._database.executemany(
                "INSERT INTO deliveries (message_id, position, number, number_mark,"
                " recipient_id, state) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (
                        message.message_id,
                        position,
                        receiver.number,
                        self.mark(receiver.number),
                        receiver.recipient_id,
                        state,
                    )
                    for position, receiver in enumerate(message.receivers)
                ],
            )

    def hand_over(self, message: Message, now: float) -> bool:
        """Mark a message that waited as being sent, as it is sent now.

        It may have been cancelled meanwhile: then nothing is done.
        """
        with self.transaction():
            if not self._move(message.message_id, State.SENDING, now):
                return False
            self._database.execute(
                "UPDATE messages SET handed_at = ?, job = ?, parts = ?, shortened = ?"
                " WHERE message_id = ?",
                (
                    now,
                    _written(message.job),
                    message.size.parts,
                    message.shortened,
                    message.message_id,
                ),
            )
            return True

    def settle(self, outcome: Outcome, now: float, *, owed: bool = False) -> bool:
        """Write down what became of a message and of each of its numbers.

        `owed` is for an end that nobody was told of yet.
        """
        message_id = outcome.message.message_id
        with self.transaction():
            if not self._move(message_id, outcome.state, now):
                return False
            self._database.execute(
                "UPDATE messages SET reason = ?, credits = ?, owed = ?, closed = ?"
                " WHERE message_id = ?",
                (
                    outcome.reason,
                    outcome.credits or 0.0,
                    owed,
                    outcome.is_unprovable,
                    message_id,
                ),
            )
            if outcome.state is State.PARTIAL:
                self._database.execute(
                    "UPDATE deliveries SET state = ? WHERE message_id = ?",
                    (State.ACCEPTED, message_id),
                )
            self._database.executemany(
                "UPDATE deliveries SET state = ? WHERE message_id = ? AND number = ?",
                [(State.REFUSED, message_id, number) for number in outcome.invalid],
            )
            self._keep_ids(outcome)
            if outcome.state in (State.ACCEPTED, State.PARTIAL):
                self._await(message_id, now)
            return True

    def leave_in_doubt(self, message_id: str) -> None:
        """Note that it cannot be found out whether a message left."""
        with self.transaction():
            self._database.execute(
                "UPDATE messages SET closed = 1, owed = 1 WHERE message_id = ?",
                (message_id,),
            )

    def confirm_told(self, message_ids: Iterable[str]) -> None:
        """Note that it was told how messages ended."""
        with self.transaction():
            self._database.executemany(
                "UPDATE messages SET owed = 0 WHERE message_id = ?",
                [(message_id,) for message_id in message_ids],
            )

    def cancel(self, message_id: str, now: float) -> bool:
        """Mark a message as cancelled, if it waits here."""
        with self.transaction():
            waits = self._count(
                "SELECT COUNT(*) FROM messages WHERE message_id = ? AND state = ?",
                (message_id, State.WAITING),
            )
            return bool(waits) and self._move(message_id, State.CANCELLED, now)

    def cancel_sms(self, message_id: str, sms_id: int, now: float) -> None:
        """Note that OVHcloud will not send an SMS; without any left, so is its message."""
        with self.transaction():
            self._database.execute(
                "UPDATE deliveries SET state = ?, look_at = NULL"
                " WHERE message_id = ? AND sms_id = ? AND state = ?",
                (State.CANCELLED, message_id, sms_id, State.ACCEPTED),
            )
            left = self._count(
                "SELECT COUNT(*) FROM deliveries WHERE message_id = ?"
                " AND state NOT IN (?, ?)",
                (message_id, State.CANCELLED, State.REFUSED),
            )
            if not left and self._move(message_id, State.CANCELLED, now):
                self._database.execute(
                    "UPDATE messages SET credits = 0 WHERE message_id = ?",
                    (message_id,),
                )

    def mark_interrupted(self, now: float) -> int:
        """Mark what was being sent when the last run ended; return how many there were.

        The callers of those that were being sent did not hear how it ended.
        """
        return self._doubt(State.SENDING, now)

    def mark_restored(self, now: float) -> int:
        """Mark what waited when the backup was made: it may have been sent since."""
        return self._doubt(State.WAITING, now)

    def _doubt(self, state: State, now: float) -> int:
        with self.transaction():
            self._database.execute(
                "UPDATE deliveries SET state = ? WHERE message_id IN"
                f" (SELECT message_id FROM messages WHERE {_IN_STATE})",
                (State.UNKNOWN, state),
            )
            return self._database.execute(
                "UPDATE messages SET state = ?, changed_at = ?, owed = 1"
                f" WHERE {_IN_STATE}",
                (State.UNKNOWN, now, state),
            ).rowcount

    def next_waiting(self) -> Written | None:
        """Return the message that has waited longest."""
        return self._first(f"{_IN_STATE} ORDER BY place LIMIT 1", State.WAITING)

    def overdue(self, now: float) -> Written | None:
        """Return a message that waited for longer than it is of use."""
        return self._first(
            f"{_IN_STATE} AND deadline <= ? ORDER BY place LIMIT 1",
            State.WAITING,
            now,
        )

    def next_deadline(self) -> float | None:
        """Return when the next waiting message is of no use any more."""
        with self._lock:
            [deadline] = self._database.execute(
                f"SELECT MIN(deadline) FROM messages WHERE {_IN_STATE}",
                (State.WAITING,),
            ).fetchone()
        return None if deadline is None else float(deadline)

    def count_waiting(self) -> int:
        """Return how many messages wait."""
        return self._count(
            f"SELECT COUNT(*) FROM messages WHERE {_IN_STATE}", (State.WAITING,)
        )

    def in_doubt(self, since: float) -> InDoubt | None:
        """Return the last message of which it cannot be found out whether it left."""
        with self._lock:
            row = self._database.execute(
                "SELECT message_id, MAX(created_at, IFNULL(send_at, 0)) FROM messages"
                f" WHERE {_IN_STATE} AND closed AND created_at > ?"
                " ORDER BY place DESC LIMIT 1",
                (State.UNKNOWN, since),
            ).fetchone()
            return row and InDoubt(asked_at=row[1], receivers=self._receivers(row[0]))

    def doubtful(self) -> list[str]:
        """Return the messages of which it can be found out whether they left."""
        return self._ids(f"{_IN_STATE} AND NOT closed", State.UNKNOWN)

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

    def shift(self, run: str, seconds: float) -> None:
        """Move what was written down in a run, since its clock was wrong."""
        shifted = {"by": seconds, "run": run}
        with self.transaction():
            self._database.execute(
                "UPDATE deliveries SET look_at = look_at + :by"
                " WHERE look_at IS NOT NULL AND EXISTS (SELECT 1 FROM messages WHERE"
                " messages.message_id = deliveries.message_id AND run = :run"
                " AND IFNULL(send_at, 0) < handed_at)",
                shifted,
            )
            self._database.execute(
                "UPDATE messages SET created_at = created_at + :by,"
                " changed_at = changed_at + :by, deadline = deadline + :by,"
                " handed_at = handed_at + :by WHERE run = :run",
                shifted,
            )

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

    def sent_to(self, number: str, moment: float) -> list[float]:
        """Return when messages went to a number since a moment, the first one first."""
        with self._lock:
            # By time first: a number may have been written to for years.
            rows = self._database.execute(
                "SELECT created_at FROM messages CROSS JOIN deliveries"
                " USING (message_id) WHERE created_at >= ? AND number_mark = ?"
                f" AND deliveries.state NOT IN ({_PLACES}) ORDER BY created_at",
                (moment, self.mark(number), *FREE),
            )
            return [created_at for (created_at,) in rows]

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

    def forget(self, moment: float) -> None:
        """Remove what was written down before a moment, but for what is under way.

        Of what a receipt is awaited for, text and numbers are removed.
        """
        with self.transaction():
            self._database.execute(
                f"DELETE FROM messages WHERE created_at < ? AND {_IS_OVER}"
                f" AND NOT {_IS_AWAITED}",
                (moment,),
            )
            self._forget_contents("created_at < ?", moment)

    def forget_contents(self) -> None:
        """Remove texts and numbers of all that is over; what limits count stays."""
        with self.transaction():
            self._forget_contents("TRUE")

    def states(self) -> dict[str, State]:
        """Return the state of every message."""
        with self._lock:
            rows = self._database.execute("SELECT message_id, state FROM messages")
            return {message_id: State(state) for message_id, state in rows}

    def _forget_contents(self, which: str, *values: object) -> None:
        which += f" AND whole IS NOT NULL AND {_IS_OVER}"
        self._database.execute(
            "UPDATE deliveries SET number = NULL WHERE message_id IN"
            f" (SELECT message_id FROM messages WHERE {which})",
            values,
        )
        self._database.execute(f"{_FORGET_TEXT} {which}", values)

    def _move(self, message_id: str, state: State, now: float) -> bool:
        """Change the state of a message and its deliveries, where the table allows it."""
        origins = json.dumps(sorted(ORIGINS[state]))
        moved = self._database.execute(
            "UPDATE messages SET state = ?, changed_at = ? WHERE message_id = ?"
            " AND state IN (SELECT value FROM json_each(?)) AND NOT closed",
            (state, now, message_id, origins),
        ).rowcount
        self._database.execute(
            "UPDATE deliveries SET state = ? WHERE message_id = ?"
            " AND state IN (SELECT value FROM json_each(?)) AND ?",
            (state, message_id, origins, moved),
        )
        return bool(moved)

    def _keep_ids(self, outcome: Outcome) -> None:
        """Keep OVHcloud's id of each delivery, where it says which is whose."""
        message_id = outcome.message.message_id
        if not outcome.message.receivers:
            # Who receives is in a file that OVHcloud has.
            self._database.executemany(
                "INSERT INTO deliveries (message_id, position, state, sms_id)"
                " VALUES (?, ?, ?, ?)",
                [
                    (message_id, position, State.ACCEPTED, sms_id)
                    for position, sms_id in enumerate(outcome.ids)
                ],
            )
        elif len(outcome.valid) == len(outcome.ids):
            self._database.executemany(
                "UPDATE deliveries SET sms_id = ? WHERE message_id = ? AND number = ?",
                [
                    (sms_id, message_id, as_e164(number))
                    for sms_id, number in zip(outcome.ids, outcome.valid, strict=True)
                ],
            )

    def _ids(self, condition: str, *values: object) -> list[str]:
        with self._lock:
            rows = self._database.execute(
                f"SELECT message_id FROM messages WHERE {condition} ORDER BY place",
                values,
            )
            return [message_id for (message_id,) in rows]

    def _first(self, query: str, *values: object) -> Written | None:
        with self._lock, closing(self._database.cursor()) as cursor:
            cursor.row_factory = sqlite3.Row
            row = cursor.execute(f"SELECT * FROM messages WHERE {query}", values)
            return (found := row.fetchone()) and self._read(found)

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


def _written(job: Job) -> str:
    """Return a job as the ledger keeps it."""
    return json.dumps({name: getattr(job, name) for name in _FIELDS})
