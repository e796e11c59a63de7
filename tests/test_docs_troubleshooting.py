"""Every error, repair and reason that a user can see is explained, in the words on the screen."""

from collections import Counter
from pathlib import Path
import re
from typing import Final

import pytest

from tests.package_checks.package import Package, leaves

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = "docs/troubleshooting.md"
EXPLAINED: Final = (
    r"exceptions\.\w+(?=\.message$)",
    r"(?:config|options|config_subentries\.\w+)\.(?:error|abort)\.\w+$",
    r"issues\.\w+(?=\.title$)",
    r"issues\.\w+\.fix_flow\.(?:error|abort)\.\w+$",
    r"entity\.binary_sensor\.problem\.state_attributes\.reason\.state\.\w+$",
)
# A quotation, in a quoted line or in the first cell of a row; then the keys that say it.
QUOTED: Final = re.compile(r"^(?:>|\|) (.+?) <!-- ([\w. ]+) -->", re.MULTILINE)


def as_seen(text: str) -> str:
    """Return a text as the page quotes it: an ellipsis for what is filled in."""
    return re.sub(r"\s+", " ", re.sub(r"\{\w+\}", "…", text))


def shown() -> dict[str, str]:
    """Return what can be on the screen, by key."""
    return {
        found[0]: as_seen(text)
        for path, text in leaves(Package(ROOT).english).items()
        for pattern in EXPLAINED
        if (found := re.match(pattern, path))
    }


def quoted() -> list[tuple[str, str]]:
    """Return what the page quotes, with each of its keys."""
    page = (ROOT / PAGE).read_text("utf-8")
    return [
        (key, text) for text, keys in QUOTED.findall(page) for key in keys.split(" ")
    ]


def test_everything_that_can_be_shown_is_explained() -> None:
    explained = dict(quoted())
    missing = [
        f"{text} <!-- {key} -->"
        for key, text in shown().items()
        if key not in explained
    ]
    assert not missing, "\n".join([f"not in {PAGE}:", *missing])


def test_nothing_is_explained_that_is_never_shown() -> None:
    assert {key for key, _ in quoted()} - shown().keys() == set()


def test_quotations_are_what_is_on_the_screen() -> None:
    texts = shown()
    assert not [
        f"{key}: {text!r}, but the screen shows {texts[key]!r}"
        for key, text in quoted()
        if text != texts.get(key, text)
    ]


def test_each_is_explained_once() -> None:
    keys = Counter(key for key, _ in quoted())
    texts = Counter(
        text for text, _ in QUOTED.findall((ROOT / PAGE).read_text("utf-8"))
    )
    assert not [each for each, times in (keys + texts).items() if times > 1]


@pytest.mark.parametrize(
    "heading", re.findall(r"^### .+", (ROOT / PAGE).read_text("utf-8"), re.MULTILINE)
)
def test_each_symptom_has_a_remedy(heading: str) -> None:
    """Something is said besides the quotation."""
    page = (ROOT / PAGE).read_text("utf-8")
    entry = page.partition(f"{heading}\n")[2].partition("\n#")[0]
    remedies = [
        line.rpartition(" | ")[2].rstrip(" |") if line.startswith("|") else line
        for line in entry.splitlines()
        if line and not line.startswith((">", "|---"))
    ]
    assert remedies and all(remedies)
