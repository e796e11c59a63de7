"""Texts that are no error and no label, in the language of Home Assistant."""

from collections.abc import Iterable

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN


async def async_text(hass: HomeAssistant, key: str, **placeholders: str) -> str:
    """Return a text from the translations, in English where there is no other."""
    texts = await async_get_translations(hass, hass.config.language, "common", [DOMAIN])
    return texts[f"component.{DOMAIN}.common.{key}"].format(**placeholders)


def as_code(items: Iterable[object]) -> str:
    """Return a list for a text in Markdown, which takes the stars of a path for emphasis."""
    return ", ".join(f"`{item}`" for item in items)


async def async_sentence(hass: HomeAssistant, err: HomeAssistantError) -> str:
    """Return the sentence of an error that is not raised, but part of an answer."""
    texts = await async_get_translations(
        hass, hass.config.language, "exceptions", [DOMAIN]
    )
    return texts[f"component.{DOMAIN}.exceptions.{err.translation_key}.message"].format(
        **(err.translation_placeholders or {})
    )
