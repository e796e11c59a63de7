"""What is kept is made anew whenever what it is made of is another."""

from itertools import count
from types import MappingProxyType

from custom_components.ovh_sms.kept import Kept


def test_made_again_only_where_something_changed() -> None:
    made = count(1)

    def make(*values: object) -> int:
        return next(made)

    kept = Kept(make)
    options = MappingProxyType({"sender": "HOUSE"})
    assert [kept.of(options, 1), kept.of(options, 1)] == [1, 1]
    # What holds the same is the same.
    assert kept.of(MappingProxyType({"sender": "HOUSE"}), 1) == 1
    assert kept.of(options, 2) == 2
    assert kept.of(MappingProxyType({"sender": "GATE"}), 2) == 3
    assert kept.of() == 4
    assert kept.of(options, 1) == 5
