"""From a path and a method to an operation and its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
import re
from urllib.parse import unquote

from ..auth import Doorkeeper, Principal, SignedCall
from ..errors import ApiError, not_granted_by_iam, unknown_path
from ..network import Network
from ..sending import Twist
from ..world import World
from .operation import Call, Operation
from .parameters import parse_body, parse_query

BATCH_HEADER = "X-Ovh-Batch"
_PREFIX = re.compile(r"/(?:1\.0|v1)(?=/)")


def without_prefix(path: str) -> str | None:
    """Take the version off a path, or tell that it is none of the API's."""
    match = _PREFIX.match(path)
    return path[match.end() :] if match else None


@dataclass(frozen=True, slots=True)
class RestCall:
    """A call as it came in."""

    signed: SignedCall
    query: str
    base_url: str
    twist: Twist


class Dispatcher:
    """Answers the calls of the REST API."""

    def __init__(
        self,
        world: World,
        network: Network,
        doorkeeper: Doorkeeper,
        operations: Sequence[Operation],
    ) -> None:
        """Know the operations."""
        self._world = world
        self._network = network
        self._doorkeeper = doorkeeper
        self._operations = [
            (_pieces(operation.template), operation) for operation in operations
        ]

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """Find the operation for a path; a literal piece goes before a parameter."""
        # The guides call paths with and without a slash at the end.
        pieces = [unquote(piece) for piece in _pieces(path)]
        best: tuple[int, Operation, dict[str, str]] | None = None
        for template, operation in self._operations:
            if operation.method != method or len(template) != len(pieces):
                continue
            parameters: dict[str, str] = {}
            for expected, given in zip(template, pieces, strict=True):
                if expected.startswith("{") and given:
                    parameters[expected.strip("{}")] = given
                elif expected != given:
                    break
            else:
                if best is None or len(parameters) < best[0]:
                    best = (len(parameters), operation, parameters)
        return best[1:] if best else None

    def answer(self, rest: RestCall) -> object:
        """Answer a call, or raise what it is refused with."""
        found = self.find(rest.signed.method, rest.signed.path)
        if found is None:
            raise unknown_path()
        operation, parameters = found
        principal = self._admit(operation, rest.signed)
        call = Call(
            self._world,
            self._network,
            self._doorkeeper,
            principal,
            rest.base_url,
            parameters,
            parse_query(rest.query, operation.query),
            parse_body(rest.signed.body, operation.body, operation.model),
            rest.twist,
        )
        separator = rest.signed.headers.get(BATCH_HEADER)
        if separator and self._world.batch_supported and _is_batchable(operation):
            return _answer_batch(operation, call, separator)
        return operation.handle(call)

    def _admit(self, operation: Operation, signed: SignedCall) -> Principal:
        """Check that the caller may use the operation."""
        if operation.needs_application:
            return Principal(application=self._doorkeeper.application(signed.headers))
        if not operation.authenticated:
            return Principal()
        principal = self._doorkeeper.identify(signed, needs_right=operation.needs_right)
        client = principal.oauth2_client
        if client is not None and not client.may(operation.action):
            raise not_granted_by_iam(operation.action or "")
        return principal


def _pieces(path: str) -> list[str]:
    """Cut a path at its slashes."""
    return path.removesuffix("/").split("/")[1:]


def _is_batchable(operation: Operation) -> bool:
    """Tell whether an operation reads one object by the last piece of its path."""
    return operation.method == "GET" and operation.template.endswith("}")


def _answer_batch(
    operation: Operation, call: Call, separator: str
) -> list[dict[str, object]]:
    """Answer for each of several objects."""
    # Unknown: the exact shape of an element and of its error.
    name = operation.template.rsplit("/", 1)[1].strip("{}")
    answers: list[dict[str, object]] = []
    for key in call.path[name].split(separator):
        call.path[name] = key
        try:
            answers.append({"key": key, "value": operation.handle(call), "error": None})
        except ApiError as err:
            answers.append({"key": key, "value": None, "error": err.payload})
    return answers
