"""The automation editor."""

import re
from typing import Final

from playwright.async_api import Page, expect

from .actions import ActionForm
from .dialog import is_closed
from .integration_page import NAME
from .words import Words, exactly

_ACTIONS: Final = "panel.config.automation.editor.actions"


class AutomationEditor:
    """The editor with an automation that is being made."""

    def __init__(self, page: Page, words: Words) -> None:
        """Use a browser's page."""
        self.page = page
        self.words = words
        self.form = ActionForm(page.locator("ha-config-automation"), words)

    async def begin(self) -> None:
        """Begin a new automation."""
        await self.page.goto("/config/automation/edit/new")

    async def add_action(self, name: str) -> None:
        """Add one of the integration's actions."""
        add = self.words.theirs(f"{_ACTIONS}.add")
        await self.page.get_by_role("button", name=add).click()
        choice = self.page.locator("add-automation-element-dialog")
        await choice.get_by_role("textbox").fill(name)
        await choice.get_by_text(f"{NAME}: {name}", exact=True).click()
        await expect(self.form.fields).to_be_visible()

    async def run_action(self) -> None:
        """Run the action by its menu, without a trigger."""
        row = self.page.locator("ha-automation-action-row")
        menu = self.words.theirs("common.menu")
        await row.get_by_role("button", name=menu, exact=True).click()
        run = self.words.theirs(f"{_ACTIONS}.run")
        await self.page.get_by_role("menuitem", name=run).click()
        ran = self.words.theirs(f"{_ACTIONS}.run_action_success")
        await expect(row.get_by_text(ran)).to_be_visible()

    async def save(self, name: str) -> None:
        """Save the automation under a name."""
        save = self.words.theirs("common.save")
        button = self.page.locator("ha-config-automation").get_by_role(
            "button", name=save, exact=True
        )
        await button.click()
        dialog = self.page.locator("ha-dialog-automation-save")
        label = self.words.theirs("common.name")
        await dialog.get_by_role("textbox", name=exactly(label)).fill(name)
        await dialog.get_by_role("button", name=save, exact=True).click()
        await is_closed(dialog)
        await expect(self.page).to_have_url(re.compile(r"/automation/edit/\d+$"))
