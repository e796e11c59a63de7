"""When a page has come to rest: what is pressed while it is built anew is lost, or meant for another part."""

from typing import Final

from playwright.async_api import BrowserContext, Locator, Page, expect

# What the page has asked Home Assistant and was not answered yet.
_LISTEN: Final = """(() => {
  performance.setResourceTimingBufferSize(10000);
  const open = window.unanswered = new Set();
  const read = (data) => typeof data === "string" && /^[[{]/.test(data) ? [JSON.parse(data)].flat() : [];
  window.WebSocket = class extends WebSocket {
    constructor(...how) {
      super(...how);
      this.addEventListener("message", ({data}) => {
        for (const {type, id} of read(data)) if (type === "result" || type === "pong") open.delete(id);
      });
      this.addEventListener("close", () => open.clear());
    }
    send(data) {
      for (const {id} of read(data)) if (id) open.add(id);
      super.send(data);
    }
  };
})()"""
# The page is idle, nothing is asked or fetched, and as many parts as before are on the screen, some times in a row.
_REST: Final = """async () => {
  const parts = (root) => [...root.querySelectorAll("*")].reduce(
    (count, part) => count + 1 + (part.shadowRoot ? parts(part.shadowRoot) : 0), 0);
  const state = () => [window.unanswered?.size, performance.getEntriesByType("resource").length, parts(document)];
  for (let seen = "", still = 0; still < 5;) {
    await new Promise(requestAnimationFrame);
    await new Promise((idle) => requestIdleCallback(idle));
    const now = state().join();
    still = now === seen && !window.unanswered?.size ? still + 1 : 0;
    seen = now;
  }
}"""


async def listen(context: BrowserContext) -> None:
    """Have all pages of a browser note what they ask."""
    await context.add_init_script(_LISTEN)


async def at_rest(page: Page) -> None:
    """Wait until a page has all it asked for, and has drawn it."""
    await page.evaluate(_REST)


async def click(part: Locator) -> None:
    """Click a part of a page that is at rest."""
    await expect(part).to_be_visible()
    await at_rest(part.page)
    await part.click()


async def fill(field: Locator, text: str) -> None:
    """Fill in a field of a page that is at rest."""
    await expect(field).to_be_visible()
    await at_rest(field.page)
    await field.fill(text)
    await expect(field).to_have_value(text)
