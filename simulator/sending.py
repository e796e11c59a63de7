"""Taking an order to send: what is refused, what it costs, when it leaves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from .account import Account, VirtualNumber
from .constants import PARIS
from .errors import (
    account_disabled,
    bad_parameter,
    contact_information,
    not_enough_credits,
    service_expired,
    unknown_sender,
)
from .messages import Sms
from .network import Network, short_number
from .numbers import holds_contact_information, normalise, region_of
from .rates import credits_for
from .text import STOP_CLAUSE, Coded, Encoding, code
from .world import World

MAX_TAG = 20
OPENING = time(8)
CLOSING = time(20)
SUNDAY = 6


@dataclass(slots=True)
class Order:
    """What a caller asks to send, whichever door it came in by."""

    message: str
    receivers: Sequence[str]
    sender: str | None = None
    short_number: bool = False
    no_stop_clause: bool = False
    tag: str = ""
    differed: int = 0
    send_at: datetime | None = None
    validity: int | None = None
    flash: bool = False
    encoding: Encoding | None = None
    user: str | None = None
    virtual_number: VirtualNumber | None = None


@dataclass(slots=True)
class Twist:
    """What a fault does to an order."""

    none_valid: bool = False
    half_valid: bool = False
    lag: float = 0.0


@dataclass(slots=True)
class Report:
    """What became of an order."""

    ids: list[int] = field(default_factory=list)
    valid: list[str] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)
    credits: float = 0.0
    tag: str = ""


@dataclass(frozen=True, slots=True)
class _Origin:
    """Whom a message comes from: as the history names it, and as phones show it."""

    recorded: str
    shown: str | None
    can_reply: bool
    alphanumeric: bool


def next_opening(moment: datetime) -> datetime:
    """Tell when advertising may leave: at once by day, else the next morning that is no Sunday."""
    # Unknown: Saturdays, on which the guides contradict each other, and public holidays; both are open here.
    local = moment.astimezone(PARIS)
    if local.weekday() != SUNDAY and OPENING <= local.time() < CLOSING:
        return moment
    day = local.date() if local.time() < OPENING else local.date() + timedelta(days=1)
    if day.weekday() == SUNDAY:
        day += timedelta(days=1)
    return datetime.combine(day, OPENING, PARIS)


def check_usable(account: Account) -> None:
    """Refuse to send from an account that cannot."""
    if account.service_status == "expired":
        raise service_expired()
    if account.status != "enable":
        raise account_disabled()


def _origin_of(account: Account, order: Order) -> _Origin:
    """Settle the sender."""
    if order.virtual_number is not None:
        shown = order.virtual_number.international
        return _Origin(shown, shown, can_reply=True, alphanumeric=False)
    if order.short_number:
        if not account.short_number:
            # Unknown: the answer to an account that has no right to short numbers.
            raise bad_parameter(
                "senderForResponse", "Short numbers are not available for this account"
            )
        return _Origin("", None, can_reply=True, alphanumeric=False)
    if not order.sender:
        # Unknown: the answer to neither sender nor senderForResponse.
        raise bad_parameter("sender", "Please give a sender, or set senderForResponse")
    sender = account.senders.get(order.sender)
    if sender is None:
        raise unknown_sender(order.sender)
    if sender.status != "enable":
        # Unknown: the answer to a sender that exists but is not enabled.
        raise bad_parameter(
            "sender",
            f"Sms sender {sender.name} is not enabled (status: {sender.status})",
        )
    return _Origin(
        sender.name, sender.name, can_reply=False, alphanumeric=sender.type == "alpha"
    )


def _sort_receivers(
    account: Account, order: Order, twist: Twist
) -> tuple[list[str], list[str]]:
    """Tell the receivers that can be reached from those that cannot, in their order."""
    valid: list[str] = []
    invalid: list[str] = []
    for receiver in order.receivers:
        number = normalise(receiver)
        if number is None or twist.none_valid:
            invalid.append(receiver)
        elif number in account.blacklist:
            # Unknown: how a receiver who answered STOP is reported.
            invalid.append(receiver)
        elif order.short_number and not number.startswith("+33"):
            # Unknown: how a foreign receiver of a short number is reported.
            invalid.append(receiver)
        elif number not in valid:
            # Unknown: whether a number given twice gets the message twice; it gets it once here.
            valid.append(number)
    if twist.half_valid:
        kept = (len(valid) + 1) // 2
        valid, invalid = valid[:kept], invalid + valid[kept:]
    return valid, invalid


def _check(account: Account, order: Order) -> None:
    """Refuse what is wrong whoever receives it."""
    check_usable(account)
    if not order.message:
        raise bad_parameter("message", "The message is empty")
    if len(order.tag) > MAX_TAG:
        # Unknown: the limit of a tag in REST; that of http2sms is taken.
        raise bad_parameter(
            "tag", f"Invalid tag: is too long (max {MAX_TAG} characters)"
        )
    for name, period in (
        ("differedPeriod", order.differed),
        ("validityPeriod", order.validity or 0),
    ):
        if period < 0:
            raise bad_parameter(name, "A period cannot be negative")


def accept(
    world: World,
    network: Network,
    account: Account,
    order: Order,
    twist: Twist | None = None,
) -> Report:
    """Take an order, or refuse it as a whole."""
    twist = twist or Twist()
    _check(account, order)
    origin = _origin_of(account, order)
    if (
        order.short_number
        and order.virtual_number is None
        and holds_contact_information(order.message)
    ):
        raise contact_information()
    valid, invalid = _sort_receivers(account, order, twist)
    clause = origin.alphanumeric and not order.no_stop_clause
    text = order.message + STOP_CLAUSE if clause else order.message
    coded = code(text, order.encoding)
    costs = {number: coded.parts * credits_for(region_of(number)) for number in valid}
    total = sum(costs.values())
    if valid and not account.affords(total, order.user):
        raise not_enough_credits(world.no_credit_status)
    account.spend(total, order.user)
    report = Report([], valid, invalid, total, order.tag)
    now = world.now()
    send_at = order.send_at or now + timedelta(minutes=order.differed)
    if clause:
        send_at = next_opening(send_at)
    for number in valid:
        sms = _make(world, account, order, origin, number, text, coded)
        sms.credits = costs[number]
        sms.send_at = send_at
        sms.visible_at = now + timedelta(seconds=world.outgoing_lag + twist.lag)
        report.ids.append(sms.id)
        network.take(sms)
    return report


def _make(
    world: World,
    account: Account,
    order: Order,
    origin: _Origin,
    number: str,
    text: str,
    coded: Coded,
) -> Sms:
    """Make the message to one receiver."""
    now = world.now()
    return Sms(
        id=world.next_id(),
        account=account.name,
        receiver=number,
        text=text,
        coded=coded,
        credits=0.0,
        created=now,
        send_at=now,
        visible_at=now,
        sender=origin.recorded,
        shown_sender=origin.shown or short_number(account.name, number),
        can_reply=origin.can_reply,
        tag=order.tag,
        differed=order.differed,
        validity=order.validity,
        flash=order.flash,
        user=order.user,
        virtual_number=order.virtual_number.number if order.virtual_number else None,
    )
