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
# It shows the error that Home Assistant answers with, and throws it again: an object, of which no more is told.
_OBJECT: Final = "Object"
_TELL: Final = """addEventListener("unhandledrejection", ({reason}) => {
  if (!(reason instanceof Error)) console.error(`not caught: ${JSON.stringify(reason)}`);
})"""
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
        self.context = context
        self.noted: list[str] = []
        self._expected: list[str] = []
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    async def begin(self) -> None:
        """Have pages tell what they throw."""
        await self.context.add_init_script(_TELL)

    def take(self) -> list[str]:
        """Give what was noted since it was last asked."""
        noted, self.noted = self.noted, []
        for error in self._expected:
            told = f'"translation_key":"{error}"'
            # There is none if the page is left before it is thrown.
            if (
                found := next((note for note in noted if told in note), None)
            ) is not None:
                noted.remove(found)
        self._expected.clear()
        return noted

    def expect_refused_action(self, error: str) -> None:
        """Expect what the frontend leaves when an action of a dashboard is refused."""
        self._expected.append(error)

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
        if error.error.message != _OBJECT:
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
