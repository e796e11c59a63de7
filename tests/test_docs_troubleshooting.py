"""Every error, repair and reason that a user can see is explained, in the words on the screen."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
import re
from typing import Final

import pytest

from tests.package_checks.package import Package, leaves

ROOT: Final = Path(__file__).parent.parent
PAGES: Final = {
    "en": ROOT / "docs" / "troubleshooting.md",
    "fr": ROOT / "docs" / "fr" / "troubleshooting.md",
}
EXPLAINED: Final = (
    r"exceptions\.\w+(?=\.message$)",
    r"(?:config|options|config_subentries\.\w+)\.(?:error|abort)\.\w+$",
    r"issues\.\w+(?=\.title$)",
    r"issues\.\w+\.fix_flow\.(?:error|abort)\.\w+$",
    r"entity\.binary_sensor\.problem\.state_attributes\.reason\.state\.\w+$",
)
# A quotation, in a quoted line or in the first cell of a row; then the keys that say it.
QUOTED: Final = re.compile(r"^(?:>|\|) (.+?) <!-- ([\w. ]+) -->", re.MULTILINE)

each_language = pytest.mark.parametrize("language", PAGES)


def as_seen(text: str) -> str:
    """Return a text as the page quotes it: an ellipsis for what is filled in."""
    return re.sub(r"\s+", " ", re.sub(r"\{\w+\}", "…", text))


def shown(language: str) -> dict[str, str]:
    """Return what can be on the screen, by key."""
    return {
        found[0]: as_seen(text)
        for path, text in leaves(Package(ROOT).translations[language]).items()
        for pattern in EXPLAINED
        if (found := re.match(pattern, path))
    }


def quotations(language: str) -> list[tuple[str, str]]:
    """Return what the page quotes, with the keys that say it."""
    return QUOTED.findall(PAGES[language].read_text("utf-8"))


def quoted(language: str) -> list[tuple[str, str]]:
    """Return what the page quotes, with each of its keys."""
    return [
        (key, text) for text, keys in quotations(language) for key in keys.split(" ")
    ]


@each_language
def test_everything_that_can_be_shown_is_explained(language: str) -> None:
    explained = dict(quoted(language))
    missing = [
        f"{text} <!-- {key} -->"
        for key, text in shown(language).items()
        if key not in explained
    ]
    assert not missing, "\n".join([f"not in {PAGES[language]}:", *missing])


@each_language
def test_nothing_is_explained_that_is_never_shown(language: str) -> None:
    assert {key for key, _ in quoted(language)} - shown(language).keys() == set()


@each_language
def test_quotations_are_what_is_on_the_screen(language: str) -> None:
    texts = shown(language)
    assert not [
        f"{key}: {text!r}, but the screen shows {texts[key]!r}"
        for key, text in quoted(language)
        if text != texts.get(key, text)
    ]


@each_language
def test_each_is_explained_once(language: str) -> None:
    keys = Counter(key for key, _ in quoted(language))
    texts = Counter(text for text, _ in quotations(language))
    assert not [each for each, times in (keys + texts).items() if times > 1]


def symptoms() -> Iterator[tuple[str, str]]:
    """Yield the headings of all pages, with the language."""
    for language, page in PAGES.items():
        for heading in re.findall(r"^### .+", page.read_text("utf-8"), re.MULTILINE):
            yield language, heading


@pytest.mark.parametrize(("language", "heading"), symptoms())
def test_each_symptom_has_a_remedy(language: str, heading: str) -> None:
    """Something is said besides the quotation."""
    page = PAGES[language].read_text("utf-8")
    entry = page.partition(f"{heading}\n")[2].partition("\n#")[0]
    remedies = [
        line.rpartition(" | ")[2].rstrip(" |") if line.startswith("|") else line
        for line in entry.splitlines()
        if line and not line.startswith((">", "|---"))
    ]
    assert remedies and all(remedies)
