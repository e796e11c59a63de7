"""The whole of it: `scripts/bench`."""

import argparse
from dataclasses import asdict, dataclass
from functools import partial
import json
import logging
import os
from pathlib import Path
import statistics
import sys
import tempfile
import time
from typing import Final

from . import costs
from .certificate import make
from .figures import Series
from .house import add_account, house, run
from .page import Found, figures, write
from .plot import draw
from .polls import polls
from .rounds import SENDS_IN_A_ROW, compare
from .senders import BARE, FLOOR, OURS, senders
from .server import Server, running

ROOT: Final = Path(__file__).parent.parent
# Where scripts/bench installs what only the others need.
_PEERS_FOLDER: Final = ROOT / ".venv-peers"
_PAGE: Final = ROOT / "docs" / "performance.md"
_DRAWING: Final = ROOT / "docs" / "images" / "performance.svg"


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    rounds: int
    sends: int
    lengths: tuple[int, ...]
    waiting: tuple[int, ...]
    starts: int


WHOLE: Final = Extent(40, 5000, (100, 1_000, 10_000, 100_000), (0, 100, 1_000), 5)
QUICK: Final = Extent(2, 80, (10, 1_000), (0, 100), 1)


async def _sends(server: Server, extent: Extent) -> partial[Found]:
    """Measure all that takes one Home Assistant with one account."""
    async with house() as hass:
        account = await add_account(hass, server.url)
        async with senders(hass, server.url) as ways:
            by_name = {way.name: way for way in ways}
            entity = by_name[OURS[0]].send
            assert entity
            return partial(
                Found,
                sends=await compare(hass, account, server, ways, extent.rounds),
                absent=[way for way in ways if not way.send],
                durable=await hass.async_add_executor_job(_durable_write),
                silent=await costs.after_silence(
                    hass, account, server, entity, extent.rounds
                ),
                bursts=await costs.bursts(
                    hass,
                    account,
                    server,
                    [by_name[name] for name in (OURS[2], BARE, "clicksend")],
                ),
                memory=await costs.memory(hass, account, entity, extent.sends),
            )


def _over_tls(rounds: int) -> list[Series]:
    """Measure over TLS those who trust the certificates that the environment names."""

    async def life(server: Server) -> list[Series]:
        async with house() as hass:
            account = await add_account(hass, server.url)
            async with senders(hass, server.url) as ways:
                trusting = [way for way in ways if way.name not in (FLOOR, "rest")]
                return await compare(hass, account, server, trusting, rounds)

    with tempfile.TemporaryDirectory() as folder:
        certificate = make(Path(folder))
        os.environ["REQUESTS_CA_BUNDLE"] = str(certificate)
        try:
            with running(certificate) as server:
                return run(lambda: life(server))
        finally:
            del os.environ["REQUESTS_CA_BUNDLE"]


def _durable_write() -> float:
    """Return the milliseconds of a write as the ledger makes one before a message leaves."""
    seconds = []
    with tempfile.TemporaryFile() as file:
        for number in range(100):
            began = time.perf_counter()
            os.pwrite(file.fileno(), bytes(4096), number * 4096)
            os.fdatasync(file.fileno())
            seconds.append(time.perf_counter() - began)
    return statistics.median(seconds) * 1000


def measure(extent: Extent) -> Found:
    """Measure everything."""
    with running() as server:
        sends = run(lambda: _sends(server, extent))
        return sends(
            secure=_over_tls(extent.rounds),
            start=costs.starts(server, extent.starts),
            ledgers=run(lambda: costs.ledgers(server, extent.lengths, extent.rounds)),
            steps=run(lambda: costs.steps(server, extent.waiting, extent.rounds)),
            polls=polls(server, extent.waiting, extent.rounds * SENDS_IN_A_ROW),
        )


def main() -> None:
    """Measure, show what was found, and write it down."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measures what a send costs, and writes docs/performance.md.",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="measure little, and write it as JSON to the output only",
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    sys.path.append(str(_PEERS_FOLDER))
    found = measure(QUICK if options.quick else WHOLE)
    if options.quick:
        sys.stdout.write(f"{json.dumps(_plain(found))}\n")
        return
    sys.stdout.write(figures(found))
    write(_PAGE, found)
    _DRAWING.write_text(draw(found.sends), "utf-8")


def _plain(found: Found) -> dict[str, object]:
    """Return what was counted, and the drawing and the table made of the rest."""
    return {
        "sends": [asdict(each) for each in found.sends],
        "secure": [asdict(each) for each in found.secure],
        "silent": asdict(found.silent),
        "bursts": [asdict(each) for each in found.bursts],
        "ledgers": [asdict(each) for each in found.ledgers],
        "polls": [asdict(each) for each in found.polls],
        "figures": figures(found),
        "drawing": draw(found.sends),
    }


if __name__ == "__main__":
    main()
