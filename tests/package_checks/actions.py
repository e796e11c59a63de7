"""Checks that actions, triggers and conditions are the same in all the files that tell of them."""

import ast
from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol

from homeassistant.helpers.selector import validate_selector

from .package import Check, Package, at, missing_and_unused
from .source import assigned

KINDS: Final = {"services": "service", "triggers": "trigger", "conditions": "condition"}


def fields(action: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Return the fields of an action, those in sections too."""
    found: dict[str, dict[str, Any]] = {}
    for name, field in ((action or {}).get("fields") or {}).items():
        if "fields" in (field or {}):
            found |= field["fields"]
        else:
            found[name] = field or {}
    return found


def sections(action: dict[str, Any] | None) -> set[str]:
    """Return the sections that fields are grouped in."""
    content = (action or {}).get("fields") or {}
    return {name for name, field in content.items() if "fields" in (field or {})}


def told_in_words(package: Package) -> list[str]:
    """Every action, section and field has a name and a description in every language."""
    found: list[str] = []
    for language, tree in package.translations.items():
        for kind in KINDS:
            described = package.described(kind)
            texts = tree.get(kind, {})
            where = f"{language}.json: {kind}"
            found += missing_and_unused(where, set(described), set(texts))
            for name in described.keys() & texts.keys():
                found += _words_of(f"{where}.{name}", described[name], texts[name])
    return found


def _words_of(where: str, action: dict[str, Any], texts: dict[str, Any]) -> list[str]:
    found = _named(where, texts)
    in_words = texts.get("fields", {})
    found += missing_and_unused(f"{where}.fields", set(fields(action)), set(in_words))
    for name, field in in_words.items():
        found += _named(f"{where}.fields.{name}", field)
    in_words = texts.get("sections", {})
    return found + missing_and_unused(
        f"{where}.sections", sections(action), set(in_words)
    )


def _named(where: str, texts: dict[str, Any]) -> list[str]:
    return [
        f"{where}.{word} is missing"
        for word in ("name", "description")
        if word not in texts
    ]


def drawn(package: Package) -> list[str]:
    """Every action, trigger and condition has an icon."""
    found: list[str] = []
    for kind, word in KINDS.items():
        described = package.described(kind)
        icons = package.icons.get(kind, {})
        found += missing_and_unused(f"icons.json: {kind}", set(described), set(icons))
        for name, icon in icons.items():
            if word not in icon:
                found.append(f"icons.json: {kind}.{name}.{word} is missing")
            grouped = set(icon.get("sections", {}))
            extra = grouped - sections(described.get(name))
            found += [f"icons.json: {kind}.{name} has no section {s}" for s in extra]
    return found


def icons_exist(package: Package) -> list[str]:
    """An icon is one of Material Design Icons."""
    return [
        f"icons.json: {icon} is not mdi:something"
        for icon in _values(package.icons)
        if not isinstance(icon, str) or not icon.startswith("mdi:")
    ]


def _values(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return [value for child in node.values() for value in _values(child)]
    return [node]


def fields_well_formed(package: Package) -> list[str]:
    """A field is drawn by a selector that Home Assistant has, and named just once."""
    found = []
    for kind in KINDS:
        for name, action in package.described(kind).items():
            content = (action or {}).get("fields") or {}
            names = [
                one
                for key, field in content.items()
                for one in ((field or {}).get("fields") or {key: None})
            ]
            found += [
                f"{kind}.yaml: {name} has {one} twice"
                for one in sorted({one for one in names if names.count(one) > 1})
            ]
            for key, field in fields(action).items():
                found += [
                    f"{kind}.yaml: {name}.{key}: {fault}" for fault in _faults(field)
                ]
    return found


def _faults(field: dict[str, Any]) -> list[str]:
    known = {"default", "example", "filter", "required", "selector"}
    found = [f"{key} means nothing here" for key in field.keys() - known]
    try:
        validate_selector(field.get("selector"))
    except vol.Invalid as err:
        found.append(f"has no proper selector: {err}")
    return found


def choices_keyed(package: Package) -> list[str]:
    """The choices of a selector have a key, by which their words are found."""
    found = []
    for kind in KINDS:
        for name, action in package.described(kind).items():
            for key, field in fields(action).items():
                choice = at(field, "selector.select") or {}
                if choice and "translation_key" not in choice:
                    found.append(f"{kind}.yaml: {name}.{key} has no translation_key")
    return found


def provided(package: Package) -> list[str]:
    """The triggers and conditions of the code are those that their YAML file describes."""
    found = []
    for kind, module in KINDS.items():
        if kind == "services":
            continue
        tree = package.modules.get(module)
        names = {
            str(key.value)
            for node in (tree.body if tree else [])
            for name, value in assigned(node)
            if name == kind.upper() and isinstance(value, ast.Dict)
            for key in value.keys
            if isinstance(key, ast.Constant)
        }
        found += missing_and_unused(f"{kind}.yaml", names, set(package.described(kind)))
    return found


def registered(package: Package, schemas: Mapping[str, Any]) -> list[str]:
    """The actions that Home Assistant has are those of services.yaml, with their fields."""
    described = package.described("services")
    found = missing_and_unused("services.yaml", set(schemas), set(described))
    for name in described.keys() & schemas.keys():
        taken = accepted(schemas[name])
        if taken is not None:
            found += [
                f"services.yaml: {name} does not take {field}"
                for field in sorted(fields(described[name]).keys() - taken)
            ]
    return found


def accepted(schema: Any) -> set[str] | None:
    """Return the keys that a schema takes, or nothing where that cannot be seen."""
    if isinstance(schema, vol.All):
        seen = [
            keys for one in schema.validators if (keys := accepted(one)) is not None
        ]
        return set.union(*seen) if seen else None
    content = getattr(schema, "schema", schema)
    if isinstance(content, vol.All):
        return accepted(content)
    return {str(key) for key in content} if isinstance(content, dict) else None


CHECKS: Final[tuple[Check, ...]] = (
    told_in_words,
    drawn,
    icons_exist,
    fields_well_formed,
    choices_keyed,
    provided,
)
