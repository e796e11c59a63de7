"""OVHcloud's REST interface, spoken through its own client."""

from collections.abc import Iterable
from datetime import datetime
import logging
import math
from typing import Any, Final, override
from urllib.parse import quote

from .client import Client, ClockOffset
from .errors import AuthFailed, AuthReason, MissingRight, NotSent, NotSentReason
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

    @override
    def send(self, service_name: str, job: Job) -> JobReport:
        """Hand a message over and return what was accepted of it."""
        path = _account(service_name)
        if job.virtual_number:
            path += f"/virtualNumbers/{quote(job.virtual_number, safe='')}"
        answer = self._call("POST", f"{path}/jobs", _body(job))
        with odd_answer():
            report = JobReport(
                ids=tuple(int(job_id) for job_id in _listed(answer["ids"])),
                valid_receivers=_numbers(answer["validReceivers"]),
                invalid_receivers=_numbers(answer["invalidReceivers"]),
                credits=_credits(answer["totalCreditsRemoved"]),
            )
            if report.valid_receivers and not report.ids:
                raise ValueError
            return report

    @override
    def accounts(self) -> list[str]:
        """Return the names of the SMS accounts."""
        answer = self._call("GET", "/sms")
        with odd_answer():
            return [str(name) for name in _listed(answer)]

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
        path = f"{_account(service_name)}/senders"
        names = self._call("GET", path)
        senders = []
        with odd_answer():
            for name in _listed(names):
                answer = self._call("GET", f"{path}/{quote(str(name), safe='')}")
                senders.append(
                    SenderInfo(
                        name=str(answer["sender"]),
                        status=str(answer["status"]),
                        kind=answer.get("type"),
                    )
                )
        return senders

    @override
    def virtual_numbers(self, service_name: str) -> list[str]:
        """Return the virtual numbers of an account."""
        answer = self._call("GET", f"{_account(service_name)}/virtualNumbers")
        with odd_answer():
            return [str(number) for number in _listed(answer)]

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

    def _call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        signed: bool = True,
    ) -> Any:
        """Make one call; again only where OVHcloud refused our clock or token."""
        with self._pool.lend() as client:
            try:
                return self._attempt(client, method, path, body, signed)
            except (NotSent, AuthFailed) as failure:
                if failure.reason not in _STALE:
                    raise
            client.forget()
            return self._attempt(client, method, path, body, signed)

    def _attempt(
        self,
        client: Client,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        signed: bool,
    ) -> Any:
        if signed:
            with explain_preparation(client):
                client.prepare()
        try:
            return client.call(method, path, body, signed)
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


def _account(service_name: str) -> str:
    return f"/sms/{quote(service_name, safe='')}"


def _listed(answer: Any) -> list[Any]:
    if not isinstance(answer, list):
        raise TypeError
    return answer


def _numbers(answer: Any) -> tuple[str, ...]:
    numbers = tuple(_listed(answer))
    if not all(isinstance(number, str) and number.isprintable() for number in numbers):
        raise TypeError
    return numbers


def _credits(answer: Any) -> float:
    number = float(answer)
    if not math.isfinite(number):
        raise ValueError
    return number


def _body(job: Job) -> dict[str, Any]:
    """Return a job as OVHcloud spells it, without what is not set."""
    body: dict[str, Any] = {
        "message": job.message,
        "receivers": list(job.receivers),
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
