"""The fake credentials and addresses that every new world starts with."""

from typing import Final
from zoneinfo import ZoneInfo

APPLICATION_KEY: Final = "fake0application"
APPLICATION_SECRET: Final = "fake0secret0fake0secret0fake0sec"
CONSUMER_KEY: Final = "fake0consumer0fake0consumer0fake"
CLIENT_ID: Final = "EU.fake0client"
CLIENT_SECRET: Final = "fake0client0secret"
ACCOUNT: Final = "sms-ab12345-1"
SECOND_ACCOUNT: Final = "sms-ab12345-2"
CUSTOMER: Final = "ab12345-ovh"
USER_LOGIN: Final = "houseuser"
USER_PASSWORD: Final = "fake0pw0"
VIRTUAL_NUMBER: Final = "0033639980010"
PHONES: Final = ("+33639980001", "+33639980002", "+33639980003")
DEFAULT_RIGHTS: Final = (
    ("GET", "/sms"),
    ("GET", "/sms/*"),
    ("POST", "/sms/*/jobs"),
    ("DELETE", "/sms/*/jobs/*"),
    ("GET", "/auth/currentCredential"),
)
PARIS: Final = ZoneInfo("Europe/Paris")
