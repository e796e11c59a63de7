"""Checks of the texts in every language, without looking at the code."""

import re
import string
from typing import Any, Final

from .package import Check, Package, leaves

# Texts that may be the same in two languages.
SAME_IN_ALL: Final = {
    "Consumer key",
    "Client ID",
    "Limits",
    "Message",
    "Name",
    "Options",
    "Password",
    "Privacy",
    "Problem",
    "SMS",
    "Tag",
    "Text",
    "messages",
}
SECTIONS: Final = {
    "common",
    "conditions",
    "config",
    "config_subentries",
    "device",
    "entity",
    "exceptions",
    "issues",
    "options",
    "selector",
    "services",
    "title",
    "triggers",
}
LABELS: Final = ("data", "menu_options")
EXPLANATIONS: Final = ("data_description", "menu_option_descriptions")
ADDRESS: Final = re.compile(r"\b(?:\w+://|www\.)\w", re.IGNORECASE)
TAG: Final = re.compile(r"</?[a-z][^>]*>", re.IGNORECASE)
QUOTED_PLACEHOLDER: Final = re.compile(r"'\{\w*\}'")


def placeholders(text: str) -> set[str]:
    """Return the names of what is filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def each_text(package: Package) -> list[tuple[str, str, Any]]:
    """Return every text with its language and its place."""
    return [
        (language, place, text)
        for language, tree in package.translations.items()
        for place, text in leaves(tree).items()
    ]


def languages(package: Package) -> list[str]:
    """English is there, and no file that only Home Assistant itself may have."""
    found = [] if "en" in package.translations else ["translations/en.json is missing"]
    if (package.folder / "strings.json").exists():
        found.append("strings.json is read by nobody in a custom integration")
    return found


def same_keys(package: Package) -> list[str]:
    """A text that is in one language is in all of them."""
    trees = {language: leaves(t) for language, t in package.translations.items()}
    everything = {place for tree in trees.values() for place in tree}
    return [
        f"{language}.json: {place} is missing"
        for language, tree in trees.items()
        for place in sorted(everything - tree.keys())
    ]


def sections(package: Package) -> list[str]:
    """Home Assistant looks only into sections that it knows."""
    return [
        f"{language}.json: Home Assistant does not know {section}"
        for language, tree in package.translations.items()
        for section in tree
        if section not in SECTIONS
    ]


def keys_well_formed(package: Package) -> list[str]:
    """Keys are lower case, and do not begin or end with a dash."""
    return [
        f"{language}.json: {place} is no proper key"
        for language, place, _ in each_text(package)
        if not all(re.fullmatch(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?", key)
                   for key in place.split("."))
    ]  # fmt: skip


def texts_well_formed(package: Package) -> list[str]:
    """Texts have no markup, no address, no stray space, and placeholders that work."""
    return [
        f"{language}.json: {place} {fault}"
        for language, place, text in each_text(package)
        for fault in _faults(text)
    ]


def _faults(text: Any) -> list[str]:
    if not isinstance(text, str) or not text:
        return ["is not a text"]
    try:
        names = placeholders(text)
    except ValueError:
        return ["has a brace without its pair"]
    return [
        fault
        for fault, wrong in {
            "has HTML": TAG.search(text),
            "has an address: use a placeholder": ADDRESS.search(text),
            "begins or ends with a space": text != text.strip(),
            "has two spaces in a row": "  " in text,
            "has a placeholder in single quotes": QUOTED_PLACEHOLDER.search(text),
            "refers to another text, which only Home Assistant may": "[%" in text,
            "has a placeholder that is no name": not all(map(str.isidentifier, names)),
        }.items()
        if wrong
    ]


def same_placeholders(package: Package) -> list[str]:
    """What is filled in is the same in all languages."""
    english = {
        place: placeholders(text) for place, text in leaves(package.english).items()
    }
    return [
        f"{language}.json: {place} fills in {sorted(placeholders(text))}, "
        f"English {sorted(english[place])}"
        for language, place, text in each_text(package)
        if place in english and placeholders(text) != english[place]
    ]


def translated(package: Package) -> list[str]:
    """A text is not just the English one, but for a few words."""
    english = leaves(package.english)
    return [
        f"{language}.json: {place} is still English: {text}"
        for language, place, text in each_text(package)
        if language != "en" and text == english.get(place) and text not in SAME_IN_ALL
    ]


def fields_explained(package: Package) -> list[str]:
    """Every field, section and choice of a form has a label and a description."""
    found = []
    for language, tree in package.translations.items():
        for place, step in forms(tree).items():
            for part, one in {"": step, **step.get("sections", {})}.items():
                where = f"{language}.json: {place}" + (
                    f", section {part}" if part else ""
                )
                labels, described = (
                    {key for words in kinds for key in one.get(words, {})}
                    for kinds in (LABELS, EXPLANATIONS)
                )
                found += [f"{where}: {f} has no label" for f in described - labels]
                found += [f"{where}: {f} is not explained" for f in labels - described]
                if part:
                    wanted = {"name", "description"} - one.keys()
                    found += [f"{where}: {word} is missing" for word in wanted]
    return sorted(found)


def steps_have_words(package: Package) -> list[str]:
    """A step says what it is about."""
    return [
        f"{language}.json: {place} has no title"
        for language, tree in package.translations.items()
        for place, step in forms(tree).items()
        if "title" not in step
    ]


def forms(tree: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the steps of all flows by their place."""
    flows = {name: tree.get(name, {}) for name in ("config", "options")}
    flows |= {
        f"config_subentries.{name}": flow
        for name, flow in tree.get("config_subentries", {}).items()
    }
    flows |= {
        f"issues.{name}.fix_flow": issue["fix_flow"]
        for name, issue in tree.get("issues", {}).items()
        if "fix_flow" in issue
    }
    return {
        f"{flow}.step.{name}": step
        for flow, content in flows.items()
        for name, step in content.get("step", {}).items()
    }


def subentries_named(package: Package) -> list[str]:
    """A subentry has the words of its button and its list."""
    return [
        f"{language}.json: config_subentries.{name}.{wanted} is missing"
        for language, tree in package.translations.items()
        for name, flow in tree.get("config_subentries", {}).items()
        for wanted in ("entry_type", "initiate_flow.user", "initiate_flow.reconfigure")
        if wanted not in leaves(flow)
    ]


def issues_told(package: Package) -> list[str]:
    """A repair has a title, and either a description or a way to fix it."""
    return [
        f"{language}.json: issues.{name} needs a title and description or fix_flow"
        for language, tree in package.translations.items()
        for name, issue in tree.get("issues", {}).items()
        if "title" not in issue or ("description" in issue) == ("fix_flow" in issue)
    ]


CHECKS: Final[tuple[Check, ...]] = (
    languages,
    same_keys,
    sections,
    keys_well_formed,
    texts_well_formed,
    same_placeholders,
    translated,
    fields_explained,
    steps_have_words,
    subentries_named,
    issues_told,
)
