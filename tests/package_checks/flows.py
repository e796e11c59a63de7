"""Checks that the forms, menus, errors and ends of the flows have their words."""

import ast
from dataclasses import dataclass
from typing import Any, Final

from .package import Check, Package, at, missing_and_unused
from .source import Function, Place, Source, argument, last_name
from .strings import placeholders

FLOWS: Final = {
    "ConfigFlow": "config",
    "OptionsFlow": "options",
    "OptionsFlowWithReload": "options",
    "ConfigSubentryFlow": "config_subentries",
}
# Abort reasons that Home Assistant's own methods give.
BUILT_IN_REASONS: Final = {
    "_abort_if_unique_id_configured": "already_configured",
    "_async_abort_entries_match": "already_configured",
    "_abort_if_unique_id_mismatch": "unique_id_mismatch",
}
FORM: Final = "async_show_form"
MENU: Final = "async_show_menu"
SHOWN: Final = {FORM, MENU, "async_external_step", "async_show_progress"}
FIELD: Final = {"Required", "Optional"}


@dataclass(frozen=True)
class Flow:
    """A flow, its section of the texts, and all the code that it can get to."""

    section: str
    places: list[Place]

    def calls(self, names: set[str]) -> list[tuple[Place, ast.Call]]:
        """Return the calls of some methods or functions."""
        return [
            (place, place.node)
            for place in self.places
            if isinstance(place.node, ast.Call) and last_name(place.node.func) in names
        ]


def flows_of(package: Package, source: Source) -> list[Flow]:
    """Return the flows of an integration."""
    subentries = _subentry_types(source)
    found = []
    for name in source.names.classes:
        for base in source.ancestors(name) & FLOWS.keys():
            section = FLOWS[base]
            if section == "config_subentries":
                if name not in subentries:
                    continue
                section = f"{section}.{subentries[name]}"
            found.append(Flow(section, reach(source, name)))
    return found


def _subentry_types(source: Source) -> dict[str, str]:
    """Return the subentry type that each flow class is for."""
    found = {}
    for place in source.everything:
        if not (place.function and isinstance(place.node, ast.Dict)):
            continue
        if place.function.name == "async_get_supported_subentry_types":
            for key, value in zip(place.node.keys, place.node.values, strict=True):
                (kind,) = source.strings(key, place) or {""}
                found[last_name(value)] = kind
    return found


def reach(source: Source, class_name: str) -> list[Place]:
    """Return what a class, its ancestors, and the functions and constants they use say."""
    waiting: list[Place] = []
    seen: set[int] = set()

    def enter(module: str, node: ast.AST, owner: ast.ClassDef | None = None) -> None:
        if id(node) not in seen:
            seen.add(id(node))
            function = node if isinstance(node, Function.__value__) else None
            waiting.append(Place(module, function, owner, node))

    for name in source.ancestors(class_name) & source.names.classes.keys():
        module, node = source.names.classes[name]
        enter(module, node, node)
    found: list[Place] = []
    while waiting:
        start = waiting.pop()
        for place in [start, *source.places(start.node, start)]:
            found.append(place)
            if not isinstance(place.node, ast.Name):
                continue
            name = place.node.id
            functions = source.names.functions.get(name, [])
            for module, function in source.visible(functions, name, place.module):
                enter(module, function)
            constants = source.names.constants.get(name, [])
            for module, value in source.visible(constants, name, place.module):
                enter(module, value)
    return found


def _steps(source: Source, flow: Flow, shown: set[str]) -> set[str]:
    return {
        step
        for place, call in flow.calls(shown)
        for step in source.strings(argument(call, "step_id", 0), place) or ()
    }


def steps_told(package: Package) -> list[str]:
    """Every form and menu has words, and no words are left over."""
    source = Source(package)
    found = []
    for flow in flows_of(package, source):
        told = set(at(package.english, f"{flow.section}.step") or {})
        needed = _steps(source, flow, {FORM, MENU})
        extra = told - _steps(source, flow, SHOWN)
        found += missing_and_unused(
            f"{flow.section}.step", needed, (told & needed) | extra
        )
    return found


def steps_exist(package: Package) -> list[str]:
    """A step and a choice of a menu have their method."""
    source = Source(package)
    found = []
    for flow in flows_of(package, source):
        methods = {
            place.node.name
            for place in flow.places
            if isinstance(place.node, Function.__value__)
        }
        wanted = _steps(source, flow, SHOWN) | _menu_options(source, flow)
        found += [
            f"{flow.section}: there is no async_step_{step}"
            for step in sorted(wanted)
            if f"async_step_{step}" not in methods
        ]
    return found


def _menu_options(source: Source, flow: Flow) -> set[str]:
    return {
        option
        for place, call in flow.calls({MENU})
        for option in source.items(argument(call, "menu_options"), place) or ()
    }


def menus_told(package: Package) -> list[str]:
    """Every choice of a menu has words, and no words are left over."""
    source = Source(package)
    found = []
    for flow in flows_of(package, source):
        for place, call in flow.calls({MENU}):
            options = source.items(argument(call, "menu_options"), place)
            for step in source.strings(argument(call, "step_id", 0), place) or ():
                where = f"{flow.section}.step.{step}.menu_options"
                told = set(at(package.english, where) or {})
                if options is None:
                    found.append(f"{place}: cannot tell the choices of this menu")
                else:
                    found += missing_and_unused(where, options, told)
    return found


def fields_told(package: Package) -> list[str]:
    """Every field of a form has a label, and no label is left over."""
    source = Source(package)
    found = []
    for flow in flows_of(package, source):
        asked = {
            name
            for place, call in flow.calls(FIELD)
            for name in source.strings(argument(call, "schema", 0), place) or ()
        }
        told: set[str] = set()
        for step in (at(package.english, f"{flow.section}.step") or {}).values():
            told |= set(step.get("data", {}))
            for name, section in step.get("sections", {}).items():
                told |= {name, *section.get("data", {})}
        found += missing_and_unused(f"{flow.section}: field", asked, told)
    return found


def errors_told(package: Package) -> list[str]:
    """Every error of a form has words, and no words are left over."""
    source = Source(package)
    found = []
    for flow in flows_of(package, source):
        wanted: set[str] = set()
        here = source.within(flow.places)
        for place, value in _errors(flow):
            if (keys := here.strings(value, place)) is None:
                found.append(
                    f"{place}: cannot tell which error of {flow.section} this is"
                )
            wanted |= keys or set()
        told = set(at(package.english, f"{flow.section}.error") or {})
        found += missing_and_unused(f"{flow.section}.error", wanted, told)
    return found


def _errors(flow: Flow) -> list[tuple[Place, ast.expr]]:
    """Return the expressions that are put into the errors of a form."""
    found: list[tuple[Place, ast.expr]] = []
    for place in flow.places:
        match place.node:
            case ast.Assign(
                targets=[ast.Subscript(value=ast.Name(id="errors"))], value=value
            ):
                found.append((place, value))
            case ast.Dict(keys=[ast.Constant(value="base")], values=[value]):
                found.append((place, value))
            case (
                ast.Assign(targets=[ast.Name(id="errors")], value=ast.Dict() as made)
                | ast.AnnAssign(target=ast.Name(id="errors"), value=ast.Dict() as made)
                | ast.keyword(arg="errors", value=ast.Dict() as made)
            ):
                for key, value in zip(made.keys, made.values, strict=True):
                    match key:
                        case ast.Constant(value="base"):
                            continue
                        case _:
                            found.append((place, value))
    return found


def ends_told(package: Package) -> list[str]:
    """Every end of a flow has words, unless Home Assistant has them; none are left over."""
    source = Source(package)
    found = []
    for flow in flows_of(package, source):
        wanted: set[str] = set()
        for place, call in flow.calls({"async_abort", "AbortFlow"}):
            if argument(call, "translation_domain"):
                continue
            reasons = source.strings(argument(call, "reason", 0), place)
            if reasons is None:
                found.append(
                    f"{place}: cannot tell which end of {flow.section} this is"
                )
            wanted |= reasons or set()
        for place, call in flow.calls({"async_update_and_abort"}):
            if given := argument(call, "reason"):
                wanted |= source.strings(given, place) or set()
        for place, call in flow.calls(set(BUILT_IN_REASONS)):
            given = argument(call, "error") or argument(call, "reason")
            default = {BUILT_IN_REASONS[last_name(call.func)]}
            wanted |= (source.strings(given, place) or set()) if given else default
        told = set(at(package.english, f"{flow.section}.abort") or {})
        found += missing_and_unused(f"{flow.section}.abort", wanted, told)
    return found


def placeholders_supplied(package: Package) -> list[str]:
    """What the words of a step fill in is given by each call that shows it."""
    source = Source(package)
    found = []
    for flow in flows_of(package, source):
        for shown, part, parameter in (
            (SHOWN, "step", "step_id"),
            ({"async_abort"}, "abort", "reason"),
        ):
            for place, call in flow.calls(shown):
                given = source.mapping_keys(
                    argument(call, "description_placeholders"), place
                )
                if given is None:
                    continue
                for name in source.strings(argument(call, parameter, 0), place) or ():
                    where = f"{flow.section}.{part}.{name}"
                    found += [
                        f"{place}: {where} needs {{{one}}}"
                        for one in sorted(_filled(at(package.english, where)) - given)
                    ]
    return found


def _filled(text: Any) -> set[str]:
    if isinstance(text, dict):
        return {name for child in text.values() for name in _filled(child)}
    return placeholders(str(text))


CHECKS: Final[tuple[Check, ...]] = (
    steps_told,
    steps_exist,
    menus_told,
    fields_told,
    errors_told,
    ends_told,
    placeholders_supplied,
)
