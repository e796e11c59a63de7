"""The check of the pins: what is known is told, and only what users install fails it."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import subprocess
import sys

import pytest

from tests.answers import Answer, Server, serving

ROOT = Path(__file__).parent.parent
SILENT = "Nothing can be said here: 127.0.0.1 tells of none of the 2 pins."


@pytest.fixture
def server(socket_enabled: None) -> Iterator[Server]:
    """Run an index."""
    with serving() as running:
        yield running


def audit(index: str) -> tuple[int, str]:
    """Run it for the manifest, and return its exit code and its last line."""
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "audit", "manifest"],
        env={"PIP_INDEX_URL": f"{index}/simple/"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("status", "told", "code", "line"),
    [
        ("200 OK", {"vulnerabilities": []}, 0, "2 pins: 0 with"),
        ("200 OK", {"vulnerabilities": [{"id": "FAKE-1"}]}, 1, "2 pins: 2 with"),
        (
            "200 OK",
            {"vulnerabilities": [{"id": "FAKE-1", "withdrawn": "2026-01-01"}]},
            0,
            "2 pins: 0 with",
        ),
        ("200 OK", {}, 0, SILENT),
        ("404 Not Found", {}, 0, SILENT),
        ("403 Forbidden", {}, 0, "Nothing can be said here: 127.0.0.1 cannot be asked"),
    ],
)
def test_what_an_index_tells(
    server: Server, status: str, told: object, code: int, line: str
) -> None:
    server.begin([Answer(status, ("Connection: close",), json.dumps(told).encode())])
    found, said = audit(server.url)
    assert (found, said[: len(line)]) == (code, line)


def test_index_that_cannot_be_reached() -> None:
    code, said = audit("http://127.0.0.1:9")
    assert (code, said.startswith("Nothing can be said here")) == (0, True)


@pytest.mark.parametrize("script", ["audit", "draw_brand", "release"])
def test_runs_on_the_python_of_the_machine(script: str) -> None:
    """These are not run in the environment, whose Python is newer than most have."""
    source = (ROOT / "scripts" / script).read_text("utf-8")
    ast.parse(source, feature_version=(3, 11))
