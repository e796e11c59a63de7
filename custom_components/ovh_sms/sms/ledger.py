"""The ledger: every message is on disk before OVHcloud hears of it."""

from collections.abc import Iterable
from dataclasses import fields
import json
from typing import Final

from ..gateway.models import Job
from .counted import SentMessages
from .message import Message, Outcome
from .numbers import as_e164
from .schema import TAKE_IN
from .states import ORIGINS, State
from .written import IN_STATE, IS_OPEN, WrittenMessages

_IS_OVER: Final = f"NOT {IS_OPEN} AND NOT owed"
_IS_AWAITED: Final = (
    "EXISTS (SELECT 1 FROM deliveries WHERE message_id = messages.message_id"
    " AND (look_at IS NOT NULL OR owed))"
)
_JOB_FIELDS: Final = tuple(field.name for field in fields(Job))
# What OVHcloud must be asked by stays until the last receipt is there.
_FORGET_TEXT: Final = (
    "UPDATE messages SET whole = NULL, job = json_object("
    + ", ".join(
        f"'{name}', json_extract(job, '$.{name}')"
        for name in ("virtual_number", "validity_minutes", "no_stop_clause")
    )
    + ") WHERE"
)


class Ledger(WrittenMessages, SentMessages):
    """The messages of one account."""

    def add(
        self, message: Message, now: float, run: str, state: State = State.SENDING
    ) -> None:
        """Write a message down, as being sent or as one that has to wait."""
        deadline = max(now, message.send_at or 0) + message.retry_for
        receivers = [(each.number, each.recipient_id) for each in message.receivers]
        with self._lock:
            self._connection.execute(
                TAKE_IN,
                (
                    message.message_id,
                    message.job.tag,
                    message.own_tag,
                    state,
                    run,
                    message.queue,
                    now,
                    message.send_at,
                    deadline,
                    _as_text(message.job),
                    message.whole,
                    message.shortened,
                    message.bypass_limits,
                    message.size.parts,
                    json.dumps(receivers),
                ),
            )
            self._has_intake = True

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
                    _as_text(message.job),
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
                f" (SELECT message_id FROM messages WHERE {IN_STATE})",
                (State.UNKNOWN, state),
            )
            return self._database.execute(
                "UPDATE messages SET state = ?, changed_at = ?, owed = 1"
                f" WHERE {IN_STATE}",
                (State.UNKNOWN, now, state),
            ).rowcount

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


def _as_text(job: Job) -> str:
    """Return a job as the ledger keeps it."""
    return json.dumps({name: getattr(job, name) for name in _JOB_FIELDS})
