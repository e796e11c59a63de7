"""What was asked of the API, for tests to look at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class RequestRecord:
    """One request; `status` stays None when the caller got no answer."""

    number: int
    method: str
    path: str
    route: str
    headers: dict[str, str]
    body: str
    json: Any
    at: datetime
    connection: int
    status: int | None = None
