"""Work that nobody waits for, done while there is some."""

from collections.abc import Callable
from datetime import datetime
import logging
import math
from typing import Final, Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .const import DOMAIN
from .sms.errors import Closed
from .sms.settings import Settings

_LOGGER = logging.getLogger(__name__)

_PAUSE_AFTER_SURPRISE: Final = 60.0


class Step(Protocol):
    """What a step of the work brought."""

    @property
    def pause(self) -> float | None:
        """Return the seconds until the next step; None where nothing is left to do."""


class Background[StepT: Step]:
    """Works while there is something to do, and sleeps until there is again."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        name: str,
        settings: Callable[[], Settings],
        work: Callable[[Settings], StepT],
        take: Callable[[StepT], None],
    ) -> None:
        """Do `work`, on a worker thread, for an account; what comes of it goes to `take`."""
        self._hass = hass
        self._entry = entry
        self._name = name
        self._settings = settings
        self._work = work
        self._take = take
        self._job = HassJob(self._wake, cancel_on_shutdown=True)
        self._cancel_timer: CALLBACK_TYPE | None = None
        self._due = math.inf
        self._is_working = False
        self._is_called = False
        self._is_stopped = True

    @callback
    def async_start(self) -> None:
        """Begin, and see what the last run has left."""
        self._is_stopped = False
        self.async_wake()

    @callback
    def async_wake(self) -> None:
        """See what there is to do, now."""
        if self._is_stopped:
            return
        self._is_called = True
        if not self._is_working:
            self._is_working = True
            self._entry.async_create_background_task(
                self._hass,
                self._async_work(),
                f"{DOMAIN} {self._name} of {self._entry.title}",
            )

    @callback
    def async_wake_within(self, seconds: float) -> None:
        """See what there is to do when so many seconds have passed, if not before."""
        if self._is_working:
            # It may have looked before there was anything.
            self._is_called = True
        elif self._due > self._hass.loop.time() + seconds and not self._is_stopped:
            self._sleep(seconds)

    @callback
    def async_stop(self) -> None:
        """Do nothing any more; what is on its way comes to its end."""
        self._is_stopped = True
        self._forget_timer()

    @callback
    def _wake(self, now: datetime) -> None:
        self._forget_timer()
        self.async_wake()

    async def _async_work(self) -> None:
        """Work step by step, so that a new message never waits for more than one."""
        self._forget_timer()
        pause: float | None = 0.0
        try:
            while not self._is_stopped and (self._is_called or pause == 0):
                self._is_called = False
                try:
                    step = await self._hass.async_add_executor_job(
                        self._work, self._settings()
                    )
                    self._take(step)
                    pause = step.pause
                except Closed:
                    return
                except Exception:
                    _LOGGER.exception("A step in the background failed")
                    pause = _PAUSE_AFTER_SURPRISE
        finally:
            self._is_working = False
        if pause is not None and not self._is_stopped:
            self._sleep(pause)

    @callback
    def _sleep(self, seconds: float) -> None:
        self._forget_timer()
        self._cancel_timer = async_call_later(self._hass, seconds, self._job)
        self._due = self._hass.loop.time() + seconds

    @callback
    def _forget_timer(self) -> None:
        self._due = math.inf
        if self._cancel_timer:
            self._cancel_timer()
            self._cancel_timer = None
