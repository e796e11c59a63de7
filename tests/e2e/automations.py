"""The automation editor."""

import re
from typing import Final

from playwright.async_api import Locator, Page, expect

from .actions import ActionForm, turn_on
from .dialog import is_closed
from .integration_page import NAME
from .picker import search
from .rest import at_rest, click, click_for, fill
from .words import Words, exactly

_ACTIONS: Final = "panel.config.automation.editor.actions"
_TRIGGERS: Final = "panel.config.automation.editor.triggers"


class AutomationEditor:
    """The editor with an automation that is being made."""

    def __init__(self, page: Page, words: Words) -> None:
        """Use a browser's page."""
        self.page = page
        self.words = words
        self.trigger = page.locator("ha-automation-trigger-platform")
        self.sidebar = page.locator("ha-automation-sidebar")
        self.form = ActionForm(page.locator("ha-config-automation"), words)

    async def begin(self) -> None:
        """Begin a new automation."""
        await self.page.goto("/config/automation/edit/new")

    async def add_trigger(self, name: str) -> None:
        """Add one of the integration's triggers."""
        await self._add(_TRIGGERS, name, name)
        await expect(self.trigger).to_be_visible()

    async def narrow(self, field: str) -> Locator:
        """Turn a field of the trigger on, and give it."""
        row = self.trigger.locator("ha-settings-row").filter(
            has=self.page.get_by_text(field, exact=True)
        )
        await turn_on(row)
        return row

    async def choose_entity(self, field: str, name: str) -> None:
        """Narrow the trigger to an entity."""
        row = await self.narrow(field)
        await click(row.get_by_role("button").first)
        found = await search(row, name)
        await click(found)
        await expect(row).to_contain_text(name)

    async def add_action(self, name: str) -> None:
        """Add one of the integration's actions."""
        await self._add(_ACTIONS, name, f"{NAME}: {name}")
        await expect(self.form.fields).to_be_visible()

    async def _add(self, kind: str, name: str, listed_as: str) -> None:
        """Add a part to the automation."""
        add = self.page.get_by_role("button", name=self.words.theirs(f"{kind}.add"))
        await click(add)
        choice = self.page.locator("add-automation-element-dialog")
        field = choice.get_by_role("textbox")
        await fill(field, name)
        found = choice.get_by_text(listed_as, exact=True)
        await click(found)
        await is_closed(choice)

    async def run_action(self) -> None:
        """Run the action by its menu, without a trigger."""
        row = self.page.locator("ha-automation-action-row")
        menu = self.words.theirs("common.menu")
        await click(row.get_by_role("button", name=menu, exact=True))
        run = self.words.theirs(f"{_ACTIONS}.run")
        ran = self.words.theirs(f"{_ACTIONS}.run_action_success")
        await click_for(
            self.page.get_by_role("menuitem", name=run), row.get_by_text(ran)
        )

    async def save(self, name: str) -> None:
        """Save the automation under a name."""
        save = self.words.theirs("common.save")
        button = self.page.locator("ha-config-automation").get_by_role(
            "button", name=save, exact=True
        )
        await click(button)
        dialog = self.page.locator("ha-dialog-automation-save")
        label = self.words.theirs("common.name")
        field = dialog.get_by_role("textbox", name=exactly(label))
        await fill(field, name)
        await click(dialog.get_by_role("button", name=save, exact=True))
        await is_closed(dialog)
        await expect(self.page).to_have_url(re.compile(r"/automation/edit/\d+$"))
        await at_rest(self.page)
