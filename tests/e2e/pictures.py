"""The pictures in the documentation, taken as the walk comes by."""

from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.async_api import FloatRect, Locator, Page

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "docs" / "images"
MARGIN: Final = 5
LARGEST: Final = 60_000
# A dialog grows and moves while it opens.
_STILL: Final = """async (part) => {
  const place = () => JSON.stringify(part.getBoundingClientRect());
  for (let seen = "", still = 0; still < 10; still = place() === seen ? still + 1 : 0) {
    seen = place();
    await new Promise(requestAnimationFrame);
  }
}"""
COLOURS: Final = (256, 128, 64, 32)


def small(picture: bytes) -> bytes:
    """Draw a picture with as many colours as a small file can hold."""
    drawn = Image.open(BytesIO(picture)).convert("RGB")
    for colours in COLOURS:
        file = BytesIO()
        drawn.quantize(colours, dither=Image.Dither.NONE).save(
            file, "PNG", optimize=True
        )
        if file.tell() <= LARGEST:
            return file.getvalue()
    raise AssertionError("a picture is too large for the documentation")


async def _box(part: Locator) -> FloatRect:
    """Say where a part of a page is."""
    box = await part.bounding_box()
    assert box is not None
    return box


class Pictures:
    """Where pictures go, if any are wanted."""

    def __init__(self, language: str, *, wanted: bool) -> None:
        """Choose the folder of a language."""
        self._wanted = wanted
        self._folder = FOLDER if language == "en" else FOLDER / language

    async def take(
        self,
        name: str,
        part: Locator,
        down_to: Locator | None = None,
        *,
        margin: int = MARGIN,
    ) -> None:
        """Take a picture of a part of a page with a margin, no lower than the end of another part."""
        await part.evaluate(_STILL)
        box, last = await _box(part), await _box(down_to or part)
        height = last["y"] + last["height"] - box["y"]
        await self._take(
            name,
            part.page,
            {
                "x": box["x"] - margin,
                "y": box["y"] - margin,
                "width": box["width"] + 2 * margin,
                "height": height + 2 * margin,
            },
        )

    async def take_top(self, name: str, page: Page, height: int) -> None:
        """Take a picture of the top of a page."""
        assert page.viewport_size is not None
        width = page.viewport_size["width"]
        await self._take(name, page, {"x": 0, "y": 0, "width": width, "height": height})

    async def _take(self, name: str, page: Page, clip: FloatRect) -> None:
        """Take a picture if any are wanted."""
        if not self._wanted:
            return
        picture = await page.screenshot(clip=clip, animations="disabled", caret="hide")
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{name}.png").write_bytes(small(picture))
