"""Every check finds what it is for: the sample, broken in one place, is caught."""

import json
from pathlib import Path
from typing import Final

import pytest
import voluptuous as vol

from tests.package_checks import actions, flows, keys, metadata, sample, strings
from tests.package_checks.package import Check, Package

F: Final = sample.FOLDER
MANIFEST: Final = f"{F}/manifest.json"
HACS: Final = "hacs.json"
EN: Final = f"{F}/translations/en.json"
PG: Final = f"{F}/translations/pg.json"
ICONS: Final = f"{F}/icons.json"
YAML: Final = f"{F}/services.yaml"
TRIGGERS: Final = f"{F}/triggers.yaml"
CONDITIONS: Final = f"{F}/conditions.yaml"
CODE: Final = f"{F}/services.py"
FLOW: Final = f"{F}/config_flow.py"
NEST: Final = f"{F}/nest_flow.py"
OPTIONS: Final = f"{F}/options_flow.py"
SHARED: Final = f"{F}/shared.py"
ERRORS: Final = f"{F}/sms/errors.py"

ALL: Final = [
    check
    for module in (metadata, strings, actions, keys, flows)
    for check in module.CHECKS
]

# The check, the file to break, what to replace by what, and what must be found.
BROKEN: Final[list[tuple[Check, str, str, str, str]]] = [
    (metadata.manifest_keys, MANIFEST, '"iot_class"', '"iot_klass"', "iot_class is missing"),
    (metadata.manifest_keys, MANIFEST, '"iot_class"', '"iot_klass"', "iot_klass is not a key"),
    (metadata.manifest_keys, MANIFEST, "true", '"yes"', "config_flow should be a bool"),
    (metadata.manifest_order, MANIFEST, '"name"', '"zone"', "keys should be"),
    (metadata.manifest_domain, MANIFEST, '"pigeon"', '"dove"', "domain dove is in pigeon/"),
    (metadata.manifest_domain, MANIFEST, '"pigeon"', '"Pigeon"', "is not a-z"),
    (metadata.manifest_domain, MANIFEST, '"pigeon"', '"sun"', "has an integration sun"),
    (metadata.manifest_values, MANIFEST, "cloud_polling", "cloudy", "no iot_class"),
    (metadata.manifest_values, MANIFEST, '"service"', '"sky"', "no integration_type"),
    (metadata.manifest_values, MANIFEST, "@pigeon", "pigeon", "begin with @"),
    (metadata.manifest_values, MANIFEST, '"@pigeon"', "", "no code owner"),
    (metadata.manifest_values, MANIFEST, "true", "false", "config_flow does not agree"),
    (metadata.manifest_version, MANIFEST, '"0.1.0"', '"first"', "version first"),
    (metadata.manifest_requirements, MANIFEST, "1.2.0", "1.1.0", "are not product.in's"),
    (metadata.manifest_dependencies, MANIFEST, '"notify"', '"wings"', "wings does not exist"),
    (metadata.manifest_dependencies, CODE, ".notify", ".cloud", "imports cloud"),
    (metadata.addresses, MANIFEST, "https://example.com/pigeon/i", "http://e.com/i", "https"),
    (
        metadata.addresses, MANIFEST, "https://example.com/pigeon\"",
        "https://www.home-assistant.io/integrations/pigeon\"", "a page of Home Assistant",
    ),
    (metadata.setup_schema, f"{F}/__init__.py", "CONFIG_SCHEMA", "SCHEMA", "CONFIG_SCHEMA"),
    (metadata.marketplace_keys, HACS, '"homeassistant"', '"country"', "know country"),
    (metadata.marketplace_keys, HACS, "Pigeon post", "Pigeon", "name is not"),
    (metadata.marketplace_keys, HACS, "pigeon.zip", "p.zip", "filename pigeon.zip"),
    (metadata.marketplace_minimum, HACS, "2026.10.0", "2026.9.0", "2026.9.0 is promised"),
    (metadata.marketplace_minimum, HACS, "2026.10.0", "2026.10.9", "is newer than"),
    (strings.same_keys, PG, '"wet"', '"dry"', "pg.json: config.error.wet is missing"),
    (strings.same_keys, PG, '"wet"', '"dry"', "en.json: config.error.dry is missing"),
    (strings.sections, EN, '"issues"', '"troubles"', "does not know troubles"),
    (strings.keys_well_formed, EN, '"pigeons"', '"Pigeons"', "sensor.Pigeons.name"),
    (strings.keys_well_formed, EN, '"pigeons"', '"pigeons_"', "sensor.pigeons_.name"),
    (strings.texts_well_formed, EN, "By ring", "<b>By</b> ring", "has HTML"),
    (strings.texts_well_formed, EN, "By ring", "By www.ring.org", "has an address"),
    (strings.texts_well_formed, EN, "By ring", "By ring ", "ends with a space"),
    (strings.texts_well_formed, EN, "By ring", "By  ring", "two spaces"),
    (strings.texts_well_formed, EN, "By ring", "By '{ring}'", "single quotes"),
    (strings.texts_well_formed, EN, "By ring", "[%key:x%]", "another text"),
    (strings.texts_well_formed, EN, "By ring", "By {ring no}", "is no name"),
    (strings.texts_well_formed, EN, "By ring", "By {ring", "without its pair"),
    (strings.texts_well_formed, EN, '"By ring"', '""', "is not a text"),
    (strings.same_placeholders, PG, "{grams}", "{gramme}", "fills in ['gramme']"),
    (strings.translated, PG, "Rou By ring", "By ring", "still English: By ring"),
    (strings.fields_explained, EN, '"data_description"', '"data_x"', "number is not explained"),
    (strings.fields_explained, EN, '"data"', '"data_x"', "number has no label"),
    (strings.fields_explained, EN, '"menu_option_d', '"d', "ring is not explained"),
    (strings.fields_explained, EN, '"name": "Food", ', "", "section food: name is missing"),
    (strings.steps_have_words, EN, '"title": "Ring"', '"t": "Ring"', "ring has no title"),
    (strings.subentries_named, EN, '"reconfigure"', '"change"', "initiate_flow.reconfigure"),
    (strings.issues_told, EN, '"title": "Hungry"', '"t": "Hungry"', "issues.hungry"),
    (actions.told_in_words, YAML, "release:", "let_go:", "services: let_go is missing"),
    (actions.told_in_words, YAML, "release:", "let_go:", "services: release is used by"),
    (actions.told_in_words, YAML, "message:", "letter:", "fields: letter is missing"),
    (actions.told_in_words, YAML, "more:", "rare:", "sections: rare is missing"),
    (actions.told_in_words, EN, '"name": "Letter", ', "", "message.name is missing"),
    (actions.told_in_words, PG, '"name": "Rou Release"', '"n": "R"', "release.name is missing"),
    (actions.told_in_words, TRIGGERS, "landed:", "fallen:", "triggers: fallen is missing"),
    (actions.told_in_words, TRIGGERS, "wing:", "leg:", "landed.fields: leg is missing"),
    (actions.told_in_words, CONDITIONS, "is_hungry:", "is_fed:", "conditions: is_fed is miss"),
    (actions.told_in_words, CONDITIONS, "bowl:", "cup:", "fields: bowl is used by nothing"),
    (actions.told_in_words, EN, '"name": "Wing", ', "", "landed.fields.wing.name is missing"),
    (actions.told_in_words, PG, '"name": "Rou It is hungry"', '"n": "R"', "hungry.name is miss"),
    (actions.drawn, ICONS, '"landed"', '"fallen"', "triggers: landed is missing"),
    (actions.drawn, ICONS, '"trigger"', '"icon"', "triggers.landed.trigger is missing"),
    (actions.drawn, ICONS, '"is_hungry"', '"is_fed"', "conditions: is_fed is used by nothing"),
    (actions.drawn, ICONS, '"condition"', '"icon"', "is_hungry.condition is missing"),
    (actions.icons_exist, ICONS, "mdi:bowl", "bowl", "bowl is not mdi:something"),
    (actions.fields_well_formed, TRIGGERS, "selector:", "picker:", "picker means nothing"),
    (actions.fields_well_formed, CONDITIONS, "text:", "scroll:", "no proper selector"),
    (actions.choices_keyed, TRIGGERS, "translation_key:", "mode:", "wing has no translation_key"),
    (actions.provided, TRIGGERS, "landed:", "fallen:", "triggers.yaml: landed is missing"),
    (actions.provided, TRIGGERS, "landed:", "fallen:", "fallen is used by nothing"),
    (actions.provided, f"{F}/trigger.py", "landed", "fallen", "yaml: fallen is missing"),
    (actions.provided, CONDITIONS, "is_hungry:", "is_fed:", "is_hungry is missing"),
    (actions.provided, f"{F}/condition.py", "CONDITIONS", "C", "is_hungry is used by nothing"),
    (keys.choices_told, TRIGGERS, "right", "wrong", "wing.options: wrong is missing"),
    (actions.drawn, ICONS, '"release"', '"let_go"', "services: release is missing"),
    (actions.drawn, ICONS, '"service"', '"action"', "release.service is missing"),
    (actions.drawn, ICONS, '"more"', '"less"', "has no section less"),
    (actions.icons_exist, ICONS, "mdi:send", "send", "send is not mdi:something"),
    (actions.fields_well_formed, YAML, "speed:", "message:", "release has message twice"),
    (actions.fields_well_formed, YAML, "required:", "needed:", "needed means nothing"),
    (actions.fields_well_formed, YAML, "text:", "scroll:", "no proper selector"),
    (actions.choices_keyed, YAML, "translation_key:", "mode:", "no translation_key"),
    (keys.errors_told, EN, '"too_heavy": {', '"fat": {', "exceptions: too_heavy is missing"),
    (keys.errors_told, EN, '"too_heavy": {', '"fat": {', "exceptions: fat is used by nothing"),
    (keys.errors_told, ERRORS, '"wet"', '"dry"', "exceptions: dry is missing"),
    (keys.errors_told, CODE, '"no_message"', '"empty"', "exceptions: empty is missing"),
    (keys.errors_told, CODE, '"flown_quietly"', '"gone"', "exceptions: gone is missing"),
    (keys.repairs_told, CODE, '"hungry"', '"thirsty"', "issues: thirsty is missing"),
    (keys.repairs_told, CODE, '"hungry"', '"thirsty"', "issues: hungry is used by nothing"),
    (keys.repairs_told, EN, '"lonely"', '"alone"', "issues: lonely is missing"),
    (keys.texts_told, CODE, '"coo")', '"moo")', "common: moo is missing"),
    (keys.texts_told, EN, '"coo_loud"', '"moo_loud"', "common: moo_loud is used by nothing"),
    (keys.keys_can_be_seen, CODE, "=NO_MESSAGE", "=f'{name}'", "cannot tell which text"),
    (keys.errors_are_translated, CODE, "translation_key=NO_MESSAGE", "x=1", "translation_key"),
    (
        keys.placeholders_supplied, CODE, '{"name": name},\n    )\n    try',
        '{"who": name},\n    )\n    try', "issues.hungry needs {name}",
    ),
    (
        keys.placeholders_supplied, ERRORS, "grams=str", "weight=str",
        "exceptions.too_heavy needs {grams}",
    ),
    (keys.entities_named, EN, '"pigeons"', '"doves"', "entity: sensor.pigeons is missing"),
    (keys.entities_drawn, ICONS, '"pigeons"', '"doves"', "sensor.doves is used by nothing"),
    (keys.devices_named, EN, '"loft"', '"roof"', "device: loft is missing"),
    (keys.event_types_told, EN, '"soft"', '"gentle"', "event_type.state: soft is missing"),
    (keys.choices_told, EN, '"speed": {"o', '"pace": {"o', "selector: speed is missing"),
    (keys.choices_told, OPTIONS, '"wheat"', '"rye"', "corn.options: rye is missing"),
    (keys.choices_told, YAML, "slow", "idle", "speed.options: idle is missing"),
    (flows.flows_found, EN, '"nest"', '"perch"', "subentries.perch is used by nothing"),
    (flows.flows_found, EN, '"nest"', '"perch"', "subentries.nest is missing"),
    (flows.steps_told, OPTIONS, '"init"', '"start"', "options.step: start is missing"),
    (flows.steps_told, FLOW, 'step_id="ring"', 'step_id="leg"', "config.step: leg is missing"),
    (flows.steps_told, FLOW, 'step_id="ring"', 'step_id="leg"', "ring is used by nothing"),
    (flows.steps_exist, FLOW, "async_step_ring", "async_step_leg", "no async_step_ring"),
    (flows.menus_told, FLOW, '["ring"]', '["leg"]', "menu_options: leg is missing"),
    (flows.menus_told, FLOW, '["ring"]', "choices()", "cannot tell the choices"),
    (flows.fields_told, FLOW, '"number"', '"leg"', "config: field: leg is missing"),
    (flows.fields_told, NEST, '("straw"', '("hay"', "nest: field: straw is used by nothing"),
    (flows.fields_told, OPTIONS, '{"corn"', '{"oats"', "options: field: oats is missing"),
    (flows.fields_told, OPTIONS, '{"food"', '{"meal"', "options: field: meal is missing"),
    (flows.errors_told, EN, '"wet": "It', '"dry": "It', "config.error: wet is missing"),
    (flows.errors_told, FLOW, "err.reason.value", "'gone'", "config.error: gone is missing"),
    (flows.errors_told, FLOW, "err.reason.value", "'gone'", "flown is used by nothing"),
    (flows.errors_told, SHARED, '"no_ring"', '"lost"', "config.error: lost is missing"),
    (flows.errors_told, EN, '"too_late"', '"late"', "config.error: too_late is missing"),
    (flows.errors_told, SHARED, "too_late", "late", "options.error: too_late is used by"),
    (flows.errors_told, ERRORS, '"too_heavy"', '"fat"', "nest.error: fat is missing"),
    (flows.ends_told, FLOW, '"no_loft"', '"no_roof"', "config.abort: no_roof is missing"),
    (flows.ends_told, FLOW, "self._abort_if", "self.look_if", "already_configured is used by"),
    (flows.placeholders_supplied, FLOW, '{"where"', '{"here"', "config.step.ring needs {where}"),
]  # fmt: skip


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.__name__)
def test_sample_is_good(check: Check, tmp_path: Path) -> None:
    """A check finds nothing where nothing is wrong."""
    assert check(sample.write(tmp_path)) == []


@pytest.mark.parametrize(("check", "file", "old", "new", "finding"), BROKEN)
def test_broken_sample(
    check: Check, file: str, old: str, new: str, finding: str, tmp_path: Path
) -> None:
    """A check finds what is wrong."""
    sample.write(tmp_path)
    path = tmp_path / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    found = check(Package(tmp_path))
    assert any(finding in one for one in found), found


def test_every_check_is_tried() -> None:
    """No check is one that cannot fail."""
    tried = {entry[0] for entry in BROKEN}
    elsewhere = {metadata.brand_images, strings.languages}
    assert set(ALL) == tried | elsewhere


@pytest.mark.parametrize(
    ("name", "content", "finding"),
    [
        ("icon.png", sample.image(256, 255), "256x255, not 256 square"),
        ("icon@2x.png", sample.image(256, 256), "256x256, not 512 square"),
        ("logo.png", sample.image(400, 100), "its short side is wrong"),
        ("logo.png", b"GIF89a", "not a PNG image"),
        ("banner.png", sample.image(256, 256), "banner.png is served to nobody"),
        ("dark_icon.png", sample.image(256, 256), "dark_icon.png has no @2x image"),
        ("icon.png", None, "icon.png is missing"),
    ],
)
def test_brand_images(
    name: str, content: bytes | None, finding: str, tmp_path: Path
) -> None:
    """A wrong image is found."""
    package = sample.write(tmp_path)
    path = package.folder / "brand" / name
    path.write_bytes(content) if content else path.unlink()
    found = metadata.brand_images(package)
    assert any(finding in one for one in found), found


def test_languages(tmp_path: Path) -> None:
    """A missing language, and a file of the wrong kind, are found."""
    package = sample.write(tmp_path)
    (package.folder / "translations" / "en.json").unlink()
    (package.folder / "strings.json").write_text("{}")
    assert len(strings.languages(package)) == 2


def test_repeated_key(tmp_path: Path) -> None:
    """A key that a JSON file has twice is not passed over."""
    package = sample.write(tmp_path)
    (package.folder / "manifest.json").write_text('{"domain": "a", "domain": "b"}')
    with pytest.raises(ValueError, match="repeats domain"):
        json.dumps(package.manifest)


@pytest.mark.parametrize(
    ("schemas", "finding"),
    [
        ({}, "services.yaml: release is used by nothing"),
        ({"release": None, "call": None}, "services.yaml: call is missing"),
        (
            {"release": vol.Schema({vol.Required("message"): str})},
            "services.yaml: release does not take speed",
        ),
        (
            {"release": vol.Schema(vol.All({"message": str}, dict))},
            "services.yaml: release does not take speed",
        ),
    ],
)
def test_registered(
    schemas: dict[str, vol.Schema | None], finding: str, tmp_path: Path
) -> None:
    """Actions that are described and not there, or the reverse, are found."""
    assert finding in actions.registered(sample.write(tmp_path), schemas)


def test_registered_as_described(tmp_path: Path) -> None:
    """A schema that takes all the fields is fine."""
    schemas: dict[str, vol.Schema | None] = {
        "release": vol.Schema({"message": str, "speed": str})
    }
    assert actions.registered(sample.write(tmp_path), schemas) == []
