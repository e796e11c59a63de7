"""A dashboard with a button that sends."""

from typing import Final

from playwright.async_api import Locator, Page, expect

from .actions import ActionForm
from .dialog import is_closed
from .picker import search
from .rest import click, fill
from .words import Words, beginning, exactly

_DASHBOARDS: Final = "panel.config.lovelace.dashboards"
_EDITOR: Final = "panel.lovelace.editor"


class Board:
    """A dashboard of the user's own."""

    def __init__(self, page: Page, words: Words, title: str) -> None:
        """Name the dashboard."""
        self.page = page
        self.words = words
        self.title = title

    async def make(self) -> None:
        """Make the dashboard, empty."""
        await self.page.goto("/config/lovelace/dashboards")
        add = self.words.theirs(f"{_DASHBOARDS}.picker.add_dashboard")
        await click(self.page.get_by_role("button", name=add))
        empty = self.words.theirs(f"{_DASHBOARDS}.dialog_new.create_empty")
        await click(self.page.get_by_role("button", name=empty))
        details = self.page.locator("dialog-lovelace-dashboard-detail")
        title = self.words.theirs(f"{_DASHBOARDS}.detail.title")
        field = details.get_by_role("textbox", name=exactly(title))
        await fill(field, self.title)
        create = self.words.theirs(f"{_DASHBOARDS}.detail.create")
        await click(details.get_by_role("button", name=create, exact=True))
        await is_closed(details)

    async def add_button(self, recipient: str, action: str, message: str) -> None:
        """Add a button that sends a message to a recipient."""
        await self.open()
        await click(self._edit)
        add = self.words.theirs(f"{_EDITOR}.section.add_card")
        await click(self.page.get_by_role("button", name=add))
        kinds = self.page.locator("hui-dialog-create-card")
        by_card = self.words.theirs(f"{_EDITOR}.cardpicker.by_card")
        await click(kinds.get_by_role("tab", name=by_card))
        name = self.words.theirs(f"{_EDITOR}.card.button.name")
        card = kinds.locator("div.card").filter(
            has=self.page.get_by_text(name, exact=True)
        )
        await click(card.locator(".overlay"))
        await self._fill_in(recipient, action, message)
        done = self.words.theirs("panel.lovelace.menu.exit_edit_mode")
        await click(self.page.get_by_role("button", name=done, exact=True))
        await expect(self._edit).to_be_visible()

    @property
    def _edit(self) -> Locator:
        """Give the pen, which is there while nothing is edited."""
        edit = self.words.theirs("panel.lovelace.menu.configure_ui")
        return self.page.get_by_role("button", name=edit, exact=True)

    async def _fill_in(self, recipient: str, action: str, message: str) -> None:
        """Say what the button shows and does."""
        editor = self.page.locator("hui-dialog-edit-card")
        entity = editor.locator("ha-entity-picker").first
        await click(entity.get_by_role("button").first)
        found = await search(entity, recipient)
        await click(found)
        await expect(entity).to_contain_text(recipient)
        interactions = self.words.theirs(f"{_EDITOR}.card.generic.interactions")
        await click(editor.get_by_role("button", name=interactions, exact=True))
        tap = self.words.theirs(f"{_EDITOR}.card.generic.tap_action")
        # In some languages holding is called like tapping, and more.
        await click(editor.get_by_role("button", name=beginning(tap)).first)
        perform = self.words.theirs(f"{_EDITOR}.action-editor.actions.perform-action")
        await click(editor.get_by_role("menuitem", name=perform))
        form = ActionForm(editor, self.words)
        await form.choose(action)
        await form.target(recipient)
        await form.write(message)
        save = self.words.theirs("common.save")
        await click(editor.get_by_role("button", name=save, exact=True))
        await is_closed(editor)

    async def open(self) -> None:
        """Open the dashboard from the sidebar."""
        sidebar = self.page.locator("ha-sidebar")
        await click(sidebar.get_by_role("link", name=self.title, exact=True))

    async def press(self) -> None:
        """Press the button."""
        await self.open()
        await expect(self._edit).to_be_visible()
        await click(self.page.locator("hui-button-card"))

    async def complains(self, error: str) -> None:
        """Wait for an error at the foot of the screen."""
        toast = self.page.locator("notification-manager")
        await expect(toast.get_by_text(error).first).to_be_visible()
