"""The archive for the Marketplace: the same each time, and only when all versions agree."""

import json
from pathlib import Path
import shutil
import subprocess
import sys
from zipfile import ZipFile

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "release"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a small repository with the script and a released version."""
    files = {
        "CHANGELOG.md": "# Changelog\n\n## [0.1.0] - 2026-12-01\n",
        "custom_components/ovh_sms/__init__.py": "",
        "custom_components/ovh_sms/manifest.json": json.dumps({"version": "0.1.0"}),
        "custom_components/ovh_sms/sms/text.py": "PART = 160\n",
        "custom_components/ovh_sms/sms/__pycache__/text.pyc": "",
        "custom_components/ovh_sms/.DS_Store": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "scripts").mkdir()
    shutil.copy(SCRIPT, tmp_path / "scripts")
    return tmp_path


def release(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script."""
    return subprocess.run(
        [sys.executable, repository / "scripts" / "release", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_archive(repository: Path) -> None:
    """The archive has the content of the folder, and is the same each time."""
    archive = repository / "dist" / "ovh_sms.zip"
    assert release(repository).returncode == 0
    first = archive.read_bytes()
    with ZipFile(archive) as content:
        assert content.namelist() == ["__init__.py", "manifest.json", "sms/text.py"]
        assert content.read("sms/text.py") == b"PART = 160\n"
    for path in repository.rglob("*.py"):
        path.touch()
        path.chmod(0o600)
    assert release(repository, "v0.1.0").returncode == 0
    assert archive.read_bytes() == first


@pytest.mark.parametrize(
    ("changelog", "arguments", "why"),
    [
        ("## [Unreleased]\n", (), "CHANGELOG.md has no dated heading for 0.1.0"),
        ("## [0.1.0]\n", (), "CHANGELOG.md has no dated heading for 0.1.0"),
        ("## [0.1.0] - 2026-12-01\n", ("v0.2.0",), "the tag is v0.2.0"),
        ("## [0.1.0] - 2026-12-01\n", ("0.1", "0.2"), "Usage"),
    ],
)
def test_refusal(
    repository: Path, changelog: str, arguments: tuple[str, ...], why: str
) -> None:
    """Nothing is built for a version that is not ready."""
    (repository / "CHANGELOG.md").write_text(changelog, "utf-8")
    result = release(repository, *arguments)
    assert result.returncode
    assert why in result.stderr
    assert not (repository / "dist").exists()
