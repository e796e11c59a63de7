"""What the code of an integration says, as far as it can be seen without running it."""

import ast
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import cached_property
import importlib
from typing import Final, Self

from .package import Package

# The errors that name a text by their first argument are this class and its heirs.
KEYED_ERROR: Final = "InvalidRequest"
# Each value of an enumeration with such a name is the key of a text.
REASON: Final = "Reason"
# The kinds of flows, and the sections of their texts.
FLOWS: Final = {
    "ConfigFlow": "config",
    "OptionsFlow": "options",
    "OptionsFlowWithReload": "options",
    "ConfigSubentryFlow": "config_subentries",
}

type Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Place:
    """Where an expression stands."""

    module: str
    function: Function | None
    node: ast.AST

    def __str__(self) -> str:
        """Return it as a compiler would."""
        return f"{self.module}.py:{getattr(self.node, 'lineno', 0)}"


class Source:
    """The parsed modules, and what their names stand for."""

    def __init__(self, package: Package) -> None:
        """Take the modules of a package."""
        self.modules = package.modules

    @cached_property
    def defined(self) -> dict[str, dict[str, ast.AST]]:
        """Return the classes, functions and values at the top of each module, by name."""
        found: dict[str, dict[str, ast.AST]] = {}
        for module, tree in self.modules.items():
            names = found.setdefault(module, {})
            for node in tree.body:
                names |= dict(assigned(node))
                if isinstance(node, ast.ClassDef | Function.__value__):
                    names[node.name] = node
        return found

    @cached_property
    def imported(self) -> dict[str, dict[str, str]]:
        """Return the modules that each module takes its names from."""
        return {
            module: {
                name.asname or name.name: self._origin(module, node, name.name)
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom)
                for name in node.names
            }
            for module, tree in self.modules.items()
        }

    def _origin(self, module: str, node: ast.ImportFrom, name: str) -> str:
        if not node.level:
            return node.module or ""
        parts = module.split("/")[: -node.level]
        parts += node.module.split(".") if node.module else []
        paths = [
            "/".join(path) for path in ([*parts, name], parts, [*parts, "__init__"])
        ]
        return next((path for path in paths if path in self.modules), "")

    def find(self, name: str, module: str) -> tuple[str, ast.AST] | None:
        """Return what a module means by a name, and the module that defines it."""
        if known := self.defined[module].get(name):
            return module, known
        origin = self.imported[module].get(name)
        if origin not in self.modules:
            return None
        if origin.rpartition("/")[2] == name and name not in self.defined[origin]:
            return origin, self.modules[origin]
        return self.find(name, origin)

    @cached_property
    def flows(self) -> dict[str, str]:
        """Return the modules with a flow, and the section of its texts.

        The flow of a subentry is in a module that is called after the subentry's type.
        """
        found = {}
        for module, names in self.defined.items():
            for node in names.values():
                bases = node.bases if isinstance(node, ast.ClassDef) else []
                for base in FLOWS.keys() & set(map(last_name, bases)):
                    found[module] = FLOWS[base]
        return {
            module: f"{section}.{module.removesuffix('_flow')}"
            if section == FLOWS["ConfigSubentryFlow"]
            else section
            for module, section in found.items()
        }

    @cached_property
    def places(self) -> list[Place]:
        """Return all that is said in the part of the code that is looked at."""
        return [
            place
            for module, tree in self.modules.items()
            for place in _walk(Place(module, None, tree))
        ]

    def reach(self, *modules: str) -> Self:
        """Look only at modules and the definitions that they use, but not at other flows."""
        waiting: list[tuple[str, ast.AST]] = [(m, self.modules[m]) for m in modules]
        found: dict[ast.AST, Place] = {}
        while waiting:
            module, root = waiting.pop()
            for place in () if root in found else _walk(Place(module, None, root)):
                found.setdefault(place.node, place)
                if isinstance(place.node, ast.Name):
                    known = self.find(place.node.id, module)
                    if known and known[0] not in self.flows:
                        waiting.append(known)
        part = copy(self)
        part.places = list(found.values())
        return part

    def calls(self, names: set[str]) -> list[tuple[Place, ast.Call]]:
        """Return the calls of some functions, methods or classes."""
        return [
            (place, place.node)
            for place in self.places
            if isinstance(place.node, ast.Call) and last_name(place.node.func) in names
        ]

    @cached_property
    def enums(self) -> dict[str, dict[str, str]]:
        """Return the string enumerations: their members' values by name."""
        return {
            name: {
                member: value.value
                for statement in node.body
                for member, value in assigned(statement)
                if isinstance(value, ast.Constant) and isinstance(value.value, str)
            }
            for names in self.defined.values()
            for name, node in names.items()
            if isinstance(node, ast.ClassDef)
            and "StrEnum" in map(last_name, node.bases)
        }

    @cached_property
    def reasons(self) -> set[str]:
        """Return all the reasons that errors come with."""
        return {
            value
            for name, members in self.enums.items()
            if name.endswith(REASON)
            for value in members.values()
        }

    def heirs(self, named: set[str]) -> set[str]:
        """Return some classes and all that inherit from them."""
        found = set(named)
        classes = [
            (name, set(map(last_name, node.bases)))
            for names in self.defined.values()
            for name, node in names.items()
            if isinstance(node, ast.ClassDef)
        ]
        while new := {name for name, bases in classes if found & bases} - found:
            found |= new
        return found

    def strings(self, value: ast.AST | None, place: Place) -> set[str] | None:
        """Return the strings that an expression can be, or nothing if none can be seen."""
        match value:
            case ast.Constant(value=str(text)):
                return {text}
            case ast.Constant(value=None):
                return set()
            case ast.IfExp(body=body, orelse=orelse):
                return self._all([body, orelse], place)
            case ast.BoolOp(values=values):
                return self._all(values, place)
            case ast.NamedExpr(value=inner) | ast.Attribute(value=inner, attr="value"):
                return self.strings(inner, place)
            case ast.Attribute(value=ast.Name(id=name), attr=member) if (
                name in self.enums
            ):
                return {self.enums[name].get(member, member)}
            case ast.Attribute(attr="reason"):
                return self.reasons
            case ast.Attribute(attr="key"):
                # Of an error, whose keys are seen where it is raised.
                return set()
            case ast.Name(id=name):
                return self._named(name, place)
            case ast.Call(func=ast.Name(id=name)):
                return union(
                    self.strings(v.node, v) for v in self._returned(name, place)
                )
            case (
                ast.Subscript(value=table)
                | ast.Call(func=ast.Attribute(value=table, attr="get"), args=[_])
            ):
                return self._all(self._choices(table, place), place)
        return None

    def items(self, value: ast.AST | None, place: Place) -> set[str] | None:
        """Return the strings in a list, so far as they can be seen."""
        match value:
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return self._all(elements, place)
            case ast.Name(id=name) if name in self.enums:
                return set(self.enums[name].values())
            case ast.Name(id=name):
                return union(
                    self.items(v.node, v) for v in self._values_of(name, place)
                )
            case ast.Call(func=ast.Name(id="list"), args=[inner]):
                return self.items(inner, place)
        return None

    def mapping_keys(self, value: ast.AST | None, place: Place) -> set[str] | None:
        """Return the keys of a mapping, also of one that a function returns."""
        match value:
            case None:
                return set()
            case ast.Dict(keys=keys):
                parts = [set[str](), *(self.strings(key, place) for key in keys)]
            case ast.Call(func=ast.Name(id=name)) if made := self._returned(
                name, place
            ):
                parts = [self.mapping_keys(v.node, v) for v in made]
            case _:
                return None
        return None if None in parts else union(parts)

    def _returned(self, name: str, place: Place) -> list[Place]:
        """Return what one of our functions returns."""
        made = self.find(name, place.module)
        if made is None or not isinstance(made[1], Function.__value__):
            return []
        return [
            Place(made[0], made[1], node.value)
            for node in ast.walk(made[1])
            if isinstance(node, ast.Return) and node.value
        ]

    def _all(self, values: list[ast.expr], place: Place) -> set[str] | None:
        return union(self.strings(value, place) for value in values)

    def given(self, value: ast.AST | None, place: Place) -> list[Place]:
        """Return what callers pass where an expression is a parameter, or itself."""
        passed = self._passed(value.id, place) if isinstance(value, ast.Name) else []
        return passed or [Place(place.module, place.function, value or place.node)]

    def _choices(self, table: ast.expr, place: Place) -> list[ast.expr]:
        """Return the values of a table."""
        named = self._values_of(table.id, place) if isinstance(table, ast.Name) else []
        tables = [table, *(value.node for value in named)]
        return [v for one in tables if isinstance(one, ast.Dict) for v in one.values]

    def _values_of(self, name: str, place: Place) -> list[Place]:
        """Return what is given to a name: in the function, by its callers, or at the top."""
        found = [
            Place(place.module, place.function, value)
            for node in (ast.walk(place.function) if place.function else ())
            for target, value in assigned(node)
            if target == name
        ] or self._passed(name, place)
        if not found and (known := self.find(name, place.module)):
            found = [Place(known[0], None, known[1])]
        return found

    def _passed(self, name: str, place: Place) -> list[Place]:
        """Return what callers pass for a parameter."""
        function = place.function
        parameters = [a.arg for a in function.args.args] if function else []
        if not function or name not in parameters:
            return []
        is_method = parameters[0] == "self"
        return [
            Place(caller.module, caller.function, value)
            for caller, call in self.calls({function.name})
            if is_method
            or place.module
            in (caller.module, self.imported[caller.module].get(function.name))
            if (value := argument(call, name, parameters.index(name) - is_method))
        ]

    def _named(self, name: str, place: Place) -> set[str] | None:
        if kind := self._annotated(name, place):
            return set(self.enums[kind].values())
        if values := self._values_of(name, place):
            return union(self.strings(v.node, v) for v in values if v != place)
        origin = self.imported[place.module].get(name, "")
        if not origin.startswith("homeassistant."):
            return None
        constant = getattr(importlib.import_module(origin), name, None)
        return {str(constant)} if isinstance(constant, str) else None

    def _annotated(self, name: str, place: Place) -> str | None:
        """Return the enumeration that a parameter is one of."""
        for parameter in place.function.args.args if place.function else ():
            if parameter.arg == name and parameter.annotation:
                kind = last_name(parameter.annotation)
                return kind if kind in self.enums else None
        return None


def _walk(place: Place) -> Iterator[Place]:
    yield place
    node, function = place.node, place.function
    if isinstance(node, Function.__value__):
        function = node
    for child in ast.iter_child_nodes(node):
        yield from _walk(Place(place.module, function, child))


def union(parts: Iterable[set[str] | None]) -> set[str] | None:
    """Return all that can be seen, or nothing if nothing can."""
    seen = [part for part in parts if part is not None]
    return set().union(*seen) if seen else None


def last_name(node: ast.AST) -> str:
    """Return the last part of a dotted name, without its type arguments."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case ast.Subscript(value=inner):
            return last_name(inner)
    return ""


def literals(places: Iterable[Place]) -> set[str]:
    """Return the strings that the code says as they are."""
    return {
        place.node.value
        for place in places
        if isinstance(place.node, ast.Constant) and isinstance(place.node.value, str)
    }


def assigned(node: ast.AST) -> list[tuple[str, ast.expr]]:
    """Return the names that a statement gives a value."""
    match node:
        case ast.Assign(targets=targets, value=value):
            return [(t.id, value) for t in targets if isinstance(t, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            return [(name, value)]
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            return [(name, value)]
    return []


def argument(call: ast.Call, name: str, position: int | None = None) -> ast.expr | None:
    """Return what a call passes under a name or at a position."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if position is not None and position < len(call.args):
        return call.args[position]
    return None
