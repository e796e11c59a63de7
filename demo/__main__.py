"""Run the demo."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
import shutil
import signal
import sys
import tempfile
import time
import traceback
from typing import Final

import aiohttp

from .child import tail
from .errors import DemoError
from .folder import Folder
from .log import complaints
from .once import send_three
from .options import Options, bytecode_folder, parse
from .stage import Say, Stage
from .stay import follow, invitation, restart_on_key, stay

WHOLE: Final = 180.0
FAILED: Final = 1
INTERRUPTED: Final = 130
ANSWER: Final = aiohttp.ClientTimeout(total=60)


def stopwatch() -> Say:
    """Give a way to print lines with the seconds since now."""
    begun = time.monotonic()

    def say(text: str) -> None:
        # Nobody may be reading any more; what was started is ended all the same.
        with suppress(OSError):
            print(f"{time.monotonic() - begun:6.1f} s  {text}", flush=True)

    return say


def read(log: Path) -> str:
    """Read a log that may not be there."""
    return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""


def log_of(stage: Stage, folder: Folder) -> Path:
    """Choose the log to show: of the program that has ended, else Home Assistant's."""
    for child in (stage.hass, stage.simulator):
        if child is not None and child.exit_code is not None:
            return child.log
    return folder.log


def show_failure(problems: list[str], log: Path, folder: Folder) -> None:
    """Say what failed, last, after the end of the log and the errors further up in it."""
    end = tail(log)
    for complaint in complaints(read(folder.log)):
        if complaint not in end:
            print(f"\nIn the log:\n{complaint}", file=sys.stderr)
    if end:
        print(f"\nThe end of {log}:\n{end}\n", file=sys.stderr)
    for problem in problems:
        print(f"scripts/demo has failed: {problem}", file=sys.stderr, flush=True)


async def perform(options: Options, stage: Stage, say: Say) -> list[str]:
    """Start, then send and compare, or stay; give the list of problems."""
    async with asyncio.timeout(WHOLE):
        await stage.start()
        if options.once:
            return await send_three(stage, say)
    print(invitation(stage, options.develop), flush=True)
    restart = asyncio.Event()
    stop_listening: Callable[[], None] | None = None
    following: asyncio.Task[None] | None = None
    if options.develop:
        stop_listening = restart_on_key(restart)
        following = asyncio.create_task(follow(stage))
    try:
        await stay(stage, say, restart)
    except asyncio.CancelledError:
        return []
    finally:
        if stop_listening:
            stop_listening()
        if following:
            following.cancel()
    return []


async def run(options: Options, folder: Folder, say: Say) -> int:
    """Run the demo in a folder and give the exit code."""
    problems: list[str] = []
    interrupted = False
    async with aiohttp.ClientSession(timeout=ANSWER) as session:
        stage = Stage(options, folder, session, say)
        try:
            problems = await perform(options, stage, say)
        except asyncio.CancelledError:
            interrupted = True
        except TimeoutError:
            problems = [f"not done within {WHOLE:.0f} s"]
        except DemoError as err:
            problems = [str(err)]
        except Exception as err:  # noqa: BLE001 - any failure is to be told and ends with 1
            traceback.print_exception(err)
            problems = [repr(err)]
        finally:
            log = log_of(stage, folder)
            say("Ending Home Assistant and the simulator")
            await stage.stop()
    if options.once and not interrupted and (found := complaints(read(folder.log))):
        problems.append(f"the log has {len(found)} errors of the integration")
    if problems:
        show_failure(problems, log, folder)
    if options.keep_log and folder.log.exists():
        try:
            shutil.copyfile(folder.log, options.keep_log)
        except OSError as err:
            problems.append(f"the log was not kept: {err}")
            print(f"scripts/demo has failed: {problems[-1]}", file=sys.stderr)
        else:
            say(f"Home Assistant's log is in {options.keep_log}")
    if problems:
        return FAILED
    return INTERRUPTED if interrupted else 0


async def interruptible(options: Options, folder: Folder, say: Say) -> int:
    """Run the demo until it is done or a signal ends it."""
    task = asyncio.create_task(run(options, folder, say))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    return await task


def main() -> int:
    """Run the demo as the command line asks."""
    options = parse(sys.argv[1:])
    say = stopwatch()
    temporary = Path(tempfile.mkdtemp(prefix="ovh_sms-demo-")) if options.once else None
    try:
        folder = Folder.take(temporary or options.config, fresh=options.fresh)
    except DemoError as err:
        print(f"scripts/demo cannot start: {err}", file=sys.stderr)
        return 1
    try:
        code = asyncio.run(interruptible(options, folder, say))
    finally:
        folder.release()
    if temporary:
        if code == FAILED:
            print(f"The folder is kept: {temporary}", file=sys.stderr)
        else:
            compiled = bytecode_folder() / temporary.relative_to("/")
            for leftover in (temporary, compiled):
                shutil.rmtree(leftover, ignore_errors=True)
            if code == 0:
                say("All as it should be")
    return code


if __name__ == "__main__":
    sys.exit(main())
