"""A user who goes through Home Assistant with a browser, in a language."""

from dataclasses import dataclass
from typing import Final

from playwright.async_api import BrowserContext, Page, expect

from demo.client import PASSWORD, USER
from demo.stage import Stage

from .actions import ActionTool
from .automations import AutomationEditor
from .board import Board
from .dialog import Dialog
from .integration_page import IntegrationPage
from .ovhcloud import OvhCloud
from .picker import search
from .pictures import Pictures
from .repairs import Repairs
from .rest import click, fill
from .watch import Watch
from .words import Words

_LOGIN: Final = "panel.page-authorize.form"
LANGUAGE_NAMES: Final = {"en": "English", "fr": "Français"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the user calls things, and what is sent."""

    phone: str
    family: str
    board: str
    automation: str
    leak: str
    pump: str
    smoke: str
    bell: str
    gate: str
    wish: str
    opened: str


NAMES: Final = {
    "en": Names(
        phone="My phone",
        family="Family",
        board="Alarm",
        automation="Water leak",
        leak="Water in the cellar!",
        pump="The pump is off.",
        smoke="Smoke in the attic!",
        bell="Someone is at the door.",
        gate="gate",
        wish="Open the gate!",
        opened="The gate is open.",
    ),
    "fr": Names(
        phone="Mon téléphone",
        family="Famille",
        board="Alarme",
        automation="Fuite d'eau",
        leak="De l'eau à la cave !",
        pump="La pompe est arrêtée.",
        smoke="De la fumée au grenier !",
        bell="On sonne à la porte.",
        gate="portail",
        wish="Ouvre le portail !",
        opened="Le portail est ouvert.",
    ),
}


class Walk:
    """What a user has at hand on the walk."""

    def __init__(
        self,
        *,
        stage: Stage,
        context: BrowserContext,
        page: Page,
        cloud: OvhCloud,
        language: str,
        pictures: Pictures,
    ) -> None:
        """Begin at the door."""
        self.stage = stage
        self.context = context
        self.page = page
        self.cloud = cloud
        self.language = language
        self.pictures = pictures
        self.names = NAMES[language]
        self.words = Words(language)
        self.watch = Watch(context)
        self.integration = IntegrationPage(page, self.words)
        self.tool = ActionTool(page, self.words)
        self.editor = AutomationEditor(page, self.words)
        self.repairs = Repairs(page, self.words)
        self.board = Board(page, self.words, self.names.board)

    async def log_in(self) -> None:
        """Log in, and choose the language in the profile."""
        await self.page.goto("/")
        fields = f"{_LOGIN}.providers.homeassistant.step.init.data"
        user = self.page.get_by_label(self.words.theirs(f"{fields}.username"))
        await fill(user, USER)
        password = self.page.locator("input[type=password]")
        await fill(password, PASSWORD)
        next_ = self.words.theirs(f"{_LOGIN}.next")
        await click(self.page.get_by_role("button", name=next_, exact=True))
        await expect(self.page.locator("ha-sidebar")).to_be_visible()
        await self.page.goto("/profile/localization")
        picker = self.page.locator("ha-language-picker")
        await click(picker.get_by_role("button").first)
        found = await search(picker, LANGUAGE_NAMES[self.language])
        await click(found)
        heading = self.words.theirs("panel.profile.language.header")
        await expect(self.page.get_by_text(heading).first).to_be_visible()

    async def picture(self, name: str, dialog: Dialog) -> None:
        """Take a picture of a dialog for the documentation."""
        await self.pictures.take(name, dialog.surface)

    async def read_replies(self) -> None:
        """Spare the walk the minute until replies are read."""
        events = [
            state["entity_id"]
            for state in await self.stage.house.get("/api/states")
            if state["entity_id"].startswith("event.")
        ]
        await self.stage.house.call(
            "homeassistant", "update_entity", {"entity_id": events}
        )

    async def press_in_vain(self, error: str, **placeholders: str) -> None:
        """Press the button on the dashboard, and wait for an error of the integration."""
        self.watch.expect_refused_action(error)
        await self.board.press()
        text = self.words.ours(f"exceptions.{error}.message", **placeholders)
        await self.board.complains(text)
