"""Settings > System > Repairs."""

from playwright.async_api import Page, expect

from .dialog import Dialog
from .rest import at_rest, click
from .screen import must_be_in_words
from .words import Words


class Repairs:
    """The list of repairs."""

    def __init__(self, page: Page, words: Words) -> None:
        """Use a browser's page."""
        self.page = page
        self.words = words

    async def open(self, title: str) -> Dialog:
        """Open a repair in the list."""
        await self.page.goto("/config/repairs")
        repair = self.page.locator("ha-config-repairs").get_by_text(title)
        await expect(repair).to_be_visible()
        await at_rest(self.page)
        await must_be_in_words(self.page)
        await click(repair)
        return Dialog(self.page, self.words)

    async def is_empty(self) -> None:
        """Wait until nothing needs repair."""
        none = self.words.theirs("panel.config.repairs.no_repairs")
        await expect(self.page.get_by_text(none)).to_be_visible()
