"""What quality_scale.yaml claims, held against the code wherever code can tell."""

import ast
from pathlib import Path
import re
import tomllib
from typing import Any, Final, get_args

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ovh_sms import config_flow
from custom_components.ovh_sms.account import Account, OvhSmsConfigEntry
from custom_components.ovh_sms.const import DOMAIN
import homeassistant.components
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_component import DATA_INSTANCES
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict
from simulator import Simulator
from tests.package_checks import actions, flows, keys
from tests.package_checks.package import Package
from tests.test_docs_links import anchors

ROOT: Final = Path(__file__).parent.parent
CORE: Final = Path(homeassistant.components.__path__[0])
PACKAGE: Final = Package(ROOT)
FOLDER: Final = PACKAGE.folder
RULES: Final[dict[str, Any]] = load_yaml_dict(str(FOLDER / "quality_scale.yaml"))[
    "rules"
]
PLATFORMS: Final = sorted(
    name for name in PACKAGE.modules if name in {each.value for each in Platform}
)
# Where the documentation has what a rule asks for.
WRITTEN: Final = {
    "docs-actions": "docs/actions.md#estimate-an-sms",
    "docs-conditions": "docs/automations.md#when-sms-can-be-sent",
    "docs-configuration-parameters": "docs/setup.md#options",
    "docs-data-update": "README.md#what-you-get",
    "docs-examples": "README.md#send",
    "docs-high-level-description": "README.md#ovhcloud-sms-for-home-assistant",
    "docs-installation-instructions": "README.md#install",
    "docs-installation-parameters": "docs/setup.md#which-way-to-sign-in",
    "docs-known-limitations": "README.md#what-it-cannot-do",
    "docs-removal-instructions": "docs/setup.md#removing",
    "docs-supported-functions": "README.md#what-you-get",
    "docs-triggers": "docs/automations.md#automations-that-act-on-what-happened",
    "docs-troubleshooting": "docs/troubleshooting.md#in-repairs",
    "docs-use-cases": "docs/coming-from.md#coming-from-something-else",
}
# What a synchronous client makes impossible.
OUT_OF_REACH: Final = {"async-dependency", "inject-websession"}


def status(rule: str) -> str:
    """Return how a rule stands."""
    claim = RULES[rule]
    return claim if isinstance(claim, str) else str(claim["status"])


def is_named(name: str) -> bool:
    """Tell whether the code names something."""
    return any(
        name in (getattr(node, "arg", None), getattr(node, "attr", None))
        or (isinstance(node, ast.Name) and node.id == name)
        for module in PACKAGE.modules.values()
        for node in ast.walk(module)
    )


def functions(module: str) -> set[str]:
    """Return the functions of a module."""
    return {
        node.name
        for node in ast.walk(PACKAGE.modules[module])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_all_rules_and_no_others() -> None:
    """They are those that Home Assistant's own integrations answer to."""
    model = load_yaml_dict(str(CORE / "ntfy" / "quality_scale.yaml"))
    assert list(RULES) == list(model["rules"])
    assert len(RULES) == 54


@pytest.mark.parametrize("rule", RULES)
def test_answers(rule: str) -> None:
    """Whatever is not simply done has its reason."""
    assert status(rule) in ("done", "exempt", "todo")
    if status(rule) != "done" or not isinstance(RULES[rule], str):
        assert len(RULES[rule]["comment"]) > 20
    assert (status(rule) == "todo") is (rule in OUT_OF_REACH)


@pytest.mark.parametrize(
    ("rule", "is_so"),
    [
        ("docs-triggers", (FOLDER / "triggers.yaml").exists()),
        ("docs-conditions", (FOLDER / "conditions.yaml").exists()),
        ("entity-category", is_named("entity_category")),
        (
            "entity-disabled-by-default",
            is_named("entity_registry_enabled_default")
            or is_named("_attr_entity_registry_enabled_default"),
        ),
        ("brands", (FOLDER / "brand" / "icon.png").exists()),
        ("common-modules", {"coordinator", "entity"} <= PACKAGE.modules.keys()),
        ("config-entry-unloading", "async_unload_entry" in functions("__init__")),
        ("dependency-transparency", (ROOT / "LICENSE").exists()),
        (
            "diagnostics",
            "async_get_config_entry_diagnostics" in functions("diagnostics"),
        ),
        ("exception-translations", not keys.errors_are_translated(PACKAGE)),
        (
            "icon-translations",
            not [*keys.entities_drawn(PACKAGE), *actions.drawn(PACKAGE)],
        ),
        ("entity-translations", not keys.entities_named(PACKAGE)),
        ("config-flow", not flows.fields_told(PACKAGE)),
        ("integration-owner", bool(PACKAGE.manifest["codeowners"])),
        ("repair-issues", "async_create_fix_flow" in functions("repairs")),
        ("runtime-data", get_args(OvhSmsConfigEntry.__value__) == (Account,)),
        ("unique-config-entry", is_named("_abort_if_unique_id_configured")),
        (
            "reauthentication-flow",
            hasattr(config_flow.OvhSmsConfigFlow, "async_step_reauth"),
        ),
        (
            "reconfiguration-flow",
            hasattr(config_flow.OvhSmsConfigFlow, "async_step_reconfigure"),
        ),
        ("async-dependency", "ovh==" not in "".join(PACKAGE.manifest["requirements"])),
        (
            "test-coverage",
            int(
                re.findall(
                    r"--cov-fail-under=(\d+)", (ROOT / "scripts/test").read_text()
                )[0]
            )
            >= 95,
        ),
        (
            "strict-typing",
            tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"][
                "strict"
            ],
        ),
    ],
)
def test_code_agrees(rule: str, is_so: bool) -> None:
    """A claim is made if and only if it holds."""
    assert (status(rule) == "done") is is_so


@pytest.mark.parametrize("platform", PLATFORMS)
def test_parallel_updates(platform: str) -> None:
    assert status("parallel-updates") == "done"
    assert "PARALLEL_UPDATES" in {
        target.id
        for node in PACKAGE.modules[platform].body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.startswith("docs-")])
def test_documentation_has_it(rule: str) -> None:
    if status(rule) == "done":
        assert rule in WRITTEN, f"say in WRITTEN where {rule} is fulfilled"
        page, _, anchor = WRITTEN[rule].partition("#")
        assert anchor in anchors(ROOT / page)


async def test_actions_without_an_account(hass: HomeAssistant) -> None:
    """They are there for automations to be checked, whatever becomes of the accounts."""
    assert status("action-setup") == "done"
    assert await async_setup_component(hass, DOMAIN, {})
    assert set(hass.services.async_services_for_domain(DOMAIN)) == set(
        PACKAGE.described("services")
    )


async def test_entities(hass: HomeAssistant, account: MockConfigEntry) -> None:
    """Each has an id and a name of its own and a device, and none is polled."""
    for rule in ("entity-unique-id", "has-entity-name", "devices"):
        assert status(rule) == "done"
    registered = {
        entry.entity_id: entry
        for entry in er.async_entries_for_config_entry(
            er.async_get(hass), account.entry_id
        )
        if not entry.disabled
    }
    entities: list[Entity] = [
        entity
        for component in hass.data[DATA_INSTANCES].values()
        for entity in component.entities
        if entity.platform.platform_name == DOMAIN
    ]
    assert {entity.entity_id for entity in entities} == registered.keys()
    assert {entity.platform.domain for entity in entities} == set(PLATFORMS)
    for entity in entities:
        assert entity.has_entity_name and not entity.should_poll
        assert entity.unique_id and registered[entity.entity_id].device_id
        assert entity.translation_key or entity.name is None


async def test_unavailable(
    hass: HomeAssistant, sim: Simulator, account: MockConfigEntry
) -> None:
    """What OVHcloud says, and nothing else, is unavailable while it is out of reach."""
    assert status("entity-unavailable") == "done"
    await sim.refuse()
    await account.runtime_data.coordinator.async_refresh()
    registry = er.async_get(hass)
    assert {
        entry.translation_key
        for state in hass.states.async_all()
        if (entry := registry.async_get(state.entity_id))
        and state.state == "unavailable"
    } == {"credits_left", "key_expires"}
