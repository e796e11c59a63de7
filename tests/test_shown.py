"""The check of the words itself: each finding is found."""

import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.ovh_sms.const import DOMAIN
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig
from simulator import Simulator

from . import shown

load_words = shown.load_words

STEP = {
    "title": "T",
    "description": "D {who}",
    "data": {"name": "N"},
    "data_description": {"name": "N"},
    "menu_options": {"one": "1"},
    "menu_option_descriptions": {"one": "1"},
    "sections": {
        "more": {
            "name": "M",
            "description": "M",
            "data": {"priority": "P"},
            "data_description": {"priority": "P"},
        }
    },
}
TEXTS = {
    "config": {
        "step": {"first": STEP},
        "error": {"bad": "B {why}"},
        "abort": {"over": "O"},
    },
    "exceptions": {"broken": {"message": "B {what}"}},
    "issues": {"trouble": {"title": "T", "description": "D {what}"}},
    "selector": {"priority": {"options": {"high": "H"}}},
}
PRIORITY = SelectSelector(
    SelectSelectorConfig(options=["high"], translation_key="priority")
)
FORM: dict[str, Any] = {
    "type": FlowResultType.FORM,
    "step_id": "first",
    "data_schema": vol.Schema(
        {
            vol.Required("name"): str,
            vol.Required("more"): section(
                vol.Schema({vol.Required("priority"): PRIORITY})
            ),
        }
    ),
    "errors": {"base": "bad"},
    "description_placeholders": {"who": "me", "why": "so"},
}
MENU = {**FORM, "type": FlowResultType.MENU, "menu_options": ["one"]}
EXTERNAL = {**FORM, "type": FlowResultType.EXTERNAL_STEP}
ABORT = {"type": FlowResultType.ABORT, "reason": "over"}


def without(key: str) -> dict[str, Any]:
    """Return the texts without one of them."""
    texts: dict[str, Any] = json.loads(json.dumps(TEXTS))
    *path, last = key.split(".")
    place = texts
    for part in path:
        place = place[part]
    del place[last]
    return texts


@pytest.mark.parametrize("result", [FORM, MENU, EXTERNAL, ABORT])
def test_nothing_is_missing(result: dict[str, Any]) -> None:
    words = {"en": TEXTS, "fr": TEXTS}
    assert list(shown.missing_in_result(words, "config", result)) == []


@pytest.mark.parametrize(
    ("result", "key"),
    [
        (FORM, "config.step.first.title"),
        (FORM, "config.step.first.description"),
        (FORM, "config.step.first.data.name"),
        (FORM, "config.step.first.data_description.name"),
        (FORM, "config.step.first.sections.more.name"),
        (FORM, "config.step.first.sections.more.description"),
        (FORM, "config.step.first.sections.more.data.priority"),
        (FORM, "config.step.first.sections.more.data_description.priority"),
        (FORM, "selector.priority.options.high"),
        (FORM, "config.error.bad"),
        (MENU, "config.step.first.title"),
        (MENU, "config.step.first.description"),
        (MENU, "config.step.first.menu_options.one"),
        (MENU, "config.step.first.menu_option_descriptions.one"),
        (EXTERNAL, "config.step.first.title"),
        (EXTERNAL, "config.step.first.description"),
        (ABORT, "config.abort.over"),
    ],
)
def test_text_that_is_missing_in_a_step(result: dict[str, Any], key: str) -> None:
    words = {"en": TEXTS, "fr": without(key)}
    assert list(shown.missing_in_result(words, "config", result)) == [
        f"fr: there is no {key}"
    ]


@pytest.mark.parametrize(
    ("name", "key"),
    [("who", "config.step.first.description"), ("why", "config.error.bad")],
)
def test_placeholder_that_is_not_supplied(name: str, key: str) -> None:
    supplied = {k: v for k, v in FORM["description_placeholders"].items() if k != name}
    result = {**FORM, "description_placeholders": supplied}
    assert list(shown.missing_in_result({"en": TEXTS}, "config", result)) == [
        f"en: {key} is shown without {{{name}}}"
    ]


def test_abort_in_words_of_home_assistant() -> None:
    result = {**ABORT, "reason": "other", "translation_domain": "homeassistant"}
    assert list(shown.missing_in_result({"en": TEXTS}, "config", result)) == []


@pytest.mark.parametrize(
    ("domain", "key", "supplied", "found"),
    [
        (DOMAIN, "broken", {"what": "it"}, []),
        (
            DOMAIN,
            "broken",
            {},
            ["en: exceptions.broken.message is shown without {what}"],
        ),
        (DOMAIN, "other", None, ["en: there is no exceptions.other.message"]),
        ("homeassistant", "other", None, []),
    ],
)
def test_error(
    domain: str, key: str, supplied: dict[str, str] | None, found: list[str]
) -> None:
    err = ServiceValidationError(
        translation_domain=domain,
        translation_key=key,
        translation_placeholders=supplied,
    )
    assert list(shown.missing_in_error({"en": TEXTS}, err)) == found


@pytest.fixture
def everything_has_its_words(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Watch as every test does, but without any words; return what is missing."""
    missing: list[str] = []
    monkeypatch.setattr(shown, "load_words", lambda: {"en": TEXTS})
    shown.watch(monkeypatch, missing)
    return missing


async def test_flows_are_watched(
    hass: HomeAssistant,
    everything_has_its_words: list[str],
    entry: MockConfigEntry,
    sim: Simulator,
) -> None:
    await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    await hass.config_entries.options.async_init(entry.entry_id)
    await hass.config_entries.subentries.async_init(
        (entry.entry_id, "recipient"), context={"source": SOURCE_USER}
    )
    assert everything_has_its_words[0] == "en: there is no config.step.user.title"
    for place in ("options.step.init", "config_subentries.recipient.step.user"):
        assert f"en: there is no {place}.title" in everything_has_its_words


@pytest.mark.parametrize(
    ("supplied", "found"),
    [
        ({"what": "it"}, []),
        (None, ["en: issues.trouble.description is shown without {what}"]),
    ],
)
async def test_repairs_are_watched(
    hass: HomeAssistant,
    everything_has_its_words: list[str],
    supplied: dict[str, str] | None,
    found: list[str],
) -> None:
    for domain in (DOMAIN, "homeassistant"):
        ir.async_create_issue(
            hass,
            domain,
            "trouble",
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="trouble",
            translation_placeholders=supplied,
        )
    assert everything_has_its_words == found


def test_errors_are_watched(
    hass: HomeAssistant, everything_has_its_words: list[str]
) -> None:
    ServiceValidationError(translation_domain=DOMAIN, translation_key="broken")
    assert everything_has_its_words == [
        "en: exceptions.broken.message is shown without {what}"
    ]


def test_every_language_is_loaded() -> None:
    words = load_words()
    assert words.keys() >= {"en", "fr"}
    assert list(shown.missing_text(words, "config.step.user.title")) == []
