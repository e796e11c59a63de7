"""How odd input is tried on a whole Home Assistant, or over HTTP: each example takes its time."""

from typing import Final

from hypothesis import HealthCheck, settings

SLOWLY: Final = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
