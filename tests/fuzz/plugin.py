"""Has each test with hypothesis go on for its share of some minutes, and counts."""

from collections import Counter
from collections.abc import Generator
import faulthandler
import random
import time
from typing import Any, Final

from hypothesis import settings
from hypothesis.statistics import collector
import pytest

# No example takes so many seconds: it hangs.
_HANGS: Final = 120
_STARTED: Final = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the minutes."""
    parser.addoption("--fuzz-minutes", type=float, default=3.0)


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count; how long an example takes is not what is looked for here."""
    settings.register_profile("fuzz", derandomize=False, deadline=None)
    settings.load_profile("fuzz")
    config.pluginmanager.register(_Fuzz(config.getoption("--fuzz-minutes") * 60))


class _Fuzz:
    """Shares the time out among the tests, in an order that chance decides."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        # The clock of the machine, also while a test has another time.
        self._now = time.monotonic
        self._end = 0.0
        self._left = 0
        self._tried: Counter[str] = Counter()
        self._all: set[str] = set()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Let other tests be the last ones each time: time may run out."""
        random.shuffle(items)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Begin the time."""
        self._end = self._now() + self._seconds
        self._left = len(session.items)
        self._all = {_name(item) for item in session.items}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Leave out what there is no time for."""
        self._left -= 1
        if self._now() > self._end:
            pytest.skip("the time is over")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_pyfunc_call(
        self, pyfuncitem: pytest.Function
    ) -> Generator[None, Any, Any]:
        """Try examples, and others, until this test's share is over."""
        if pyfuncitem.stash.get(_STARTED, False):
            return (yield)
        pyfuncitem.stash[_STARTED] = True
        now = self._now()
        until = now + (self._end - now) / (self._left + 1)

        def count_examples(told: Any) -> None:
            for phase in ("reuse", "generate"):
                cases = told.get(f"{phase}-phase", {}).get("test-cases", ())
                self._tried[_name(pyfuncitem)] += len(cases)

        count: Any = count_examples
        # A hang ends the run with a look at where it is, in every thread.
        faulthandler.dump_traceback_later(until - now + _HANGS, exit=True)
        try:
            with collector.with_value(count):
                result = yield
                while self._now() < until:
                    pyfuncitem.ihook.pytest_pyfunc_call(pyfuncitem=pyfuncitem)
        finally:
            faulthandler.cancel_dump_traceback_later()
        return result

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print what was tried how often."""
        terminalreporter.section("tried")
        for name in sorted(self._all):
            terminalreporter.write_line(f"{self._tried[name]:>9}  {name}")
        total = sum(self._tried.values())
        terminalreporter.write_line(f"{total:>9}  examples in all")


def _name(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]
