"""The links of the documentation, followed; and its pages and pictures, found."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
import re
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
FRONT: Final = ROOT / "README.md"
PAGES: Final = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
PICTURES: Final = sorted((ROOT / "docs" / "images").iterdir())


def prose(page: Path) -> str:
    """Return a page without its examples and comments."""
    text = re.sub(
        r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    return re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading.strip()).lower()
        anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        found.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
        seen[anchor] += 1
    return found


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files of the repository that a page links to, with the anchor."""
    text = prose(page)
    for link in re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(
        r'(?:src|href)="([^"]+)"', text
    ):
        if not re.match(r"[a-z]+:", link):
            path, _, anchor = link.partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    broken = [
        f"{target.name}#{anchor}"
        for target, anchor in links(page)
        if not target.exists() or (anchor and anchor not in anchors(target))
    ]
    assert not broken


def test_every_page_is_reachable_from_the_front() -> None:
    reached, ahead = {FRONT}, [FRONT]
    while ahead:
        for target, _ in links(ahead.pop()):
            if target.suffix == ".md" and target not in reached:
                reached.add(target)
                ahead.append(target)
    assert set(PAGES) - reached == set()


def test_the_front_names_every_page() -> None:
    """Nobody has to search for what there is to read."""
    named = {target for target, _ in links(FRONT)}
    assert set(PAGES) - {FRONT} - named == set()


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_pictures_are_shown(picture: Path) -> None:
    assert picture in {target for page in PAGES for target, _ in links(page)}


def test_pictures_can_be_read_aloud() -> None:
    """Each has words for those who cannot see it."""
    mute = [
        tag
        for page in PAGES
        for tag in re.findall(r"<img [^>]+>", prose(page))
        if not re.search(r'alt="[^"]{5,}"', tag)
    ]
    assert not mute


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        (
            "No links or numbers from the short number",
            "no-links-or-numbers-from-the-short-number",
        ),
        ("A call has a mistake under `data`", "a-call-has-a-mistake-under-data"),
        ("`rest_command`, `rest` and curl", "rest_command-rest-and-curl"),
        ("Who, what & why: all of it", "who-what--why-all-of-it"),
    ],
)
def test_anchors_are_those_of_github(tmp_path: Path, heading: str, anchor: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n\n## {heading}\n\n## {heading}\n", "utf-8")
    assert anchors(page) == {"page", anchor, f"{anchor}-1"}
