"""A simulator of OVHcloud's SMS service, to develop and test against on one machine."""

from .account import Account, Sender, User, VirtualNumber
from .clock import Clock, DrivenClock
from .constants import (
    ACCOUNT,
    APPLICATION_KEY,
    APPLICATION_SECRET,
    CLIENT_ID,
    CLIENT_SECRET,
    CONSUMER_KEY,
    CUSTOMER,
    DEFAULT_RIGHTS,
    PHONES,
    SECOND_ACCOUNT,
    USER_LOGIN,
    USER_PASSWORD,
    VIRTUAL_NUMBER,
)
from .credentials import Rule
from .faults import Fault
from .record import RequestRecord
from .server import Simulator

__all__ = [
    "ACCOUNT",
    "APPLICATION_KEY",
    "APPLICATION_SECRET",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "CONSUMER_KEY",
    "CUSTOMER",
    "DEFAULT_RIGHTS",
    "PHONES",
    "SECOND_ACCOUNT",
    "USER_LOGIN",
    "USER_PASSWORD",
    "VIRTUAL_NUMBER",
    "Account",
    "Clock",
    "DrivenClock",
    "Fault",
    "RequestRecord",
    "Rule",
    "Sender",
    "Simulator",
    "User",
    "VirtualNumber",
]
