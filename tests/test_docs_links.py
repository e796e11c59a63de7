"""The links of the documentation, followed; and its pages and pictures, found."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
import re
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
PAGES: Final = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
IMAGES: Final = ROOT / "docs" / "images"
PICTURES: Final = sorted(path for path in IMAGES.rglob("*") if path.is_file())
FRENCH: Final = sorted([ROOT / "README.fr.md", *ROOT.glob("docs/fr/*.md")])
# The pages of each language, by the page from which they are found.
LANGUAGES: Final = {
    ROOT / "README.md": {*PAGES} - {*FRENCH},
    ROOT / "README.fr.md": {*FRENCH},
}


def english(page: Path) -> Path:
    """Return the page of which a French one is the translation."""
    return ROOT / "README.md" if page.parent == ROOT else page.parent.parent / page.name


def named(path: Path) -> str:
    """Name a page or a picture in the results."""
    return str(path.relative_to(ROOT))


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


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    broken = [
        f"{target.name}#{anchor}"
        for target, anchor in links(page)
        if not target.exists() or (anchor and anchor not in anchors(target))
    ]
    assert not broken


@pytest.mark.parametrize("front", LANGUAGES, ids=named)
def test_every_page_is_reachable_from_the_front(front: Path) -> None:
    """Nobody has to go by way of another language."""
    reached, ahead = {front}, [front]
    while ahead:
        for target, _ in links(ahead.pop()):
            if target in LANGUAGES[front] - reached:
                reached.add(target)
                ahead.append(target)
    assert LANGUAGES[front] - reached == set()


@pytest.mark.parametrize("front", LANGUAGES, ids=named)
def test_the_front_names_every_page(front: Path) -> None:
    """Nobody has to search for what there is to read."""
    told = {target for target, _ in links(front)}
    assert LANGUAGES[front] - {front} - told == set()


@pytest.mark.parametrize("page", FRENCH, ids=named)
def test_each_language_leads_to_the_other(page: Path) -> None:
    """The link is in the first lines; all others stay in the language."""
    other = english(page)
    translated = {english(each) for each in FRENCH}
    for here, there, elsewhere in ((page, other, translated), (other, page, {*FRENCH})):
        first = here.read_text("utf-8").partition("\n## ")[0]
        path = there.relative_to(here.parent, walk_up=True)
        assert re.search(rf"^\[(English|Français)\]\({path}\)$", first, re.MULTILINE)
        assert {target for target, _ in links(here)} & elsewhere == {there}


@pytest.mark.parametrize("page", FRENCH, ids=named)
def test_french_pages_have_the_parts_of_the_english_ones(page: Path) -> None:
    """Headings are of the same levels, in the same order."""
    marks = [
        re.findall(r"^#+(?= )", prose(each), re.MULTILINE)
        for each in (page, english(page))
    ]
    assert marks[0] == marks[1]


@pytest.mark.parametrize("page", FRENCH, ids=named)
def test_french_pages_show_the_french_screen(page: Path) -> None:
    """Where there is a picture of it."""
    assert not [
        target.name
        for target, _ in links(page)
        if target.parent == IMAGES and (IMAGES / "fr" / target.name).exists()
    ]


@pytest.mark.parametrize("picture", PICTURES, ids=named)
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
