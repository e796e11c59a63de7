"""What the control interface can be told to do."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from .account import Account, Sender
from .credentials import ConsumerKey, CredentialStatus, Rule
from .faults import Fault
from .messages import FATES, Fate
from .models import ENUMS
from .network import ReplyError
from .numbers import normalise
from .state import of_fault

if TYPE_CHECKING:
    from .server import Simulator

_FAULT_FIELDS = frozenset(field.name for field in fields(Fault) if field.init)
_FAULT_TYPES: dict[str, type | tuple[type, ...]] = {
    "times": int,
    "status": int,
    "seconds": (int, float),
    "retry_after": (int, float),
}
_ACCOUNT_STATUSES = ENUMS["sms.StatusAccountEnum"] | {"expired"}


class OrderError(Exception):
    """An order that makes no sense, with a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order: what its path names and what its body gives."""

    path: dict[str, str]
    given: Mapping[str, object]

    def text(self, name: str, choices: frozenset[str] | None = None) -> str:
        """Read a text that must be there."""
        value = self.given.get(name)
        if not isinstance(value, str) or not value:
            raise OrderError(f"{name} must be a text.")
        if choices is not None and value not in choices:
            raise OrderError(f"{name} must be one of {', '.join(sorted(choices))}.")
        return value

    def number(self, name: str) -> float:
        """Read a number that must be there."""
        value = self.given.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise OrderError(f"{name} must be a number.")
        return float(value)

    def phone_number(self) -> str:
        """Read a phone number."""
        number = normalise(self.text("number"))
        if number is None:
            raise OrderError(
                "number must be an international phone number, such as +33639980001."
            )
        return number

    def only(self, *names: str) -> None:
        """Refuse fields that mean nothing here."""
        unknown = sorted(self.given.keys() - set(names))
        if unknown:
            raise OrderError(f"Unknown field: {', '.join(unknown)}.")


def _account(simulator: Simulator, name: str) -> Account:
    """Find an account."""
    if name not in simulator.world.accounts:
        raise OrderError(f"There is no account {name}.")
    return simulator.world.accounts[name]


async def clear_requests(simulator: Simulator, order: Order) -> None:
    """Forget the requests so far."""
    simulator.clear_record()


async def add_fault(simulator: Simulator, order: Order) -> dict[str, object]:
    """Put a fault in force."""
    order.only(*_FAULT_FIELDS)
    given: dict[str, Any] = {
        name: value for name, value in order.given.items() if value is not None
    }
    for name, value in given.items():
        expected = _FAULT_TYPES.get(name, str)
        if not isinstance(value, expected) or isinstance(value, bool):
            raise OrderError(f"{name} has the wrong type.")
    if "kind" not in given:
        raise OrderError("kind must be given.")
    try:
        fault = Fault(**given)
    except ValueError as err:
        raise OrderError(f"{err}.") from err
    return of_fault(simulator.faults.add(fault))


async def clear_faults(simulator: Simulator, order: Order) -> None:
    """Clear all faults."""
    simulator.faults.clear()


async def remove_fault(simulator: Simulator, order: Order) -> None:
    """Clear one fault."""
    identifier = order.path["id"]
    if not identifier.isdecimal() or not simulator.faults.remove(int(identifier)):
        raise OrderError(f"There is no fault {identifier}.")


async def reply(simulator: Simulator, order: Order) -> dict[str, object]:
    """Answer from a phone."""
    order.only("number", "text", "account")
    account = order.text("account") if order.given.get("account") else None
    if account is not None:
        _account(simulator, account)
    try:
        incoming = await simulator.reply(
            order.phone_number(), order.text("text"), account
        )
    except ReplyError as err:
        raise OrderError(f"{err}.") from err
    return {"id": incoming.id if incoming else None}


async def set_fate(simulator: Simulator, order: Order) -> None:
    """Decide what becomes of the messages to a phone."""
    order.only("number", "fate", "ptt", "deliveryReceipt")
    phone = simulator.world.phone(order.phone_number())
    fate = cast("Fate", order.text("fate", frozenset(FATES)))
    ptt = int(order.number("ptt")) if order.given.get("ptt") is not None else phone.ptt
    receipt = (
        int(order.number("deliveryReceipt")) if "deliveryReceipt" in order.given else 2
    )
    if receipt not in {2, 16}:
        raise OrderError("deliveryReceipt must be 2 or 16.")
    phone.fate, phone.ptt = fate, ptt
    phone.receipt_on_failure = 16 if receipt == 16 else 2


async def add_phone(simulator: Simulator, order: Order) -> None:
    """Put an empty phone there."""
    order.only("number")
    simulator.world.phone(order.phone_number())


async def advance(simulator: Simulator, order: Order) -> dict[str, object]:
    """Let time pass."""
    order.only("advance")
    seconds = order.number("advance")
    if seconds < 0:
        raise OrderError("Time only goes forward.")
    await simulator.advance(seconds)
    return {"now": simulator.world.now().isoformat(timespec="seconds")}


async def add_account(simulator: Simulator, order: Order) -> None:
    """Open an account with one sender, and with an SMS user if one is named."""
    order.only("name", "description", "sender", "login", "password")
    world, name = simulator.world, order.text("name")
    if name in world.accounts:
        raise OrderError(f"There is an account {name} already.")
    description, sender = order.text("description"), order.text("sender")
    user = None
    if "login" in order.given:
        user = order.text("login"), order.text("password")
    world.add_account(name, description)
    world.add_sender(name, sender)
    if user is not None:
        world.add_user(name, *user)


async def change_account(simulator: Simulator, order: Order) -> None:
    """Change an account's credits, status, channel or description."""
    order.only("creditsLeft", "status", "channel", "description")
    account = _account(simulator, order.path["name"])
    given = order.given
    credits_left = (
        order.number("creditsLeft") if "creditsLeft" in given else account.credits_left
    )
    channel = (
        order.text("channel", ENUMS["sms.ChannelEnum"])
        if "channel" in given
        else account.channel
    )
    description = given.get("description", account.description)
    if not isinstance(description, str):
        raise OrderError("description must be a text.")
    if "status" in given:
        status = order.text("status", frozenset(_ACCOUNT_STATUSES))
        account.service_status = "expired" if status == "expired" else "ok"
        account.status = "enable" if status == "expired" else status
    account.credits_left, account.channel, account.description = (
        credits_left,
        channel,
        description,
    )


async def set_sender(simulator: Simulator, order: Order) -> None:
    """Add a sender, or change its status."""
    order.only("account", "sender", "status")
    account = _account(simulator, order.text("account"))
    name = order.text("sender")
    status = (
        order.text("status", ENUMS["sms.StatusSenderEnum"])
        if "status" in order.given
        else "enable"
    )
    account.senders.setdefault(name, Sender(name)).status = status


def _rules(order: Order) -> list[Rule]:
    """Read rights."""
    rules = order.given["rules"]
    if not isinstance(rules, list):
        raise OrderError("rules must be a list.")
    read: list[Rule] = []
    for rule in rules:
        if (
            not isinstance(rule, dict)
            or not isinstance(rule.get("path"), str)
            or "method" not in rule
        ):
            raise OrderError("Each rule must have a method and a path.")
        read.append(Rule(str(rule["method"]), rule["path"]))
    return read


def _change(simulator: Simulator, order: Order, key: ConsumerKey) -> None:
    """Take over what an order says of a consumer key."""
    if "rules" in order.given:
        key.rules = _rules(order)
    if "status" in order.given:
        key.status = cast(
            "CredentialStatus", order.text("status", ENUMS["auth.CredentialStateEnum"])
        )
    if "expiration" in order.given:
        key.expiration = None
        if order.given["expiration"] is not None:
            key.expiration = simulator.world.now() + timedelta(
                seconds=order.number("expiration")
            )


async def add_credential(simulator: Simulator, order: Order) -> dict[str, object]:
    """Make a consumer key, for the default application or for a new one."""
    order.only("rules", "status", "expiration", "application")
    world = simulator.world
    application = next(iter(world.applications.values()))
    if "application" in order.given:
        application = world.add_application(name=order.text("application"))
    key = world.add_consumer_key(application_key=application.key)
    try:
        _change(simulator, order, key)
    except OrderError:
        del world.consumer_keys[key.key]
        raise
    return {
        "applicationKey": application.key,
        "applicationSecret": application.secret,
        "consumerKey": key.key,
    }


async def change_credential(simulator: Simulator, order: Order) -> None:
    """Change a consumer key, named in full or by its last four characters."""
    order.only("rules", "status", "expiration")
    wanted = order.path["key"]
    for key in simulator.world.consumer_keys.values():
        if wanted in {key.key, key.key[-4:]}:
            _change(simulator, order, key)
            return
    raise OrderError(f"There is no consumer key {wanted}.")


async def reset(simulator: Simulator, order: Order) -> None:
    """Begin again with a fresh world."""
    simulator.reset()
