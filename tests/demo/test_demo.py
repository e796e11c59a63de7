"""The demo's own parts, without Home Assistant."""

import asyncio
import os
from pathlib import Path
import re
import shlex
import socket
import sys
from zipfile import ZipFile

import pytest

from demo import options
from demo.child import Child, tail
from demo.errors import DemoError
from demo.folder import MARK, Folder
from demo.log import complaints, own
from demo.messages import Arrived, Asked, compare, new, on_phones, table
from demo.once import check_response, planned
from demo.stage import environment

HOUSE = Asked(door="a door", number="+33639980001", sender="HOUSE", text="Leak: 3 €")
SHORT = Asked(door="another", number="+33639980002", sender=None, text="Really?")
ON_HOUSE = Arrived("+33639980001", "HOUSE", "Leak: 3 €", "gsm7", 1)
ON_SHORT = Arrived("+33639980002", "36123", "Really?", "gsm7", 1)


# The command line


def test_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without options it stays, in the cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = options.parse([])
    assert found == options.Options(config=tmp_path / "ovh_sms" / "demo")
    assert options.parse(["--develop"]).config == tmp_path / "ovh_sms" / "develop"


def test_all_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths are those of whoever calls."""
    monkeypatch.chdir(tmp_path)
    found = options.parse(
        shlex.split(
            "--config here --fresh --language fr --port 8200 --simulator-port 8201"
            " --handset-port 8202 --keep-log log.txt --archive sms.zip"
        )
    )
    assert found == options.Options(
        config=tmp_path / "here",
        fresh=True,
        language="fr",
        port=8200,
        simulator_port=8201,
        handset_port=8202,
        keep_log=tmp_path / "log.txt",
        archive=tmp_path / "sms.zip",
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--once", "--fresh"],
        ["--once", "--config", "x"],
        ["--once", "--develop"],
        ["--archive", "sms.zip"],
        ["--port", "0"],
        ["--port", "70000"],
        ["--language", "de"],
        ["--unknown"],
    ],
)
def test_wrong_use(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong use ends with 2 and says why."""
    with pytest.raises(SystemExit) as ended:
        options.parse(arguments)
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


@pytest.mark.usefixtures("socket_enabled")
def test_port_choice() -> None:
    """The usual port if it is free, else any; a wanted one that is taken is an error."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy: int = taken.getsockname()[1]
        assert options.choose_port(None, usual=busy) != busy
        with pytest.raises(DemoError, match=f"port {busy} is taken"):
            options.choose_port(busy)
    free = options.any_port()
    assert options.choose_port(None, usual=free) == free
    assert options.choose_port(free) == free


# The folder


def test_folder_is_made_and_kept(tmp_path: Path) -> None:
    """A folder is made on the first start, and what the user changed in it is kept."""
    folder = Folder.take(tmp_path / "a" / "b", fresh=False)
    assert folder.prepare(8200, debug=True)
    assert '"server_port": 8200' in (folder.path / ".storage/http").read_text()
    assert "ovh_sms: debug" in (folder.path / "logger.yaml").read_text()
    assert (folder.path / "custom_components/ovh_sms/manifest.json").exists()
    (folder.path / "configuration.yaml").write_text("mine:\n")
    (folder.path / ".storage/auth").write_text("{}")
    (folder.path / ".storage/onboarding").write_text("done")
    assert not folder.prepare(8300, debug=False)
    assert (folder.path / "configuration.yaml").read_text() == "mine:\n"
    assert (folder.path / ".storage/onboarding").read_text() == "done"
    assert '"server_port": 8300' in (folder.path / ".storage/http").read_text()
    assert "ovh_sms: warning" in (folder.path / "logger.yaml").read_text()
    folder.release()


def test_fresh_empties_the_folder_but_not_what_is_linked(tmp_path: Path) -> None:
    """--fresh removes the links, never the integration they lead to."""
    folder = Folder.take(tmp_path / "demo", fresh=False)
    folder.prepare(8200, debug=False)
    source = (folder.path / "custom_components/ovh_sms").resolve()
    folder.release()
    folder = Folder.take(tmp_path / "demo", fresh=True)
    assert [item.name for item in folder.path.iterdir()] == [MARK]
    assert (source / "manifest.json").exists()
    folder.release()


def test_installed_from_an_archive(tmp_path: Path) -> None:
    """What the archive holds is installed, and not what is in the checkout."""
    archive = tmp_path / "sms.zip"
    with ZipFile(archive, "w") as content:
        content.writestr("manifest.json", "{}")
        content.writestr("sms/text.py", "PART = 160")
    folder = Folder.take(tmp_path / "demo", fresh=False)
    folder.prepare(8200, debug=False, archive=archive)
    installed = folder.path / "custom_components" / "ovh_sms"
    assert (installed / "manifest.json").read_text() == "{}"
    assert (installed / "sms" / "text.py").exists()
    assert not (installed / "const.py").exists()
    archive.write_text("no zip")
    with pytest.raises(DemoError, match="cannot be installed"):
        folder.prepare(8200, debug=False, archive=archive)
    folder.release()


@pytest.mark.parametrize("fresh", [True, False])
def test_foreign_folder_is_left_alone(tmp_path: Path, fresh: bool) -> None:
    """A folder that the demo has not made is neither used nor emptied."""
    (tmp_path / "precious").write_text("x")
    with pytest.raises(DemoError, match="was not made by the demo"):
        Folder.take(tmp_path, fresh=fresh)
    assert [item.name for item in tmp_path.iterdir()] == ["precious"]


def test_one_demo_at_a_time(tmp_path: Path) -> None:
    """A folder in use is refused, and free again afterwards."""
    folder = Folder.take(tmp_path, fresh=False)
    with pytest.raises(DemoError, match="another demo is running"):
        Folder.take(tmp_path, fresh=True)
    folder.release()
    Folder.take(tmp_path, fresh=False).release()


# The log

LOG = """\
noise before
2026-11-21 02:41:09.388+00:00 WARNING (SyncWorker_0) [homeassistant.loader] We found a custom integration ovh_sms
2026-11-21 02:41:10.481+00:00 ERROR (MainThread) [haffmpeg.core] FFmpeg fails in /home/me/.cache/ovh_sms/demo
Traceback (most recent call last):
  File "/home/me/.cache/ovh_sms/python/asyncio.py", line 1, in x
2026-11-21 02:41:11.000+00:00 INFO (MainThread) [custom_components.ovh_sms.notify] ovh_sms is well
"""

IN_A_TRACEBACK = """\
ERROR (MainThread) [homeassistant] Error doing job
  File "/x/custom_components/ovh_sms/notify.py", line 3"""


@pytest.mark.parametrize(
    ("line", "bad"),
    [
        ("ERROR (MainThread) [custom_components.ovh_sms.notify] Oops", True),
        ("CRITICAL (MainThread) [custom_components.ovh_sms] Oops", True),
        (
            "ERROR (MainThread) [homeassistant.setup] Setup failed for custom integration 'ovh_sms': x",
            True,
        ),
        (IN_A_TRACEBACK, True),
        (
            "WARNING (MainThread) [h.util.loop] Detected blocking call by custom integration 'ovh_sms'",
            True,
        ),
        (
            "WARNING (MainThread) [custom_components.ovh_sms] OVHcloud is out of reach",
            False,
        ),
        ("ERROR (MainThread) [homeassistant.components.met] Oops", False),
    ],
)
def test_complaints(line: str, bad: bool) -> None:
    """Errors of the integration or about it are found, others are not."""
    assert complaints(LOG) == []
    record = f"2026-11-21 02:41:12.000+00:00 {line}"
    assert complaints(f"{LOG}{record}\n") == ([record] if bad else [])


def test_own() -> None:
    """The integration's own records are told apart."""
    assert [text.split("] ")[1] for text in own(LOG)] == ["ovh_sms is well"]


# What arrived


def test_all_arrived() -> None:
    """The same number, text and sender, once each."""
    assert compare([HOUSE, SHORT], [ON_SHORT, ON_HOUSE]) == []


@pytest.mark.parametrize(
    ("arrived", "problem"),
    [
        ([ON_HOUSE], "another: 'Really?' is not on +33639980002"),
        ([ON_HOUSE, ON_SHORT, ON_SHORT], "another: arrived 2 times on +33639980002"),
        (
            [ON_HOUSE, Arrived("+33639980002", "HOUSE", "Really?")],
            "another: shown as from 'HOUSE', not 'a short number of five digits'",
        ),
        (
            [Arrived("+33639980001", "ALARM", "Leak: 3 €"), ON_SHORT],
            "a door: shown as from 'ALARM', not 'HOUSE'",
        ),
        (
            [ON_HOUSE, ON_SHORT, Arrived("+33639980003", "HOUSE", "x")],
            "nobody asked for 'x' from HOUSE on +33639980003",
        ),
    ],
)
def test_differences(arrived: list[Arrived], problem: str) -> None:
    """Every difference is named."""
    assert compare([HOUSE, SHORT], arrived) == [problem]


def test_changed_text() -> None:
    """A text that arrived changed is shown beside what was sent."""
    problems = compare([HOUSE], [Arrived("+33639980001", "HOUSE", "Leak: 3 E")])
    assert "which has ['Leak: 3 E']" in problems[0]
    assert len(problems) == 2


def test_new_counts_copies() -> None:
    """What was there before is not counted, a second copy of it is."""
    assert new([ON_HOUSE], [ON_HOUSE]) == []
    assert new([ON_HOUSE], [ON_HOUSE, ON_HOUSE, ON_SHORT]) == [ON_HOUSE, ON_SHORT]


def test_on_phones() -> None:
    """Only what the phones received counts."""
    message = {
        "direction": "in",
        "sender": "HOUSE",
        "text": "Leak: 3 €",
        "parts": 1,
        "encoding": "gsm7",
        "credits": 1,
        "state": "delivered",
    }
    reply = {**message, "direction": "out"}
    state = {"phones": [{"number": "+33639980001", "messages": [message, reply]}]}
    assert on_phones(state) == [ON_HOUSE]


def test_table() -> None:
    """The table has a line for each message."""
    heading, rule, first, second = table([HOUSE, SHORT], [ON_HOUSE] * 2).splitlines()
    assert heading.split()[:2] == ["asked", "through"]
    assert set(rule) == {"-", " "}
    assert first.startswith(
        "a door         +33639980001  HOUSE         HOUSE, 1 x gsm7"
    )
    assert first.endswith("gsm7, 2 TIMES  Leak: 3 €")
    assert second.startswith("another        +33639980002  short number  NOT ARRIVED ")


def test_texts_are_of_this_run() -> None:
    """Two runs never send the same text."""
    assert {m.text for m in planned()}.isdisjoint(m.text for m in planned())


def test_response_is_checked() -> None:
    """The action's answer has to agree with what arrived."""
    good = {
        "status": "accepted",
        "invalid_receivers": [],
        "parts": 1,
        "encoding": "gsm7",
    }
    assert check_response({"messages": [good]}, HOUSE, [ON_HOUSE]) == []
    assert check_response({"messages": []}, HOUSE, [ON_HOUSE])
    assert check_response(None, HOUSE, [ON_HOUSE])
    bad = {"status": "queued", "invalid_receivers": ["+336"], "parts": 2}
    assert len(check_response({"messages": [bad]}, HOUSE, [ON_HOUSE])) == 3


# Programs that are started and ended


def gone(pid: int) -> bool:
    """Tell whether a process has ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split(") ")[1][0]
    except OSError:
        return True
    return state == "Z"


STUBBORN = """\
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(f"child={child.pid}", flush=True)
time.sleep(600)
"""


async def started(code: str, log: Path) -> Child:
    """Start a few lines of Python."""
    return await Child.start(
        "it",
        [sys.executable, "-c", code],
        log=log,
        folder=log.parent,
        environment=environment(),
    )


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks into /proc")
async def test_no_orphan_of_a_program_that_will_not_end(tmp_path: Path) -> None:
    """A program that ignores the request is killed, with what it has started."""
    child = await started(STUBBORN, tmp_path / "log")
    found = await child.wait_for_line(re.compile(r"child=(\d+)"), 10)
    await child.stop(grace=0.2)
    assert child.exit_code == -9
    for _ in range(50):
        if gone(int(found[1])):
            break
        await asyncio.sleep(0.02)
    assert gone(child.pid)
    assert gone(int(found[1]))


async def test_second_request_to_end_is_not_patient(tmp_path: Path) -> None:
    """Ctrl-C while ending kills at once."""
    child = await started(STUBBORN, tmp_path / "log")
    await child.wait_for_line(re.compile("child="), 10)
    stopping = asyncio.create_task(child.stop(grace=60))
    await asyncio.sleep(0.05)
    stopping.cancel()
    async with asyncio.timeout(5):
        await asyncio.gather(stopping, return_exceptions=True)
    assert child.exit_code == -9


async def test_program_that_ends_too_early(tmp_path: Path) -> None:
    """A program that ends instead of getting ready is named with its exit code."""
    child = await started("print('sorry'); raise SystemExit(3)", tmp_path / "log")
    with pytest.raises(DemoError, match="it has ended with exit code 3"):
        await child.wait_for_line(re.compile("ready"), 10)
    await child.stop()
    assert tail(child.log) == "sorry"


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our tools come first, and no proxy stands between us and ourselves."""
    monkeypatch.setenv("HTTPS_PROXY", "http://192.0.2.1:3128")
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:3128")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    found = environment(OVH_SMS_API="http://127.0.0.1:1")
    assert not {"HTTPS_PROXY", "http_proxy", "PYTHONPATH"} & set(found)
    assert found["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
    assert found["OVH_SMS_API"] == "http://127.0.0.1:1"
