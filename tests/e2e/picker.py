"""The lists that Home Assistant lets one search."""

from playwright.async_api import Locator, expect

from .rest import fill


async def search(root: Locator, text: str, *, shown: bool = True) -> Locator:
    """Search in the list that is open inside an element, and give the best that is found."""
    listed = root.locator("ha-picker-combo-box")
    await fill(listed.get_by_role("textbox"), text)
    options = listed.get_by_role("option")
    if shown:
        await expect(options.first).to_contain_text(text)
    else:
        await expect(options).to_have_count(1)
    return options.first
