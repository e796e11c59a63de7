"""What one part costs by country, in credits.

# Unknown: today's real table; these are of its kind, France being 1.
"""

from typing import Final

import phonenumbers

CREDITS: Final[dict[str, float]] = {
    "fr": 1.0,
    "be": 1.3,
    "ch": 1.1,
    "de": 1.4,
    "es": 0.9,
    "gb": 0.5,
    "ie": 0.8,
    "in": 0.3,
    "it": 0.9,
    "nl": 1.4,
    "pl": 0.4,
    "us": 0.2,
}
ELSEWHERE: Final = 1.5
EURO_PER_CREDIT: Final = 0.06
# Monaco, Guernsey and others have numbers of their own, but OVHcloud has no rate for them.
_WITHOUT_RATE: Final = (
    "ac as ax bl bq cc cw cx dj do eh er fm gg im je ki kp mc mf mh mm mp nf nr nu pm pr pw"
    " sh sj ss sx ta tk tv va wf xk"
)
COUNTRIES: Final = frozenset(
    region.lower() for region in phonenumbers.SUPPORTED_REGIONS
).difference(_WITHOUT_RATE.split())
BILLING_COUNTRIES: Final = frozenset({"es", "fr", "gb", "ie", "it", "pl"})
HLR_CREDITS: Final = 0.1
REPLY_CREDITS: Final = 1.0


def credits_for(country: str) -> float:
    """Tell what one part to a country costs."""
    return CREDITS.get(country, ELSEWHERE)
