"""What the account tells."""

import pytest

from homeassistant.core import HomeAssistant
from tests.deliveries import Deliveries


@pytest.fixture
def deliveries(hass: HomeAssistant) -> Deliveries:
    """Return what the account tells."""
    return Deliveries(hass)
