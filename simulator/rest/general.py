"""The operations that belong to no account, and the virtual numbers."""

from ..account import VirtualNumber
from ..errors import bad_parameter, unknown_object
from ..models import render
from ..ptts import COMMENTS, duration_of
from ..rates import EURO_PER_CREDIT, credits_for
from ..text import STOP_CLAUSE, code
from .account import iam_of, readable, service_of
from .operation import Call, Operation

_VAT_RATE = 20.0
_RATES_QUERY = {
    "billingCountry": "sms.BillingCountryEnum",
    "country": "sms.CountryEnum*",
}


def _estimate(call: Call) -> dict[str, object]:
    """Count a text's parts."""
    # Unknown: whether the STOP clause is among the characters; it is taken off the first part's room.
    message = str(call.body["message"])
    clause = call.body["noStopClause"] is False and call.body["senderType"] == "alpha"
    coded = code(message + STOP_CLAUSE if clause else message)
    taken = len(STOP_CLAUSE) if clause else 0
    return render(
        "sms.JobEstimate",
        {
            "characters": coded.characters - taken,
            "charactersClass": "7bits" if coded.encoding == "gsm7" else "unicode",
            "maxCharactersPerPart": coded.per_part - taken
            if coded.parts == 1
            else coded.per_part,
            "parts": coded.parts,
        },
    )


def _ptt(call: Call) -> dict[str, object]:
    """Explain a network's code."""
    ptt = call.query["ptt"]
    assert isinstance(ptt, int)
    if ptt not in COMMENTS:
        raise unknown_object("ptt", ptt)
    return render(
        "sms.PttDetails",
        {
            "comment": COMMENTS[ptt],
            "description": COMMENTS[ptt],
            "duration": duration_of(ptt),
        },
    )


def _price(credits: float) -> dict[str, object]:
    """Give a price in euros."""
    value = round(credits * EURO_PER_CREDIT, 4)
    return {"currencyCode": "EUR", "text": f"{value:.3f} €", "value": value}


def _destination(call: Call) -> dict[str, object]:
    """Tell what a country costs."""
    country = str(call.query["country"])
    credit = credits_for(country)
    return render(
        "sms.DestinationRates",
        {
            "country": country.upper(),
            "countryCode": country,
            "credit": credit,
            "price": _price(credit),
            "vatRate": _VAT_RATE,
        },
    )


def _packs(call: Call) -> list[dict[str, object]]:
    """Tell what credits cost."""
    # Unknown: the real steps.
    country = str(call.query["country"])
    credit = credits_for(country)
    return [
        render(
            "sms.PackDetails",
            {
                "countryCode": country,
                "credit": credit,
                "creditPrice": _price(1.0),
                "creditQuantityMin": 100,
                "creditQuantityMax": None,
                "discountCreditPrice": None,
                "discountPercentage": None,
                "discountSmsPrice": None,
                "smsPrice": _price(credit),
                "smsQuantityMin": int(100 / credit),
                "smsQuantityMax": None,
                "vatRate": _VAT_RATE,
            },
        )
    ]


def _virtual_values(virtual: VirtualNumber) -> dict[str, object]:
    """Describe a virtual number."""
    return {"number": virtual.number, "countryCode": virtual.country_code}


def _all_virtual_numbers(call: Call) -> list[str]:
    """List the virtual numbers of all the caller's accounts."""
    customer = call.principal.customer
    accounts = (
        account
        for account in call.world.accounts.values()
        if account.customer == customer
    )
    return [number for account in accounts for number in account.virtual_numbers]


def _any_virtual_number(call: Call) -> dict[str, object]:
    """Describe a virtual number of any account."""
    number = call.path["number"]
    if number not in _all_virtual_numbers(call):
        raise unknown_object("number", number)
    account = next(
        one for one in call.world.accounts.values() if number in one.virtual_numbers
    )
    return render(
        "sms.VirtualNumberGenericServiceWithIAM",
        {
            **_virtual_values(account.virtual_numbers[number]),
            "iam": iam_of(f"urn:v1:eu:resource:smsVirtualNumbers:{number}", number),
        },
    )


def _virtual_service(call: Call) -> dict[str, object]:
    """Describe a virtual number's contract."""
    number = call.path["number"]
    if number not in _all_virtual_numbers(call):
        raise unknown_object("number", number)
    account = next(
        one for one in call.world.accounts.values() if number in one.virtual_numbers
    )
    return service_of(number, account)


def _virtual_numbers(call: Call) -> list[str]:
    """List the virtual numbers of one account."""
    return list(readable(call).virtual_numbers)


def _virtual_number(call: Call) -> dict[str, object]:
    """Describe a virtual number of one account."""
    return render(
        "sms.VirtualNumber",
        _virtual_values(readable(call).virtual_number(call.path["number"])),
    )


def _checked_estimate(call: Call) -> dict[str, object]:
    """Refuse an empty text, then count."""
    if not call.body["message"]:
        raise bad_parameter("message", "The message is empty")
    return _estimate(call)


OPERATIONS = (
    Operation(
        "POST",
        "/sms/estimate",
        _checked_estimate,
        "account:apiovh:sms/estimate",
        body={
            "message": "text*",
            "noStopClause": "boolean*",
            "senderType": "sms.TypeSenderEnum*",
        },
    ),
    Operation("GET", "/sms/ptts", _ptt, query={"ptt": "long*"}),
    Operation(
        "GET",
        "/sms/rates/destinations",
        _destination,
        query=_RATES_QUERY,
        authenticated=False,
    ),
    Operation(
        "GET", "/sms/rates/packs", _packs, query=_RATES_QUERY, authenticated=False
    ),
    Operation(
        "GET",
        "/sms/virtualNumbers",
        _all_virtual_numbers,
        "smsVirtualNumbers:apiovh:get",
    ),
    Operation(
        "GET",
        "/sms/virtualNumbers/{number}",
        _any_virtual_number,
        "smsVirtualNumbers:apiovh:get",
    ),
    Operation(
        "GET",
        "/sms/virtualNumbers/{number}/serviceInfos",
        _virtual_service,
        "smsVirtualNumbers:apiovh:serviceInfos/get",
    ),
    Operation(
        "GET",
        "/sms/{serviceName}/virtualNumbers",
        _virtual_numbers,
        "sms:apiovh:virtualNumbers/get",
    ),
    Operation(
        "GET",
        "/sms/{serviceName}/virtualNumbers/{number}",
        _virtual_number,
        "sms:apiovh:virtualNumbers/get",
    ),
)
