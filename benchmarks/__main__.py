"""The whole of it: `scripts/bench`."""

import argparse
from pathlib import Path
import sys
from typing import Final

from .house import add_account, house, run
from .rounds import compare
from .senders import BARE, senders
from .server import Server, running

ROOT: Final = Path(__file__).parent.parent
# Where scripts/bench installs what only the others need.
_PEERS_FOLDER: Final = ROOT / ".venv-peers"


async def _life(server: Server, rounds: int) -> None:
    async with house() as hass:
        account = await add_account(hass, server.url)
        async with senders(hass, server.url) as ways:
            found = await compare(hass, account, server, ways, rounds)
    bare = {each.receivers: each.p50 for each in found if each.name == BARE}
    for each in found:
        sys.stdout.write(
            f"{each.name:26}{each.receivers}"
            f" requests {each.requests / each.sends:.2f}"
            f" connections {each.connections / each.sends:.2f}"
            f" p50 {each.p50:6.2f} p95 {each.p95:6.2f} cpu {each.cpu_each:6.2f}"
            f" ratio {each.p50 / bare[each.receivers]:.2f}\n"
        )


def main() -> None:
    """Measure, and show what was found."""
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--rounds", type=int, default=30)
    sys.path.append(str(_PEERS_FOLDER))
    rounds = parser.parse_args().rounds
    with running() as server:
        run(lambda: _life(server, rounds))


if __name__ == "__main__":
    main()
