"""The deliveries of which it is not known yet whether the SMS arrived."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
import json
import sqlite3
from typing import Final

from .database import Database
from .states import ORIGINS, State

# Seconds from when an SMS left until OVHcloud is asked for the first time.
FIRST_LOOK: Final = 10.0
# A look that costs no call of its own may be early: after this share of the time.
EARLY: Final = 0.8
# No two looks are further apart, so that one planned later was planned by a wrong clock.
_FURTHEST: Final = 25 * 60 * 60
_AWAITED: Final = """SELECT message_id, position, sms_id, number_mark, tag,
    MAX(handed_at, IFNULL(send_at, 0)) AS left_at, job ->> '$.virtual_number' AS virtual_number,
    job ->> '$.validity_minutes' AS validity,
    job ->> '$.no_stop_clause' AS no_stop_clause
FROM deliveries CROSS JOIN messages USING (message_id) WHERE look_at"""
_NEWEST_FIRST: Final = "ORDER BY look_at <= :now DESC, left_at DESC, look_at LIMIT"

# A message's id and the place of a number in it.
type Key = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """An SMS that left, or is to; `validity` is in minutes."""

    key: Key
    sms_id: int | None
    number_mark: bytes | None
    tag: str
    left_at: float
    virtual_number: str | None
    validity: int | None
    no_stop_clause: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of an SMS to one number of `total`."""

    key: Key
    recipient_id: str | None
    total: int
    state: State
    reason: str | None


@dataclass(frozen=True, slots=True)
class End:
    """How a delivery ended, and why it failed."""

    key: Key
    state: State
    reason: str | None


class AwaitedReceipts(Database):
    """The part of a ledger that knows what is still to be heard of."""

    def due(self, now: float, limit: int) -> tuple[Awaited, ...]:
        """Return what is to be looked at in one call: with the newest that is due.

        Those from another virtual number are another call, and so are those of which
        OVHcloud's ids are not known: they are found by the tag of their message.
        """
        for first in self._awaited("<= :now", now, limit=1):
            if first.sms_id is None:
                return self._awaited(
                    "IS NOT NULL AND sms_id IS NULL AND message_id = :message_id",
                    now,
                    limit=-1,
                    message_id=first.key[0],
                )
            return self._awaited(
                "IS NOT NULL AND sms_id IS NOT NULL"
                " AND job ->> '$.virtual_number' IS :virtual_number"
                " AND (look_at <= :now"
                f" OR :now - left_at >= {EARLY} * (look_at - left_at))",
                now,
                limit=limit,
                virtual_number=first.virtual_number,
            )
        return ()

    def awaited_of(self, sms_ids: Collection[int], now: float) -> tuple[Awaited, ...]:
        """Return those of OVHcloud's ids that are awaited."""
        return self._awaited(
            "IS NOT NULL AND sms_id IN (SELECT value FROM json_each(:ids))",
            now,
            limit=-1,
            ids=json.dumps(list(sms_ids)),
        )

    def next_look(self) -> float | None:
        """Return when OVHcloud is to be asked next."""
        [(moment,)] = self.rows(
            "SELECT MIN(look_at) FROM deliveries WHERE look_at IS NOT NULL"
        )
        return None if moment is None else float(moment)

    def look_again(self, moments: Iterable[tuple[Key, float]]) -> None:
        """Plan the next look at what is still awaited."""
        with self.transaction():
            self._database.executemany(
                "UPDATE deliveries SET look_at = ?"
                " WHERE message_id = ? AND position = ? AND look_at IS NOT NULL",
                [(moment, *key) for key, moment in moments],
            )

    def look_sooner(self, now: float) -> None:
        """Look at what was planned by a clock that was wrong."""
        with self.transaction():
            self._database.execute(
                "UPDATE deliveries SET look_at = :now WHERE look_at > :furthest"
                " AND EXISTS (SELECT 1 FROM messages WHERE"
                " messages.message_id = deliveries.message_id"
                " AND IFNULL(send_at, 0) <= :now)",
                {"now": now, "furthest": now + _FURTHEST},
            )

    def look_no_more(self, due_before: float | None = None) -> None:
        """Await nothing any more, or only not what was to be looked at long ago."""
        with self.transaction():
            if due_before is None:
                self._database.execute(
                    "UPDATE deliveries SET look_at = NULL WHERE look_at IS NOT NULL"
                )
            else:
                self._database.execute(
                    "UPDATE deliveries SET look_at = NULL WHERE look_at < ?",
                    (due_before,),
                )

    def identify(self, found: Iterable[tuple[Key, int]]) -> None:
        """Keep OVHcloud's ids of SMS that were found without them."""
        with self.transaction():
            self._database.executemany(
                "UPDATE deliveries SET sms_id = ?"
                " WHERE message_id = ? AND position = ? AND sms_id IS NULL",
                [(sms_id, *key) for key, sms_id in found],
            )

    def end(self, ends: Iterable[End]) -> None:
        """Write down how deliveries ended; nobody was told of it yet."""
        with self.transaction():
            self._database.executemany(
                "UPDATE deliveries SET state = ?, reason = ?, look_at = NULL, owed = 1"
                " WHERE message_id = ? AND position = ?"
                " AND state IN (SELECT value FROM json_each(?))",
                [
                    (
                        each.state,
                        each.reason,
                        *each.key,
                        json.dumps(sorted(ORIGINS[each.state])),
                    )
                    for each in ends
                ],
            )

    def owed_receipts(self) -> tuple[list[Receipt], bool]:
        """Return the receipts that nobody was told of, and whether some must wait.

        Those wait of whose message it is yet to be told that OVHcloud took it.
        """
        rows = self.rows(
            "SELECT message_id, position, recipient_id, deliveries.state,"
            " deliveries.reason, messages.owed AS waits, (SELECT COUNT(*)"
            " FROM deliveries AS each WHERE each.message_id = messages.message_id)"
            " AS total FROM deliveries CROSS JOIN messages USING (message_id)"
            " WHERE deliveries.owed ORDER BY place, position"
        )
        receipts = [
            Receipt(
                key=(row["message_id"], row["position"]),
                recipient_id=row["recipient_id"],
                total=row["total"],
                state=State(row["state"]),
                reason=row["reason"],
            )
            for row in rows
            if not row["waits"]
        ]
        return receipts, len(receipts) < len(rows)

    def confirm_receipts(self, keys: Iterable[Key]) -> None:
        """Note that it was told how deliveries ended."""
        with self.transaction():
            self._database.executemany(
                "UPDATE deliveries SET owed = 0 WHERE message_id = ? AND position = ?",
                keys,
            )

    def _await(self, message_id: str, now: float) -> None:
        """Plan the first look at what OVHcloud took of a message, where it can be found."""
        self._database.execute(
            "UPDATE deliveries SET look_at = (SELECT MAX(:now, :look + handed_at,"
            " :look + IFNULL(send_at, 0)) FROM messages WHERE message_id = :message_id)"
            " WHERE message_id = :message_id AND state = :state AND (sms_id IS NOT NULL"
            " OR (SELECT own_tag FROM messages WHERE message_id = :message_id))",
            {
                "now": now,
                "look": FIRST_LOOK,
                "message_id": message_id,
                "state": State.ACCEPTED,
            },
        )

    def _awaited(
        self, where: str, now: float, *, limit: int, **values: str | None
    ) -> tuple[Awaited, ...]:
        rows = self.rows(
            f"{_AWAITED} {where} {_NEWEST_FIRST} :limit",
            {"now": now, "limit": limit, **values},
        )
        return tuple(map(_awaited, rows))


def _awaited(row: sqlite3.Row) -> Awaited:
    return Awaited(
        key=(row["message_id"], row["position"]),
        sms_id=row["sms_id"],
        number_mark=row["number_mark"],
        tag=row["tag"],
        left_at=row["left_at"],
        virtual_number=row["virtual_number"],
        validity=row["validity"],
        no_stop_clause=row["no_stop_clause"] != 0,
    )
