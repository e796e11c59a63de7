"""Checking what callers pass, as strictly as the schema says."""

from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_network
import json
from urllib.parse import parse_qsl
from uuid import UUID

from ..constants import PARIS
from ..errors import bad_parameter, bad_request
from ..models import ENUMS, MODELS


def parse_query(raw: str, declared: Mapping[str, str]) -> dict[str, object]:
    """Read and check a query string."""
    pairs = dict(parse_qsl(raw, keep_blank_values=True))
    return check(
        {name: _from_text(name, value, declared) for name, value in pairs.items()},
        declared,
    )


def _from_text(name: str, value: str, declared: Mapping[str, str]) -> object:
    """Turn a text of the query into what JSON would have carried."""
    if declared.get(name, "").removesuffix("*") == "boolean" and value in {
        "true",
        "false",
    }:
        return value == "true"
    return value


def parse_body(
    raw: str, declared: Mapping[str, str], model: str | None
) -> dict[str, object]:
    """Read and check a JSON body."""
    if not raw:
        given: object = {}
    else:
        try:
            given = json.loads(raw)
        except ValueError as err:
            # Unknown: the exact sentence.
            raise bad_request("Invalid JSON received") from err
    if not isinstance(given, dict):
        raise bad_request("The body must be a JSON object")
    return check_model(given, model) if model else check(given, declared)


def check(
    given: Mapping[str, object], declared: Mapping[str, str]
) -> dict[str, object]:
    """Check parameters against their declaration; a null that is allowed counts as not given."""
    unknown = sorted(given.keys() - declared.keys())
    if unknown:
        raise bad_request(f"Received not described parameters: ({', '.join(unknown)})")
    checked: dict[str, object] = {}
    for name, kind in declared.items():
        value = given.get(name)
        if value is None:
            if kind.endswith("*"):
                raise bad_parameter(name, "This parameter is mandatory")
            continue
        checked[name] = convert(name, value, kind.removesuffix("*"))
    return checked


def check_model(
    given: Mapping[str, object], model: str, prefix: str = ""
) -> dict[str, object]:
    """Check the fields of a partial update."""
    # Unknown: what happens to read-only fields; they are ignored, so that what was read can be sent back.
    fields = MODELS[model]
    unknown = sorted(given.keys() - fields.keys())
    if unknown:
        raise bad_request(
            f"Received not described parameters: ({', '.join(prefix + name for name in unknown)})"
        )
    checked: dict[str, object] = {}
    for name, value in given.items():
        kind = fields[name]
        if kind.startswith("-"):
            continue
        if value is None:
            if not kind.endswith("?"):
                raise bad_parameter(prefix + name, "This parameter cannot be null")
            checked[name] = None
        else:
            checked[name] = convert(prefix + name, value, kind.removesuffix("?"))
    return checked


def convert(name: str, value: object, kind: str) -> object:
    """Check one value against its type."""
    if kind.endswith("[]") and isinstance(value, list):
        return [convert(name, item, kind.removesuffix("[]")) for item in value]
    if kind in MODELS and isinstance(value, dict):
        return check_model(value, kind, f"{name}.")
    if kind in ENUMS and isinstance(value, str):
        if value not in ENUMS[kind]:
            choices = ", ".join(sorted(ENUMS[kind]))
            raise bad_parameter(
                name,
                f"Given data ({value}) does not belong to the {kind} enumeration: {choices}",
            )
        return value
    if kind == "long":
        # OVHcloud's own control panel sends validityPeriod as a string of digits.
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value.removeprefix("-").isdecimal():
            return int(value)
    if (
        kind == "double"
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    ):
        return float(value)
    if kind == "boolean" and isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _convert_text(name, value, kind)
    raise _mistyped(name, value, kind)


def _convert_text(name: str, value: str, kind: str) -> object:
    """Check a value whose type is written as a string."""
    try:
        if kind == "datetime":
            moment = datetime.fromisoformat(value)
            # Unknown: the zone of a time without offset.
            return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)
        if kind == "uuid":
            return str(UUID(value))
        if kind == "ipBlock":
            return str(ip_network(value, strict=False))
    except ValueError as err:
        raise _mistyped(name, value, kind) from err
    if kind in {"string", "text", "password"}:
        return value
    raise _mistyped(name, value, kind)


def _mistyped(name: str, value: object, kind: str) -> Exception:
    """Make the refusal of a value of another type."""
    return bad_parameter(
        name,
        f"Given data ({json.dumps(value, ensure_ascii=False)}) is not valid for type {kind}",
    )
