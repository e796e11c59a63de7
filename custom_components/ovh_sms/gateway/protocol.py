"""What the rest of the house may ask of OVHcloud."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from .models import (
    AccountInfo,
    Callbacks,
    Credential,
    IncomingSms,
    Job,
    JobReport,
    SenderInfo,
    ServiceInfo,
    SmsRecord,
)


class Gateway(Protocol):
    """A way to OVHcloud. Every call blocks: it belongs on a worker thread."""

    def send(self, service_name: str, job: Job) -> JobReport:
        """Hand a message over and return what was accepted of it."""

    def close(self) -> None:
        """Close what connections are open."""


@runtime_checkable
class AccountGateway(Gateway, Protocol):
    """A way to OVHcloud that can read as well as send."""

    @property
    def clock_offset(self) -> int | None:
        """Return the seconds by which OVHcloud's clock is ahead, once that is known."""

    @property
    def lacking(self) -> frozenset[str]:
        """Return the rights that calls were refused for want of, and not made since."""

    def accounts(self) -> list[str]:
        """Return the names of the SMS accounts."""

    def account(self, service_name: str) -> AccountInfo:
        """Return one SMS account."""

    def service(self, service_name: str) -> ServiceInfo:
        """Return the contract behind an account."""

    def blacklisted(self, service_name: str) -> list[str]:
        """Return the numbers that replied STOP to an account, in E.164."""

    def senders(self, service_name: str) -> list[SenderInfo]:
        """Return the senders of an account, whatever their status."""

    def sender(self, service_name: str, name: str) -> SenderInfo | None:
        """Return one sender; None where the account has none of that name."""

    def virtual_numbers(self, service_name: str) -> list[str]:
        """Return the virtual numbers of an account."""

    def pending(
        self, service_name: str, virtual_number: str | None = None
    ) -> list[int]:
        """Return the ids of what OVHcloud has taken but not sent yet."""

    def pending_sms(
        self, service_name: str, ids: Iterable[int], virtual_number: str | None = None
    ) -> list[SmsRecord]:
        """Return SMS that wait at OVHcloud, without those that left meanwhile."""

    def outgoing(
        self,
        service_name: str,
        *,
        tag: str | None = None,
        virtual_number: str | None = None,
    ) -> list[int]:
        """Return the ids of what OVHcloud has sent, of all or of what has a tag."""

    def outgoing_sms(
        self, service_name: str, ids: Iterable[int], virtual_number: str | None = None
    ) -> list[SmsRecord]:
        """Return SMS that OVHcloud has sent, without those that it forgot meanwhile."""

    def incoming(
        self,
        service_name: str,
        *,
        since: datetime | None = None,
        virtual_number: str | None = None,
    ) -> list[int]:
        """Return the ids of the replies, of all or of those since a moment."""

    def incoming_sms(
        self, service_name: str, ids: Iterable[int], virtual_number: str | None = None
    ) -> list[IncomingSms]:
        """Return replies, without those that were deleted meanwhile."""

    @property
    def reads_at_once(self) -> int:
        """Return how many SMS are read in one call."""

    def meaning(self, ptt: int) -> str:
        """Return in OVHcloud's words what an operator's code means."""

    def callbacks(self, service_name: str) -> Callbacks:
        """Return whom OVHcloud calls for an account."""

    def call_for_receipts(self, service_name: str, address: str | None) -> None:
        """Have OVHcloud call an address when it knows what became of an SMS."""

    def answer_replies(self, service_name: str, response: Mapping[str, Any]) -> None:
        """Have OVHcloud do with replies what is told, in its own words."""

    def cancel(
        self, service_name: str, sms_id: int, virtual_number: str | None = None
    ) -> bool:
        """Withdraw an SMS that waits; False where it waits no longer."""

    def credential(self) -> Credential | None:
        """Return what the key may do; None where OVHcloud does not tell."""
