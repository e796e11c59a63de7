"""What the documentation shows, done."""

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

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md")])


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
        pytest.param(text, id=f"{page.name}-{text.split('\n')[0]}")
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


def test_commands_of_the_documentation_exist() -> None:
    for page in PAGES:
        for script in re.findall(r"`scripts/([a-z_]+)", page.read_text("utf-8")):
            assert (ROOT / "scripts" / script).is_file(), f"{page.name}: {script}"
