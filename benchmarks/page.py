"""The figures as they stand in docs/performance.md, between its markers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
import os
from pathlib import Path
import platform
import re
import sqlite3
from typing import Final

from .costs import BURST, Burst, Memory, Start, Step
from .figures import Series
from .polls import Poll
from .sender import Sender
from .senders import BARE, BARE_ENTITY, FLOOR, OURS

_MARKERS: Final = re.compile(
    r"(?<=<!-- figures -->\n).*?(?=<!-- end of figures -->)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Found:
    """All that was measured."""

    sends: list[Series]
    secure: list[Series]
    absent: list[Sender]
    durable: float
    silent: Series
    bursts: list[Burst]
    memory: list[Memory]
    start: Start
    ledgers: list[Series]
    steps: list[Step]
    polls: list[Poll]


def write(page: Path, found: Found) -> None:
    """Put the figures into the page."""
    text = page.read_text("utf-8")
    page.write_text(_MARKERS.sub(lambda _: figures(found), text), "utf-8")


def figures(found: Found) -> str:
    """Return the figures as Markdown."""
    return "\n".join(
        (
            f"Measured on {datetime.now(UTC):%d %B %Y}: {_machine()}.",
            f"A durable write of 4 kB took {found.durable:.2f} ms there.",
            "",
            *_sends("One call", found.sends),
            *(
                f"| {_shown(way.name)} | {way.why_not} | | | | | |"
                for way in found.absent
            ),
            "",
            *_sends("One call over TLS", found.secure),
            "",
            *_others(found),
            "",
        )
    )


def _machine() -> str:
    return (
        f"{_processor()}, {os.cpu_count()} cores with a load of"
        f" {os.getloadavg()[0]:.1f}, {platform.system()}"
        f" {platform.release().partition('-')[0]}, Python {platform.python_version()},"
        f" Home Assistant {version('homeassistant')}, `ovh` {version('ovh')},"
        f" SQLite {sqlite3.sqlite_version}"
    )


def _processor() -> str:
    with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def _sends(head: str, sends: list[Series]) -> Iterator[str]:
    """Yield a table of ways: each cell for one and for three receivers."""
    yield (
        f"| {head} | Requests | New connections | p50 ms | p95 ms | CPU ms"
        " | p50 as a multiple of the bare client's |"
    )
    yield "|---|---|---|---|---|---|---|"
    bare = {each.receivers: each for each in sends if each.name == BARE}
    for name in dict.fromkeys(each.name for each in sends):
        both = [each for each in sends if each.name == name]
        shown = f"**`{name}`**" if name in OURS else _shown(name)
        yield (
            f"| {shown} | {_each(f'{x.requests / x.sends:.4g}' for x in both)}"
            f" | {_each(f'{x.connections / x.sends:.2g}' for x in both)}"
            f" | {_each(f'{x.p50:.2f}' for x in both)}"
            f" | {_each(f'{x.p95:.2f}' for x in both)}"
            f" | {_each(f'{x.cpu_each:.2f}' for x in both)}"
            f" | {_each(f'{x.p50 / bare[x.receivers].p50:.2f}' for x in both)} |"
        )


def _shown(name: str) -> str:
    return {
        BARE: "the bare `ovh` client, kept open",
        BARE_ENTITY: "`notify.send_message`, to an entity on that bare client",
        FLOOR: "`aiohttp` and a signature, nothing else",
    }.get(name, f"`{name}`")


def _each(values: Iterable[str]) -> str:
    return " / ".join(values)


def _others(found: Found) -> Iterator[str]:
    yield "| What else | |"
    yield "|---|---|"
    silent = found.silent
    yield (
        "| a send after a silence of more than 4 seconds |"
        f" {silent.requests / silent.sends:.4g} request,"
        f" {silent.connections / silent.sends:.2g} new connection,"
        f" p50 {silent.p50:.2f} ms |"
    )
    for burst in found.bursts:
        yield (
            f"| {BURST} calls at once, {_shown(burst.name)} | {burst.requests} requests,"
            f" {burst.connections} new connections, {burst.seconds:.2f} s |"
        )
    first, last = found.memory
    yield (
        f"| memory, from {first.sends:,} sends to {last.sends:,} |"
        f" the process {_mega(last.resident - first.resident)},"
        f" objects of Python {_mega(last.allocated - first.allocated)} |"
    )
    start = found.start
    yield (
        f"| Home Assistant's start | {start.importing:.0f} ms to import it,"
        f" {start.loading:.0f} ms to load the account; {start.on_the_loop:.0f} ms of"
        f" both on the event loop, {start.longest:.0f} ms at most at a time;"
        f" {_mega(start.resident)} of memory |"
    )
    lengths = _each(f"{int(each.name):,}" for each in found.ledgers)
    yield (
        f"| a send with {lengths} messages in the ledger |"
        f" p50 {_each(f'{each.p50:.2f}' for each in found.ledgers)} ms,"
        f" CPU {_each(f'{each.cpu_each:.2f}' for each in found.ledgers)} ms |"
    )
    waiting = _each(f"{each.waiting:,}" for each in found.steps)
    yield (
        f"| a step in the background with {waiting} messages that wait |"
        f" p50 {_each(f'{each.p50:.2f}' for each in found.steps)} ms |"
    )
    on_their_way = _each(f"{each.open:,}" for each in found.polls)
    yield (
        f"| a poll with {on_their_way} SMS on their way, all of them due |"
        f" {_each(f'{each.requests:.4g}' for each in found.polls)} requests,"
        f" p50 {_each(f'{each.p50:.2f}' for each in found.polls)} ms |"
    )


def _mega(amount: float) -> str:
    return f"{amount / 1e6:+.1f} MB"
