"""Checks that the texts which the code asks for exist, and that nothing else does."""

import ast
from itertools import cycle
from typing import Final

from homeassistant.const import Platform

from .package import Check, Package, at, missing_and_unused
from .source import KEYED_ERROR, Place, Source, argument, assigned, last_name
from .strings import placeholders

HOME_ASSISTANT_ERRORS: Final = {
    "ConfigEntryAuthFailed",
    "ConfigEntryError",
    "ConfigEntryNotReady",
    "HomeAssistantError",
    "ServiceNotSupported",
    "ServiceValidationError",
    "UpdateFailed",
}
# What Home Assistant itself loads of an integration; the rest is loaded by these, or a flow.
LOADED: Final = {
    "__init__",
    "backup",
    "condition",
    "diagnostics",
    "repairs",
    "trigger",
    *(platform.value for platform in Platform),
}
CREATE_ISSUE: Final = {"async_create_issue", "create_issue"}
TEXT: Final = "async_text"


def sites(package: Package) -> list[tuple[Place, ast.Call, ast.expr, str]]:
    """Return where the code names a text of an error or a repair, and its section."""
    source = Source(package)
    # What only a flow can raise, it shows in its own form.
    loaded = source.reach(*LOADED & package.modules.keys())
    calls = [
        ("exceptions", argument(call, "key", 0), place, call)
        for place, call in loaded.calls(source.heirs({KEYED_ERROR}))
    ]
    for section, names in (
        ("exceptions", source.heirs(HOME_ASSISTANT_ERRORS)),
        ("issues", CREATE_ISSUE),
    ):
        calls += [
            (section, argument(call, "translation_key"), place, call)
            for place, call in source.calls(names)
        ]
    calls += [
        ("common", argument(call, "key", 1), place, call)
        for place, call in source.calls({TEXT})
    ]
    return [(place, call, key, section) for section, key, place, call in calls if key]


def used_keys(package: Package, section: str) -> set[str]:
    """Return the keys of a section that the code uses."""
    source = Source(package)
    used: set[str] = set()
    for place, _, key, where in sites(package):
        if where == section:
            used |= source.strings(key, place) or set()
            if wanted := beginning(key):
                used |= {
                    one
                    for one in package.english.get(section, {})
                    if one.startswith(wanted)
                }
    return used


def beginning(key: ast.expr) -> str:
    """Return how a key begins that is put together from a text and a value."""
    match key:
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            return text
    return ""


def errors_told(package: Package) -> list[str]:
    """Every error has its text, and no text is left over."""
    present = {
        key
        for key, text in package.english.get("exceptions", {}).items()
        if "message" in text
    }
    wanted = used_keys(package, "exceptions")
    return missing_and_unused("exceptions", wanted, present)


def repairs_told(package: Package) -> list[str]:
    """Every repair has its texts, and no text is left over."""
    present = set(package.english.get("issues", {}))
    return missing_and_unused("issues", used_keys(package, "issues"), present)


def texts_told(package: Package) -> list[str]:
    """Every text that the code asks for by itself is there, and none is left over."""
    present = set(package.english.get("common", {}))
    return missing_and_unused("common", used_keys(package, "common"), present)


def keys_can_be_seen(package: Package) -> list[str]:
    """A key is a literal, a constant, an enumeration, or comes from a caught error."""
    source = Source(package)
    return [
        f"{place}: cannot tell which text of {section} this is"
        for place, _, key, section in sites(package)
        if source.strings(key, place) is None and not beginning(key)
    ]


def errors_are_translated(package: Package) -> list[str]:
    """An error that a user sees is never an untranslated sentence."""
    source = Source(package)
    wanted = {"translation_domain", "translation_key"}
    return [
        f"{place}: {last_name(call.func)} without {' and '.join(sorted(absent))}"
        for place, call in source.calls(HOME_ASSISTANT_ERRORS)
        if (absent := wanted - {k.arg for k in call.keywords})
        and not any(k.arg is None for k in call.keywords)
    ]


def placeholders_supplied(package: Package) -> list[str]:
    """What a text fills in is given where the text is used, if that can be seen."""
    source = Source(package)
    found = []
    for place, call, key, section in sites(package):
        given = supplied(source, call, place)
        for name in sorted(source.strings(key, place) or ()):
            text = package.english.get(section, {}).get(name)
            if given is None or text is None:
                continue
            absent = wanted_by(text) - given
            found += [
                f"{place}: {section}.{name} needs {{{one}}}" for one in sorted(absent)
            ]
    return found


def wanted_by(text: object) -> set[str]:
    """Return what the texts of a tree fill in."""
    if isinstance(text, dict):
        return {name for child in text.values() for name in wanted_by(child)}
    return placeholders(str(text))


def supplied(source: Source, call: ast.Call, place: Place) -> set[str] | None:
    """Return the placeholders that a call gives, or nothing if that is unclear."""
    if last_name(call.func) in source.heirs({KEYED_ERROR}) | {TEXT}:
        names = {keyword.arg for keyword in call.keywords}
        return None if None in names else {str(name) for name in names}
    return source.mapping_keys(argument(call, "translation_placeholders"), place)


def entities_named(package: Package) -> list[str]:
    """Every entity's key has a name in the texts, and no name is left over."""
    wanted = entity_keys(package)
    present = {
        f"{platform}.{key}"
        for platform, keys in package.english.get("entity", {}).items()
        for key in keys
    }
    return missing_and_unused("entity", wanted, present)


def entities_drawn(package: Package) -> list[str]:
    """Every entity with a key has an icon, unless its device class gives one."""
    present = {
        f"{platform}.{key}"
        for platform, keys in package.icons.get("entity", {}).items()
        for key in keys
    }
    return missing_and_unused("icons.json: entity", entity_keys(package), present)


def entity_keys(package: Package) -> set[str]:
    """Return the entities' translation keys, after their platform."""
    source = Source(package)
    platforms = {platform.value for platform in Platform}
    found = set()
    for place in source.places:
        if place.module not in platforms:
            continue
        keys: list[ast.expr | None] = [
            value for n, value in assigned(place.node) if n == "_attr_translation_key"
        ]
        if isinstance(place.node, ast.Call) and last_name(place.node.func).endswith(
            "Description"
        ):
            keys.append(argument(place.node, "translation_key"))
        for key in keys:
            names = source.strings(key, place) or set() if key else set()
            found |= {f"{place.module}.{name}" for name in names}
    return found


def devices_named(package: Package) -> list[str]:
    """A device that is named by a key has its text."""
    source = Source(package)
    wanted = {
        name
        for place, call in source.calls({"DeviceInfo", "async_get_or_create"})
        if (key := argument(call, "translation_key"))
        for name in source.strings(key, place) or ()
    }
    return missing_and_unused("device", wanted, set(package.english.get("device", {})))


def event_types_told(package: Package) -> list[str]:
    """Every type of an event entity has words."""
    source = Source(package)
    found = []
    for place in source.places:
        if not isinstance(place.node, ast.ClassDef):
            continue
        own = dict(pair for node in place.node.body for pair in assigned(node))
        types = source.items(own.get("_attr_event_types"), place)
        for key in source.strings(own.get("_attr_translation_key"), place) or ():
            if types is not None:
                where = f"entity.event.{key}.state_attributes.event_type.state"
                told = set(at(package.english, where) or {})
                found += missing_and_unused(where, types, told)
    return found


def choices_told(package: Package) -> list[str]:
    """The choices of the forms and of the actions have words, and no words are left over."""
    source = Source(package)
    texts = package.english.get("selector", {})
    used: dict[str, set[str] | None] = {}
    for place, call in source.calls({"SelectSelectorConfig"}):
        if key := argument(call, "translation_key"):
            keys = source.given(key, place)
            lists = source.given(argument(call, "options"), place)
            for given, listed in zip(keys, cycle(lists)):
                for name in source.strings(given.node, given) or ():
                    used[name] = source.items(listed.node, listed)
    for kind in ("services", "triggers", "conditions"):
        for action in package.described(kind).values():
            for name, options in _choices(action):
                used[name] = (used.get(name) or set()) | options
    found = missing_and_unused("selector", set(used), set(texts))
    for name in used.keys() & texts.keys():
        if (options_used := used[name]) is not None:
            told = set(texts[name].get("options", {}))
            found += missing_and_unused(f"selector.{name}.options", options_used, told)
    return found


def _choices(node: object) -> list[tuple[str, set[str]]]:
    if not isinstance(node, dict):
        return []
    found = [one for child in node.values() for one in _choices(child)]
    if "translation_key" in node:
        found.append((node["translation_key"], set(node.get("options", ()))))
    return found


CHECKS: Final[tuple[Check, ...]] = (
    errors_told,
    repairs_told,
    texts_told,
    keys_can_be_seen,
    errors_are_translated,
    placeholders_supplied,
    entities_named,
    entities_drawn,
    devices_named,
    event_types_told,
    choices_told,
)
