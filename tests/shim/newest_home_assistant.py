"""Let the test library, made for an earlier Home Assistant, run on the newest one.

Loaded with `pytest -p newest_home_assistant` before the library itself. It does nothing
where the library and Home Assistant fit together.
"""

# Home Assistant puts httpx2 in the place of httpx when it is imported; the library
# must not import the other one first.
from homeassistant.components import logger

if not hasattr(logger, "_clear_logger_overwrites"):
    logger._clear_logger_overwrites = lambda *args, **kwargs: None
