"""What the ledger tells of messages to those who ask."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
import json
import sqlite3
from typing import Final

from .ledger import Ledger
from .message import SHORT_NUMBER
from .numbers import as_e164
from .states import OPEN, State

# A recipient of fewer messages is looked for by these, one of more by going back in time.
_FEW: Final = 2000
_COLUMNS: Final = """SELECT messages.*, (
    SELECT json_group_array(json_array(number, recipient_id, state, reason, sms_id))
    FROM (SELECT * FROM deliveries WHERE message_id = messages.message_id
        ORDER BY position)
) AS deliveries FROM """
_NAMED: Final = (
    "json_each(?) AS named CROSS JOIN messages ON messages.message_id = named.value"
)
_NEWEST_FIRST: Final = "ORDER BY created_at DESC, place DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message for one number; None is what is forgotten or not known."""

    number: str | None
    recipient_id: str | None
    state: State
    reason: str | None
    sms_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A message in the ledger; text and sender are None once they are forgotten."""

    message_id: str
    state: State
    reason: str | None
    created_at: float
    send_at: float | None
    deadline: float
    text: str | None
    sender: str | None
    virtual_number: str | None
    parts: int
    credits: float
    deliveries: tuple[Delivery, ...]

    @property
    def sms_ids(self) -> set[int]:
        """Return OVHcloud's ids of what it took, as far as it told them."""
        return {each.sms_id for each in self.deliveries if each.sms_id is not None}


def newest(
    ledger: Ledger,
    limit: int,
    since: float = 0.0,
    recipient_id: str | None = None,
    numbers: Collection[str] = (),
) -> tuple[Line, ...]:
    """Return messages, the newest first: all, or those to a recipient or to numbers."""
    if recipient_id is None and not numbers:
        return _lines(
            ledger, f"messages WHERE created_at >= ? {_NEWEST_FIRST}", since, limit
        )
    marks = ", ".join("?" * len(numbers))
    meant = f"(recipient_id = ? OR number_mark IN ({marks}))"
    who = (recipient_id, *map(ledger.mark, numbers))
    few = ledger.rows(
        f"SELECT DISTINCT message_id FROM deliveries WHERE {meant} LIMIT ?",
        (*who, _FEW + 1),
    )
    if len(few) <= _FEW:
        return _lines(
            ledger,
            f"{_NAMED} WHERE created_at >= ? {_NEWEST_FIRST}",
            json.dumps([message_id for (message_id,) in few]),
            since,
            limit,
        )
    return _lines(
        ledger,
        "messages WHERE created_at >= ? AND EXISTS (SELECT 1 FROM deliveries"
        f" WHERE message_id = messages.message_id AND {meant}) {_NEWEST_FIRST}",
        since,
        *who,
        limit,
    )


def unfinished(ledger: Ledger) -> tuple[Line, ...]:
    """Return the messages that wait here, are being sent or are being looked up."""
    states = ", ".join(f"'{state}'" for state in OPEN)
    return _lines(
        ledger, f"messages WHERE state IN ({states}) AND NOT closed ORDER BY place"
    )


def named(ledger: Ledger, message_ids: Iterable[str]) -> tuple[Line, ...]:
    """Return the messages of some ids, without those that are not in the ledger."""
    return _lines(ledger, f"{_NAMED} ORDER BY place", json.dumps(list(message_ids)))


def with_sms(ledger: Ledger, sms_ids: Iterable[int]) -> dict[int, Line]:
    """Return the messages that some of OVHcloud's ids are part of, by these."""
    wanted = set(sms_ids)
    rows = ledger.rows(
        "SELECT DISTINCT message_id FROM deliveries WHERE sms_id IN"
        " (SELECT value FROM json_each(?))",
        (json.dumps(sorted(wanted)),),
    )
    return {
        sms_id: line
        for line in named(ledger, (message_id for (message_id,) in rows))
        for sms_id in line.sms_ids & wanted
    }


def virtual_numbers(ledger: Ledger, now: float) -> list[str]:
    """Return the virtual numbers that messages are yet to leave from."""
    rows = ledger.rows(
        "SELECT DISTINCT job ->> '$.virtual_number' AS number FROM messages"
        " WHERE send_at > ? AND number IS NOT NULL ORDER BY number",
        (now,),
    )
    return [number for (number,) in rows]


def _lines(ledger: Ledger, where: str, *values: object) -> tuple[Line, ...]:
    return tuple(map(_line, ledger.rows(_COLUMNS + where, values)))


def _line(row: sqlite3.Row) -> Line:
    job = json.loads(row["job"] or "{}")
    number = job.get("virtual_number")
    return Line(
        message_id=row["message_id"],
        state=State(row["state"]),
        reason=row["reason"],
        created_at=row["created_at"],
        send_at=row["send_at"],
        deadline=row["deadline"],
        text=job.get("message"),
        # What is kept of a job whose text is forgotten is not shown.
        sender=None
        if "message" not in job
        else as_e164(number)
        if number
        else SHORT_NUMBER
        if job.get("short_number")
        else job.get("sender"),
        virtual_number=number,
        parts=row["parts"],
        credits=row["credits"],
        deliveries=tuple(
            Delivery(number, recipient_id, State(state), reason, sms_id)
            for number, recipient_id, state, reason, sms_id in json.loads(
                row["deliveries"]
            )
        ),
    )
