"""The simulator: two listeners and the world behind them."""

from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from .api import Api
from .auth import Doorkeeper
from .callbacks import CallbackRecord, Callbacks
from .clock import Clock
from .control import Control
from .faults import Fault, Faults
from .listener import Listener
from .messages import Incoming, Phone
from .network import Network
from .record import RequestRecord
from .schedule import Schedule
from .signals import Signal
from .world import World

HANDSET_FOLDER = Path(__file__).parent / "handset"


class Simulator:
    """OVHcloud's SMS service, to run here."""

    def __init__(
        self, clock: Clock | None = None, accounts: Sequence[str] | None = None
    ) -> None:
        """Make the default world; `accounts` names the SMS accounts to have instead of the two default ones."""
        self.clock = clock or Clock()
        self._account_names = accounts
        self._signal = Signal()
        self.faults = Faults(self._apply_faults)
        self._schedule = Schedule(self.clock)
        self._callbacks = Callbacks(self.clock)
        self.world = World(self.clock, accounts)
        self._network = Network(
            self.world, self._schedule, self._callbacks, self._signal.send
        )
        self._doorkeeper = Doorkeeper(self.world)
        self._api = Api(
            self.world, self._network, self._doorkeeper, self.faults, self._signal.send
        )
        self._listener: Listener | None = None
        self._host = ""
        self._handset_port = 0
        self._handset: web.AppRunner | None = None

    async def start(
        self, host: str = "127.0.0.1", port: int = 0, handset_port: int = 0
    ) -> None:
        """Begin to listen on both ports; 0 takes a free one."""
        self._host = host
        self._listener = Listener(self._api.handle)
        self._api.listener = self._listener
        await self._listener.start(host, port)
        control = Control(self, self._signal, HANDSET_FOLDER, host)
        self._handset = web.AppRunner(
            control.application(), access_log=None, shutdown_timeout=1
        )
        try:
            await self._handset.setup()
            await web.TCPSite(self._handset, host, handset_port).start()
        except OSError:
            await self.stop()
            raise
        self._handset_port = self._handset.addresses[0][1]
        self._schedule.start()
        self._apply_faults()

    async def stop(self) -> None:
        """Cease to listen, dropping everything that is under way."""
        self.faults.clear()
        self._signal.end()
        await self._schedule.stop()
        if self._listener is not None:
            await self._listener.stop()
            self._listener = None
        if self._handset is not None:
            await self._handset.cleanup()
            self._handset = None
        await self._callbacks.close()

    @property
    def _address(self) -> str:
        """Give the host as it stands in a URL."""
        return f"[{self._host}]" if ":" in self._host else self._host

    @property
    def url(self) -> str:
        """Give the API's address, without the `/1.0`."""
        return f"http://{self._address}:{self._listener.port if self._listener else 0}"

    @property
    def handset_url(self) -> str:
        """Give the address of the handset page and of the control interface."""
        return f"http://{self._address}:{self._handset_port}"

    @property
    def requests(self) -> list[RequestRecord]:
        """List what was asked of the API."""
        return self._api.requests

    @property
    def callbacks(self) -> list[CallbackRecord]:
        """List the calls that the service made, or refused to make."""
        return self._callbacks.records

    @property
    def connections(self) -> int:
        """Count the TCP connections that the API accepted."""
        return self._listener.connections if self._listener else 0

    @property
    def skew(self) -> float:
        """Tell by how many seconds the service's clock is off."""
        return self._doorkeeper.skew

    @property
    def refusing(self) -> bool:
        """Tell whether connections to the API are refused."""
        return self.faults.holds("refuse")

    def clear_record(self) -> None:
        """Forget the requests and callbacks so far, and count connections anew."""
        self._api.requests.clear()
        self._callbacks.records.clear()
        if self._listener is not None:
            self._listener.connections = 0
        self._signal.send()

    def phone(self, number: str) -> Phone:
        """Find a phone."""
        return self.world.phone(number)

    async def reply(
        self, number: str, text: str, account: str | None = None
    ) -> Incoming | None:
        """Answer from a phone to the account that wrote to it last, or to the one given."""
        return await self._network.reply(number, text, account)

    async def advance(self, seconds: float) -> None:
        """Let time pass, with all that comes due on the way."""
        await self._schedule.advance(seconds)
        self._signal.send()

    async def refuse(self) -> None:
        """Refuse connections and drop the live ones."""
        if not self.refusing:
            self.faults.add(Fault("refuse"))

    async def accept_again(self) -> None:
        """Accept connections again."""
        self.faults.remove_kind("refuse")
        if self._listener is not None:
            await self._listener.settle()

    def reset(self) -> None:
        """Begin again with a fresh world, without faults, records or anything planned."""
        self.faults.clear()
        self._schedule.clear()
        self.world = World(self.clock, self._account_names)
        self._network = Network(
            self.world, self._schedule, self._callbacks, self._signal.send
        )
        self._doorkeeper = Doorkeeper(self.world)
        self._api.enter(self.world, self._network, self._doorkeeper)
        self.clear_record()

    def changed(self) -> None:
        """Tell whoever watches that something changed."""
        self._signal.send()

    def _apply_faults(self) -> None:
        """Give the standing faults their effect."""
        self._signal.send()
        if self._listener is None:
            return
        self._doorkeeper.skew = self.faults.skew
        if self.faults.holds("refuse"):
            self._listener.close()
        else:
            self._listener.open()
