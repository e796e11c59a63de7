"""The simulated OVHcloud as its customer sees it: phones, and the page where keys are approved."""

from typing import Any

import aiohttp
from playwright.async_api import BrowserContext, Page, expect


class OvhCloud:
    """The phones in a tab of the browser, and what can be ordered behind them."""

    def __init__(
        self, page: Page, handset: str, session: aiohttp.ClientSession
    ) -> None:
        """Use a tab of its own."""
        self.page = page
        self.handset = handset
        self._session = session

    async def open(self) -> None:
        """Show the phones."""
        await self.page.goto(f"{self.handset}/")
        await expect(self.page.get_by_role("heading", name="Phones")).to_be_visible()

    async def order(self, method: str, path: str, **body: Any) -> None:
        """Have something happen at OVHcloud."""
        async with self._session.request(
            method, f"{self.handset}/_control/{path}", json=body
        ) as response:
            assert response.status == 200, await response.text()

    async def arrives(self, number: str, text: str) -> None:
        """Wait for a message on a phone."""
        phone = self.page.get_by_role("article", name=number)
        await expect(phone.get_by_text(text).last).to_be_visible()

    async def answer(self, number: str, text: str) -> None:
        """Answer from a phone, once the last message to it came from a number."""
        phone = self.page.get_by_role("article", name=number)
        await expect(phone.get_by_text("cannot be answered")).to_have_count(0)
        await self.page.get_by_label(f"Answer from {number}").fill(text)
        await self.page.get_by_role("button", name=f"Send from {number}").click()
        await self.arrives(number, text)

    async def has_not(self, number: str, text: str) -> None:
        """Look whether a message has stayed away from a phone."""
        phone = self.page.get_by_role("article", name=number)
        await expect(phone.get_by_text(text)).to_have_count(0)


async def approve(context: BrowserContext, page: Page) -> None:
    """Approve on OVHcloud's page, which has opened in a second tab."""
    tab = next(tab for tab in reversed(context.pages) if "/auth/" in tab.url)
    await tab.get_by_label("Validity").select_option("Unlimited")
    await tab.get_by_role("button", name="Approve").click()
    await expect(tab.get_by_role("heading", name="Access granted")).to_be_visible()
    await tab.close()
    await page.bring_to_front()
