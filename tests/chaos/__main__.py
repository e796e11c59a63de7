"""The long round: `scripts/chaos`."""

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterable
import logging
import os
import platform
import secrets
import subprocess
import sys
import time
from typing import Final

from .nursery import HOUSE, ROAD, ROOT, Nursery
from .plan import FAULTS, Plan, chance, matrix
from .proof import Proof, prove_all

_CHUNK: Final = 40
# Beside the runs: power cuts, disks that cannot be written, long outages, bursts.
_OTHERS: Final = (
    "tests/chaos/test_power_cut.py",
    "tests/chaos/test_disk.py",
    "tests/chaos/test_outage.py",
    "tests/chaos/test_many.py",
)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/chaos",
        description="Tries to have a message lost or doubled, and counts.",
    )
    parser.add_argument(
        "--runs", type=int, default=1000, help="random runs of the road (%(default)s)"
    )
    parser.add_argument(
        "--house-runs",
        type=int,
        default=60,
        help="random runs of a whole Home Assistant (%(default)s)",
    )
    parser.add_argument("--seed", type=int, help="the first seed (a random one)")
    parser.add_argument(
        "--only-runs", action="store_true", help="leave out the matrix and the rest"
    )
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _round(kind: str, plans: Iterable[Plan]) -> bool:
    """Make all runs of a kind, and tell what came of them."""
    plans = list(plans)
    begun = time.monotonic()
    proofs: list[Proof] = []
    with Nursery(kind) as nursery:
        for start in range(0, len(plans), _CHUNK):
            done = asyncio.run(prove_all(plans[start : start + _CHUNK], nursery))
            proofs += done
            for proof in done:
                if proof.problems:
                    _say(f"   FAILED {proof.complaint}")
    _summary(proofs, time.monotonic() - begun)
    return not any(proof.problems for proof in proofs)


def _summary(proofs: list[Proof], seconds: float) -> None:
    records = [proof.record for proof in proofs]
    endings = Counter(crash.ending for record in records for crash in record.sprung)
    states = Counter(
        state
        for record in records
        for state in {row.message_id: row.of_message for row in record.rows}.values()
    )
    for name, value in (
        ("runs", len(records)),
        ("failed", sum(bool(proof.problems) for proof in proofs)),
        ("messages", sum(states.values())),
        ("  of them", ", ".join(f"{n} {state}" for state, n in states.most_common())),
        ("SMS accepted", sum(len(record.accepted) for record in records)),
        ("lives", sum(record.lives for record in records)),
        ("endings", ", ".join(f"{n} {ending}" for ending, n in endings.most_common())),
        ("seconds", round(seconds)),
    ):
        _say(f"   {name:<14}{value}")


def main() -> int:
    """Make the long round; 1 if anything was lost or doubled."""
    options = _options()
    # What goes wrong on the line is meant to.
    logging.disable()
    first = secrets.randbelow(10**6) if options.seed is None else options.seed
    _say(f"{platform.machine()}, {os.cpu_count()} processors, seed {first}")
    good = True
    if not options.only_runs:
        _say("-- Every fault, at every step, with every ending")
        plans = (plan for fault in FAULTS for plan in matrix(fault))
        good &= _round(ROAD, plans)
    for title, kind, runs in (
        ("the road alone", ROAD, options.runs),
        ("a whole Home Assistant", HOUSE, options.house_runs),
    ):
        _say(f"-- Random faults and endings: {title}")
        good &= _round(kind, map(chance, range(first, first + runs)))
    if not options.only_runs:
        _say("-- Power cuts, disks, outages, bursts")
        command = [sys.executable, "-m", "pytest", "-q", "--no-header", *_OTHERS]
        good &= subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    _say("Nothing was lost, nothing was doubled." if good else "Something FAILED.")
    return not good


if __name__ == "__main__":
    sys.exit(main())
