"""What is left of a walk that failed, for whoever looks into it."""

from pathlib import Path
import re
import shutil
from typing import Final

from .screen import text_of
from .walk import Walk

LOGS: Final = ("home-assistant-output.log", "simulator.log")


async def keep(folder: Path, name: str, walk: Walk, house: Path) -> None:
    """Keep a picture and the text of each tab, and the logs."""
    stem = re.sub(r"[^\w-]+", "-", name).strip("-")
    for number, page in enumerate(walk.context.pages, 1):
        file = folder / f"{stem}-tab{number}"
        await page.screenshot(path=file.with_suffix(".png"))
        wrong = "\n".join(walk.watch.noted)
        text = f"{page.url}\n{wrong}\n{await text_of(page)}"
        file.with_suffix(".txt").write_text(text, encoding="utf-8")
    for log in LOGS:
        if (house / log).exists():
            shutil.copyfile(house / log, folder / log)
