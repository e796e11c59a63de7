"""OVHcloud's http2sms gateway: a login and a password, and one thing that it can do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
import logging
import math
import re
import time
from typing import Any, Final, override
from zoneinfo import ZoneInfo

import requests

from .answers import identifiers, listed
from .client import SILENCE, TIMEOUT
from .errors import (
    AuthFailed,
    AuthReason,
    GatewayError,
    OutcomeUnknown,
    Refused,
    RefusedReason,
    UnknownReason,
)
from .failures import as_written, explain, explain_trouble, odd_answer, refused_reason
from .line import ignore_host_settings
from .models import Job, JobReport, SmsUser
from .pool import Pool
from .protocol import Gateway

_LOGGER = logging.getLogger(__name__)

BASE_URL: Final = "https://www.ovh.com"
PATH: Final = "/cgi-bin/sms/http2sms.cgi"

_PARIS: Final = ZoneInfo("Europe/Paris")
_CLASSES: Final = {"flash": "0", "phoneDisplay": "1", "sim": "2", "toolkit": "3"}
_CODINGS: Final = {"7bit": "1", "8bit": "2"}

_WRONG_LOGIN: Final = re.compile(
    r"^(?:missing|invalid|wrong|bad|incorrect|unknown)\W+(?:sms\W?)?"
    r"(?:account|user|login|password)\b"
    r"|^(?:sms\W?)?(?:account|user|login|password)\b.*"
    r"\b(?:invalid|wrong|incorrect|unknown|exists?|found|match)"
    r"|\bauthenticat",
    re.IGNORECASE | re.DOTALL,
)
# Its last words, such as "For more informations : http//:guides.ovh.com/httpToSms".
_GUIDE: Final = re.compile(r"[^.]*\binfo\w*\W[^.]*?\bhttps?\W+\S+\s*$", re.IGNORECASE)


class Http2SmsGateway(Gateway):
    """Sends for a user of an SMS account."""

    def __init__(
        self,
        credentials: SmsUser,
        url: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Keep the credentials; connections are made when they are needed."""
        self._credentials = credentials
        self._url = f"{url or BASE_URL}{PATH}"
        self._clock = clock
        self._pool = Pool(lambda: _Connection(self._url))

    @override
    def send(self, service_name: str, job: Job) -> JobReport:
        """Hand a message over and return what was accepted of it."""
        answer = self._post(self._form(service_name, job))
        try:
            return self._read(answer, job)
        except GatewayError as failure:
            _LOGGER.debug("POST failed: %s (HTTP %d)", failure, answer.status_code)
            raise

    @override
    def close(self) -> None:
        """Close the connections: those that are idle now, the others after their call."""
        self._pool.close()

    def _form(self, service_name: str, job: Job) -> dict[str, str]:
        """Return a job as the gateway spells it, without what is not set."""
        form = {
            "account": service_name,
            "login": self._credentials.login,
            "password": self._credentials.password,
            "from": "" if job.short_number else job.sender or "",
            "to": ",".join(
                re.sub(r"^\+", "00", receiver) for receiver in job.receivers
            ),
            # Its line break is %0d, a carriage return.
            "message": job.message.replace("\r\n", "\r").replace("\n", "\r"),
            "tag": job.tag,
            "contentType": "application/json",
        }
        if job.short_number:
            form["senderForResponse"] = "1"
        if job.no_stop_clause:
            form["noStop"] = "1"
        if job.delay_minutes:
            form["deferred"] = self._deferred(job.delay_minutes)
        # What is in neither list is left for the gateway to refuse.
        if job.message_class is not None:
            form["class"] = _CLASSES.get(job.message_class, job.message_class)
        if job.coding is not None:
            form["smsCoding"] = _CODINGS.get(job.coding, job.coding)
        return form

    def _deferred(self, minutes: int) -> str:
        """Return when a message shall leave, in Paris and never too early."""
        moment = self._clock().astimezone(UTC) + timedelta(minutes=minutes)
        if moment.second or moment.microsecond:
            moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        moment = moment.astimezone(_PARIS)
        if moment.fold:
            # The second time round, the hour that the clocks repeat would be taken for
            # the first, which is past: the message leaves at the end of it.
            moment = moment.replace(hour=3, minute=0)
        return f"{moment:%H%M%d%m%Y}"

    def _post(self, form: dict[str, str]) -> requests.Response:
        with self._pool.lend() as connection:
            try:
                # A redirection would take the password elsewhere.
                return connection.fresh().post(
                    self._url, data=form, timeout=TIMEOUT, allow_redirects=False
                )
            except Exception as err:  # noqa: BLE001 - whatever happened, the caller needs its meaning
                failure = explain(err, None, "POST", PATH)
                _LOGGER.debug("POST failed: %s (%s)", failure, type(err).__name__)
        # Not chained: the errors of requests hold the form, and so the password.
        raise failure

    def _read(self, answer: requests.Response, job: Job) -> JobReport:
        """Tell what an answer means."""
        if trouble := explain_trouble(answer):
            raise trouble
        with odd_answer():
            told = as_written(answer.json())
            status = int(str(told["status"]))
            sentence = self._sentence(told.get("message"))
        if status in (201, 202):
            if sentence and _WRONG_LOGIN.search(sentence):
                raise AuthFailed(AuthReason.SMS_USER, sentence=sentence)
            raise Refused(
                refused_reason(HTTPStatus.BAD_REQUEST, sentence or ""),
                sentence=sentence,
            )
        if status == 241:
            raise Refused(RefusedReason.SENDER_UNKNOWN, sentence=sentence)
        if status == 401:
            raise AuthFailed(AuthReason.IP_NOT_ALLOWED, sentence=sentence)
        if status not in (100, 101):
            raise OutcomeUnknown(UnknownReason.ODD_ANSWER, sentence=sentence)
        with odd_answer():
            ids = _ids(told)
        if not ids:
            raise Refused(RefusedReason.OTHER, sentence=sentence)
        return JobReport(
            ids=ids,
            # It does not say which: only all of them can be told.
            valid_receivers=job.receivers if len(ids) == len(job.receivers) else (),
            invalid_receivers=(),
            credits=None,
            credits_left=_number(told.get("creditLeft")),
        )

    def _sentence(self, message: Any) -> str | None:
        """Return what the gateway says, without the password and its guide's address."""
        if not isinstance(message, str):
            return None
        if self._credentials.password:
            message = message.replace(self._credentials.password, "…")
        return _GUIDE.sub("", message).strip(" .") or None


class _Connection:
    """A session that one thread at a time uses."""

    def __init__(self, url: str) -> None:
        self._session = requests.Session()
        self._used = time.monotonic()
        ignore_host_settings(self._session, url)

    def fresh(self) -> requests.Session:
        """Return the session, without a connection that was silent for long."""
        now = time.monotonic()
        if now - self._used > SILENCE:
            self._session.close()
        self._used = now
        return self._session

    def close(self) -> None:
        """Close it; it can be used again."""
        self._session.close()


def _ids(told: dict[str, Any]) -> tuple[int, ...]:
    """Return the messages' ids, in the spelling of the guide or of what is seen."""
    ids = told["SmsIds"] if "SmsIds" in told else told["smsIds"]
    return tuple(identifiers([str(sms_id) for sms_id in listed(ids)]))


def _number(text: Any) -> float | None:
    try:
        number = float(str(text))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
