"""Messages on their way to and from the phones."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import uuid4

from .text import Coded

type Fate = Literal["delivered", "failed", "slow", "never", "expired"]
type State = Literal["pending", "delivered", "failed", "expired"]

FATES: tuple[Fate, ...] = ("delivered", "failed", "slow", "never", "expired")
EXPIRED_PTT = 8
DELIVERED_PTT = 4
BARRED_PTT = 23


@dataclass(slots=True)
class Sms:
    """One message to one receiver; `waiting` is true while it is only a job."""

    id: int
    account: str
    receiver: str
    text: str
    coded: Coded
    credits: float
    created: datetime
    send_at: datetime
    visible_at: datetime
    sender: str
    shown_sender: str
    can_reply: bool
    tag: str = ""
    differed: int = 0
    validity: int | None = None
    flash: bool = False
    user: str | None = None
    virtual_number: str | None = None
    waiting: bool = True
    message_id: str = field(default_factory=lambda: str(uuid4()))
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    delivery_receipt: int = 0
    # Unknown: the code of a message whose receipt has not come yet.
    ptt: int = 0

    @property
    def state(self) -> State:
        """Tell in one word how far it got."""
        if self.delivery_receipt == 0:
            return "pending"
        if self.delivery_receipt == 1:
            return "delivered"
        return "expired" if self.ptt == EXPIRED_PTT else "failed"


@dataclass(slots=True)
class Incoming:
    """A reply, as the account reads it."""

    id: int
    account: str
    sender: str
    text: str
    created: datetime
    credits: float
    tag: str = ""
    user: str | None = None
    virtual_number: str | None = None


@dataclass(slots=True)
class PhoneMessage:
    """A message as a phone keeps it: one that came in, or one that was typed there."""

    id: int
    direction: Literal["in", "out"]
    account: str
    sender: str
    text: str
    at: datetime
    coded: Coded
    credits: float
    tag: str
    sms: Sms | None = None

    @property
    def state(self) -> State:
        """Tell how far it got."""
        return self.sms.state if self.sms else "delivered"

    @property
    def delivery_receipt(self) -> int:
        """Tell the receipt that the network gave."""
        return self.sms.delivery_receipt if self.sms else 1

    @property
    def ptt(self) -> int:
        """Tell the network's code."""
        return self.sms.ptt if self.sms else DELIVERED_PTT

    @property
    def can_reply(self) -> bool:
        """Tell whether the phone could answer its sender."""
        return self.sms is not None and self.sms.can_reply

    @property
    def flash(self) -> bool:
        """Tell whether it shows at once and is not kept."""
        return self.sms is not None and self.sms.flash


@dataclass(slots=True)
class Phone:
    """A phone, and what becomes of the messages sent to it."""

    number: str
    fate: Fate = "delivered"
    ptt: int = BARRED_PTT
    receipt_on_failure: Literal[2, 16] = 2
    messages: list[PhoneMessage] = field(default_factory=list)
