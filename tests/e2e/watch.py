"""What goes wrong behind the screen: errors on the console, and requests that fail."""

import re
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import (
    BrowserContext,
    ConsoleMessage,
    Request,
    Response,
    WebError,
)

LOOPBACK: Final = "127.0.0.1"
# The logos of other integrations, which Home Assistant fetches from the internet.
_OTHER_LOGO: Final = re.compile(r"^/api/brands/(?!integration/ovh_sms/)")
# A page that is left while it loads.
_LEFT: Final = "net::ERR_ABORTED"
# It shows the error that Home Assistant answers with, and throws it again: an object without a message.
_REFUSED_ACTION: Final = "not caught: Object"
_LOADING: Final = "Failed to load resource"


def is_harmless(url: str) -> bool:
    """Tell whether a resource may be missing: on the internet, which is out of reach, or another's logo."""
    parts = urlsplit(url)
    if parts.scheme in {"http", "https"} and parts.hostname != LOOPBACK:
        return True
    return _OTHER_LOGO.match(parts.path) is not None


class Watch:
    """Notes what goes wrong on all pages of a browser."""

    def __init__(self, context: BrowserContext) -> None:
        """Begin to watch."""
        self.noted: list[str] = []
        self._refused_actions = 0
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def take(self) -> list[str]:
        """Give what was noted since it was last asked."""
        noted, self.noted = self.noted, []
        # Not if the page is left before it is thrown.
        for _ in range(min(self._refused_actions, noted.count(_REFUSED_ACTION))):
            noted.remove(_REFUSED_ACTION)
        self._refused_actions = 0
        return noted

    def expect_refused_action(self) -> None:
        """Expect what the frontend leaves when an action of a dashboard is refused."""
        self._refused_actions += 1

    def _console(self, message: ConsoleMessage) -> None:
        """Note an error on the console."""
        if message.type != "error":
            return
        url = message.location["url"]
        # Requests of ours that fail are noted as such.
        if not message.text.startswith(_LOADING):
            self.noted.append(f"console: {message.text} ({url})")

    def _error(self, error: WebError) -> None:
        """Note what a page did not catch."""
        self.noted.append(f"not caught: {error.error}")

    def _failed(self, request: Request) -> None:
        """Note a request without an answer."""
        if request.failure != _LEFT and not is_harmless(request.url):
            self.noted.append(
                f"no answer: {request.method} {request.url}: {request.failure}"
            )

    def _answered(self, response: Response) -> None:
        """Note a request that was refused."""
        if response.status >= 400 and not is_harmless(response.url):
            self.noted.append(
                f"answered {response.status}: {response.request.method} {response.url}"
            )
