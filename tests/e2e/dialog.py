"""The dialogs in which something is set up."""

from typing import Final

from playwright.async_api import Locator, Page, expect

from .picker import search
from .rest import at_rest, click, fill
from .screen import must_be_in_words, must_have_words
from .words import Words, beginning, exactly

_CONFIG_FLOW: Final = "panel.config.integrations.config_flow"


async def is_closed(dialog: Locator) -> None:
    """Wait until a dialog is closed and has gone back in the history, which could undo where we go next."""
    await expect(dialog.locator("dialog[open]")).to_have_count(0)
    await dialog.page.wait_for_function("() => !history.state?.dialog")


class Dialog:
    """A dialog of several steps."""

    def __init__(self, page: Page, words: Words) -> None:
        """Take the dialog that is open, or opens next."""
        self.page = page
        self.words = words
        self.root = page.locator("dialog-data-entry-flow")

    @property
    def surface(self) -> Locator:
        """Give the part of the screen that the dialog covers."""
        return self.root.locator("dialog[open]").first

    async def shows(self, title: str) -> None:
        """Wait for a step, and look whether everything in it has its words."""
        await expect(self.root.get_by_text(title, exact=True).first).to_be_visible()
        await at_rest(self.page)
        await self.is_in_words()

    async def is_in_words(self) -> None:
        """Look whether everything in the step has its words."""
        await must_be_in_words(self.page)
        await must_have_words(self.root)

    async def pick(self, option: str) -> None:
        """Pick from a menu."""
        await click(self.root.get_by_text(option, exact=True))

    async def fill(self, label: str, text: str) -> None:
        """Fill in a text."""
        await fill(self.root.get_by_role("textbox", name=exactly(label)), text)

    async def fill_number(self, label: str, number: int) -> None:
        """Fill in a number."""
        field = self.root.get_by_role("spinbutton", name=exactly(label))
        await fill(field, str(number))

    async def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        await click(self.root.get_by_role("button", name=beginning(label)))
        chosen = self.root.get_by_role("option", name=beginning(option))
        await click(chosen)
        await expect(self.root.get_by_role("listbox")).to_have_count(0)

    async def type_in(self, label: str, text: str) -> None:
        """Type in what a list does not hold."""
        await click(self.root.get_by_role("button", name=beginning(label)))
        found = await search(self.root, text)
        await click(found)
        await expect(self.root.get_by_role("listbox")).to_have_count(0)

    async def add_to(self, label: str, text: str) -> None:
        """Add a text to a field that takes several."""
        field = self.root.get_by_role("textbox", name=exactly(label))
        present = await field.count()
        add = self.words.theirs("components.multi-textfield.add_item", item=label)
        await click(self.root.get_by_role("button", name=add))
        await fill(field.nth(present), text)

    async def turn_on(self, label: str) -> None:
        """Turn a switch on."""
        switch = self.root.get_by_role("switch", name=beginning(label))
        # Its field takes the keyboard when a text is added.
        await at_rest(self.page)
        await switch.press("Space")
        await expect(switch).to_be_checked()

    async def tick(self, option: str) -> None:
        """Tick one of several options that are all shown."""
        await click(self.root.get_by_text(option, exact=True))
        chosen = self.root.get_by_role("radio", name=option, exact=True)
        await expect(chosen).to_be_checked()

    async def open_section(self, name: str) -> None:
        """Open a section."""
        section = self.root.get_by_role("button", name=name, exact=True)
        await click(section)
        await expect(section).to_have_attribute("aria-expanded", "true")

    async def submit(self) -> None:
        """Send what was filled in."""
        submit = self.words.theirs(f"{_CONFIG_FLOW}.submit")
        await click(self.root.get_by_role("button", name=submit, exact=True))

    async def refuses(self, error: str) -> None:
        """Wait for an error."""
        await expect(self.root.locator("ha-alert")).to_contain_text(error)
        await at_rest(self.page)
        await must_be_in_words(self.page)

    async def finish(self) -> None:
        """Close the dialog, which says that it is done."""
        finish = self.words.theirs(f"{_CONFIG_FLOW}.finish")
        await click(self.root.get_by_role("button", name=finish, exact=True))
        await self.is_gone()

    async def close(self) -> None:
        """Close the dialog once it has nothing more to ask."""
        close = self.words.theirs(f"{_CONFIG_FLOW}.close")
        buttons = self.root.get_by_role("button", name=close, exact=True)
        # The cross at the top, which gives up what is still under way, is the first.
        await expect(buttons).to_have_count(2)
        await self.is_in_words()
        await click(buttons.last)
        await self.is_gone()

    async def is_gone(self) -> None:
        """Wait for the dialog to be gone."""
        await is_closed(self.root)
