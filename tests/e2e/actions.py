"""The form of an action, which the tools, the automation editor and the dashboard share."""

from typing import Final

from playwright.async_api import Locator, Page, expect

from .picker import search
from .rest import at_rest, click, click_for, fill
from .screen import must_be_in_words
from .words import Words, exactly

_TOOLS: Final = "panel.config.tools.tabs.actions"
# What a part says, in a section that is closed too, through the walls of its elements.
_TEXT: Final = """part => {
  const inside = (node) => [...(node.shadowRoot?.childNodes ?? []), ...node.childNodes];
  const said = (node) => node.nodeType === Node.TEXT_NODE ? node.data
    : node.nodeName === "STYLE" ? "" : inside(node).map(said).join("");
  return said(part);
}"""


async def turn_on(row: Locator) -> None:
    """Turn a field on that need not be filled in."""
    box = row.get_by_role("checkbox")
    await box.press("Space")
    await expect(box).to_be_checked()


class ActionForm:
    """An action with its target and its fields."""

    def __init__(self, root: Locator, words: Words) -> None:
        """Use the form inside an element."""
        self.root = root
        self.page = root.page
        self.words = words
        self.fields = root.locator("ha-service-control")

    async def choose(self, action: str) -> None:
        """Choose the action by its name."""
        label = self.words.theirs("components.service-picker.action")
        await click(self.root.get_by_role("button", name=exactly(label)))
        # The list does not show the name everywhere, but it finds by it.
        found = await search(self.root, action, shown=False)
        await click(found)
        await expect(self._row(0)).to_be_visible()

    async def is_in_words(self) -> None:
        """Look whether every field has its name and its description."""
        await must_be_in_words(self.page)
        for row in await self.fields.locator("ha-settings-row").all():
            for part in ("heading", "description"):
                text: str = await row.locator(f"[slot={part}]").evaluate(_TEXT)
                assert text.strip(), f"a field has no {part}"

    async def target(self, name: str) -> None:
        """Choose an entity to act on."""
        add = self.words.theirs("components.target-picker.add_target")
        await click(self.fields.get_by_role("button", name=add))
        found = await search(self.fields, name)
        await click(found)
        await expect(self.fields.locator("ha-target-picker")).to_contain_text(name)

    async def write(self, message: str) -> None:
        """Write the message, which is the first field of all actions used here."""
        await fill(self._row(0).get_by_role("textbox"), message)

    async def add_to(self, field: str, text: str) -> None:
        """Turn a field on that takes several texts, and add one."""
        row = self.fields.locator("ha-settings-row").filter(
            has=self.page.get_by_text(field, exact=True)
        )
        await turn_on(row)
        add = self.words.theirs("common.add")
        await click(row.get_by_role("button", name=add))
        await fill(row.get_by_role("textbox"), text)

    def _row(self, number: int) -> Locator:
        """Give a field."""
        return self.fields.locator("ha-settings-row").nth(number)


class ActionTool:
    """Settings > Tools > Actions."""

    def __init__(self, page: Page, words: Words) -> None:
        """Use a browser's page."""
        self.page = page
        self.words = words
        self.form = ActionForm(page.locator("tools-action"), words)

    async def open(self) -> None:
        """Open the tool, with no action chosen."""
        await self.page.goto("/config/tools/action")
        # It offers the action that was used last.
        clear = self.form.root.locator("ha-service-picker .clear")
        await expect(self.form.root.locator("ha-service-picker")).to_be_visible()
        await at_rest(self.page)
        if await clear.count():
            await click(clear)
            await expect(clear).to_have_count(0)

    async def perform(self) -> None:
        """Perform the action and wait until it is done."""
        perform = self.words.theirs(f"{_TOOLS}.call_service")
        button = self.form.root.locator("ha-progress-button").filter(has_text=perform)
        await click_for(button, button.locator(".success"))
        await at_rest(self.page)
        await expect(self.form.root.locator("[alert-type=error]")).to_have_count(0)
