"""Home Assistant's log, and what the integration must not leave in it."""

from collections.abc import Iterator
import re
from typing import Final

_RECORD: Final = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\S* (?P<level>[A-Z]+) \([^)]*\) \[(?P<logger>[^\]]+)\] ",
    re.MULTILINE,
)
# Not the folders of the same name on the way to the configuration.
_OURS: Final = re.compile(r"custom_components[./]ovh_sms|(?<![\w/.-])ovh_sms\b(?!/)")
_ERRORS: Final = frozenset({"ERROR", "CRITICAL", "FATAL"})
_MISUSE: Final = "Detected "


def records(log: str) -> Iterator[tuple[str, str, str]]:
    """Split a log into records: level, logger, and the whole text with its traceback."""
    starts = list(_RECORD.finditer(log))
    for index, start in enumerate(starts):
        end = starts[index + 1].start() if index + 1 < len(starts) else len(log)
        yield start["level"], start["logger"], log[start.start() : end].rstrip()


def complaints(log: str) -> list[str]:
    """List the errors that concern the integration, and Home Assistant's complaints about it."""
    found = []
    for level, _logger, text in records(log):
        if not _OURS.search(text):
            continue
        message = text.split("] ", 1)[1]
        if level in _ERRORS or (level == "WARNING" and message.startswith(_MISUSE)):
            found.append(text)
    return found


def own(log: str) -> list[str]:
    """List what the integration itself has written."""
    return [
        text
        for _level, logger, text in records(log)
        if logger.startswith("custom_components.ovh_sms")
    ]
