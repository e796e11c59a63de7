"""Walking a config flow as a user would, step by step, over HTTP."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from .client import HomeAssistant
from .errors import DemoError

CONFIG_FLOW: Final = "/api/config/config_entries/flow"
SUBENTRY_FLOW: Final = "/api/config/config_entries/subentries/flow"
MOST_STEPS: Final = 20

type Fields = Mapping[str, Any]
type Answers = Mapping[str, Fields]
type Result = dict[str, Any]


def _flat(schema: Sequence[Result]) -> Iterator[Result]:
    """Give the fields of a form, those inside its sections too."""
    for field in schema:
        if field.get("type") == "expandable":
            yield from _flat(field["schema"])
        else:
            yield field


def _names(schema: Sequence[Result]) -> str:
    """Name the fields of a form."""
    return ", ".join(field["name"] for field in _flat(schema)) or "none"


def _filled(schema: Sequence[Result], answers: Fields, step: str) -> Result:
    """Fill in a form: our answers, else what it suggests, else its defaults."""
    filled: Result = {}
    for field in schema:
        name = field["name"]
        if field.get("type") == "expandable":
            filled[name] = _filled(field["schema"], answers, step)
        elif name in answers:
            filled[name] = answers[name]
        elif "suggested_value" in (described := field.get("description") or {}):
            filled[name] = described["suggested_value"]
        elif "default" in field:
            filled[name] = field["default"]
        elif field.get("required"):
            raise DemoError(
                f"the step {step!r} wants {name!r}, which the demo has no answer for"
            )
    return filled


def fill(schema: Sequence[Result], answers: Fields, step: str) -> Result:
    """Fill in the form of a step; every answer must have its field."""
    present = {field["name"] for field in _flat(schema)}
    if missing := sorted(set(answers) - present):
        raise DemoError(
            f"the step {step!r} has no field {', '.join(missing)}; it has {_names(schema)}"
        )
    return _filled(schema, answers, step)


def _next_body(result: Result, answers: Answers, choices: Mapping[str, str]) -> Result:
    """Give what to send for the step that is shown."""
    step = result.get("step_id")
    match result["type"]:
        case "menu":
            options = list(result["menu_options"])
            choice = choices.get(str(step))
            if choice is None:
                raise DemoError(
                    f"unknown menu {step!r} with the choices {', '.join(options)}"
                )
            if choice not in options:
                raise DemoError(
                    f"the menu {step!r} has no {choice!r}; it has {', '.join(options)}"
                )
            return {"next_step_id": choice}
        case "form":
            schema = result.get("data_schema") or []
            if result.get("errors"):
                raise DemoError(f"the step {step!r} refused: {result['errors']}")
            if step not in answers:
                raise DemoError(
                    f"unknown step {step!r} with the fields {_names(schema)}"
                )
            return fill(schema, answers[str(step)], str(step))
        case "abort":
            raise DemoError(f"the flow ended with {result.get('reason')!r}")
        case other:
            raise DemoError(f"unknown kind of step {other!r} ({step!r})")


async def walk(
    house: HomeAssistant,
    path: str,
    result: Result,
    answers: Answers,
    choices: Mapping[str, str],
) -> Result:
    """Walk from the step that is shown to the entry that is made."""
    for _ in range(MOST_STEPS):
        if result["type"] == "create_entry":
            return result
        body = _next_body(result, answers, choices)
        result = await house.post(f"{path}/{result['flow_id']}", body)
    raise DemoError(
        f"no end after {MOST_STEPS} steps, the last one {result.get('step_id')!r}"
    )


async def add_entry(
    house: HomeAssistant, domain: str, answers: Answers, choices: Mapping[str, str]
) -> Result:
    """Add an integration."""
    try:
        first = await house.post(CONFIG_FLOW, {"handler": domain})
        return await walk(house, CONFIG_FLOW, first, answers, choices)
    except DemoError as err:
        raise DemoError(f"adding {domain} did not work: {err}") from err


async def add_subentry(
    house: HomeAssistant,
    entry_id: str,
    kind: str,
    answers: Answers,
    choices: Mapping[str, str],
    next_flow: Sequence[str] | None = None,
) -> Result:
    """Add a subentry, in the flow that adding the entry has opened if there is one."""
    try:
        if next_flow is None:
            first = await house.post(SUBENTRY_FLOW, {"handler": [entry_id, kind]})
        else:
            # Its kind and its id.
            first = await house.get(f"{SUBENTRY_FLOW}/{next_flow[1]}")
        return await walk(house, SUBENTRY_FLOW, first, answers, choices)
    except DemoError as err:
        raise DemoError(f"adding a {kind} did not work: {err}") from err
