"""What is wrong on the screen: raw keys where words belong, and fields without their words."""

import re
from typing import Any, Final

from playwright.async_api import Locator, Page

# Addresses of links, which nobody reads.
_ADDRESS: Final = re.compile(r"^\s*- /url: .*$", re.MULTILINE)
_RAW: Final = (
    re.compile(r"\bcomponent\.\w+\.[\w.]+"),
    re.compile(
        r"\b(?:config|options|config_subentries|issues|exceptions)\.\w+\.[\w.]+"
    ),
    re.compile(r"\bui\.\w+\.[\w.]+"),
    re.compile(r"\[%key:[^\]]*"),
    re.compile(r"\{[a-z_]+\}"),
    re.compile(r"(?i)translation error[^\n]*"),
    # A name of the code's, unless it is part of an entity id, an action or an address.
    re.compile(r"(?<![\w./:@\"-])[a-z0-9]+(?:_[a-z0-9]+)+(?![\w./@-])"),
)
# Home Assistant names the notify services so; "as_sent" is a word of an answer, explained as one.
_MEANT: Final = re.compile(r"ovh_sms(_\w+)?|as_sent|message_id")
_FIELDS: Final = """form => {
  const words = (schema) => schema.flatMap((field) => field.type === "expandable"
    ? [[field.name, form.computeLabel?.(field, form.data), "a section"]]
    : [[field.name, form.computeLabel?.(field, form.data), form.computeHelper?.(field)]]);
  return words(form.schema ?? []);
}"""


async def text_of(page: Page) -> str:
    """Give all that can be read on a page, labels and descriptions included."""
    return _ADDRESS.sub("", await page.locator("body").aria_snapshot())


def raw_keys(text: str) -> list[str]:
    """List what is no word of a language."""
    return [
        found[0]
        for pattern in _RAW
        for found in pattern.finditer(text)
        if not _MEANT.fullmatch(found[0])
    ]


def _wordless(name: str, label: str | None, description: str | None) -> list[str]:
    """Say what a field lacks."""
    problems = []
    if not label or label == name:
        problems.append(f"the field {name} has no label")
    if not description:
        problems.append(f"the field {name} has no description")
    return problems


async def must_have_words(dialog: Locator) -> None:
    """Fail if a field of a dialog has no label or no description."""
    problems = []
    for form in await dialog.locator("ha-form").all():
        fields: list[list[Any]] = await form.evaluate(_FIELDS)
        for name, label, description in fields:
            problems += _wordless(name, label, description)
    assert not problems, "; ".join(problems)


async def must_be_in_words(page: Page) -> None:
    """Fail if something on a page is no word of a language."""
    keys = raw_keys(await text_of(page))
    assert not keys, f"raw keys: {', '.join(keys)}"
