"""An SMS account and what belongs to it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from .constants import CUSTOMER
from .errors import unknown_object
from .messages import Incoming, Sms


@dataclass(slots=True)
class Sender:
    """A sender name, usable once its status is `enable`."""

    name: str
    status: str = "enable"
    type: str | None = "alpha"
    description: str = ""
    referer: str = "custom"
    comment: str | None = None
    validation_media: str | None = None


@dataclass(slots=True)
class User:
    """An SMS user, who sends by http2sms with a login and a password."""

    login: str
    password: str
    quota: float | None = None
    call_back: str | None = None
    stop_call_back: str | None = None
    ip_restrictions: list[str] = field(default_factory=list)
    alert_email: str = ""
    alert_number: str = ""
    alert_threshold: int = 0
    alert_support: str = "mail"


@dataclass(slots=True)
class VirtualNumber:
    """A mobile number of the account's own, which can be answered."""

    number: str
    country_code: str = "fr"

    @property
    def international(self) -> str:
        """Give it as phones show it."""
        return "+" + self.number.removeprefix("00").removeprefix("+")


@dataclass(slots=True)
class BlacklistEntry:
    """A number whose owner answered STOP."""

    number: str
    created: datetime
    sms_id: int | None = None


@dataclass(slots=True)
class Slot:
    """A list of receivers kept by the service."""

    slot_id: int
    description: str
    updated: datetime
    numbers: list[str] = field(default_factory=list)
    auto_update: bool = False


@dataclass(slots=True)
class Restriction:
    """A restriction that some operators put on the senders' side."""

    country_prefix: str
    operators: str
    messages: list[str]
    code: str = "ALPHA"
    substitution: str | None = None


@dataclass(slots=True)
class Response:
    """What happens with replies."""

    type: str = "none"
    cgi_url: str | None = None
    text: str | None = None
    tracking_default_sender: str | None = None
    tracking_options: list[dict[str, object]] | None = field(default_factory=list)


@dataclass(slots=True)
class Templates:
    """The account's templates for notifications."""

    customized_email_mode: bool = False
    customized_sms_mode: bool = False
    email_body: str | None = None
    email_from: str | None = None
    email_subject: str | None = None
    sms_body: str | None = None


@dataclass(slots=True)
class Account:
    """An SMS account; `service_status` is the contract's, `status` the account's own."""

    name: str
    description: str = ""
    credits_left: float = 100.0
    status: str = "enable"
    service_status: str = "ok"
    channel: str = "both"
    customer: str = CUSTOMER
    # Unknown: how the service tells an overseas account; such an account has no short number.
    short_number: bool = True
    call_back: str | None = None
    stop_call_back: str | None = None
    response: Response = field(default_factory=Response)
    templates: Templates = field(default_factory=Templates)
    recredit_threshold: float = 0.0
    recredit_amount: str | None = None
    creation: date = date(2020, 1, 15)
    expiration: date = date(2030, 1, 15)
    service_id: int = 1000001
    senders: dict[str, Sender] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    virtual_numbers: dict[str, VirtualNumber] = field(default_factory=dict)
    blacklist: dict[str, BlacklistEntry] = field(default_factory=dict)
    slots: dict[int, Slot] = field(default_factory=dict)
    restrictions: list[Restriction] = field(default_factory=list)
    messages: dict[int, Sms] = field(default_factory=dict)
    incoming: dict[int, Incoming] = field(default_factory=dict)

    @property
    def users_with_quota(self) -> list[User]:
        """List the users that hold credits of the account."""
        return [user for user in self.users.values() if user.quota is not None]

    @property
    def credits_held(self) -> float:
        """Tell how many credits the users' quotas hold."""
        return sum(user.quota or 0.0 for user in self.users_with_quota)

    @property
    def jobs(self) -> list[Sms]:
        """List the messages that have not left yet."""
        return [sms for sms in self.messages.values() if sms.waiting]

    def outgoing(self, now: datetime) -> list[Sms]:
        """List the messages that left and show in the history by now."""
        return [
            sms
            for sms in self.messages.values()
            if not sms.waiting and sms.visible_at <= now
        ]

    def user(self, login: str) -> User:
        """Find a user."""
        if login not in self.users:
            raise unknown_object("login", login)
        return self.users[login]

    def virtual_number(self, number: str) -> VirtualNumber:
        """Find a virtual number, spelt as the list spells it."""
        if number not in self.virtual_numbers:
            raise unknown_object("number", number)
        return self.virtual_numbers[number]

    def spend(self, credits: float, login: str | None) -> None:
        """Take credits from a user's quota, or from the account."""
        user = self.users.get(login) if login else None
        if user is not None and user.quota is not None:
            user.quota -= credits
        else:
            self.credits_left -= credits

    def affords(self, credits: float, login: str | None) -> bool:
        """Tell whether a user's quota, or the account, covers a cost."""
        user = self.users.get(login) if login else None
        available = (
            user.quota
            if user is not None and user.quota is not None
            else self.credits_left
        )
        # A balance of zero blocks everything, whatever floating point makes of the last cent.
        return available > 0 and credits <= available + 1e-9
