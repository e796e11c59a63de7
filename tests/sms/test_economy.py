"""Texts in plain characters."""

from hypothesis import given, strategies as st
import pytest

from custom_components.ovh_sms.sms.economy import economise
from custom_components.ovh_sms.sms.text import STOP_CLAUSE_LENGTH, is_plain, measure
import homeassistant.const

DEAR = "«»“”‘’…–—°º²³½œŒçêâîôûëïÀÈÊÙáíóúąćęłńśźż\u00a0\u202f→≤≠™\u0301\u0338😀字①₂µ·"
UNITS = sorted(
    {
        str(unit)
        for name, units in vars(homeassistant.const).items()
        if name.startswith("UnitOf")
        for unit in units
    }
    | {
        value
        for name, value in vars(homeassistant.const).items()
        if isinstance(value, str) and not value.isascii()
    }
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Plain already: é è à", "Plain already: é è à"),
        ("La température est de 21,5 °C", "La température est de 21,5 C"),
        ("70\u00a0°F, 21°C, 21 ℃, 21 ºC", "70 F, 21C, 21 C, 21 C"),
        ("180°, 90 °, °", "180 deg, 90 deg, deg"),
        ("45°30′N, 20°Cave", "45 deg 30'N, 20 deg Cave"),
        ("15 degrees – fine", "15 degrees - fine"),
        ("n° 3, N°5", "no 3, No5"),
        ("le 1ᵉʳ étage, 1ª, 2º, № 5", "le 1er étage, 1a, 2o, No 5"),
        ("e\u0301teint", "éteint"),
        ("m² et ½", "m2 et 1/2"),
        ("10³ m³, 10⁻³", "10^3 m3, 10^-3"),
        ("CO₂, 10₂", "CO2, 10_2"),
        ("2½ h", "2 1/2 h"),
        ("①②", "1 2"),
        ("±0,5 ‰, a ≠ b", "+/-0,5 /1000, a != b"),
        ("5–8 °C, −5 °C", "5-8 C, -5 C"),
        ("Sonos™, ∆T, kW·h", "Sonos(tm), ΔT, kW.h"),
        ("• un\u2028· deux", "- un\n- deux"),
        ("a\u00ad\u200bb\ufe0f", "ab"),
        # As they are written in the countries where OVHcloud sells SMS.
        ("« Ça coûte 3 € »", '"Ça coute 3 €"'),
        ("«Fuite» d’eau à l’étage\u202f!", "\"Fuite\" d'eau à l'étage !"),
        ("L’alarme… — œuf, Œuf, ŒUF", "L'alarme... - oeuf, Oeuf, OEUF"),
        ("The door—again—is open: “garage”", 'The door - again - is open: "garage"'),
        (
            "¿Está abierto el portón? ¡Sí, señor!",
            "¿Esta abierto el porton? ¡Si, señor!",
        ),
        ("Zażółć gęślą jaźń – „piwnica”", 'Zazolc gesla jazn - "piwnica"'),
        ("È aperta la porta: 3 µg/m³", "E aperta la porta: 3 ug/m3"),
        ("„Tür“ geöffnet: 5 m³, GROẞ", '"Tür" geöffnet: 5 m3, GROSS'),
        # What cannot be said otherwise, or only as something else, stays as it is.
        ("« Fuite » 🚨", "« Fuite » 🚨"),
        ("5 ≰ 6°", "5 ≰ 6°"),
        ("1\u03362\u0336°", "1\u03362\u0336°"),
        ("Θερμοκρασία 21 °C", "Θερμοκρασία 21 °C"),
        ("\u200b", "\u200b"),
        # Cheaper as it was; the second one once OVHcloud appends its STOP text.
        ("°" * 60, "°" * 60),
        ("±" * 53, "±" * 53),
    ],
)
def test_known(text: str, plain: str) -> None:
    """Say the same for less, or leave it."""
    assert economise(text) == plain
    assert plain == text or is_plain(plain)


@pytest.mark.parametrize("unit", UNITS)
def test_units_of_home_assistant(unit: str) -> None:
    """A sensor's state can be written in plain characters."""
    assert is_plain(economise(f"5 {unit}"))


@given(st.text(alphabet="abc é€ \n12" + DEAR, max_size=200) | st.text(max_size=80))
def test_any(text: str) -> None:
    """Never cost more than before, never say nothing, and settle at once."""
    cheap = economise(text)
    assert cheap == text or is_plain(cheap)
    for reserved in (0, STOP_CLAUSE_LENGTH):
        assert measure(cheap, reserved).parts <= measure(text, reserved).parts
    assert bool(cheap.strip()) == bool(text.strip())
    assert economise(cheap) == cheap


@given(st.text(alphabet="abc é€ñ\n12«»°–œ½²êł\u00a0", max_size=120))
def test_plain_characters_stay(text: str) -> None:
    """Keep what was plain, and its order; only the spaces inside «» may go."""
    cheap = iter(economise(text))
    assert all(character in cheap for character in text if character in "abcé€ñ\n12")
