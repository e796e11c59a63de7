"""Home Assistant's configuration folder: made once, kept between runs, never a stranger's."""

from collections.abc import Mapping
import fcntl
import json
from pathlib import Path
import shutil
from typing import Any, Final, Self, TextIO
from zipfile import BadZipFile, ZipFile

from .errors import DemoError
from .options import LOOPBACK

ROOT: Final = Path(__file__).resolve().parent.parent
MARK: Final = ".ovh_sms_demo"
CONFIGURATION: Final = """\
# Made by scripts/demo, yours to change: it is kept between runs.
history:
logbook:
logger: !include logger.yaml
automation: !include automations.yaml
script: !include scripts.yaml
scene: !include scenes.yaml
"""
# Silent about two programs for cameras, which nothing here needs.
LOGGER: Final = """\
# Written by scripts/demo at every start.
default: warning
logs:
  custom_components.ovh_sms: {level}
  haffmpeg: fatal
  homeassistant.components.camera.img_util: fatal
"""
_BORN: Final = "2026-01-01T00:00:00+00:00"


def _stored(key: str, version: int, minor: int, data: Mapping[str, Any]) -> str:
    """Write something the way Home Assistant stores it."""
    return json.dumps(
        {"version": version, "minor_version": minor, "key": key, "data": data}, indent=2
    )


def _http(port: int) -> str:
    """Bind the web server to one port of the loopback, for good (in YAML it would be a five-minute trial)."""
    stable = {
        "server_port": port,
        "server_host": [LOOPBACK],
        "cors_allowed_origins": ["https://cast.home-assistant.io"],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "intermediate_v6",
        "use_x_frame_options": True,
        "created_at": _BORN,
        "error": None,
        "error_message": None,
    }
    return _stored(
        "http", 3, 1, {"stable": stable, "pending": None, "yaml_migration_done": True}
    )


def _quiet() -> dict[str, str]:
    """Keep Home Assistant at home: no multicast, no catalog of the Marketplace, no weather or radio to set up."""
    marketplace = {
        "created_at": _BORN,
        "data": {},
        "disabled_by": "user",
        "discovery_keys": {},
        "domain": "marketplace",
        "entry_id": "0000000000000000000000DEMO",
        "minor_version": 1,
        "modified_at": _BORN,
        "options": {},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "source": "system",
        "subentries": [],
        "title": "",
        "unique_id": None,
        "version": 1,
    }
    return {
        "core.network": _stored(
            "core.network", 1, 1, {"configured_adapters": ["lo", "lo0"]}
        ),
        "core.config_entries": _stored(
            "core.config_entries", 1, 5, {"entries": [marketplace]}
        ),
        "onboarding": _stored("onboarding", 4, 1, {"done": ["core_config"]}),
    }


class Folder:
    """A configuration folder, held by one demo at a time."""

    def __init__(self, path: Path, lock: TextIO) -> None:
        """Hold a folder."""
        self.path = path
        self._lock = lock

    @classmethod
    def take(cls, path: Path, *, fresh: bool) -> Self:
        """Hold a folder of the demo's own, emptied first if asked; refuse any other."""
        if path.exists() and not path.is_dir():
            raise DemoError(f"{path} is not a folder")
        if path.exists() and any(path.iterdir()) and not (path / MARK).exists():
            raise DemoError(
                f"{path} was not made by the demo, so it is left alone: name another folder with --config"
            )
        try:
            path.mkdir(parents=True, exist_ok=True)
            lock = (path / MARK).open("a", encoding="utf-8")
        except OSError as err:
            raise DemoError(f"{path} cannot be written: {err}") from err
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as err:
            lock.close()
            raise DemoError(
                f"another demo is running in {path}: end it, or name another folder with --config"
            ) from err
        if fresh:
            for item in path.iterdir():
                if item.name == MARK:
                    continue
                if item.is_dir() and not item.is_symlink():
                    shutil.rmtree(item)
                else:
                    item.unlink()
        folder = cls(path, lock)
        for log in (folder.log, folder.simulator_log):
            log.unlink(missing_ok=True)
        return folder

    @property
    def log(self) -> Path:
        """Give the file with all that Home Assistant prints."""
        return self.path / "home-assistant-output.log"

    @property
    def simulator_log(self) -> Path:
        """Give the file with all that the simulator prints."""
        return self.path / "simulator.log"

    def prepare(self, port: int, *, debug: bool, archive: Path | None = None) -> bool:
        """Put in what Home Assistant needs to start; True if it starts for the first time here."""
        storage = self.path / ".storage"
        first = not (storage / "auth").exists()
        storage.mkdir(exist_ok=True)
        if first:
            for name, text in _quiet().items():
                (storage / name).write_text(text, encoding="utf-8")
        (storage / "http").write_text(_http(port), encoding="utf-8")
        for name, text in {
            "configuration.yaml": CONFIGURATION,
            "automations.yaml": "[]\n",
            "scripts.yaml": "{}\n",
            "scenes.yaml": "[]\n",
        }.items():
            if not (self.path / name).exists():
                (self.path / name).write_text(text, encoding="utf-8")
        level = "debug" if debug else "warning"
        (self.path / "logger.yaml").write_text(
            LOGGER.format(level=level), encoding="utf-8"
        )
        if archive:
            self._install(archive)
        else:
            self._link_integration()
        return first

    def _install(self, archive: Path) -> None:
        """Unpack the integration where the Marketplace does."""
        try:
            with ZipFile(archive) as content:
                content.extractall(self.path / "custom_components" / "ovh_sms")
        except (OSError, BadZipFile) as err:
            raise DemoError(
                f"{archive} cannot be installed: {err}; scripts/release makes dist/ovh_sms.zip"
            ) from err

    def _link_integration(self) -> None:
        """Let Home Assistant find the integration of this checkout."""
        source = ROOT / "custom_components" / "ovh_sms"
        if not (source / "manifest.json").exists():
            raise DemoError(f"the integration is not in {source}")
        folder = self.path / "custom_components"
        folder.mkdir(exist_ok=True)
        link = folder / "ovh_sms"
        if link.is_symlink():
            link.unlink()
        elif link.exists():
            raise DemoError(
                f"{link} is in the way: remove it, or begin anew with --fresh"
            )
        link.symlink_to(source, target_is_directory=True)

    def release(self) -> None:
        """Let go of the folder."""
        self._lock.close()
