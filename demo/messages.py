"""The messages that the demo sends, and whether they arrived as they were sent."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import re
from typing import Any, Final, Self

SHORT_NUMBER: Final = re.compile(r"\d{5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A message that was asked for; no sender means a short number."""

    door: str
    number: str
    sender: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message on a simulated phone."""

    number: str
    sender: str
    text: str
    encoding: str = ""
    parts: int = 0

    @classmethod
    def read(cls, number: str, message: Mapping[str, Any]) -> Self:
        """Read a message as the handset page tells it."""
        return cls(
            number,
            str(message["sender"]),
            str(message["text"]),
            str(message.get("encoding", "")),
            int(message.get("parts", 0)),
        )

    @property
    def size(self) -> str:
        """Give the parts and how they are encoded."""
        return f"{self.parts} x {self.encoding}"


def on_phones(state: Mapping[str, Any]) -> list[Arrived]:
    """List what has arrived on the simulated phones."""
    return [
        Arrived.read(str(phone["number"]), message)
        for phone in state["phones"]
        for message in phone["messages"]
        if message["direction"] == "in"
    ]


def new(before: Sequence[Arrived], after: Sequence[Arrived]) -> list[Arrived]:
    """List what has arrived since, each time it has."""
    known = Counter(before)
    found = []
    for message in after:
        if known[message]:
            known[message] -= 1
        else:
            found.append(message)
    return found


def match(asked: Asked, arrived: Sequence[Arrived]) -> list[Arrived]:
    """List the arrivals that may be this message: same text, same number."""
    return [m for m in arrived if m.text == asked.text and m.number == asked.number]


def _right_sender(asked: Asked, message: Arrived) -> bool:
    """Compare the sender that the phone shows."""
    if asked.sender is None:
        return SHORT_NUMBER.fullmatch(message.sender) is not None
    return message.sender == asked.sender


def compare(asked: Sequence[Asked], arrived: Sequence[Arrived]) -> list[str]:
    """Say what differs between what was asked for and what arrived."""
    problems = []
    accounted: list[Arrived] = []
    for message in asked:
        found = match(message, arrived)
        accounted.extend(found)
        if not found:
            others = [m.text for m in arrived if m.number == message.number]
            problems.append(
                f"{message.door}: {message.text!r} is not on {message.number}"
                + (f", which has {others}" if others else "")
            )
        elif len(found) > 1:
            problems.append(
                f"{message.door}: arrived {len(found)} times on {message.number}"
            )
        elif not _right_sender(message, found[0]):
            wanted = message.sender or "a short number of five digits"
            problems.append(
                f"{message.door}: shown as from {found[0].sender!r}, not {wanted!r}"
            )
    problems.extend(
        f"nobody asked for {message.text!r} from {message.sender} on {message.number}"
        for message in arrived
        if message not in accounted
    )
    return problems


def table(asked: Sequence[Asked], arrived: Sequence[Arrived]) -> str:
    """Show what was sent and what arrived, a line each."""
    rows = [("asked through", "for", "sender", "arrived as", "text")]
    for message in asked:
        found = match(message, arrived)
        shown = "NOT ARRIVED"
        if found:
            first = found[0]
            shown = f"{first.sender}, {first.size}"
            if len(found) > 1:
                shown += f", {len(found)} TIMES"
        rows.append(
            (
                message.door,
                message.number,
                message.sender or "short number",
                shown,
                message.text,
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)
