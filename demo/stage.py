"""The simulator and Home Assistant, started, joined and ended."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from importlib.util import find_spec
import os
from pathlib import Path
import re
import sys
from typing import Any, Final

import aiohttp

from simulator.constants import (
    ACCOUNT,
    APPLICATION_KEY,
    APPLICATION_SECRET,
    CONSUMER_KEY,
)

from . import flows
from .child import Child
from .client import HomeAssistant, until
from .errors import DemoError
from .folder import ROOT, Folder
from .options import LOOPBACK, Options, bytecode_folder, choose_port

DOMAIN: Final = "ovh_sms"
STANDINS: Final = Path(__file__).resolve().parent / "standins"
SENDER: Final = "HOUSE"
RECIPIENT_NUMBER: Final = "+33639980001"
MENU: Final = {"user": "api_keys"}
SIGN_IN: Final[flows.Answers] = {
    "api_keys": {
        "application_key": APPLICATION_KEY,
        "application_secret": APPLICATION_SECRET,
        "consumer_key": CONSUMER_KEY,
    },
    "account": {"service_name": ACCOUNT},
    "sender": {"sender": SENDER},
}
# The number as people in France write it.
RECIPIENT: Final[dict[str, flows.Answers]] = {
    "en": {"user": {"name": "My phone", "phone_numbers": ["06 39 98 00 01"]}},
    "fr": {"user": {"name": "Mon téléphone", "phone_numbers": ["06 39 98 00 01"]}},
}
READY: Final = re.compile(r"simulator ready: api=(?P<api>\S+) handset=(?P<handset>\S+)")
BOOT: Final = 150.0
SOON: Final = 30.0
RESTART: Final = 100
_PROXIES: Final = frozenset({"http_proxy", "https_proxy", "all_proxy", "ftp_proxy"})
_UNWANTED: Final = frozenset(
    {
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONHOME",
        "PYTHONPATH",
        "SETUP_PORT",
        "SUPERVISOR",
    }
)

type Say = Callable[[str], None]


def environment(**more: str) -> dict[str, str]:
    """Give the environment of what is started: our tools first, no proxy on the way to ourselves."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.lower() not in _PROXIES and name not in _UNWANTED
    }
    tools = Path(sys.executable).parent
    kept["PATH"] = f"{tools}{os.pathsep}{kept.get('PATH', os.defpath)}"
    kept["PYTHONPYCACHEPREFIX"] = str(bytecode_folder())
    kept["PYTHONUNBUFFERED"] = "1"
    return kept | more


def standins() -> dict[str, str]:
    """Let Home Assistant find stand-ins for what was not compiled: it could not list any action without."""
    if all(find_spec(name.stem) for name in STANDINS.glob("*.py")):
        return {}
    return {"PYTHONPATH": str(STANDINS)}


@asynccontextmanager
async def patience(say: Say, what: str, every: float = 5.0) -> AsyncIterator[None]:
    """Say now and then that something goes on."""

    async def tick() -> None:
        while True:
            await asyncio.sleep(every)
            say(f"  {what}")

    task = asyncio.create_task(tick())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Stage:
    """All that runs during a demo."""

    def __init__(
        self, options: Options, folder: Folder, session: aiohttp.ClientSession, say: Say
    ) -> None:
        """Prepare a stage with nothing on it."""
        self._options = options
        self._folder = folder
        self._session = session
        self._say = say
        self._api = ""
        self._port = 0
        self.handset = ""
        self.simulator: Child | None = None
        self.hass: Child | None = None
        self.entry_id = ""
        self.house = HomeAssistant(session, "")

    async def start(self) -> None:
        """Start everything and join it."""
        await self.start_without_account()
        await self._set_up_integration()

    async def start_without_account(self) -> None:
        """Start everything, with a user who has yet to add the integration."""
        await self._start_simulator()
        self._port = choose_port(self._options.port)
        self.house = HomeAssistant(self._session, f"http://{LOOPBACK}:{self._port}")
        first = self._folder.prepare(
            self._port, debug=self._options.develop, archive=self._options.archive
        )
        self._say(
            f"Starting Home Assistant {version('homeassistant')}"
            + (" for the first time, about 10 s" if first else "")
        )
        await self.start_home_assistant()
        await self._sign_in()

    async def _start_simulator(self) -> None:
        """Start the simulated OVHcloud."""
        self._say("Starting the simulated OVHcloud")
        ports = [
            f"--port={self._options.simulator_port}",
            f"--handset-port={self._options.handset_port}",
        ]
        self.simulator = await Child.start(
            "the simulator",
            [sys.executable, "-P", "-m", "simulator", *ports],
            log=self._folder.simulator_log,
            folder=self._folder.path,
            environment=environment(PYTHONPATH=str(ROOT)),
        )
        ready = await self.simulator.wait_for_line(READY, SOON)
        self._api = ready["api"].rstrip("/")
        self.handset = ready["handset"].rstrip("/")

    async def start_home_assistant(self, *, again: bool = False) -> None:
        """Start Home Assistant and wait until it answers."""
        hass = Path(sys.executable).parent / "hass"
        self.hass = await Child.start(
            "Home Assistant",
            [str(hass), "-c", str(self._folder.path), "--skip-pip", "--log-no-color"],
            log=self._folder.log,
            folder=self._folder.path,
            environment=environment(OVH_SMS_API=self._api, **standins()),
            append=again,
        )
        async with patience(self._say, "Home Assistant is starting"):
            await until("Home Assistant's start", self._frontend, BOOT)

    async def _frontend(self) -> bool:
        """Tell whether Home Assistant serves its frontend."""
        if self.hass is not None:
            self.hass.must_run()
        return await self.house.status("/manifest.json") == 200

    async def restart_home_assistant(self) -> None:
        """End Home Assistant and start it again."""
        if self.hass is not None:
            await self.hass.stop()
        await self.start_home_assistant(again=True)

    async def _sign_in(self) -> None:
        """Make the user if there is none, and wait until Home Assistant is done starting."""
        wanted = self._options.language
        if await self.house.sign_in(wanted or "en"):
            self._say("Made the user, set the country to France")
            wanted = wanted or "en"
        if wanted:
            await self.house.move_to_france(wanted)
        await until("the end of Home Assistant's start", self.house.running, BOOT)
        self._say("Home Assistant is up")

    async def _set_up_integration(self) -> None:
        """Add the account and a recipient through the config flows, unless they are there."""
        next_flow: list[str] | None = None
        if entries := await self.house.entries(DOMAIN):
            self.entry_id = entries[0]["entry_id"]
            self._say(f"Going on with the account {entries[0]['title']}")
        else:
            made = await flows.add_entry(self.house, DOMAIN, SIGN_IN, MENU)
            self.entry_id = made["result"]["entry_id"]
            next_flow = made.get("next_flow")
            self._say(f"Signed in to OVHcloud (simulated): {made['result']['title']}")
            if next_flow is None:
                raise DemoError("the config flow did not go on to adding a recipient")
        await until("loading the account", self._loaded, SOON)
        kept = await self.house.command(
            "config_entries/subentries/list", entry_id=self.entry_id
        )
        if not kept:
            language = (await self.house.get("/api/config"))["language"]
            answers = RECIPIENT.get(language, RECIPIENT["en"])
            made = await flows.add_subentry(
                self.house, self.entry_id, "recipient", answers, {}, next_flow
            )
            self._say(f"Added the recipient {made['title']} ({RECIPIENT_NUMBER})")
            await until("the recipient's entity", self.recipients, SOON)

    async def _loaded(self) -> bool:
        """Tell whether the account is loaded; raise if that has failed."""
        for entry in await self.house.entries(DOMAIN):
            if entry["entry_id"] != self.entry_id:
                continue
            if entry["state"] in {"setup_error", "migration_error", "failed_unload"}:
                raise DemoError(
                    f"loading the account ended in {entry['state']}: {entry['reason']}"
                )
            if entry["disabled_by"]:
                raise DemoError(
                    "the account is disabled in Home Assistant: enable it, or begin anew with --fresh"
                )
            return bool(entry["state"] == "loaded")
        raise DemoError("the account is gone")

    async def recipients(self) -> list[str]:
        """List the recipients' notify entities that can be used."""
        return await self.house.recipients(self.entry_id)

    async def phones(self) -> dict[str, Any]:
        """Read the state of the simulated phones."""
        try:
            async with self._session.get(f"{self.handset}/_control/state") as response:
                response.raise_for_status()
                state: dict[str, Any] = await response.json()
        except (aiohttp.ClientError, TimeoutError) as err:
            raise DemoError(f"the handset page did not answer: {err!r}") from err
        return state

    async def stop(self) -> None:
        """End everything."""
        for child in (self.hass, self.simulator):
            if child is not None:
                await child.stop()
