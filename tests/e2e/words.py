"""What is written on the screen, in the language of the user."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
import json
from pathlib import Path
import re
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
OURS: Final = ROOT / "custom_components" / "ovh_sms" / "translations"
_FRAGMENTS: Final = ("", "config", "lovelace", "page-authorize", "profile")


def _flat(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text of a tree with its key."""
    for name, value in tree.items():
        key = f"{path}.{name}" if path else name
        if isinstance(value, str):
            yield key, value
        else:
            yield from _flat(value, key)


def _package(name: str) -> Path:
    """Find the folder of a package."""
    package = find_spec(name)
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent


@cache
def _core(component: str, language: str) -> dict[str, str]:
    """Read what a component of Home Assistant's writes."""
    folder = _package("homeassistant") / "components" / component / "translations"
    return dict(_flat(json.loads((folder / f"{language}.json").read_text("utf-8"))))


@cache
def _frontend(language: str) -> dict[str, str]:
    """Read what Home Assistant's frontend writes."""
    folder = _package("hass_frontend") / "static" / "translations"
    texts: dict[str, str] = {}
    for fragment in _FRAGMENTS:
        (file,) = (
            file
            for file in (folder / fragment).glob(f"{language}-*.json")
            if re.fullmatch(rf"{language}-[0-9a-f]+\.json", file.name)
        )
        texts |= _flat(json.loads(file.read_text("utf-8")))
    return texts


class Words:
    """The words of a language."""

    def __init__(self, language: str) -> None:
        """Read the integration's own words."""
        self.language = language
        text = (OURS / f"{language}.json").read_text("utf-8")
        self._ours = dict(_flat(json.loads(text)))

    def ours(self, key: str, **placeholders: str) -> str:
        """Give a text of the integration."""
        return _filled(self._ours[key], placeholders)

    def theirs(self, key: str, **placeholders: str) -> str:
        """Give a text of Home Assistant's frontend."""
        return _filled(_frontend(self.language)[f"ui.{key}"], placeholders)

    def core(self, component: str, key: str) -> str:
        """Give a text of a component of Home Assistant's."""
        return _core(component, self.language)[key]


def _filled(text: str, placeholders: Mapping[str, str]) -> str:
    """Fill in what a text leaves open."""
    for name, value in placeholders.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def exactly(text: str) -> re.Pattern[str]:
    """Match a label, with the star of a field that must be filled in."""
    return re.compile(rf"^\s*{re.escape(text)}\s*\*?\s*$")


def beginning(text: str) -> re.Pattern[str]:
    """Match what begins with a label."""
    return re.compile(rf"^\s*{re.escape(text)}")
