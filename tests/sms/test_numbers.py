"""Phone numbers as people write them."""

import re

from hypothesis import given, settings, strategies as st
import phonenumbers
import pytest

from custom_components.ovh_sms.sms.errors import InvalidRequest
from custom_components.ovh_sms.sms.numbers import country_code, is_in, normalise

from .conftest import ALICE

COUNTRIES = ("FR", "GB", "IE", "ES", "IT", "PL", "US", "DE")


@pytest.mark.parametrize("country", ["FR", None, "PL"])
@pytest.mark.parametrize(
    "written",
    [
        "+33639980001",
        " +33639980001 ",
        "+33 6 39 98 00 01",
        "+33 06 39 98 00 01",
        "+33 (0)6 39 98 00 01",
        "+33(0)639980001",
        "+33 (0) 6 39 98 00 01",
        "+33 ( 0 ) 6 39 98 00 01",
        "+33（０）６ 39 98 00 01",
        "0033639980001",
        "0033 (0)6 39 98 00 01",
        "00 33 6 39 98 00 01",
        "+33.6.39.98.00.01",
        "+33-6-39-98-00-01",
        "+33\u00a06\u00a039\u00a098\u00a000\u00a001",
        "+33\u202f6\u202f39\u202f98\u202f00\u202f01",
        "+33 6\u201039\u201198\u201300\u201401",
        "＋３３６３９９８０００１",
        "\u202a+33639980001\u202c",
        "\u200e+33 6 39 98 00 01",
        "(+33) 6 39 98 00 01",
        "(0033) 639980001",
        "+33/639980001",
    ],
)
def test_international(written: str, country: str | None) -> None:
    """Read an international number wherever the house stands."""
    assert normalise(written, country) == ALICE


@pytest.mark.parametrize(
    "written",
    [
        "0639980001",
        "06 39 98 00 01",
        "06.39.98.00.01",
        "06-39-98-00-01",
        "06/39/98/00/01",
        "(0)6 39 98 00 01",
        "(06) 39 98 00 01",
        "06\u00a039\u00a098\u00a000\u00a001",
        "０６３９９８０００１",
        "639980001",
        "33639980001",
    ],
)
def test_national(written: str) -> None:
    """Read a national number with the house's country."""
    assert normalise(written, "FR") == ALICE
    if not written.startswith("33"):
        with pytest.raises(InvalidRequest, match="number_without_country") as caught:
            normalise(written, None)
        assert re.findall(r"\d+", caught.value.placeholders["number"]) == ["01"]


@pytest.mark.parametrize(
    ("written", "country", "expected"),
    [
        # The numbers of OVHcloud's guides.
        ("0033600000000", None, "+33600000000"),
        ("+33600000000", "FR", "+33600000000"),
        # Ranges that are kept for fiction elsewhere.
        ("07700 900123", "GB", "+447700900123"),
        ("020 91 20123", "IE", "+353209120123"),
        ("202-555-0123", "US", "+12025550123"),
        ("011 44 7700 900123", "US", "+447700900123"),
    ],
)
def test_other_countries(written: str, country: str | None, expected: str) -> None:
    """Read numbers as they are written elsewhere."""
    assert normalise(written, country) == expected


@pytest.mark.parametrize(
    ("written", "country", "key"),
    [
        ("", "FR", "number_not_a_number"),
        ("   ", "FR", "number_not_a_number"),
        ("+", "FR", "number_not_a_number"),
        ("Kitchen", "FR", "number_not_a_number"),
        ("06 39 98 00 0O", "FR", "number_not_a_number"),
        ("+33639980001x5", "FR", "number_not_a_number"),
        ("+33639980001;ext=5", "FR", "number_not_a_number"),
        ("1-800-FLOWERS", "US", "number_not_a_number"),
        ("+33+639980001", "FR", "number_not_a_number"),
        ("#31#0639980001", "FR", "number_not_a_number"),
        ("+33639980001,+33639980002", "FR", "number_not_a_number"),
        ("٠٦٣٩٩٨٠٠٠١", "FR", "number_not_a_number"),
        ("06 39 98 00", "FR", "number_not_possible"),
        ("06 39 98 00 0", "FR", "number_not_possible"),
        ("06 39 98 00 01 02", "FR", "number_not_possible"),
        ("+3363998000", None, "number_not_possible"),
        ("+336399800011", None, "number_not_possible"),
        ("+0639980001", "FR", "number_not_possible"),
        ("+999639980001", "FR", "number_not_possible"),
        ("00", "FR", "number_not_a_number"),
        ("+6210000000000000", None, "number_not_possible"),
        ("+310000000", None, "number_not_possible"),
        ("+" + "1" * 40, "FR", "number_not_possible"),
        ("0", "FR", "number_not_possible"),
        ("555-0123", "US", "number_not_possible"),
        ("3639", "FR", "number_not_possible"),
        ("36180", "FR", "number_not_possible"),
        ("112", "FR", "number_not_possible"),
        ("15", "FR", "number_not_possible"),
        ("01 99 00 00 01", "FR", "number_landline"),
        ("+33 1 99 00 00 01", None, "number_landline"),
        ("0800 000 000", "FR", "number_landline"),
        ("+800 1234 5678", None, "number_landline"),
        ("0899 000 000", "FR", "number_premium"),
        ("+33 8 99 00 00 00", None, "number_premium"),
    ],
)
def test_refused(written: str, country: str | None, key: str) -> None:
    """Refuse what cannot get an SMS, and say why."""
    with pytest.raises(InvalidRequest) as caught:
        normalise(written, country)
    assert caught.value.key == key


@pytest.mark.parametrize(
    "written",
    [
        "01 99 00 00 01",
        "+33 (0)1 99 00 00 01",
        "01  99  00  00  01",
        "01\u201199\u201100\u201100\u201101",
        "01 - 99 - 00 - 00 - 01",
        "０１９９０００００１",
        "\u202a01 99 00 00 01\u202c",
    ],
)
def test_refusals_are_discreet(written: str) -> None:
    """Show the last two digits of a number and no more, however it is written."""
    with pytest.raises(InvalidRequest) as caught:
        normalise(written, "FR")
    shown = caught.value.placeholders["number"]
    assert re.findall(r"\d+", shown) == ["01"]
    assert "9" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_shown_is_short() -> None:
    """Show no more of a long text than fits in a sentence."""
    with pytest.raises(InvalidRequest) as caught:
        normalise("Kitchen " * 100, "FR")
    assert len(caught.value.placeholders["number"]) == 40


@settings(max_examples=60)
@given(
    st.from_regex(r"(\+|00|0)?[ .()\-]{0,2}([0-9][ .()\-]{0,1}){0,16}", fullmatch=True)
    | st.text(max_size=20)
    | st.text(alphabet="+0123456789", max_size=18),
    st.sampled_from((*COUNTRIES, None)),
)
def test_any(written: str, country: str | None) -> None:
    """Yield E.164, the same when read again anywhere; or refuse, discreetly."""
    try:
        number = normalise(written, country)
    except InvalidRequest as err:
        number, shown = None, err.placeholders["number"]
    if number is None:
        assert not re.search(r"\d{5}", shown)
        return
    assert re.fullmatch(r"\+[1-9][0-9]{6,14}", number)
    for other in (country, None, "JP"):
        assert normalise(number, other) == number


@given(st.sampled_from(COUNTRIES), st.data())
def test_examples(country: str, data: st.DataObject) -> None:
    """Read each country's mobile numbers in each of their spellings."""
    example = phonenumbers.example_number_for_type(
        country, phonenumbers.PhoneNumberType.MOBILE
    )
    assert example is not None
    spelling = data.draw(
        st.sampled_from(
            [
                phonenumbers.PhoneNumberFormat.E164,
                phonenumbers.PhoneNumberFormat.INTERNATIONAL,
                phonenumbers.PhoneNumberFormat.NATIONAL,
            ]
        )
    )
    written = phonenumbers.format_number(example, spelling)
    expected = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    assert normalise(written, country) == expected


@pytest.mark.parametrize(
    ("number", "countries", "expected"),
    [
        (ALICE, ("FR",), True),
        (ALICE, ("PL", "FR"), True),
        (ALICE, ("PL",), False),
        (ALICE, (), False),
        ("+447700900123", ("GB",), True),
        ("+447700900123", ("IE",), False),
        # The same country code, another country.
        ("+12042345678", ("CA",), True),
        ("+12042345678", ("US",), False),
        ("+800123456789", ("FR",), False),
    ],
)
def test_country(number: str, countries: tuple[str, ...], expected: bool) -> None:
    """Tell which country a number belongs to."""
    assert is_in(number, countries) is expected


@pytest.mark.parametrize(
    ("number", "code"),
    [(ALICE, "+33"), ("+447700900123", "+44"), ("+999", "+"), ("", "+")],
)
def test_country_code(number: str, code: str) -> None:
    """Tell a number's country code and nothing else of it."""
    assert country_code(number) == code
