"""Whatever is shown to the user has its words, in every language."""

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
import json
from pathlib import Path
from string import Formatter
from typing import Any, Final

import pytest
import voluptuous as vol

from custom_components import ovh_sms
from custom_components.ovh_sms.const import DOMAIN
from homeassistant.components.repairs import RepairsFlowManager
from homeassistant.config_entries import (
    ConfigEntriesFlowManager,
    ConfigSubentryFlowManager,
    OptionsFlowManager,
)
from homeassistant.data_entry_flow import (
    FlowHandler,
    FlowManager,
    FlowResultType,
    section,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.issue_registry import IssueEntry, IssueRegistry
from homeassistant.helpers.selector import SelectSelector

type Words = Mapping[str, Mapping[str, Any]]

# Its values are senders, but for one.
_FREE_SELECTORS: Final = ("sender",)


def load_words() -> Words:
    """Return the translations, by language."""
    folder = Path(ovh_sms.__file__).parent / "translations"
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}


def missing_text(
    words: Words, key: str, supplied: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Yield what a text lacks: itself, or a value for one of its placeholders."""
    for language, texts in words.items():
        text: Any = texts
        for part in key.split("."):
            text = text.get(part, {})
        if not isinstance(text, str):
            yield f"{language}: there is no {key}"
            continue
        for _, name, _, _ in Formatter().parse(text):
            if name is not None and name not in (supplied or {}):
                yield f"{language}: {key} is shown without {{{name}}}"


def missing_in_result(
    words: Words, place: str, result: Mapping[str, Any]
) -> Iterator[str]:
    """Yield the texts that a step of a flow lacks."""
    supplied = result.get("description_placeholders")
    step = f"{place}.step.{result.get('step_id')}"

    def check(key: str) -> Iterator[str]:
        yield from missing_text(words, key, supplied)

    match result["type"]:
        case FlowResultType.FORM:
            yield from check(f"{step}.title")
            yield from check(f"{step}.description")
            yield from _missing_in_schema(words, step, result["data_schema"], check)
            for error in (result["errors"] or {}).values():
                yield from check(f"{place}.error.{error}")
        case FlowResultType.MENU:
            yield from check(f"{step}.title")
            yield from check(f"{step}.description")
            for option in result["menu_options"]:
                yield from check(f"{step}.menu_options.{option}")
                yield from check(f"{step}.menu_option_descriptions.{option}")
        case FlowResultType.EXTERNAL_STEP:
            yield from check(f"{step}.title")
            yield from check(f"{step}.description")
        case FlowResultType.ABORT if not result.get("translation_domain"):
            yield from check(f"{place}.abort.{result['reason']}")


def _missing_in_schema(
    words: Words,
    place: str,
    schema: vol.Schema,
    check: Callable[[str], Iterator[str]],
) -> Iterator[str]:
    for field, value in schema.schema.items():
        if isinstance(value, section):
            inner = f"{place}.sections.{field}"
            yield from check(f"{inner}.name")
            yield from check(f"{inner}.description")
            yield from _missing_in_schema(words, inner, value.schema, check)
            continue
        yield from check(f"{place}.data.{field}")
        yield from check(f"{place}.data_description.{field}")
        if isinstance(value, SelectSelector):
            name = value.config.get("translation_key")
            if name and name not in _FREE_SELECTORS:
                for option in value.config["options"]:
                    yield from check(f"selector.{name}.options.{option}")


def missing_in_error(words: Words, err: HomeAssistantError) -> Iterator[str]:
    """Yield the texts that an exception lacks."""
    if err.translation_domain == DOMAIN:
        yield from missing_text(
            words,
            f"exceptions.{err.translation_key}.message",
            err.translation_placeholders,
        )


def missing_in_issue(words: Words, issue: IssueEntry) -> Iterator[str]:
    """Yield the texts that a repair lacks."""
    if issue.domain == DOMAIN:
        key = f"issues.{issue.translation_key}"
        # What a flow mends is explained there.
        for text in ("title",) if issue.is_fixable else ("title", "description"):
            yield from missing_text(
                words, f"{key}.{text}", issue.translation_placeholders
            )


def watch(monkeypatch: pytest.MonkeyPatch, missing: list[str]) -> None:
    """Note the texts that are missing, wherever Home Assistant is given something to show."""
    words = load_words()
    handle_step = FlowManager._async_handle_step
    make_error = HomeAssistantError.__init__
    make_issue = IssueRegistry.async_get_or_create

    async def watch_step(
        manager: FlowManager[Any, Any, Any],
        flow: FlowHandler[Any, Any, Any],
        *args: Any,
    ) -> Any:
        place = _place(manager, flow)
        result = await handle_step(manager, flow, *args)
        if place:
            missing.extend(missing_in_result(words, place, result))
        return result

    @wraps(make_error)
    def watch_error(err: HomeAssistantError, *args: Any, **options: Any) -> None:
        make_error(err, *args, **options)
        missing.extend(missing_in_error(words, err))

    def watch_issue(registry: IssueRegistry, *args: Any, **options: Any) -> IssueEntry:
        issue = make_issue(registry, *args, **options)
        missing.extend(missing_in_issue(words, issue))
        return issue

    monkeypatch.setattr(FlowManager, "_async_handle_step", watch_step)
    monkeypatch.setattr(HomeAssistantError, "__init__", watch_error)
    monkeypatch.setattr(IssueRegistry, "async_get_or_create", watch_issue)


def _place(
    manager: FlowManager[Any, Any, Any], flow: FlowHandler[Any, Any, Any]
) -> str | None:
    """Return where the texts of one of our flows are."""
    match manager:
        case ConfigEntriesFlowManager() if flow.handler == DOMAIN:
            return "config"
        case OptionsFlowManager() if _domain(flow, flow.handler) == DOMAIN:
            return "options"
        case RepairsFlowManager() if flow.handler == DOMAIN:
            issues = ir.async_get(flow.hass)
            issue = issues.async_get_issue(DOMAIN, flow.context["issue_id"])
            return f"issues.{issue.translation_key}.fix_flow" if issue else None
        case ConfigSubentryFlowManager() if _domain(flow, flow.handler[0]) == DOMAIN:
            return f"config_subentries.{flow.handler[1]}"
    return None


def _domain(flow: FlowHandler[Any, Any, Any], entry_id: str) -> str | None:
    entry = flow.hass.config_entries.async_get_entry(entry_id)
    return entry.domain if entry else None
