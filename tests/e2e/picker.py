"""The lists that Home Assistant lets one search."""

from playwright.async_api import Locator, expect


async def search(root: Locator, text: str) -> Locator:
    """Search in the list that is open inside an element, and give what is found."""
    listed = root.locator("ha-picker-combo-box")
    field = listed.get_by_role("textbox")
    await field.fill(text)
    await expect(field).to_have_value(text)
    return listed.get_by_role("option")
