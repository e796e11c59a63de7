"""Where the processes come from that tests kill."""

from collections.abc import Generator

import pytest

from .nursery import HOUSE, ROAD, Nursery


@pytest.fixture(scope="session")
def road_nursery() -> Generator[Nursery]:
    """Return where roads come from."""
    with Nursery(ROAD) as nursery:
        yield nursery


@pytest.fixture(scope="session")
def house_nursery() -> Generator[Nursery]:
    """Return where whole Home Assistants come from."""
    with Nursery(HOUSE) as nursery:
        yield nursery
