"""Checks that the forms, menus, errors and ends of the flows have their words."""

import ast
from typing import Any, Final

from .package import Check, Package, at, missing_and_unused
from .source import KEYED_ERROR, Function, Source, argument, assigned, last_name
from .strings import placeholders

# What a flow's module calls its table of the form's sections and the fields in each.
FORM_SECTIONS: Final = "SECTIONS"
# Abort reasons that Home Assistant's own methods give.
BUILT_IN_REASONS: Final = {
    "_abort_if_unique_id_configured": "already_configured",
    "_async_abort_entries_match": "already_configured",
    "_abort_if_unique_id_mismatch": "unique_id_mismatch",
}
# Errors that the code of a flow can raise, and that the flow still never shows.
UNMET: Final = {
    # What is wrong with the account of new credentials is shown as `wrong_account`.
    "options": {"account_not_granted"},
    # A test SMS asks nothing, has our text for the numbers of a form, and no choice but of
    # one sender; an empty sender is the account's.
    "config_subentries.recipient": {
        "ask_no_answer",
        "ask_not_with_sms_user",
        "coding_not_7bit",
        "delay_too_long",
        "document_not_an_address",
        "list_abroad",
        "list_not_counted",
        "list_unlisted",
        "message_bad_character",
        "message_empty",
        "message_too_long",
        "no_receivers",
        "no_sender",
        "priority_unknown",
        "receiver_empty",
        "send_at_past",
        "sender_blank",
        "sender_empty",
        "slot_not_a_number",
        "tag_bad_character",
        "tag_too_long",
        "too_many_receivers",
        "two_senders",
        "word_unknown",
    },
}
MENU: Final = "async_show_menu"
SHOWN: Final = {MENU, "async_show_form", "async_external_step", "async_show_progress"}
FIELD: Final = {"Required", "Optional"}


def flows_of(package: Package) -> dict[str, Source]:
    """Return the flows by their section of the texts, each with the code that it uses."""
    source = Source(package)
    return {section: source.reach(module) for module, section in source.flows.items()}


def flows_found(package: Package) -> list[str]:
    """Every section of texts for a flow has the module with the flow."""
    told = {"config", "options"} & package.english.keys()
    subentries = package.english.get("config_subentries", {})
    told |= {f"config_subentries.{name}" for name in subentries}
    return missing_and_unused("flow", set(flows_of(package)), told)


def _steps(source: Source) -> set[str]:
    return {
        step
        for place, call in source.calls(SHOWN)
        for step in source.strings(argument(call, "step_id", 0), place) or ()
    }


def steps_told(package: Package) -> list[str]:
    """Every step that is shown has words, and no words are left over."""
    found = []
    for section, source in flows_of(package).items():
        told = set(at(package.english, f"{section}.step") or {})
        found += missing_and_unused(f"{section}.step", _steps(source), told)
    return found


def steps_exist(package: Package) -> list[str]:
    """A step and a choice of a menu have their method."""
    found = []
    for section, source in flows_of(package).items():
        methods = {
            place.node.name
            for place in source.places
            if isinstance(place.node, Function.__value__)
        }
        wanted = _steps(source) | _menu_options(source)
        found += [
            f"{section}: there is no async_step_{step}"
            for step in sorted(wanted)
            if f"async_step_{step}" not in methods
        ]
    return found


def _menu_options(source: Source) -> set[str]:
    return {
        option
        for place, call in source.calls({MENU})
        for option in source.items(argument(call, "menu_options"), place) or ()
    }


def menus_told(package: Package) -> list[str]:
    """Every choice of a menu has words, and no words are left over."""
    found = []
    for section, source in flows_of(package).items():
        for place, call in source.calls({MENU}):
            options = source.items(argument(call, "menu_options"), place)
            for step in source.strings(argument(call, "step_id", 0), place) or ():
                where = f"{section}.step.{step}.menu_options"
                told = set(at(package.english, where) or {})
                if options is None:
                    found.append(f"{place}: cannot tell the choices of this menu")
                else:
                    found += missing_and_unused(where, options, told)
    return found


def fields_told(package: Package) -> list[str]:
    """Every field and section of a form has a label, and no label is left over."""
    found = []
    for section, source in flows_of(package).items():
        asked = {
            name
            for place, call in source.calls(FIELD)
            for name in source.strings(argument(call, "schema", 0), place) or ()
        }
        asked |= {
            name
            for place in source.places
            for table, value in assigned(place.node)
            if table == FORM_SECTIONS
            for node in ast.walk(value)
            if isinstance(node, ast.Dict)
            for name in source.mapping_keys(node, place) or ()
        }
        told: set[str] = set()
        for step in (at(package.english, f"{section}.step") or {}).values():
            told |= set(step.get("data", {}))
            for name, part in step.get("sections", {}).items():
                told |= {name, *part.get("data", {})}
        found += missing_and_unused(f"{section}: field", asked, told)
    return found


def errors_told(package: Package) -> list[str]:
    """Every error of a form has words, and no words are left over.

    So has one that a function returns, if it has words in another flow.
    """
    flows = flows_of(package)
    told = {
        section: set(at(package.english, f"{section}.error") or {}) for section in flows
    }
    found = []
    for section, source in flows.items():
        returned = {
            str(place.node.value.value)
            for place in source.places
            if isinstance(place.node, ast.Return)
            and isinstance(place.node.value, ast.Constant)
        }
        wanted = _errors(source) | returned & set().union(*told.values())
        wanted -= UNMET.get(section, set())
        found += missing_and_unused(f"{section}.error", wanted, told[section])
    return found


def _errors(source: Source) -> set[str]:
    """Return the errors that a flow raises or puts into a form, so far as can be seen."""
    values = [
        (place, argument(call, "key", 0))
        for place, call in source.calls(source.heirs({KEYED_ERROR}))
    ]
    for place in source.places:
        match place.node:
            case ast.Assign(targets=[ast.Subscript(value=target)], value=value) if (
                last_name(target).endswith("errors")
            ):
                values.append((place, value))
            case (
                ast.Dict(keys=[ast.Constant(value="base")], values=made)
                | ast.keyword(arg="errors", value=ast.Dict(values=made))
            ):
                values += [(place, value) for value in made]
    return {
        key for place, value in values for key in source.strings(value, place) or ()
    }


def ends_told(package: Package) -> list[str]:
    """Every end of a flow has words, unless Home Assistant has them; none are left over."""
    found = []
    for section, source in flows_of(package).items():
        wanted: set[str] = set()
        for place, call in source.calls({"async_abort", "AbortFlow"}):
            if argument(call, "translation_domain") or _is_other_flow(call):
                continue
            reasons = source.strings(argument(call, "reason", 0), place)
            if reasons is None:
                found.append(f"{place}: cannot tell which end of {section} this is")
            wanted |= reasons or set()
        for place, call in source.calls({"async_update_and_abort"}):
            if given := argument(call, "reason"):
                wanted |= source.strings(given, place) or set()
        for place, call in source.calls(set(BUILT_IN_REASONS)):
            given = argument(call, "error") or argument(call, "reason")
            default = {BUILT_IN_REASONS[last_name(call.func)]}
            wanted |= (source.strings(given, place) or set()) if given else default
        told = set(at(package.english, f"{section}.abort") or {})
        found += missing_and_unused(f"{section}.abort", wanted, told)
    return found


def _is_other_flow(call: ast.Call) -> bool:
    """Tell whether a call ends another flow, which it names by an id."""
    match call.func:
        case ast.Attribute(value=ast.Name(id="self")) | ast.Name():
            return False
    return last_name(call.func) == "async_abort"


def placeholders_supplied(package: Package) -> list[str]:
    """What the words of a step fill in is given by each call that shows it."""
    found = []
    for section, source in flows_of(package).items():
        for shown, part, parameter in (
            (SHOWN, "step", "step_id"),
            ({"async_abort"}, "abort", "reason"),
        ):
            for place, call in source.calls(shown):
                given = source.mapping_keys(
                    argument(call, "description_placeholders"), place
                )
                if given is None:
                    continue
                for name in source.strings(argument(call, parameter, 0), place) or ():
                    where = f"{section}.{part}.{name}"
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
    flows_found,
    steps_told,
    steps_exist,
    menus_told,
    fields_told,
    errors_told,
    ends_told,
    placeholders_supplied,
)
