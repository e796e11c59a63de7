"""The places on a message's road where something can end, and how it can end there."""

from enum import StrEnum
from typing import Final


class Step(StrEnum):
    """How far a message has come, from the call to the last write."""

    UNWRITTEN = "before it is written down"
    WRITING = "while it is written down"
    WRITTEN = "after it was written down"
    SENDING = "while it is sent"
    SENT = "before the answer"
    ANSWERED = "after the answer"
    SORTING = "before it is sorted in"
    SORTED = "after it was sorted in"
    SETTLING = "before the last write"
    SETTLED = "after the last write"


class Ending(StrEnum):
    """What happens there; HASTE is a shutdown that waits for nobody."""

    CARRY_ON = "carry on"
    KILL = "kill -9"
    RELOAD = "reload"
    SHUTDOWN = "shutdown"
    HASTE = "hasty shutdown"


# The steps and endings of the matrix; all of them are in the random runs.
CARDINAL: Final = (
    Step.UNWRITTEN,
    Step.WRITTEN,
    Step.SENT,
    Step.ANSWERED,
    Step.SETTLING,
)
CLEAN: Final = (Ending.RELOAD, Ending.SHUTDOWN)
