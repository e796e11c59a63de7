"""The page on reliability: its drawing is the table of states."""

import re

from custom_components.ovh_sms.sms.states import BEGINNINGS, ORIGINS

from .nursery import ROOT

_PAGE = (ROOT / "docs" / "reliability.md").read_text("utf-8")


def test_drawing_of_the_states() -> None:
    drawn = set(re.findall(r"^ +(\S+) --> (\w+): \S", _PAGE, re.MULTILINE))
    begun = {("[*]", state) for state in BEGINNINGS}
    assert drawn == begun | {
        (origin, state) for state, origins in ORIGINS.items() for origin in origins
    }
