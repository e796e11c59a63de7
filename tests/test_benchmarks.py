"""The quick benchmark runs, and what it counts is as promised; times are not looked at."""

import json
from pathlib import Path
import subprocess
import sys
from typing import Any

import pytest

from benchmarks.costs import BURST
from benchmarks.senders import BARE, OURS
from custom_components.ovh_sms.gateway.pool import MAX_CALLERS

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def found() -> Any:
    """Return what a quick run found."""
    said = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(said.stdout.splitlines()[-1])


pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("receivers", [1, 3])
@pytest.mark.parametrize("door", [*OURS, BARE])
@pytest.mark.parametrize("way", ["sends", "secure"])
def test_one_request_on_a_warm_connection(
    found: Any, way: str, door: str, receivers: int
) -> None:
    """Make one request for a message, and no connection, however many get it."""
    [series] = [
        each
        for each in found[way]
        if (each["name"], each["receivers"]) == (door, receivers)
    ]
    sends = len(series["seconds"])
    assert sends
    assert (series["requests"], series["connections"]) == (sends, 0)


def test_after_a_silence(found: Any) -> None:
    """Make one connection and one request, when the last one is not trusted any more."""
    sends = len(found["silent"]["seconds"])
    assert found["silent"]["requests"] == found["silent"]["connections"] == sends


def test_burst(found: Any) -> None:
    """Take turns in a burst instead of opening a connection for each message."""
    burst = found["bursts"][0]
    assert (burst["name"], burst["requests"]) == ("ovh_sms.send_sms", BURST)
    assert burst["connections"] < MAX_CALLERS


def test_long_ledgers(found: Any) -> None:
    """Send with a long ledger as with a short one."""
    for series in found["ledgers"]:
        assert series["requests"] == len(series["seconds"])


def test_polls(found: Any) -> None:
    """Read what is on its way in one request, and make none for nothing."""
    assert [(each["open"], each["requests"]) for each in found["polls"]] == [
        (0, 0),
        (100, 1),
    ]


def test_table_and_drawing(found: Any) -> None:
    """Make a table and a drawing with each way in it."""
    for name in OURS:
        row = f"| **`{name}`** | 1 / 1 | 0 / 0 |"
        # In the clear and over TLS.
        assert found["figures"].count(row) == 2
    for each in found["sends"]:
        assert f">{each['name']}</text>" in found["drawing"]


def test_the_page_takes_the_figures() -> None:
    """Keep the markers that the figures go between."""
    page = (ROOT / "docs" / "performance.md").read_text("utf-8")
    assert page.count("<!-- figures -->\n") == 1
    assert page.count("<!-- end of figures -->") == 1
