"""Everything that the simulated service knows."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import count
import secrets

from . import constants
from .account import Account, Sender, User, VirtualNumber
from .clock import Clock
from .credentials import Application, ConsumerKey, CredentialStatus, OAuth2Client, Rule
from .errors import unknown_service
from .messages import Phone

TOKEN_SECONDS = 3599


class World:
    """Accounts, phones and credentials; tests may change any of it directly."""

    def __init__(self, clock: Clock, accounts: Sequence[str] | None = None) -> None:
        """Fill the world with its defaults; `accounts` names the accounts to have, new names included."""
        self.clock = clock
        self.accounts: dict[str, Account] = {}
        self.phones: dict[str, Phone] = {}
        self.applications: dict[str, Application] = {}
        self.consumer_keys: dict[str, ConsumerKey] = {}
        self.oauth2_clients: dict[str, OAuth2Client] = {}
        self.documents: dict[str, list[str]] = {}
        self.batch_supported = True
        self.no_credit_status = 402
        self.receipt_delay = 4.0
        self.slow_delay = 600.0
        self.outgoing_lag = 0.0
        self.default_validity = 2880
        # The first answers of the guides have ids of eight digits.
        self._ids = count(27814656)
        self._credential_ids = count(100000001)
        self._fill(accounts)

    def _fill(self, names: Sequence[str] | None) -> None:
        """Make the default accounts, phones and credentials."""
        first = Account(constants.ACCOUNT, "Home", 250.0)
        for name, status in (
            ("HOUSE", "enable"),
            ("My House", "enable"),
            ("ALARM2", "waitingValidation"),
            ("PAYMENT", "refused"),
            ("OLDNAME", "disable"),
        ):
            first.senders[name] = Sender(name, status)
        first.users[constants.USER_LOGIN] = User(
            constants.USER_LOGIN, constants.USER_PASSWORD
        )
        first.virtual_numbers[constants.VIRTUAL_NUMBER] = VirtualNumber(
            constants.VIRTUAL_NUMBER
        )
        second = Account(constants.SECOND_ACCOUNT, "Office", 40.5, service_id=1000002)
        second.senders["OFFICE"] = Sender("OFFICE")
        default = {account.name: account for account in (first, second)}
        for name in default if names is None else names:
            self.accounts[name] = default.get(name) or Account(name)
        for number in constants.PHONES:
            self.phone(number)
        self.add_application(
            constants.APPLICATION_KEY, constants.APPLICATION_SECRET, "Home Assistant"
        )
        self.add_consumer_key(
            rules=constants.DEFAULT_RIGHTS, key=constants.CONSUMER_KEY
        )
        self.add_oauth2_client(constants.CLIENT_ID, constants.CLIENT_SECRET)

    def now(self) -> datetime:
        """Tell the time."""
        return self.clock.now()

    def next_id(self) -> int:
        """Give the next message id."""
        return next(self._ids)

    def phone(self, number: str) -> Phone:
        """Find a phone, or put one there."""
        return self.phones.setdefault(number, Phone(number))

    def account(self, name: str, customer: str | None = None) -> Account:
        """Find an account, of one customer if that is given."""
        account = self.accounts.get(name)
        if account is None or customer not in {None, account.customer}:
            raise unknown_service()
        return account

    def customers(self) -> list[str]:
        """List the customers that someone could log in as."""
        return sorted(
            {account.customer for account in self.accounts.values()}
            | {constants.CUSTOMER}
        )

    def add_account(
        self,
        name: str,
        description: str = "",
        credits_left: float = 100.0,
        **more: object,
    ) -> Account:
        """Add an account."""
        account = Account(name, description, credits_left)
        for attribute, value in more.items():
            if not hasattr(account, attribute):
                raise TypeError(f"an account has no {attribute}")
            setattr(account, attribute, value)
        self.accounts[name] = account
        return account

    def remove_account(self, name: str) -> None:
        """Take an account away."""
        del self.accounts[name]

    def add_sender(
        self,
        account: str,
        name: str,
        status: str = "enable",
        type: str | None = "alpha",
    ) -> Sender:
        """Add a sender to an account."""
        sender = Sender(name, status, type)
        self.accounts[account].senders[name] = sender
        return sender

    def add_user(
        self,
        account: str,
        login: str,
        password: str,
        quota: float | None = None,
        ip_restrictions: Iterable[str] = (),
    ) -> User:
        """Add an SMS user; a quota is taken out of the account's credits."""
        user = User(login, password, quota, ip_restrictions=list(ip_restrictions))
        self.accounts[account].users[login] = user
        self.accounts[account].credits_left -= quota or 0.0
        return user

    def add_virtual_number(self, account: str, number: str) -> VirtualNumber:
        """Add a virtual number to an account."""
        virtual = VirtualNumber(number)
        self.accounts[account].virtual_numbers[number] = virtual
        return virtual

    def add_application(
        self,
        key: str | None = None,
        secret: str | None = None,
        name: str = "",
        description: str = "",
    ) -> Application:
        """Add an application."""
        key = key or secrets.token_hex(8)
        application = Application(
            key,
            secret or secrets.token_hex(16),
            next(self._credential_ids),
            name or key,
            description,
        )
        self.applications[key] = application
        return application

    def add_consumer_key(
        self,
        rules: Iterable[tuple[str, str] | Rule] = constants.DEFAULT_RIGHTS,
        status: CredentialStatus = "validated",
        expiration: datetime | float | None = None,
        *,
        key: str | None = None,
        application_key: str = constants.APPLICATION_KEY,
        allowed_ips: list[str] | None = None,
        customer: str = constants.CUSTOMER,
        redirection: str | None = None,
    ) -> ConsumerKey:
        """Add a consumer key; `expiration` is a time, or seconds from now."""
        if isinstance(expiration, int | float):
            expiration = self.now() + timedelta(seconds=expiration)
        consumer_key = ConsumerKey(
            key or secrets.token_hex(16),
            application_key,
            next(self._credential_ids),
            [rule if isinstance(rule, Rule) else Rule(*rule) for rule in rules],
            self.now(),
            customer,
            status,
            expiration,
            allowed_ips=allowed_ips,
            redirection=redirection,
            token=secrets.token_urlsafe(24),
        )
        self.consumer_keys[consumer_key.key] = consumer_key
        return consumer_key

    def add_oauth2_client(
        self,
        identifier: str | None = None,
        secret: str | None = None,
        actions: Iterable[str] | None = None,
        customer: str = constants.CUSTOMER,
    ) -> OAuth2Client:
        """Add a service account; no actions at all is an empty list, None is everything."""
        client = OAuth2Client(
            identifier or f"EU.{secrets.token_hex(8)}",
            secret or secrets.token_hex(16),
            customer,
            None if actions is None else set(actions),
        )
        self.oauth2_clients[client.identifier] = client
        return client

    def issue_token(self, client: OAuth2Client) -> str:
        """Give a service account a bearer token."""
        token = secrets.token_urlsafe(32)
        client.tokens[token] = self.now() + timedelta(seconds=TOKEN_SECONDS)
        return token

    def client_of_token(self, token: str) -> OAuth2Client | None:
        """Find the service account behind a token that is still good."""
        for client in self.oauth2_clients.values():
            if token in client.tokens and client.tokens[token] > self.now():
                return client
        return None
