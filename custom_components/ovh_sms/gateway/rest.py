"""OVHcloud's REST interface, spoken through its own client."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, override
from urllib.parse import quote

from .answers import (
    amount,
    callbacks,
    callbacks_if_told,
    e164,
    identifiers,
    incoming_sms,
    listed,
    numbers,
    sms_record,
    text,
)
from .calls import Calls
from .errors import MissingRight, NotFound, Refused, RefusedReason
from .failures import odd_answer
from .models import (
    AccountInfo,
    Callbacks,
    Credential,
    IncomingSms,
    Job,
    JobReport,
    PendingKey,
    SenderInfo,
    ServiceInfo,
    SmsRecord,
)
from .protocol import AccountGateway
from .rights import Right


class RestGateway(Calls, AccountGateway):
    """REST calls with API keys or a service account."""

    @override
    def send(self, service_name: str, job: Job) -> JobReport:
        """Hand a message over and return what was accepted of it."""
        path = _account(service_name, job.virtual_number)
        answer = self.call("POST", f"{path}/jobs", _body(job))
        with odd_answer():
            report = JobReport(
                ids=tuple(identifiers(answer["ids"])),
                valid_receivers=numbers(answer["validReceivers"]),
                invalid_receivers=numbers(answer["invalidReceivers"]),
                credits=amount(answer["totalCreditsRemoved"]),
            )
            if report.valid_receivers and not report.ids:
                raise ValueError
            return report

    @override
    def accounts(self) -> list[str]:
        """Return the names of the SMS accounts."""
        answer = self.call("GET", "/sms")
        with odd_answer():
            return [str(name) for name in listed(answer)]

    @override
    def account(self, service_name: str) -> AccountInfo:
        """Return one SMS account."""
        answer = self.call("GET", _account(service_name))
        with odd_answer():
            return AccountInfo(
                name=str(answer["name"]),
                description=str(answer.get("description") or ""),
                enabled=answer["status"] == "enable",
                credits_left=amount(answer["creditsLeft"]),
                credits_held=amount(answer.get("creditsHoldByQuota") or 0),
                channel=str(answer.get("channel") or "both"),
                callbacks=callbacks_if_told(answer),
            )

    @override
    def service(self, service_name: str) -> ServiceInfo:
        """Return the contract behind an account."""
        answer = self.call("GET", f"{_account(service_name)}/serviceInfos")
        with odd_answer():
            expiration = answer.get("expiration")
            return ServiceInfo(
                status=str(answer["status"]),
                expiration=date.fromisoformat(expiration[:10]) if expiration else None,
            )

    @override
    def blacklisted(self, service_name: str) -> list[str]:
        """Return the numbers that replied STOP to an account, in E.164."""
        answer = self.call("GET", f"{_account(service_name)}/blacklists")
        with odd_answer():
            return [e164(number) for number in numbers(answer)]

    @override
    def senders(self, service_name: str) -> list[SenderInfo]:
        """Return the senders of an account, whatever their status."""
        names = self.call("GET", f"{_account(service_name)}/senders")
        with odd_answer():
            found = (self.sender(service_name, str(name)) for name in listed(names))
            return [sender for sender in found if sender]

    @override
    def sender(self, service_name: str, name: str) -> SenderInfo | None:
        """Return one sender; None where the account has none of that name."""
        path = f"{_account(service_name)}/senders/{quote(name, safe='')}"
        try:
            answer = self.call("GET", path)
        except NotFound:
            return None
        except Refused as refusal:
            if refusal.reason is RefusedReason.SENDER_UNKNOWN:
                return None
            raise
        with odd_answer():
            return SenderInfo(name=str(answer["sender"]), status=str(answer["status"]))

    @override
    def virtual_numbers(self, service_name: str) -> list[str]:
        """Return the virtual numbers of an account."""
        answer = self.call("GET", f"{_account(service_name)}/virtualNumbers")
        with odd_answer():
            return [str(number) for number in listed(answer)]

    @override
    def pending(
        self, service_name: str, virtual_number: str | None = None
    ) -> list[int]:
        """Return the ids of what OVHcloud has taken but not sent yet."""
        return self._ids(f"{_account(service_name, virtual_number)}/jobs")

    @override
    def pending_sms(
        self, service_name: str, ids: Iterable[int], virtual_number: str | None = None
    ) -> list[SmsRecord]:
        """Return SMS that wait at OVHcloud, without those that left meanwhile."""
        path = f"{_account(service_name, virtual_number)}/jobs"
        return self.records(path, ids, sms_record)

    @override
    def outgoing(
        self,
        service_name: str,
        *,
        tag: str | None = None,
        virtual_number: str | None = None,
    ) -> list[int]:
        """Return the ids of what OVHcloud has sent, of all or of what has a tag."""
        path = f"{_account(service_name, virtual_number)}/outgoing"
        return self._ids(f"{path}{_query('tag', tag)}")

    @override
    def outgoing_sms(
        self, service_name: str, ids: Iterable[int], virtual_number: str | None = None
    ) -> list[SmsRecord]:
        """Return SMS that OVHcloud has sent, without those that it forgot meanwhile."""
        path = f"{_account(service_name, virtual_number)}/outgoing"
        return self.records(path, ids, sms_record)

    @override
    def incoming(
        self,
        service_name: str,
        *,
        since: datetime | None = None,
        virtual_number: str | None = None,
    ) -> list[int]:
        """Return the ids of the replies, of all or of those since a moment."""
        path = f"{_account(service_name, virtual_number)}/incoming"
        return self._ids(f"{path}{_query('creationDatetime.from', since)}")

    @override
    def incoming_sms(
        self, service_name: str, ids: Iterable[int], virtual_number: str | None = None
    ) -> list[IncomingSms]:
        """Return replies, without those that were deleted meanwhile."""
        path = f"{_account(service_name, virtual_number)}/incoming"
        return self.records(path, ids, incoming_sms)

    @override
    def meaning(self, ptt: int) -> str:
        """Return in OVHcloud's words what an operator's code means."""
        answer = self.call("GET", f"/sms/ptts?ptt={ptt}")
        with odd_answer():
            return text(answer["comment"])

    @override
    def callbacks(self, service_name: str) -> Callbacks:
        """Return whom OVHcloud calls for an account."""
        answer = self.call("GET", _account(service_name))
        with odd_answer():
            return callbacks(answer)

    @override
    def call_for_receipts(self, service_name: str, address: str | None) -> None:
        """Have OVHcloud call an address when it knows what became of an SMS."""
        self.call("PUT", _account(service_name), {"callBack": address})

    @override
    def answer_replies(self, service_name: str, response: Mapping[str, Any]) -> None:
        """Have OVHcloud do with replies what is told, in its own words."""
        self.call("PUT", _account(service_name), {"smsResponse": dict(response)})

    @override
    def cancel(
        self, service_name: str, sms_id: int, virtual_number: str | None = None
    ) -> bool:
        """Withdraw an SMS that waits; False where it waits no longer."""
        path = f"{_account(service_name, virtual_number)}/jobs/{sms_id}"
        try:
            self.call("DELETE", path)
        except NotFound:
            return False
        return True

    @override
    def credential(self) -> Credential | None:
        """Return what the key may do; None where OVHcloud does not tell."""
        try:
            answer = self.call("GET", "/auth/currentCredential")
        except MissingRight:
            return None
        with odd_answer():
            expiration = answer.get("expiration")
            return Credential(
                rights=tuple(
                    Right(str(rule["method"]), str(rule["path"]))
                    for rule in answer["rules"]
                ),
                expiration=datetime.fromisoformat(expiration) if expiration else None,
            )

    def request_key(self, rights: Iterable[Right]) -> PendingKey:
        """Ask for a consumer key that the user still has to approve on OVHcloud's page."""
        answer = self.call(
            "POST",
            "/auth/credential",
            {
                "accessRules": [
                    {"method": right.method, "path": right.path} for right in rights
                ]
            },
            signed=False,
        )
        with odd_answer():
            return PendingKey(
                consumer_key=str(answer["consumerKey"]),
                validation_url=str(answer["validationUrl"]),
            )

    def _ids(self, path: str) -> list[int]:
        answer = self.call("GET", path)
        with odd_answer():
            return identifiers(answer)


def _query(name: str, value: str | datetime | None) -> str:
    """Return what is asked for as OVHcloud reads it, if it is anything."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(UTC).isoformat(timespec="seconds")
    # A space as %20: what is signed is what goes over the wire.
    return f"?{name}={quote(value, safe='')}"


def _account(service_name: str, virtual_number: str | None = None) -> str:
    path = f"/sms/{quote(service_name, safe='')}"
    if virtual_number:
        path += f"/virtualNumbers/{quote(virtual_number, safe='')}"
    return path


def _body(job: Job) -> dict[str, Any]:
    """Return a job as OVHcloud spells it, without what is not set."""
    body: dict[str, Any] = {
        "message": job.message,
        "receivers": list(job.receivers) or None,
        "receiversDocumentUrl": job.document_url,
        "receiversSlotId": job.slot_id,
        "priority": job.priority,
        "differedPeriod": job.delay_minutes,
        "validityPeriod": job.validity_minutes,
        "tag": job.tag,
        "class": job.message_class,
        "coding": job.coding,
        "charset": job.charset,
    }
    if not job.virtual_number:
        body |= {
            "sender": None if job.short_number else job.sender,
            "senderForResponse": job.short_number,
            "noStopClause": job.no_stop_clause,
        }
    return {name: value for name, value in body.items() if value is not None}
