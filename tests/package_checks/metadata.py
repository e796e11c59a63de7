"""Checks of the manifest, of what the Marketplace reads, and of the brand images."""

import ast
from pathlib import Path
import re
import struct
from typing import Final
from urllib.parse import urlsplit

from awesomeversion import (
    AwesomeVersion,
    AwesomeVersionException,
    AwesomeVersionStrategy,
)

import homeassistant.components
from homeassistant.const import Platform

from .package import Check, Package

REQUIRED: Final[dict[str, type]] = {
    "domain": str,
    "name": str,
    "codeowners": list,
    "documentation": str,
    "iot_class": str,
    "issue_tracker": str,
    "version": str,
}
OPTIONAL: Final[dict[str, type]] = {
    "after_dependencies": list,
    "config_flow": bool,
    "dependencies": list,
    "import_executor": bool,
    "integration_type": str,
    "loggers": list,
    "quality_scale": str,
    "requirements": list,
    "single_config_entry": bool,
}
IOT_CLASSES: Final = {
    f"{place}_{way}" for place in ("cloud", "local") for way in ("polling", "push")
} | {"assumed_state", "calculated"}
INTEGRATION_TYPES: Final = {"device", "helper", "hub", "service", "virtual"}
VERSION_STYLES: Final = [
    AwesomeVersionStrategy.CALVER,
    AwesomeVersionStrategy.SEMVER,
    AwesomeVersionStrategy.SIMPLEVER,
    AwesomeVersionStrategy.BUILDVER,
    AwesomeVersionStrategy.PEP440,
]
# Always loaded, or harmless to import without being set up.
IMPORTABLE: Final = {platform.value for platform in Platform} | {
    "automation",
    "homeassistant",
    "persistent_notification",
    "system_health",
    "webhook",
    "websocket_api",
}
MARKETPLACE_KEYS: Final = {
    "content_in_root",
    "filename",
    "hide_default_branch",
    "homeassistant",
    "name",
    "persistent_directory",
    "zip_release",
}
CORE: Final = Path(homeassistant.components.__path__[0])


def manifest_keys(package: Package) -> list[str]:
    """Home Assistant refuses unknown keys, and needs some."""
    found = [
        f"manifest.json: {key} is missing"
        for key in REQUIRED
        if key not in package.manifest
    ]
    for key, value in package.manifest.items():
        kind = (REQUIRED | OPTIONAL).get(key)
        if kind is None:
            found.append(f"manifest.json: {key} is not a key of a custom integration")
        elif not isinstance(value, kind):
            found.append(f"manifest.json: {key} should be a {kind.__name__}")
    return found


def manifest_order(package: Package) -> list[str]:
    """Keys come as domain, name, then the alphabet."""
    keys = list(package.manifest)
    wanted = sorted(keys, key=lambda key: (key != "domain", key != "name", key))
    return [] if keys == wanted else [f"manifest.json: keys should be {wanted}"]


def manifest_domain(package: Package) -> list[str]:
    """The domain is the folder, and no integration of Home Assistant has it."""
    domain = package.manifest["domain"]
    found = []
    if domain != package.folder.name:
        found.append(f"manifest.json: domain {domain} is in {package.folder.name}/")
    if not re.fullmatch(r"[a-z0-9_]+", domain):
        found.append(f"manifest.json: domain {domain} is not a-z, 0-9 and _")
    if (CORE / domain).exists():
        found.append(f"manifest.json: Home Assistant has an integration {domain}")
    return found


def manifest_values(package: Package) -> list[str]:
    """Values are among those that Home Assistant knows."""
    manifest = package.manifest
    found = []
    if (iot_class := manifest["iot_class"]) not in IOT_CLASSES:
        found.append(f"manifest.json: {iot_class} is no iot_class")
    kind = manifest.get("integration_type", "hub")
    if kind not in INTEGRATION_TYPES:
        found.append(f"manifest.json: {kind} is no integration_type")
    found += [
        f"manifest.json: code owner {owner} should begin with @"
        for owner in manifest["codeowners"]
        if not owner.startswith("@")
    ]
    if not manifest["codeowners"]:
        found.append("manifest.json: there is no code owner")
    if manifest.get("config_flow", False) != ("config_flow" in package.modules):
        found.append("manifest.json: config_flow does not agree with config_flow.py")
    return found


def manifest_version(package: Package) -> list[str]:
    """Home Assistant refuses to load a version that it cannot read."""
    version = package.manifest["version"]
    try:
        AwesomeVersion(version, ensure_strategy=VERSION_STYLES)
    except AwesomeVersionException:
        return [f"manifest.json: version {version} cannot be read"]
    return []


def manifest_requirements(package: Package) -> list[str]:
    """Users get the versions that the tests ran with."""
    asked = sorted(package.manifest.get("requirements", []))
    tested = sorted(package.pinned("product.in"))
    if asked == tested:
        return []
    return [f"manifest.json: requirements {asked} are not product.in's {tested}"]


def manifest_dependencies(package: Package) -> list[str]:
    """Integrations that the code imports are loaded first, and exist."""
    needed = set(package.manifest.get("dependencies", []))
    later = set(package.manifest.get("after_dependencies", []))
    found = [
        *(f"manifest.json: {name} does not exist" for name in sorted(needed | later)
          if not (CORE / name).exists()),
        *(f"manifest.json: {name} is a dependency twice" for name in needed & later),
    ]  # fmt: skip
    own_platforms = {name.partition("/")[0] for name in package.modules}
    allowed = needed | later | own_platforms | IMPORTABLE
    for module, tree in package.modules.items():
        found += [
            f"{module}.py imports {name}, which is not a dependency in manifest.json"
            for name in sorted(_imported_integrations(tree) - allowed)
        ]
    return found


def _imported_integrations(tree: ast.Module) -> set[str]:
    """Return the integrations of Home Assistant that a module imports."""
    dotted: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            dotted += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            dotted += [f"{node.module}.{name.name}" for name in node.names]
    prefix = "homeassistant.components."
    return {
        name.removeprefix(prefix).split(".")[0]
        for name in dotted
        if name.startswith(prefix)
    }


def addresses(package: Package) -> list[str]:
    """Links are secure, and do not pretend to be Home Assistant's own pages."""
    found = []
    for key in ("documentation", "issue_tracker"):
        url = urlsplit(package.manifest[key])
        if url.scheme != "https" or not url.netloc:
            found.append(f"manifest.json: {key} should be an https address")
        if url.netloc.removeprefix("www.") == "home-assistant.io":
            found.append(f"manifest.json: {key} is a page of Home Assistant itself")
    return found


def setup_schema(package: Package) -> list[str]:
    """An integration that is set up without an entry says what its YAML may hold."""
    top = package.modules["__init__"].body
    names = {node.name for node in top if isinstance(node, ast.AsyncFunctionDef)}
    assigned = {
        target.id
        for node in top
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    if "async_setup" in names and "CONFIG_SCHEMA" not in assigned:
        return ["__init__.py: async_setup needs a CONFIG_SCHEMA"]
    return []


def marketplace_keys(package: Package) -> list[str]:
    """The Marketplace refuses keys that it does not know."""
    told = package.marketplace
    found = [
        f"hacs.json: the Marketplace does not know {key}"
        for key in told
        if key not in MARKETPLACE_KEYS
    ]
    if told.get("name") != package.manifest["name"]:
        found.append("hacs.json: name is not the manifest's")
    archive = f"{package.manifest['domain']}.zip"
    if told.get("zip_release") and told.get("filename") != archive:
        found.append(f"hacs.json: zip_release needs filename {archive}")
    return found


def marketplace_minimum(package: Package) -> list[str]:
    """The oldest Home Assistant we promise is one that the tests run on."""
    oldest = AwesomeVersion(package.marketplace.get("homeassistant", "0"))
    (pin,) = (
        line for line in package.pinned("pinned.txt") if line.startswith("homeassistant==")
    )  # fmt: skip
    tested = AwesomeVersion(pin.partition("==")[2])
    if (oldest.section(0), oldest.section(1)) != (tested.section(0), tested.section(1)):
        return [f"hacs.json: {oldest} is promised, tests run on {tested}"]
    return [] if oldest <= tested else [f"hacs.json: {oldest} is newer than {tested}"]


def brand_images(package: Package) -> list[str]:
    """Images have the names and sizes that Home Assistant serves."""
    folder = package.folder / "brand"
    names = {f"{shade}{kind}" for shade in ("", "dark_") for kind in ("icon", "logo")}
    wanted = {f"{name}{scale}.png" for name in names for scale in ("", "@2x")}
    present = {path.name for path in folder.glob("*")}
    found = [f"brand/{name} is served to nobody" for name in sorted(present - wanted)]
    if "icon.png" not in present:
        found.append("brand/icon.png is missing")
    for name in sorted(present & wanted):
        content = (folder / name).read_bytes()
        if not content.startswith(b"\x89PNG\r\n\x1a\n"):
            found.append(f"brand/{name} is not a PNG image")
            continue
        width, height = struct.unpack(">II", content[16:24])
        scale = 2 if "@2x" in name else 1
        if "icon" in name and (width, height) != (256 * scale, 256 * scale):
            found.append(f"brand/{name} is {width}x{height}, not {256 * scale} square")
        if "logo" in name and not 128 <= min(width, height) / scale <= 256:
            found.append(f"brand/{name} is {width}x{height}: its short side is wrong")
        if scale == 1 and name.replace(".png", "@2x.png") not in present:
            found.append(f"brand/{name} has no @2x image")
    return found


CHECKS: Final[tuple[Check, ...]] = (
    manifest_keys,
    manifest_order,
    manifest_domain,
    manifest_values,
    manifest_version,
    manifest_requirements,
    manifest_dependencies,
    addresses,
    setup_schema,
    marketplace_keys,
    marketplace_minimum,
    brand_images,
)
