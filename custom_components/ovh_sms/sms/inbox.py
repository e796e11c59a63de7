"""What is written down of replies: ids and times, no text and no number of who wrote."""

from collections.abc import Collection, Iterable, Mapping
import json
from typing import Final

from ..gateway.protocol import AccountGateway
from .clock import Clock
from .ledger import Ledger

# Replies are listed anew that came so many seconds before the newest one: OVHcloud may
# show one late, and their ids need not come in order.
OVERLAP: Final = 3600.0
# The scope of the account itself.
ACCOUNT: Final = ""
_SINCE: Final = "replies_since:"
_SEEN: Final = "reply:"
_TAGGED: Final = "replies_tagged"


class Inbox:
    """Which replies were seen, and which are to be told of yet.

    A scope is a virtual number as OVHcloud's paths have it, or empty for the account.
    All times are OVHcloud's.
    """

    def __init__(self, ledger: Ledger) -> None:
        """Look into a ledger."""
        self._ledger = ledger

    def since(self, scope: str) -> float | None:
        """Return from when on replies to a scope are listed; None if it is not read."""
        return self._ledger.noted(_SINCE + scope)

    def begin(self, scope: str, moment: float) -> None:
        """Read a scope from now on; what came before is not told."""
        self._ledger.note(_SINCE + scope, moment)

    def keep(self, scopes: Collection[str]) -> None:
        """Read these scopes only; what comes to the others meanwhile is not told."""
        read = {name.removeprefix(_SINCE) for name in self._names(_SINCE)}
        if gone := read.difference(scopes):
            with self._ledger.transaction():
                for scope in gone:
                    self._ledger.note(_SINCE + scope, None)
        if not scopes and (gone or self.owed()):
            self.start_anew()

    def start_anew(self) -> None:
        """Forget everything: what has come so far is not told."""
        with self._ledger.transaction():
            for name in (*self._names(_SINCE), *self._names(_SEEN)):
                self._ledger.note(name, None)
            self._ledger.change("DELETE FROM replies")

    def unseen(self, sms_ids: Iterable[int]) -> set[int]:
        """Return which replies were not seen yet."""
        return {
            sms_id
            for sms_id in sms_ids
            if self._ledger.noted(f"{_SEEN}{sms_id}") is None
        }

    def take(self, seen: Mapping[int, float], owed: Mapping[int, str]) -> None:
        """Note replies by when they came, and those that are to be told by their scope."""
        if not seen:
            return
        with self._ledger.transaction():
            for sms_id, created in seen.items():
                self._ledger.note(f"{_SEEN}{sms_id}", created)
            for sms_id, scope in owed.items():
                self._ledger.change(
                    "INSERT OR IGNORE INTO replies VALUES (?, ?)", (sms_id, scope)
                )

    def advance(
        self, scopes: Iterable[str], listed: Collection[int], now: float
    ) -> None:
        """List less from now on, after a reading of some scopes that was complete."""
        newest = self._newest(now)
        if newest is None:
            return
        with self._ledger.transaction():
            for scope in scopes:
                since = self.since(scope)
                if since is not None and newest - OVERLAP > since:
                    self._ledger.note(_SINCE + scope, newest - OVERLAP)
            self._forget(listed)

    def owed(self) -> dict[int, str]:
        """Return the replies that are to be told yet, with their scope."""
        rows = self._ledger.rows("SELECT sms_id, virtual_number FROM replies")
        return dict(map(tuple, rows))

    def confirm_told(self, sms_ids: Collection[int]) -> None:
        """Note that replies were told."""
        if not sms_ids:
            return
        self._ledger.change(
            "DELETE FROM replies WHERE sms_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(sms_ids)),),
        )

    @property
    def are_tagged(self) -> bool:
        """Tell whether OVHcloud says which message a reply answers."""
        return self._ledger.noted(_TAGGED) is not None

    def note_tagged(self) -> None:
        """Note that OVHcloud says which message a reply answers."""
        self._ledger.note(_TAGGED, 1)

    def _newest(self, now: float) -> float | None:
        """Return when the newest reply came; one from the future came now."""
        [row] = self._ledger.rows(
            "SELECT MAX(MIN(value, ?)) FROM facts WHERE name >= ? AND name < ?",
            (now, *_range(_SEEN)),
        )
        newest: float | None = row[0]
        return newest

    def _forget(self, listed: Collection[int]) -> None:
        """Forget the ids of replies that are not listed any more, and will not be again."""
        starts = [self.since(name.removeprefix(_SINCE)) for name in self._names(_SINCE)]
        earliest = min(start for start in starts if start is not None)
        self._ledger.change(
            "DELETE FROM facts WHERE name >= ? AND name < ? AND value < ?"
            " AND name NOT IN (SELECT ? || value FROM json_each(?))",
            (*_range(_SEEN), earliest - OVERLAP, _SEEN, json.dumps(list(listed))),
        )

    def _names(self, beginning: str) -> list[str]:
        rows = self._ledger.rows(
            "SELECT name FROM facts WHERE name >= ? AND name < ?", _range(beginning)
        )
        return [name for (name,) in rows]


def time_at(gateway: AccountGateway, clock: Clock) -> float:
    """Return what time it is at OVHcloud, as far as that is known."""
    return clock.now() + (gateway.clock_offset or 0)


def _range(beginning: str) -> tuple[str, str]:
    """Return the bounds of the names that begin with something."""
    return beginning, beginning[:-1] + chr(ord(beginning[-1]) + 1)
