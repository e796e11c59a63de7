"""A small integration in which every check finds nothing, to be broken in one place at a time."""

import json
from pathlib import Path
import struct
from typing import Any, Final

from .package import Package

FOLDER: Final = "custom_components/pigeon"

MANIFEST: Final = {
    "domain": "pigeon",
    "name": "Pigeon post",
    "codeowners": ["@pigeon"],
    "config_flow": True,
    "dependencies": ["notify"],
    "documentation": "https://example.com/pigeon",
    "integration_type": "service",
    "iot_class": "cloud_polling",
    "issue_tracker": "https://example.com/pigeon/issues",
    "requirements": ["ovh==1.2.0"],
    "version": "0.1.0",
}
ICONS: Final = {
    "conditions": {"is_hungry": {"condition": "mdi:bowl"}},
    "entity": {
        "event": {"landing": {"default": "mdi:bird"}},
        "sensor": {"pigeons": {"default": "mdi:bird"}},
    },
    "services": {"release": {"service": "mdi:send", "sections": {"more": "mdi:cog"}}},
    "triggers": {"landed": {"trigger": "mdi:bird"}},
}
ENGLISH: Final[dict[str, Any]] = {
    "common": {"coo": "Coo", "coo_loud": "COO"},
    "conditions": {
        "is_hungry": {
            "name": "It is hungry",
            "description": "Looks into the bowl.",
            "fields": {"bowl": {"name": "Bowl", "description": "Which bowl."}},
        }
    },
    "config": {
        "step": {
            "user": {
                "title": "Sign in",
                "menu_options": {"ring": "By ring"},
                "menu_option_descriptions": {"ring": "For most pigeons."},
            },
            "ring": {
                "title": "Ring",
                "description": "Look at {where}.",
                "data": {"number": "Ring number"},
                "data_description": {"number": "On its left leg"},
            },
        },
        "error": {
            "flown": "It has flown away",
            "no_ring": "It has no ring",
            "too_late": "It is asleep",
            "wet": "It rains",
        },
        "abort": {
            "already_configured": "That pigeon is known",
            "no_loft": "There is no loft",
        },
    },
    "config_subentries": {
        "nest": {
            "entry_type": "Nest",
            "initiate_flow": {"user": "Add a nest", "reconfigure": "Change the nest"},
            "step": {
                "user": {
                    "title": "A nest",
                    "data": {"straw": "Straw"},
                    "data_description": {"straw": "How much of it"},
                }
            },
            "error": {"too_heavy": "{grams} g is too heavy"},
        }
    },
    "device": {"loft": {"name": "Loft"}},
    "entity": {
        "event": {
            "landing": {
                "name": "Landing",
                "state_attributes": {
                    "event_type": {"state": {"soft": "Soft", "hard": "Hard"}}
                },
            }
        },
        "sensor": {"pigeons": {"name": "Pigeons at home"}},
    },
    "exceptions": {
        "flown": {"message": "It has flown away"},
        "flown_quietly": {"message": "Nobody saw it leave"},
        "no_message": {"message": "There is nothing to carry for {name}"},
        "too_heavy": {"message": "{grams} g is too heavy"},
        "wet": {"message": "It rains"},
    },
    "issues": {
        "hungry": {"title": "Hungry", "description": "Feed {name}."},
        "lost": {"title": "Lost", "description": "Look for it."},
        "lonely": {"title": "Lonely", "description": "Get another one."},
    },
    "options": {
        "step": {
            "init": {
                "title": "Care",
                "sections": {
                    "food": {
                        "name": "Food",
                        "description": "What it eats.",
                        "data": {"corn": "Corn"},
                        "data_description": {"corn": "Which corn"},
                    }
                },
            }
        },
        "error": {"too_late": "It is asleep"},
    },
    "selector": {
        "corn": {"options": {"maize": "Maize", "wheat": "Wheat"}},
        "speed": {"options": {"fast": "Fast", "slow": "Slow"}},
        "wing": {"options": {"left": "Left", "right": "Right"}},
    },
    "services": {
        "release": {
            "name": "Release",
            "description": "Lets a pigeon go.",
            "fields": {
                "message": {"name": "Letter", "description": "What it carries."},
                "speed": {"name": "Speed", "description": "How it flies."},
            },
            "sections": {"more": {"name": "More", "description": "Seldom needed."}},
        }
    },
    "triggers": {
        "landed": {
            "name": "It has landed",
            "description": "When a pigeon is back.",
            "fields": {"wing": {"name": "Wing", "description": "Which is tired."}},
        }
    },
}
SERVICES: Final = """\
release:
  fields:
    message:
      required: true
      selector:
        text:
    more:
      fields:
        speed:
          selector:
            select:
              options: [fast, slow]
              translation_key: speed
"""
TRIGGERS: Final = """\
landed:
  fields:
    wing:
      selector:
        select:
          options: [left, right]
          translation_key: wing
"""
CONDITIONS: Final = """\
is_hungry:
  fields:
    bowl:
      selector:
        text:
"""
ERRORS: Final = '''
from enum import StrEnum

class FlightReason(StrEnum):
    FLOWN = "flown"
    WET = "wet"

class FlightError[R](Exception):
    """A flight that failed."""

class Gone(FlightError[FlightReason]):
    """A pigeon that is gone."""

class InvalidRequest(Exception):
    """A letter that cannot be carried."""

def weigh(grams: int) -> None:
    if grams > 75:
        raise InvalidRequest("too_heavy", grams=str(grams))
'''
SERVICE_CODE: Final = """
from homeassistant.components.notify import DOMAIN as NOTIFY
from homeassistant.exceptions import HomeAssistantError
from .sms.errors import Gone, weigh
from .trouble import Trouble, show

NO_MESSAGE = "no_message"
QUIET = {FlightReason.FLOWN: "flown_quietly"}

def key_of(err):
    return QUIET[err.reason] if err.quiet else err.reason.value

async def release(hass, name, message):
    show(hass, Trouble.LOST)
    await async_text(hass, "coo")
    await async_text(hass, f"coo_{message}")
    ir.async_create_issue(
        hass, "pigeon", "x", translation_key="hungry",
        translation_placeholders={"name": name},
    )
    try:
        weigh(message)
    except Gone as err:
        raise HomeAssistantError(
            translation_domain="pigeon", translation_key=key_of(err)
        ) from err
    raise HomeAssistantError(
        translation_domain="pigeon",
        translation_key=NO_MESSAGE,
        translation_placeholders={"name": name},
    )
"""
TROUBLE: Final = """
class Trouble(StrEnum):
    LOST = "lost"
    LONELY = "lonely"

def show(hass, trouble: Trouble):
    ir.async_create_issue(hass, "pigeon", trouble, translation_key=trouble.value)
"""
SHARED: Final = """
from .sms.errors import InvalidRequest

class Dusk:
    def look(self):
        return "too_late"

def read_ring(number):
    if not number:
        raise InvalidRequest("no_ring")

class DuskFlow(ConfigEntryBaseFlow):
    def _show(self, step_id, schema):
        self._errors["base"] = Dusk().look()
        return self.async_show_form(
            step_id=step_id, data_schema=schema, errors=self._errors
        )
"""
FLOW: Final = """
from .nest_flow import NestFlow
from .options_flow import CareFlow
from .shared import DuskFlow, read_ring

CONF_NUMBER = "number"
SCHEMA = vol.Schema({vol.Required(CONF_NUMBER): str})

class PigeonFlow(DuskFlow, ConfigFlow, domain="pigeon"):
    @classmethod
    def async_get_supported_subentry_types(cls, entry):
        return {"nest": NestFlow}

    async def async_step_user(self, user_input=None):
        return self.async_show_menu(step_id="user", menu_options=["ring"])

    async def async_step_ring(self, user_input=None):
        self._abort_if_unique_id_configured()
        if not self.loft:
            return self.async_abort(reason="no_loft")
        for flow in self.others:
            self.hass.flows.async_abort(flow.id)
        try:
            read_ring(user_input)
        except Gone as err:
            self._errors["base"] = err.reason.value
        return self.async_show_form(
            step_id="ring", data_schema=SCHEMA, errors=self._errors,
            description_placeholders={"where": "its leg"},
        )
"""
OPTIONS_FLOW: Final = """
from .shared import DuskFlow

SECTIONS = {"food": {"corn": select("corn", ["maize", "wheat"])}}

def select(name, options):
    return SelectSelector(SelectSelectorConfig(options=options, translation_key=name))

class CareFlow(DuskFlow, OptionsFlow):
    async def async_step_init(self, user_input=None):
        return self._show("init", schema(SECTIONS))
"""
NEST_FLOW: Final = """
from .sms.errors import weigh

class NestFlow(ConfigSubentryFlow):
    async def async_step_user(self, user_input=None):
        errors = {}
        try:
            weigh(user_input)
        except InvalidRequest as err:
            errors["straw"] = err.key
        schema = vol.Schema({vol.Optional("straw"): int})
        return self.async_show_form(
            step_id="user", data_schema=schema, errors=errors
        )
"""
CODE: Final = {
    "__init__.py": """
from .services import release

CONFIG_SCHEMA = cv.config_entry_only_config_schema("pigeon")

async def async_setup(hass, config):
    DeviceInfo(translation_key="loft")
    hass.services.async_register("pigeon", "release", release)
    return True
""",
    "config_flow.py": FLOW,
    "nest_flow.py": NEST_FLOW,
    "options_flow.py": OPTIONS_FLOW,
    "services.py": SERVICE_CODE,
    "shared.py": SHARED,
    "trouble.py": TROUBLE,
    "sms/errors.py": ERRORS,
    "trigger.py": 'TRIGGERS: Final[dict[str, type]] = {"landed": LandedTrigger}',
    "condition.py": 'CONDITIONS = {"is_hungry": HungryCondition}',
    "sensor.py": """
SENSORS = (SensorEntityDescription(key="pigeons", translation_key="pigeons"),)
""",
    "event.py": """
class Landing(EventEntity):
    _attr_translation_key = "landing"
    _attr_event_types = ["soft", "hard"]
""",
}


def other_language(tree: dict[str, Any]) -> dict[str, Any]:
    """Return texts with every word changed."""
    return {
        key: other_language(value) if isinstance(value, dict) else f"Rou {value}"
        for key, value in tree.items()
    }


def image(width: int, height: int) -> bytes:
    """Return the beginning of a PNG image."""
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 13, b"IHDR")
    return start + struct.pack(">II", width, height)


def write(root: Path) -> Package:
    """Write the sample to a folder."""
    files: dict[str, str | bytes] = {
        "hacs.json": json.dumps(
            {
                "name": "Pigeon post",
                "filename": "pigeon.zip",
                "homeassistant": "2026.10.0",
                "zip_release": True,
            },
        ),
        "requirements/product.in": "# What users get.\novh==1.2.0\n",
        "requirements/pinned.txt": "homeassistant==2026.10.4\novh==1.2.0\n",
        f"{FOLDER}/manifest.json": json.dumps(MANIFEST),
        f"{FOLDER}/icons.json": json.dumps(ICONS),
        f"{FOLDER}/services.yaml": SERVICES,
        f"{FOLDER}/triggers.yaml": TRIGGERS,
        f"{FOLDER}/conditions.yaml": CONDITIONS,
        f"{FOLDER}/translations/en.json": json.dumps(ENGLISH),
        f"{FOLDER}/translations/pg.json": json.dumps(other_language(ENGLISH)),
        f"{FOLDER}/brand/icon.png": image(256, 256),
        f"{FOLDER}/brand/icon@2x.png": image(512, 512),
        f"{FOLDER}/brand/logo.png": image(600, 200),
        f"{FOLDER}/brand/logo@2x.png": image(1200, 400),
        **{f"{FOLDER}/{name}": text for name, text in CODE.items()},
    }
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Package(root)
