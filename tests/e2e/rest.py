"""When a page has come to rest: what is pressed while it is built anew is lost, or meant for another part."""

import asyncio
from typing import Final

from playwright.async_api import BrowserContext, Locator, Page, expect

# What the page has asked Home Assistant and was not answered yet, and how often its parts have changed.
_LISTEN: Final = """(() => {
  const page = window.atWork = {unanswered: new Set(), changes: 0};
  const read = (data) => typeof data === "string" && /^[[{]/.test(data) ? [JSON.parse(data)].flat() : [];
  window.WebSocket = class extends WebSocket {
    constructor(...how) {
      super(...how);
      this.addEventListener("message", ({data}) => {
        for (const {type, id} of read(data)) if (type === "result" || type === "pong") page.unanswered.delete(id);
      });
      this.addEventListener("close", () => page.unanswered.clear());
    }
    send(data) {
      for (const {id} of read(data)) if (id) page.unanswered.add(id);
      super.send(data);
    }
  };
  const observer = new MutationObserver(() => page.changes++);
  const observe = (root) => observer.observe(root, {childList: true, subtree: true});
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (...how) {
    const root = attach.apply(this, how);
    observe(root);
    return root;
  };
  observe(document);
})()"""
# The page is idle with nothing unanswered and nothing changed, some times in a row.
_REST: Final = """async () => {
  const page = window.atWork;
  for (let seen = -1, still = 0; still < 3; seen = page.changes) {
    await new Promise(requestAnimationFrame);
    await new Promise((idle) => requestIdleCallback(idle));
    still = page.changes === seen && !page.unanswered.size ? still + 1 : 0;
  }
}"""


async def listen(context: BrowserContext) -> None:
    """Have all pages of a browser note what they ask."""
    await context.add_init_script(_LISTEN)


async def at_rest(page: Page) -> None:
    """Wait until a page has all it asked for, and has drawn it."""
    await page.evaluate(_REST)


async def _is_ready(part: Locator) -> None:
    """Wait until a part is there, on a page at rest."""
    await expect(part).to_be_visible()
    await at_rest(part.page)


async def click(part: Locator) -> None:
    """Click a part of a page that is at rest."""
    await _is_ready(part)
    await part.click()


async def click_for(part: Locator, sign: Locator) -> None:
    """Click, and see what is shown for two seconds alone: it is looked for from before the click."""
    await _is_ready(part)
    async with asyncio.TaskGroup() as both:
        both.create_task(sign.wait_for())
        await part.click()


async def fill(field: Locator, text: str) -> None:
    """Fill in a field of a page that is at rest."""
    await _is_ready(field)
    await field.fill(text)
    await expect(field).to_have_value(text)
