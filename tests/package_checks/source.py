"""What the code of an integration says, as far as it can be seen without running it."""

import ast
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
import importlib
from typing import Final, Self

from .package import Package

# Errors that name a text by their first argument.
KEYED_ERRORS: Final = {"InvalidRequest"}

type Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Place:
    """Where an expression stands."""

    module: str
    function: Function | None
    owner: ast.ClassDef | None
    node: ast.AST

    def __str__(self) -> str:
        """Return it as a compiler would."""
        return f"{self.module}.py:{getattr(self.node, 'lineno', 0)}"


@dataclass
class Names:
    """What is defined at the top of the modules, by name."""

    constants: dict[str, list[tuple[str, ast.expr]]] = field(default_factory=dict)
    classes: dict[str, tuple[str, ast.ClassDef]] = field(default_factory=dict)
    functions: dict[str, list[tuple[str, Function]]] = field(default_factory=dict)


class Source:
    """The parsed modules, and what their names stand for."""

    def __init__(self, package: Package) -> None:
        """Take the modules of a package."""
        self.modules = package.modules
        # Where errors are looked for; all the code, if nothing else is said.
        self._raised_in: Sequence[Place] | None = None

    def within(self, places: Sequence[Place]) -> Self:
        """Return the same source, in which only some of the code raises errors."""
        other = copy(self)
        other._raised_in = places
        return other

    @cached_property
    def names(self) -> Names:
        """Return what the modules define."""
        names = Names()
        for module, tree in self.modules.items():
            for node in tree.body:
                if isinstance(node, ast.ClassDef):
                    names.classes[node.name] = (module, node)
                elif isinstance(node, Function.__value__):
                    names.functions.setdefault(node.name, []).append((module, node))
                for name, value in assigned(node):
                    names.constants.setdefault(name, []).append((module, value))
        return names

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
            for name, (_, node) in self.names.classes.items()
            if "StrEnum" in map(last_name, node.bases)
        }

    def places(self, root: ast.AST, start: Place) -> Iterator[Place]:
        """Walk over everything below a node, knowing the function it is in."""
        for child in ast.iter_child_nodes(root):
            here = Place(start.module, start.function, start.owner, child)
            yield here
            if isinstance(child, Function.__value__):
                here = Place(start.module, child, start.owner, child)
            elif isinstance(child, ast.ClassDef):
                here = Place(start.module, None, child, child)
            yield from self.places(child, here)

    @cached_property
    def imports(self) -> dict[str, dict[str, str]]:
        """Return what each module takes from which other, relative ones with a dot."""
        return {
            module: {
                name.asname or name.name: "." * node.level + (node.module or "")
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom)
                for name in node.names
            }
            for module, tree in self.modules.items()
        }

    def visible[T](
        self, defined: list[tuple[str, T]], name: str, module: str
    ) -> list[tuple[str, T]]:
        """Return the definitions of a name that a module means by it."""
        own = [(where, what) for where, what in defined if where == module]
        origin = self.imports[module].get(name, "")
        if own or not origin.startswith("."):
            return own
        last = origin.rpartition(".")[2]
        return [
            (where, what)
            for where, what in defined
            if last in ("", where.rpartition("/")[2], where.partition("/")[0])
        ]

    @cached_property
    def everything(self) -> list[Place]:
        """Return every node of every module."""
        return [
            place
            for module, tree in self.modules.items()
            for place in self.places(tree, Place(module, None, None, tree))
        ]

    def ancestors(self, name: str) -> set[str]:
        """Return a class and all that it inherits from, by name."""
        found = {name}
        waiting = [name]
        while waiting:
            if known := self.names.classes.get(waiting.pop()):
                new = set(map(last_name, known[1].bases)) - found
                found |= new
                waiting += new
        return found

    def heirs(self, names: set[str]) -> set[str]:
        """Return the classes of the integration that are, or inherit from, one of these."""
        return {name for name in self.names.classes if self.ancestors(name) & names}

    def strings(self, value: ast.AST | None, place: Place) -> set[str] | None:
        """Return the strings that an expression can be, or nothing if that is unclear."""
        match value:
            case ast.Constant(value=str(text)):
                return {text}
            case ast.Constant(value=None):
                return set()
            case ast.IfExp(body=body, orelse=orelse):
                return self._all([body, orelse], place)
            case ast.BoolOp(values=values):
                return self._all(values, place)
            case ast.NamedExpr(value=inner) | ast.Await(value=inner):
                return self.strings(inner, place)
            case ast.Attribute(value=inner, attr="value"):
                return self.strings(inner, place)
            case ast.Attribute(value=ast.Name(id=name), attr=member):
                if name in self.enums:
                    return {self.enums[name][member]} & set(self.enums[name].values())
                return self._of_error(name, place)
            case ast.Name(id=name):
                return self._named(name, place)
            case ast.Subscript(value=table):
                return self._looked_up(table, [], place)
            case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[_, *rest]):
                return self._looked_up(table, rest, place)
            case ast.Call(func=ast.Name(id="str"), args=[inner]):
                return self.strings(inner, place)
            case ast.Call(func=ast.Name(id=name)):
                return self._returned(name, place)
        return None

    def items(self, value: ast.AST | None, place: Place) -> set[str] | None:
        """Return the strings in a list, or the keys of a mapping."""
        match value:
            case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
                starred = [e.value for e in elts if isinstance(e, ast.Starred)]
                plain = [e for e in elts if not isinstance(e, ast.Starred)]
                parts = [self.strings(e, place) for e in plain]
                return union([*parts, *(self.items(e, place) for e in starred)])
            case ast.Dict(keys=keys):
                return self._all([key for key in keys if key], place)
            case ast.Name(id=name) if name in self.enums:
                return set(self.enums[name].values())
            case ast.Name(id=name):
                values = self._values_of(name, place)
                return union([self.items(v, p) for v, p in values]) if values else None
            case ast.Call(func=ast.Name(id="list" | "tuple" | "sorted"), args=[inner]):
                return self.items(inner, place)
            case ast.ListComp(elt=_, generators=[ast.comprehension(iter=inner)]):
                return self.items(inner, place)
        return None

    def mapping_keys(self, value: ast.expr | None, place: Place) -> set[str] | None:
        """Return the keys of a mapping, also of one that is filled step by step."""
        match value:
            case None:
                return set()
            case ast.Dict(keys=keys):
                return union(
                    [self.strings(key, place) if key else None for key in keys]
                )
            case ast.Call(func=ast.Name(id=name)):
                made = [
                    (node.value, Place(module, function, None, node))
                    for module, function in self.visible(
                        self.names.functions.get(name, []), name, place.module
                    )
                    for node in ast.walk(function)
                    if isinstance(node, ast.Return)
                ]
            case ast.Name(id=name):
                made = list(self._values_of(name, place))
            case _:
                return None
        found = union([self.mapping_keys(one, where) for one, where in made])
        if not made or found is None or isinstance(value, ast.Call):
            return found if made else None
        for node in ast.walk(place.function) if place.function else ():
            match node:
                case ast.Subscript(
                    value=ast.Name(id=owner), slice=key, ctx=ast.Store()
                ) if owner == name:
                    found |= self.strings(key, place) or set()
        return found

    def _all(self, values: list[ast.expr], place: Place) -> set[str] | None:
        return union([self.strings(value, place) for value in values])

    def _values_of(self, name: str, place: Place) -> list[tuple[ast.expr, Place]]:
        """Return what is assigned to a name, in the function or at the top of a module."""
        if place.function:
            local = [
                (value, place)
                for node in ast.walk(place.function)
                for target, value in assigned(node)
                if target == name
            ]
            if local:
                return local
        return [
            (value, Place(module, None, None, value))
            for module, value in self.visible(
                self.names.constants.get(name, []), name, place.module
            )
        ]

    def _named(self, name: str, place: Place) -> set[str] | None:
        values = self._values_of(name, place) or self._passed(name, place)
        if any(value is place.node for value, _ in values):
            return None
        if not values:
            origin = self.imports[place.module].get(name, "")
            if not origin.startswith("homeassistant."):
                return None
            constant = getattr(importlib.import_module(origin), name, None)
            return {str(constant)} if isinstance(constant, str) else None
        return union(
            [
                self.strings(v, Place(p.module, p.function, p.owner, v))
                for v, p in values
            ]
        )

    def _passed(self, name: str, place: Place) -> list[tuple[ast.expr, Place]]:
        """Return what the callers in a function's module pass for one of its parameters."""
        function = place.function
        if not function:
            return []
        names = [one.arg for one in function.args.posonlyargs + function.args.args]
        if name not in names:
            return []
        position = names.index(name) - (names[0] in ("self", "cls"))
        return [
            (value, caller)
            for caller in self.everything
            if caller.module == place.module
            and isinstance(caller.node, ast.Call)
            and last_name(caller.node.func) == function.name
            and (value := argument(caller.node, name, position))
        ]

    def _looked_up(
        self, table: ast.expr, rest: list[ast.expr], place: Place
    ) -> set[str] | None:
        """Return the values of a table, and of what stands in for a missing one."""
        if isinstance(table, ast.Name):
            values = self._values_of(table.id, place)
        else:
            values = [(table, place)]
        found = [self._all(rest, place)]
        for value, where in values:
            if not isinstance(value, ast.Dict):
                return None
            found.append(self._all(value.values, where))
        return union(found) if values else None

    def _returned(self, name: str, place: Place) -> set[str] | None:
        """Return what a function of the integration can return."""
        returned = [
            self.strings(node.value, Place(module, function, None, node))
            for module, function in self.visible(
                self.names.functions.get(name, []), name, place.module
            )
            for node in ast.walk(function)
            if isinstance(node, ast.Return)
        ]
        return union(returned) if returned else None

    def _of_error(self, name: str, place: Place) -> set[str] | None:
        """Return the reasons or keys of an error that was caught, or passed as an argument."""
        kinds: set[str] = set()
        for node in ast.walk(place.function) if place.function else ():
            if isinstance(node, ast.ExceptHandler) and node.name == name and node.type:
                kinds |= {last_name(n) for n in ast.walk(node.type)}
            if isinstance(node, ast.arg) and node.arg == name and node.annotation:
                kinds |= {last_name(n) for n in ast.walk(node.annotation)}
        errors = self.heirs(kinds & self.names.classes.keys())
        found = {key for error in errors for key in self.keys_of_error(error)}
        return found or None

    def keys_of_error(self, name: str) -> set[str]:
        """Return the keys that an error of the integration comes with."""
        found: set[str] = set()
        for ancestor in self.ancestors(name) & self.names.classes.keys():
            for base in self.names.classes[ancestor][1].bases:
                for node in ast.walk(base):
                    if isinstance(node, ast.Name) and node.id in self.enums:
                        found |= set(self.enums[node.id].values())
        if not self.ancestors(name) & KEYED_ERRORS:
            return found
        for place in self._raised_in or self.everything:
            if isinstance(place.node, ast.Call) and last_name(place.node.func) == name:
                found |= self.strings(argument(place.node, "key", 0), place) or set()
        return found


def union(parts: list[set[str] | None]) -> set[str] | None:
    """Return all the strings, or nothing if some are unclear."""
    found: set[str] = set()
    for part in parts:
        if part is None:
            return None
        found |= part
    return found


def last_name(node: ast.AST) -> str:
    """Return the last part of a dotted name, without its type arguments."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case ast.Subscript(value=inner):
            return last_name(inner)
    return ""


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
