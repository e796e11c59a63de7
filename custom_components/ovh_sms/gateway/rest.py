"""OVHcloud's REST interface, spoken through its own client."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import batched
import logging
from typing import Any, Final, override
from urllib.parse import quote, urlencode

from .answers import amount, identifiers, listed, numbers, sms_record, sms_records
from .client import Client, ClockOffset
from .errors import (
    AuthFailed,
    AuthReason,
    MissingRight,
    NotFound,
    NotSent,
    NotSentReason,
    OutcomeUnknown,
    Refused,
    RefusedReason,
    UnknownReason,
)
from .failures import explain, explain_preparation, odd_answer
from .models import (
    AccountInfo,
    ApiKeys,
    Credential,
    Job,
    JobReport,
    PendingKey,
    SenderInfo,
    ServiceAccount,
    SmsRecord,
)
from .pool import Pool
from .protocol import AccountGateway
from .rights import Right

_LOGGER = logging.getLogger(__name__)


class RestGateway(AccountGateway):
    """REST calls with API keys or a service account."""

    def __init__(
        self, credentials: ApiKeys | ServiceAccount, url: str | None = None
    ) -> None:
        """Keep the credentials; clients are made when they are needed."""
        self._clock = ClockOffset()
        self._pool = Pool(lambda: Client(credentials, self._clock, url))
        self._reads_batches = True

    @property
    @override
    def clock_offset(self) -> int | None:
        """Return the seconds by which OVHcloud's clock is ahead, once that is known."""
        return self._clock.known

    @override
    def send(self, service_name: str, job: Job) -> JobReport:
        """Hand a message over and return what was accepted of it."""
        path = _account(service_name, job.virtual_number)
        answer = self._call("POST", f"{path}/jobs", _body(job))
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
        answer = self._call("GET", "/sms")
        with odd_answer():
            return [str(name) for name in listed(answer)]

    @override
    def account(self, service_name: str) -> AccountInfo:
        """Return one SMS account."""
        answer = self._call("GET", _account(service_name))
        with odd_answer():
            return AccountInfo(
                name=str(answer["name"]),
                description=str(answer.get("description") or ""),
                enabled=answer["status"] == "enable",
                credits_left=float(answer["creditsLeft"]),
                credits_held=float(answer.get("creditsHoldByQuota") or 0),
                channel=str(answer.get("channel") or "both"),
            )

    @override
    def senders(self, service_name: str) -> list[SenderInfo]:
        """Return the senders of an account, whatever their status."""
        names = self._call("GET", f"{_account(service_name)}/senders")
        with odd_answer():
            found = (self.sender(service_name, str(name)) for name in listed(names))
            return [sender for sender in found if sender]

    @override
    def sender(self, service_name: str, name: str) -> SenderInfo | None:
        """Return one sender; None where the account has none of that name."""
        path = f"{_account(service_name)}/senders/{quote(name, safe='')}"
        try:
            answer = self._call("GET", path)
        except NotFound:
            return None
        except Refused as refusal:
            if refusal.reason is RefusedReason.SENDER_UNKNOWN:
                return None
            raise
        with odd_answer():
            return SenderInfo(
                name=str(answer["sender"]),
                status=str(answer["status"]),
                kind=answer.get("type"),
            )

    @override
    def virtual_numbers(self, service_name: str) -> list[str]:
        """Return the virtual numbers of an account."""
        answer = self._call("GET", f"{_account(service_name)}/virtualNumbers")
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
        return self._records(f"{_account(service_name, virtual_number)}/jobs", ids)

    @override
    def outgoing(
        self,
        service_name: str,
        *,
        tag: str | None = None,
        receiver: str | None = None,
        since: datetime | None = None,
        virtual_number: str | None = None,
    ) -> list[int]:
        """Return the ids of what OVHcloud has sent, of all or of what is asked for."""
        filters = {
            "tag": tag,
            "receiver": receiver,
            "creationDatetime.from": since
            and since.astimezone(UTC).isoformat(timespec="seconds"),
        }
        # A space as %20: what is signed is what goes over the wire.
        query = urlencode(
            {name: value for name, value in filters.items() if value is not None},
            quote_via=quote,
            safe="",
        )
        path = f"{_account(service_name, virtual_number)}/outgoing"
        return self._ids(f"{path}?{query}" if query else path)

    @override
    def outgoing_sms(
        self, service_name: str, ids: Iterable[int], virtual_number: str | None = None
    ) -> list[SmsRecord]:
        """Return SMS that OVHcloud has sent, without those that it forgot meanwhile."""
        return self._records(f"{_account(service_name, virtual_number)}/outgoing", ids)

    @override
    def cancel(
        self, service_name: str, sms_id: int, virtual_number: str | None = None
    ) -> bool:
        """Withdraw an SMS that waits; False where it waits no longer."""
        path = f"{_account(service_name, virtual_number)}/jobs/{sms_id}"
        try:
            self._call("DELETE", path)
        except NotFound:
            return False
        return True

    @override
    def credential(self) -> Credential | None:
        """Return what the key may do; None where OVHcloud does not tell."""
        try:
            answer = self._call("GET", "/auth/currentCredential")
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
        answer = self._call(
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

    @override
    def close(self) -> None:
        """Close the connections: those that are idle now, the others after their call."""
        self._pool.close()

    def _ids(self, path: str) -> list[int]:
        answer = self._call("GET", path)
        with odd_answer():
            return identifiers(answer)

    def _records(self, path: str, ids: Iterable[int]) -> list[SmsRecord]:
        """Read SMS, many in one call where OVHcloud knows how."""
        records: list[SmsRecord] = []
        for chunk in batched(ids, _BATCH, strict=False):
            records += self._chunk(path, chunk)
        return records

    def _chunk(self, path: str, ids: tuple[int, ...]) -> list[SmsRecord]:
        if len(ids) > 1 and self._reads_batches:
            try:
                return self._batch(path, ids)
            except (OutcomeUnknown, Refused) as failure:
                if failure.reason not in _NO_BATCH:
                    raise
                self._reads_batches = False
        found = (self._record(path, sms_id) for sms_id in ids)
        return [record for record in found if record]

    def _batch(self, path: str, ids: tuple[int, ...]) -> list[SmsRecord]:
        answer = self._call(
            "GET", f"{path}/{','.join(map(str, ids))}", headers=_BATCH_HEADER
        )
        with odd_answer():
            return sms_records(answer, ids)

    def _record(self, path: str, sms_id: int) -> SmsRecord | None:
        try:
            answer = self._call("GET", f"{path}/{sms_id}")
        except NotFound:
            return None
        with odd_answer():
            return sms_record(answer, sms_id)

    def _call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        signed: bool = True,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Make one call; again only where OVHcloud refused our clock or token."""
        with self._pool.lend(reads=method != "POST") as client:
            try:
                return self._attempt(client, method, path, body, signed, headers)
            except (NotSent, AuthFailed) as failure:
                if failure.reason not in _STALE:
                    raise
            client.forget()
            return self._attempt(client, method, path, body, signed, headers)

    def _attempt(
        self,
        client: Client,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        signed: bool,
        headers: dict[str, str] | None,
    ) -> Any:
        if signed:
            with explain_preparation(client):
                client.prepare()
        try:
            return client.call(method, path, body, signed, headers=headers)
        except Exception as err:  # noqa: BLE001 - odd answers make the library fail anyhow
            failure = explain(err, client.answer, method, path)
            if isinstance(failure, NotSent):
                failure.clock_offset = self._clock.known
            _LOGGER.debug(
                "%s failed: %s (%s, query %s)",
                method,
                failure.reason,
                type(err).__name__,
                failure.query_id,
            )
        # Not chained: the library's errors hold addresses, and so phone numbers.
        raise failure


_STALE: Final = (NotSentReason.CLOCK_WRONG, AuthReason.SERVICE_ACCOUNT)
# So many SMS are read in one call.
_BATCH: Final = 100
_BATCH_HEADER: Final = {"X-Ovh-Batch": ","}
# What a server says that does not know this way of reading.
_NO_BATCH: Final = (RefusedReason.OTHER, UnknownReason.ODD_ANSWER)


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
