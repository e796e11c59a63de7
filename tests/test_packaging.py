"""What Home Assistant's own checks and the Marketplace would say of the integration."""

from pathlib import Path

import pytest

from custom_components.ovh_sms.condition import CONDITIONS
from custom_components.ovh_sms.trigger import TRIGGERS
from homeassistant.core import HomeAssistant
from homeassistant.helpers.condition import Condition
from homeassistant.helpers.trigger import Trigger
from homeassistant.setup import async_setup_component
from tests.package_checks import actions, flows, keys, metadata, strings
from tests.package_checks.package import Check, Package

DOMAIN = "ovh_sms"
PACKAGE = Package(Path(__file__).parent.parent)
CHECKS = [
    pytest.param(check, id=f"{module.__name__.rpartition('.')[2]}-{check.__name__}")
    for module in (metadata, strings, actions, keys, flows)
    for check in module.CHECKS
]


@pytest.mark.parametrize("check", CHECKS)
def test_integration(check: Check) -> None:
    """Nothing is found in the integration as it is."""
    found = check(PACKAGE)
    assert not found, "\n".join(["", *found])


def test_french_is_there() -> None:
    """Most of those who use OVHcloud's SMS live in France."""
    assert {"en", "fr"} <= PACKAGE.translations.keys()


async def test_registered_actions(hass: HomeAssistant) -> None:
    """What services.yaml describes is what Home Assistant really has."""
    assert await async_setup_component(hass, DOMAIN, {})
    schemas = {
        name: service.schema
        for name, service in hass.services.async_services_for_domain(DOMAIN).items()
    }
    found = actions.registered(PACKAGE, schemas)
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize(
    ("kind", "classes"), [("triggers", TRIGGERS), ("conditions", CONDITIONS)]
)
async def test_fields_are_taken(
    hass: HomeAssistant, kind: str, classes: dict[str, type[Trigger | Condition]]
) -> None:
    """What the editor lets the user fill in is an option, and left empty it is fine."""
    for name, one in PACKAGE.described(kind).items():
        options = dict.fromkeys(actions.fields(one))
        config = await classes[name].async_validate_config(hass, {"options": options})
        assert config["options"].keys() == options.keys()
