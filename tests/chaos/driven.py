"""This process's time, in the place of the machine's."""

from types import SimpleNamespace
from typing import Any

import ovh.client

from custom_components.ovh_sms.gateway import client, http2sms
from custom_components.ovh_sms.sms import database
from tests.sms.conftest import DrivenClock

from .channel import Line

# Real seconds to wait for a ledger that another process has locked.
_BUSY = 0.05


def drive(given: Line) -> DrivenClock:
    """Have the road live by a clock that is driven, for the rest of this process's life."""
    clock = DrivenClock()
    clock.time_of_day = given["now"]
    clock.passed = given["steady"]
    watch: Any = SimpleNamespace(time=clock.now, monotonic=clock.steady)
    changed: Any
    for changed in (client, http2sms, ovh.client):
        changed.time = watch
    for changed in (client, http2sms):
        changed.TIMEOUT = (5, given["timeout"])
    changed = database
    changed.BUSY_TIMEOUT = _BUSY
    return clock
