"""How calls are made over REST: one at a time, or many records in one."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import batched
import logging
from typing import Any, Final

from .answers import records_of_batch
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
from .failures import (
    as_written,
    explain,
    explain_preparation,
    may_have_halves,
    odd_answer,
    pattern,
)
from .models import ApiKeys, ServiceAccount
from .pool import Pool

_LOGGER = logging.getLogger(__name__)

# What a record is read with: its part of the answer, and its id.
type Parse[RecordT] = Callable[[Any, int], RecordT]

_STALE: Final = (NotSentReason.CLOCK_WRONG, AuthReason.SERVICE_ACCOUNT)
# So many SMS are read in one call.
BATCH: Final = 100
_BATCH_HEADER: Final = {"X-Ovh-Batch": ","}
# What a server says that does not know this way of reading.
_NO_BATCH: Final = (RefusedReason.OTHER, UnknownReason.ODD_ANSWER)


class Calls:
    """Calls to OVHcloud, signed as the credentials want it."""

    def __init__(
        self, credentials: ApiKeys | ServiceAccount, url: str | None = None
    ) -> None:
        """Keep the credentials; clients are made when they are needed."""
        self._clock = ClockOffset()
        self._pool = Pool(lambda: Client(credentials, self._clock, url))
        self._reads_batches = True
        # What the latest call of a kind was refused for want of.
        self._lacking: dict[str, str] = {}

    @property
    def clock_offset(self) -> int | None:
        """Return the seconds by which OVHcloud's clock is ahead, once that is known."""
        return self._clock.known

    @property
    def reads_at_once(self) -> int:
        """Return how many SMS are read in one call."""
        return BATCH if self._reads_batches else 1

    @property
    def lacking(self) -> frozenset[str]:
        """Return the rights that calls were refused for want of, and not made since."""
        return frozenset(self._lacking.copy().values())

    def close(self) -> None:
        """Close the connections: those that are idle now, the others after their call."""
        self._pool.close()

    def records[RecordT](
        self, path: str, ids: Iterable[int], parse: Parse[RecordT]
    ) -> list[RecordT]:
        """Read records, many in one call where OVHcloud knows how; some may be gone."""
        records: list[RecordT] = []
        for chunk in batched(ids, BATCH, strict=False):
            records += self._chunk(path, chunk, parse)
        return records

    def _chunk[RecordT](
        self, path: str, ids: tuple[int, ...], parse: Parse[RecordT]
    ) -> list[RecordT]:
        if len(ids) > 1 and self._reads_batches:
            try:
                return self._batch(path, ids, parse)
            except (OutcomeUnknown, Refused) as failure:
                if failure.reason not in _NO_BATCH:
                    raise
                self._reads_batches = False
        found = (self._record(path, sms_id, parse) for sms_id in ids)
        return [record for record in found if record is not None]

    def _batch[RecordT](
        self, path: str, ids: tuple[int, ...], parse: Parse[RecordT]
    ) -> list[RecordT]:
        answer = self.call(
            "GET", f"{path}/{','.join(map(str, ids))}", headers=_BATCH_HEADER
        )
        with odd_answer():
            return records_of_batch(answer, ids, parse)

    def _record[RecordT](
        self, path: str, sms_id: int, parse: Parse[RecordT]
    ) -> RecordT | None:
        try:
            answer = self.call("GET", f"{path}/{sms_id}")
        except NotFound:
            return None
        with odd_answer():
            return parse(answer, sms_id)

    def call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        signed: bool = True,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Make one call; again only where OVHcloud refused our clock or token."""
        attempt = partial(
            self._attempt,
            method=method,
            path=path,
            body=body,
            signed=signed,
            headers=headers,
        )
        try:
            with self._pool.lend(reads=method != "POST") as client:
                answer = self._again_if_stale(client, attempt)
        except MissingRight as failure:
            self._lacking[failure.call] = failure.right
            raise
        if self._lacking:
            self._lacking.pop(f"{method} {pattern(path)}", None)
        return answer

    def _again_if_stale(self, client: Client, attempt: Callable[[Client], Any]) -> Any:
        try:
            return attempt(client)
        except (NotSent, AuthFailed) as failure:
            if failure.reason not in _STALE:
                raise
        client.forget()
        return attempt(client)

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
            answer = client.call(method, path, body, signed, headers=headers)
            return as_written(answer) if may_have_halves(client.answer) else answer
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
