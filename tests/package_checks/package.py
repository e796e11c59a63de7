"""The files of an integration, read once, for the checks to look at."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
import json
from pathlib import Path
from typing import Any

from homeassistant.util.yaml import load_yaml_dict

type Check = Callable[[Package], list[str]]


@dataclass(frozen=True)
class Package:
    """A repository that holds one custom integration."""

    root: Path

    @cached_property
    def folder(self) -> Path:
        """Return the folder that Home Assistant loads."""
        (folder,) = (
            path.parent for path in self.root.glob("custom_components/*/manifest.json")
        )
        return folder

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Return the manifest, its keys in the order of the file."""
        return self.json(self.folder / "manifest.json")

    @cached_property
    def marketplace(self) -> dict[str, Any]:
        """Return what the Marketplace is told."""
        return self.json(self.root / "hacs.json")

    @cached_property
    def icons(self) -> dict[str, Any]:
        """Return the icons."""
        return self.json(self.folder / "icons.json")

    @cached_property
    def translations(self) -> dict[str, dict[str, Any]]:
        """Return the texts of each language."""
        return {
            path.stem: self.json(path)
            for path in sorted((self.folder / "translations").glob("*.json"))
        }

    @cached_property
    def english(self) -> dict[str, Any]:
        """Return the texts that every language must have."""
        return self.translations["en"]

    @cached_property
    def modules(self) -> dict[str, ast.Module]:
        """Return the parsed code, by path within the integration without `.py`."""
        return {
            path.relative_to(self.folder).with_suffix("").as_posix(): ast.parse(
                path.read_text("utf-8"), str(path)
            )
            for path in sorted(self.folder.rglob("*.py"))
        }

    def described(self, name: str) -> dict[str, Any]:
        """Return `services`, `triggers` or `conditions` as their YAML file has them."""
        path = self.folder / f"{name}.yaml"
        if not path.exists():
            return {}
        return load_yaml_dict(str(path))

    def pinned(self, name: str) -> list[str]:
        """Return the lines of a requirements file that pin something."""
        lines = (self.root / "requirements" / name).read_text("utf-8").splitlines()
        return [line for line in lines if "==" in line and not line.startswith("#")]

    @staticmethod
    def json(path: Path) -> dict[str, Any]:
        """Read a JSON object; one that repeats a key is refused."""

        def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            repeated = {key for key, _ in pairs if [k for k, _ in pairs].count(key) > 1}
            if repeated:
                raise ValueError(f"{path.name} repeats {', '.join(sorted(repeated))}")
            return dict(pairs)

        content: dict[str, Any] = json.loads(
            path.read_text("utf-8"), object_pairs_hook=once
        )
        return content


def leaves(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the values of a tree by their dotted path."""
    found: dict[str, Any] = {}
    for key, value in tree.items():
        path = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict):
            found |= leaves(value, path)
        else:
            found[path] = value
    return found


def at(tree: dict[str, Any], path: str) -> Any:
    """Return what is at a dotted path, or nothing."""
    node: Any = tree
    for key in path.split("."):
        if not isinstance(node, dict) or key not in node:
            return None
        node = node[key]
    return node


def missing_and_unused(what: str, wanted: set[str], present: set[str]) -> list[str]:
    """Say what is wanted and not there, and what is there and not wanted."""
    return [
        *(f"{what}: {key} is missing" for key in sorted(wanted - present)),
        *(f"{what}: {key} is used by nothing" for key in sorted(present - wanted)),
    ]
