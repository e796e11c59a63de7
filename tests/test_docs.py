"""What the documentation shows, done."""

from collections import Counter
from collections.abc import AsyncGenerator
from pathlib import Path
import re
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers.script import Script
from homeassistant.util.yaml import parse_yaml
from simulator import Simulator
from tests.conftest import make_entry, texts
from tests.test_docs_links import FRENCH, PAGES, ROOT, english, named

DEVELOPMENT = ROOT / "docs" / "development.md"
INTEGRATION = ROOT / "custom_components" / "ovh_sms"


def yaml_examples(page: Path) -> list[str]:
    """Return the YAML examples of a page."""
    return re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def is_automation(example: str) -> bool:
    """Tell an automation, run in tests/automations/test_documented.py, from an action."""
    return example.startswith("alias:")


@pytest.fixture
async def my_phone(hass: HomeAssistant, sim: Simulator) -> AsyncGenerator[None]:
    """Set up an account with the recipient that the examples use."""
    entry = make_entry(hass, {"My phone": ["+33639980001"]})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(text, id=f"{page.relative_to(ROOT)}-{text.split('\n')[0]}")
        for page in PAGES
        for text in yaml_examples(page)
        # Those of several steps are run in tests/queries and tests/replies.
        if not text.startswith(("- ", "triggers:")) and not is_automation(text)
    ],
)
async def test_examples_do_what_is_said(
    hass: HomeAssistant, my_phone: None, sim: Simulator, example: str
) -> None:
    action: Any = parse_yaml(example)
    script = Script(hass, [action], "Example", "test")
    result = await script.async_run()
    assert result
    if action["action"] == "ovh_sms.estimate":
        answer = result.variables[action["response_variable"]]
        assert not texts(sim, "+33639980001")
        assert (answer["encoding"], answer["parts"]) == ("unicode", 2)
        assert answer["costly_characters"] == ["°", "ê"]
        assert answer["credits_total"] == 3.0
        return
    assert texts(sim, "+33639980001") == [
        "\n".join(
            filter(None, (action["data"].get("title"), action["data"]["message"]))
        )
    ]
    if "response_variable" in action:
        [answer] = result.variables["sent"]["messages"]
        assert answer["valid_receivers"] == ["+33639980001", "+33600000000"]
        assert answer["encoding"] == "unicode"


def fields(example: Any) -> Any:
    """Return the fields of an example, without what is in them."""
    if isinstance(example, dict):
        return {name: fields(value) for name, value in example.items()}
    return [fields(each) for each in example] if isinstance(example, list) else None


@pytest.mark.parametrize("page", FRENCH, ids=named)
def test_french_examples_are_those_of_the_english_page(page: Path) -> None:
    """They differ in words only."""
    french, others = (
        [fields(parse_yaml(text)) for text in yaml_examples(each)]
        for each in (page, english(page))
    )
    assert french == others


def test_commands_of_the_documentation_exist() -> None:
    for page in PAGES:
        for script in re.findall(r"`scripts/([a-z_0-9]+)", page.read_text("utf-8")):
            assert (ROOT / "scripts" / script).is_file(), f"{page.name}: {script}"


def test_commands_are_all_told() -> None:
    scripts = {path.name for path in (ROOT / "scripts").iterdir() if path.is_file()}
    told = re.findall(
        r"^\| `scripts/([a-z_0-9]+)", DEVELOPMENT.read_text(), re.MULTILINE
    )
    assert set(told) == scripts


def test_rooms_are_all_told() -> None:
    """Each module is in the table once: by its name, or else by its folder."""
    [table] = re.findall(
        r"^\| Room \|.*\n\|---.*\n((?:\|.*\n)+)", DEVELOPMENT.read_text(), re.MULTILINE
    )
    told = Counter(
        name
        for row in table.splitlines()
        for name in re.findall(r"`([^`]+)`", row.split("|")[1])
    )
    modules = {
        path.relative_to(INTEGRATION).as_posix(): f"{path.parent.name}/"
        for path in INTEGRATION.rglob("*.py")
    }
    assert not [name for name, times in told.items() if times > 1]
    assert told.keys() <= modules.keys() | set(modules.values())
    assert not [
        name for name, folder in modules.items() if not {name, folder} & told.keys()
    ]


def test_places_of_the_public_names_are_all_told() -> None:
    """Whoever moves the repository finds them all."""
    part = DEVELOPMENT.read_text().partition("## Where the public names are\n")[2]
    told = {
        path
        for pattern in re.findall(r"`([^`]+\.\w+)`", part.partition("\n## ")[0])
        for path in ROOT.glob(pattern)
    }
    found = {
        path
        for top in ROOT.iterdir()
        if top.name == ".github" or not top.name.startswith((".", "dist"))
        for path in [top, *top.rglob("*")]
        if path.suffix in (".json", ".md", ".py", ".toml", ".yaml", ".yml")
        and re.search(r"ovh-sms(?:/|%2F)ha-ovh-sms", path.read_text("utf-8"))
    }
    assert found - told == set()
