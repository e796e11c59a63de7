"""Run the simulator: `python -m simulator`."""

import argparse
import asyncio
import signal

from . import constants
from .server import Simulator


async def _run(host: str, port: int, handset_port: int) -> None:
    """Serve until told to stop."""
    simulator = Simulator()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await simulator.start(host, port, handset_port)
    print(
        f"OVHcloud SMS simulator: API {simulator.url}/1.0, phones {simulator.handset_url}"
    )
    print(f"application key     {constants.APPLICATION_KEY}")
    print(f"application secret  {constants.APPLICATION_SECRET}")
    print(f"consumer key        {constants.CONSUMER_KEY}")
    print(f"service account     {constants.CLIENT_ID} / {constants.CLIENT_SECRET}")
    print(
        f"SMS user            {constants.ACCOUNT} / {constants.USER_LOGIN} / {constants.USER_PASSWORD}"
    )
    print(
        f"simulator ready: api={simulator.url} handset={simulator.handset_url}",
        flush=True,
    )
    try:
        await stop.wait()
    finally:
        await simulator.stop()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(
        prog="python -m simulator", description="A simulator of OVHcloud's SMS service."
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default %(default)s)"
    )
    parser.add_argument(
        "--port",
        type=int,
        default=8099,
        help="port of the API, 0 for a free one (default %(default)s)",
    )
    parser.add_argument(
        "--handset-port",
        type=int,
        default=8098,
        help="port of the phones, 0 for a free one (default %(default)s)",
    )
    arguments = parser.parse_args()
    asyncio.run(_run(arguments.host, arguments.port, arguments.handset_port))


if __name__ == "__main__":
    main()
