"""A whole Home Assistant with the integration, in a process of its own that may be killed."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
import os
import threading
from typing import Any, Final

from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from custom_components.ovh_sms import (
    account,
    background,
    config_flow,
    diagnostics,
    event,
    notify,
    repairs,
)
from custom_components.ovh_sms.const import DOMAIN, ENV_API_URL
from custom_components.ovh_sms.sms.dispatcher import Dispatcher
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HassJob,
    HomeAssistant,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import frame
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.util import dt as dt_util
from simulator.constants import (
    ACCOUNT,
    APPLICATION_KEY,
    APPLICATION_SECRET,
    CONSUMER_KEY,
    USER_LOGIN,
    USER_PASSWORD,
)

from .channel import Channel, Line
from .driven import drive
from .plan import NUMBERS
from .steps import Ending, Step
from .traps import Traps, lay

# What may become of an SMS that OVHcloud took.
RECEIPTS: Final = ("delivered", "failed", "unconfirmed")
# Loaded before the first house is forked from here.
LOADED: Final = (config_flow, diagnostics, event, notify, repairs)
ENTRY_ID: Final = "chaos"
# Real seconds for a close to begin; it takes none.
_PATIENCE: Final = 5
_FIELDS: Final = ("receivers", "sender", "no_stop_clause", "tag")
_KEYS: Final = {
    "auth_method": "api_keys",
    "application_key": APPLICATION_KEY,
    "application_secret": APPLICATION_SECRET,
    "consumer_key": CONSUMER_KEY,
}
_USER: Final = {
    "auth_method": "sms_user",
    "login": USER_LOGIN,
    "password": USER_PASSWORD,
}


class House:
    """One life of a house: everything it does, it is told to do."""

    def __init__(self, channel: Channel, given: Line, hass: HomeAssistant) -> None:
        """Prepare a house; the account is not loaded yet."""
        self._channel = channel
        self._hass = hass
        self._given = given
        self._clock = drive(given)
        self._timers: dict[HassJob[..., Any], float] = {}
        self._ending: Ending | None = None
        self._end_of_it: asyncio.Task[Any] | None = None
        self._closing = threading.Event()
        self._partial: set[str] = set()
        self._traps = Traps(self._spring)
        lay(self._traps)
        self._take_the_clock()

    def _take_the_clock(self) -> None:
        """Have all waits in the background wait for orders."""
        changed: Any = account
        changed.SystemClock = lambda now: self._clock
        changed = background
        changed.async_call_later = self._call_later
        close = Dispatcher.close

        def closed(dispatcher: Dispatcher) -> None:
            self._closing.set()
            close(dispatcher)

        changed = Dispatcher
        changed.close = closed

    def _call_later(
        self, hass: HomeAssistant, delay: float, job: HassJob[..., Any]
    ) -> CALLBACK_TYPE:
        self._timers[job] = delay

        def forget() -> None:
            self._timers.pop(job, None)

        return forget

    async def start(self) -> None:
        """Load the account."""
        hass = self._hass
        os.environ[ENV_API_URL] = self._given["url"]
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        frame.async_setup(hass)
        hass.config.country = "FR"
        hass.bus.async_listen("state_changed", self._tell)
        entry = MockConfigEntry(
            domain=DOMAIN,
            entry_id=ENTRY_ID,
            version=2,
            title="Home",
            unique_id=ACCOUNT,
            data={
                **(_USER if self._given["sms_user"] else _KEYS),
                "service_name": ACCOUNT,
            },
            options={"sender": "HOUSE", "daily_limit": 0, "recipient_limit": 0},
            subentries_data=[
                ConfigSubentryData(
                    data={"phone_numbers": [NUMBERS[0]]},
                    subentry_type="recipient",
                    title="Kitchen",
                    unique_id=None,
                )
            ],
        )
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(ENTRY_ID)

    @callback
    def _tell(self, changed: Event[EventStateChangedData]) -> None:
        """Pass on what the delivery event says."""
        state = changed.data["new_state"]
        if state is None or not (message_id := state.attributes.get("message_id")):
            return
        of = state.attributes["state"]
        if of in RECEIPTS:
            index = state.attributes["index"]
            self._channel.say(told="receipt", id=message_id, index=index, state=of)
            return
        if of == "partial":
            self._partial.add(message_id)
        elif message_id in self._partial:
            # Of one of its numbers.
            return
        self._channel.say(
            told="event",
            id=message_id,
            state=of,
            over=state.attributes["event_type"] != "queued",
        )

    def _spring(self, ending: Ending) -> None:
        """End, or load the account anew, while a message is on its way."""
        if ending is Ending.CARRY_ON:
            return
        self._ending = ending
        self._closing.clear()
        self._hass.loop.call_soon_threadsafe(self._begin_end)
        if ending is Ending.RELOAD:
            self._closing.wait(_PATIENCE)

    def _begin_end(self) -> None:
        end = (
            self._hass.config_entries.async_reload(ENTRY_ID)
            if self._ending is Ending.RELOAD
            else self._hass.async_stop(force=True)
        )
        self._end_of_it = asyncio.create_task(end)

    async def _next_life(self) -> str | None:
        if self._end_of_it is None:
            return None
        await self._end_of_it
        self._end_of_it = None
        return self._ending

    async def send(self, messages: list[Line]) -> Line:
        """Make calls, all at once."""
        await asyncio.gather(*map(self._call, messages))
        return {}

    async def _call(self, message: Line) -> None:
        given: Line = {name: message[name] for name in _FIELDS if name in message}
        given["message"] = message["text"]
        if message.get("short_number"):
            given["sender_for_response"] = True
        try:
            answer: Any = await self._hass.services.async_call(
                DOMAIN, "send_sms", given, blocking=True, return_response=True
            )
        except HomeAssistantError as err:
            self._channel.say(
                told="error", text=message["text"], error=err.translation_key
            )
            return
        except asyncio.CancelledError:
            # The house stops before it is known.
            return
        except Exception as err:  # noqa: BLE001 - none is expected, so it fails the run
            self._channel.say(told="surprise", error=repr(err))
            return
        for sent in answer["messages"]:
            state = "waiting" if sent["status"] == "queued" else sent["status"]
            self._channel.say(
                told="call",
                id=sent["message_id"],
                text=message["text"],
                receivers=message["receivers"],
                state=state,
                over=state not in ("waiting", "unknown"),
            )

    async def work(self) -> Line:
        """Let the house do what there is to do for now; return when there is again."""
        await self._hass.async_block_till_done(wait_background_tasks=True)
        return {"pause": min(self._timers.values(), default=None)}

    async def arm(self, step: str, ending: str, passes: int) -> Line:
        """Arm a trap."""
        self._traps.arm(Step(step), Ending(ending), passes)
        return {}

    async def advance(self, seconds: float, jump: float = 0.0) -> Line:
        """Let time pass, and set the clock anew."""
        self._clock.advance(seconds)
        self._clock.jump(jump)
        for job in self._timers:
            self._timers[job] -= seconds
        for job in [job for job, left in self._timers.items() if left <= 0]:
            del self._timers[job]
            self._hass.async_run_hass_job(job, dt_util.utcnow())
        return {}

    async def close(self) -> Line:
        """End this life in peace."""
        await self._hass.async_stop(force=True)
        return {"ended": Ending.SHUTDOWN}

    async def obey(self, order: Line) -> bool:
        """Carry out an order; return whether there is life after it."""
        done = await getattr(self, order.pop("do"))(**order)
        done |= {"ended": await self._next_life() or done.get("ended")}
        self._channel.say(done=True, **done)
        return done["ended"] in (None, Ending.RELOAD)


async def _live(channel: Channel, given: Line, hear: Callable[[], Any]) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(16))
    async with async_test_home_assistant(config_dir=given["folder"]) as hass:
        house = House(channel, given, hass)
        await house.start()
        channel.say(done=os.getpid())
        while order := await asyncio.to_thread(hear):
            if not await house.obey(order):
                return
        await hass.async_stop(force=True)


def live(channel: Channel) -> None:
    """Live until it is over."""
    given = channel.hear()
    assert given
    asyncio.run(_live(channel, given, channel.hear))
