"""The page of the integration, under Settings > Devices & services."""

from typing import Final

from playwright.async_api import Locator, Page, expect

from .dialog import Dialog, is_closed
from .rest import at_rest, click, fill
from .screen import must_be_in_words
from .words import Words

NAME: Final = "OVHcloud SMS"
DASHBOARD: Final = "/config/integrations/dashboard"
PATH: Final = "/config/integrations/integration/ovh_sms"
_INTEGRATIONS: Final = "panel.config.integrations"


class IntegrationPage:
    """The accounts that are set up, and the way to another one."""

    def __init__(self, page: Page, words: Words) -> None:
        """Use a browser's page."""
        self.page = page
        self.words = words

    async def add(self) -> Dialog:
        """Begin to add the integration."""
        await self.page.goto(DASHBOARD)
        add = self.words.theirs(f"{_INTEGRATIONS}.add_integration")
        button = self.page.get_by_role("button", name=add)
        await click(button)
        brands = self.page.locator("dialog-add-integration")
        search = self.words.theirs(f"{_INTEGRATIONS}.search_brand")
        field = brands.get_by_placeholder(search)
        await fill(field, NAME)
        found = brands.get_by_role("button", name=NAME, exact=True)
        await click(found)
        return Dialog(self.page, self.words)

    async def open(self) -> None:
        """Open the page."""
        await self.page.goto(PATH)
        heading = self.page.get_by_role("heading", name=NAME, exact=True)
        await expect(heading).to_be_visible()
        await at_rest(self.page)
        await must_be_in_words(self.page)

    def account(self, title: str) -> Locator:
        """Find an account on the page."""
        own = self.page.get_by_text(title, exact=True)
        return self.page.locator("ha-config-entry-row").filter(has=own)

    async def add_recipient(self) -> Dialog:
        """Begin to add a recipient."""
        add = self.words.ours("config_subentries.recipient.initiate_flow.user")
        await click(self.page.get_by_role("button", name=add))
        return Dialog(self.page, self.words)

    async def open_options(self, title: str) -> Dialog:
        """Open the options of an account."""
        configure = self.words.theirs(f"{_INTEGRATIONS}.config_entry.configure")
        gear = self.account(title).get_by_role("button", name=configure)
        await click(gear.first)
        return Dialog(self.page, self.words)

    async def sign_in_again(self) -> Dialog:
        """Follow the demand to sign in again."""
        reconfigure = self.words.theirs(f"{_INTEGRATIONS}.reconfigure")
        await click(self.page.get_by_role("button", name=reconfigure))
        return Dialog(self.page, self.words)

    async def open_device(self, title: str) -> None:
        """Open the page of an account's device."""
        device = self.account(title).locator("ha-config-entry-device-row").first
        await click(device)
        await expect(self.page.locator("ha-config-device-page")).to_be_visible()
        await at_rest(self.page)
        await must_be_in_words(self.page)

    async def delete(self, title: str) -> None:
        """Delete an account."""
        menu = self.words.theirs("common.menu")
        await click(self.account(title).get_by_role("button", name=menu).first)
        delete = self.words.theirs("common.delete")
        await click(self.page.get_by_role("menuitem", name=delete))
        box = self.page.locator("dialog-box")
        await click(box.get_by_role("button", name=delete, exact=True))
        await is_closed(box)
        await expect(self.account(title)).to_have_count(0)
