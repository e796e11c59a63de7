"""What OVHcloud takes for an SMS, by country: a public list that needs no account."""

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
import math
import threading
import time
from typing import Final
from urllib.parse import quote

from .client import Client, ClockOffset
from .errors import Refused
from .failures import explain, explain_preparation, odd_answer
from .models import ApiKeys

# They hardly ever change.
_KEPT_FOR: Final = 24 * 60 * 60


class _PublicClient(Client):
    """A connection that says nothing of who asks."""

    def __init__(self, url: str | None) -> None:
        """Prepare it without a key; the library would look for one on the host."""
        super().__init__(ApiKeys("-", "-", "-"), ClockOffset(), url)
        self._application_key = None


@dataclass(frozen=True, slots=True)
class _Rate:
    """The credits for one part, and when that was read; None where there is no rate."""

    credits: float | None
    at: float


class Rates:
    """The credits that one part costs, kept for a day. Safe to use from any thread."""

    def __init__(
        self, url: str | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin without any; they are read when they are needed."""
        self._url = url
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, _Rate] = {}

    def credits(self, countries: Iterable[str]) -> dict[str, float | None]:
        """Return the rates of countries, None where OVHcloud has none; it blocks."""
        wanted = list(countries)
        with self._lock:
            old = self._clock() - _KEPT_FOR
            missing = [
                country
                for country in wanted
                if country not in self._known or self._known[country].at <= old
            ]
            if missing:
                self._read(missing)
            return {country: self._known[country].credits for country in wanted}

    def _read(self, countries: Iterable[str]) -> None:
        with explain_preparation():
            client = _PublicClient(self._url)
        with closing(client):
            for country in countries:
                self._known[country] = _Rate(_credits(client, country), self._clock())


def _credits(client: Client, country: str) -> float | None:
    path = f"/sms/rates/destinations?country={quote(country.lower(), safe='')}"
    try:
        answer = client.call("GET", path, None, False)
    except Exception as err:  # noqa: BLE001 - odd answers make the library fail anyhow
        failure = explain(err, client.answer, "GET", path)
        if isinstance(failure, Refused):
            return None
    else:
        with odd_answer():
            rate = float(answer["credit"])
            if not math.isfinite(rate) or rate < 0:
                raise ValueError
            return rate
    raise failure
