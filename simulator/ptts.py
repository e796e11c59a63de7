"""What `GET /sms/ptts` says of each code.

OVHcloud publishes two tables that contradict each other; the one of the REST guide comes first here
and the SMPP one fills the gaps.
"""

from typing import Final

_PERMANENT: Final = {
    5,
    8,
    20,
    23,
    27,
    28,
    29,
    33,
    53,
    54,
    76,
    100,
    101,
    102,
    103,
    202,
    800,
    801,
    802,
    803,
}
_TEMPORARY: Final = {1, 2, 3, 21, 24, 25, 26, 39, 55, 73, 74}

# Unknown: the exact words of the real answers.
COMMENTS: Final[dict[int, str]] = {
    0: "Success",
    1: "Intermediate state: the phone could not be reached, delivery is tried again",
    2: "Not delivered yet: operator problem, delivery is tried again",
    3: "Accepted by the operator",
    4: "Delivered",
    5: "Undelivered, no detail given by the operator",
    6: "The state of the message cannot be determined",
    7: "Operator related error",
    8: "Expired at the operator's message centre",
    9: "Undeliverable",
    10: "Account credit problem",
    20: "Undeliverable in its current form",
    21: "The subscriber's credit is not enough",
    23: "Number incorrect, invalid or barred: do not use it again",
    24: "Subscriber absent: phone switched off or out of reach",
    25: "Temporary problem of the operator's network",
    26: "Temporary phone error: memory full or busy",
    27: "The phone is permanently incompatible",
    28: "Message suspected to be spam",
    29: "Content not permitted on this network",
    33: "Blocked by parental control",
    39: "New failure at the operator",
    50: "Internal error",
    51: "Internal error",
    52: "Template missing",
    53: "The receiver is blacklisted (STOP)",
    54: "Forbidden destination",
    55: "Sender temporarily limited",
    73: "The ported number cannot be reached",
    74: "The subscriber is roaming",
    76: "The ported number is blocked for this client",
    100: "Invalid numbering plan",
    101: "Invalid content",
    102: "Invalid GSM 7-bit content",
    103: "Message too long",
    202: "The ported number is blocked: contact the support",
    254: "Pending",
    255: "Unknown",
    800: "Undeliverable",
    801: "Expired",
    802: "Deleted",
    803: "Rejected",
    804: "Unknown",
    1999: "No templates available",
}


def duration_of(ptt: int) -> str:
    """Tell how lasting a code's meaning is, in the service's own words."""
    if ptt in _PERMANENT:
        return "permanent"
    return "temporary" if ptt in _TEMPORARY else "indeterminated"
