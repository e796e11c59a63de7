"""The command line."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
import os
from pathlib import Path
import socket
from typing import Final

from .errors import DemoError

LOOPBACK: Final = "127.0.0.1"
USUAL_PORT: Final = 8123

DESCRIPTION: Final = """\
Start a real Home Assistant with the OVHcloud SMS integration, set up against a simulated
OVHcloud, and say where to look: Home Assistant's address, and a page with the simulated
phones that the messages arrive on. No OVHcloud account is needed, no SMS is sent, and
nothing but this machine is contacted. Ctrl-C ends it."""

EPILOG: Final = """\
examples:
  scripts/demo                  look around; the second start takes a few seconds
  scripts/demo --language fr    the same in French
  scripts/demo --fresh          begin anew
  scripts/demo --once           send three messages, check that they arrived, and end
  scripts/develop               with the integration's debug log; r + Enter restarts

exit codes: 0 all went well (Ctrl-C counts), 1 something failed, 2 wrong use, 130 interrupted before it was ready"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was asked for on the command line."""

    config: Path
    fresh: bool = False
    once: bool = False
    develop: bool = False
    language: str | None = None
    port: int | None = None
    simulator_port: int = 0
    handset_port: int = 0
    keep_log: Path | None = None
    archive: Path | None = None


def cache_folder() -> Path:
    """Give the folder for what can be made again."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "ovh_sms"


def bytecode_folder() -> Path:
    """Give the folder for what Python compiles, so that the second start is quick."""
    return cache_folder() / "bytecode"


def port_number(text: str) -> int:
    """Read a port."""
    number = int(text)
    if not 1 <= number <= 65535:
        raise ValueError(text)
    return number


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--once",
        action="store_true",
        help="send three messages, compare what arrived, and end; in a temporary folder",
    )
    parser.add_argument(
        "--develop",
        action="store_true",
        help="show the integration's debug log, restart Home Assistant on r + Enter",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="DIR",
        help=f"Home Assistant's folder, kept between runs (default: {cache_folder() / 'demo'})",
    )
    parser.add_argument("--fresh", action="store_true", help="empty that folder first")
    parser.add_argument(
        "--language",
        choices=("en", "fr"),
        help="language of Home Assistant (default: en, or as the folder has it)",
    )
    parser.add_argument(
        "--port",
        type=port_number,
        metavar="PORT",
        help=f"of Home Assistant (default: {USUAL_PORT} if it is free, else any)",
    )
    parser.add_argument(
        "--simulator-port",
        type=port_number,
        default=0,
        metavar="PORT",
        help="of the simulated OVHcloud (default: any that is free)",
    )
    parser.add_argument(
        "--handset-port",
        type=port_number,
        default=0,
        metavar="PORT",
        help="of the page with the simulated phones (default: any that is free)",
    )
    parser.add_argument(
        "--keep-log",
        type=Path,
        metavar="FILE",
        help="copy Home Assistant's log there at the end",
    )
    parser.add_argument(
        "--archive",
        type=Path,
        metavar="FILE",
        help="install the integration from this zip, as the Marketplace does",
    )
    found = parser.parse_args(arguments)
    if found.once and (found.config or found.fresh or found.develop):
        parser.error(
            "--once has a folder of its own: leave out --config, --fresh and --develop"
        )
    if found.archive and not (found.once or found.fresh):
        parser.error("--archive needs an empty folder: add --once or --fresh")
    default = cache_folder() / ("develop" if found.develop else "demo")
    return Options(
        config=(found.config or default).expanduser().absolute(),
        fresh=found.fresh,
        once=found.once,
        develop=found.develop,
        language=found.language,
        port=found.port,
        simulator_port=found.simulator_port,
        handset_port=found.handset_port,
        keep_log=found.keep_log.expanduser().absolute() if found.keep_log else None,
        archive=found.archive.expanduser().absolute() if found.archive else None,
    )


def is_free(port: int) -> bool:
    """Tell whether a port of the loopback can be listened on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def any_port() -> int:
    """Ask the system for a free port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def choose_port(wanted: int | None, usual: int = USUAL_PORT) -> int:
    """Choose Home Assistant's port: the one wanted, else the usual one if free, else any."""
    if wanted is not None:
        if not is_free(wanted):
            raise DemoError(
                f"port {wanted} is taken: leave out --port, or name another one"
            )
        return wanted
    return usual if is_free(usual) else any_port()
