"""Questions that wait for an answer, and which reply is one."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
import unicodedata

from ..gateway.models import IncomingSms
from .errors import InvalidRequest
from .privacy import shown
from .recipients import NO_VALUE
from .when import read_duration

DEFAULT_TIMEOUT: Final = timedelta(minutes=5)
_SHORTEST: Final = timedelta(seconds=10)
_LONGEST: Final = timedelta(hours=24)
# Letters that a phone without them writes otherwise, and that have no accent to drop.
_PLAIN: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "œ": "oe", "æ": "ae", "ı": "i", "’": "'", "‘": "'"}
)
# Punctuation, separators and what cannot be seen; a + or an emoji is neither.
_AROUND: Final = ("P", "Z", "C")


@dataclass(eq=False, slots=True, kw_only=True)
class Question:
    """A message that is to be answered.

    `answers` are the ones that were offered, as they were written, by their gist; none
    offered means that any will do. `since` is from when on replies are listed, by scope,
    and `known` are those that were there before, or have been looked at. `older_tags`
    are those of what these numbers were sent before, `tags` those of the question. A
    reply from before `earliest` is none, by OVHcloud's clock.
    """

    numbers: frozenset[str]
    answers: Mapping[str, str]
    since: Mapping[str, float]
    known: set[int]
    older_tags: Collection[str]
    earliest: float
    are_tagged: bool
    tags: set[str] = field(default_factory=set)

    def is_clear_of(self, others: Iterable[Question]) -> bool:
        """Tell whether a reply to this one can be told from replies to the others."""
        return self.are_tagged or all(
            self.numbers.isdisjoint(other.numbers) for other in others
        )

    def is_answered_by(self, sms: IncomingSms, others: Iterable[Question]) -> bool:
        """Tell whether a reply that has just come answers this question and no other."""
        if (
            sms.sender not in self.numbers
            or sms.tag in self.older_tags
            or sms.created.timestamp() < self.earliest
            or (self.answers and gist(sms.text) not in self.answers)
        ):
            return False
        rivals = [
            other
            for other in others
            if other is not self and sms.sender in other.numbers
        ]
        return not rivals or sms.tag in self.tags

    def answer(self, text: str) -> str | None:
        """Return the answer that a text is, as it was offered; None if none was."""
        return self.answers.get(gist(text))


def gist(text: str) -> str:
    """Return what counts of an answer: no case, accents, nor punctuation around it."""
    while (plainer := _plainer(text)) != text:
        text = plainer
    return text


def read_answers(value: object) -> dict[str, str]:
    """Return the answers that are offered, as they are written, by their gist."""
    if value is None:
        return {}
    items = value if isinstance(value, list | tuple) else [value]
    if not items:
        raise InvalidRequest("answers_none")
    answers: dict[str, str] = {}
    for item in items:
        match item:
            case bool():
                raise InvalidRequest("answers_not_quoted")
            case str() | int() | float():
                written = str(item)
            case _:
                raise InvalidRequest("answers_not_list")
        key = gist(written)
        if not key or written.strip() in NO_VALUE:
            raise InvalidRequest("answer_empty", answer=shown(written.strip()))
        if key in answers:
            raise InvalidRequest(
                "answers_alike", answer=shown(written), other=shown(answers[key])
            )
        answers[key] = written
    return answers


def read_timeout(value: object) -> timedelta:
    """Return how long to wait for an answer."""
    if value is None:
        return DEFAULT_TIMEOUT
    timeout = read_duration(value, "timeout")
    if not _SHORTEST <= timeout <= _LONGEST:
        raise InvalidRequest("timeout_out_of_range")
    return timeout


def _plainer(text: str) -> str:
    """Take away once what does not count: something else may have come to light by it."""
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_PLAIN)
    plain = "".join(
        character for character in folded if unicodedata.category(character) != "Mn"
    )
    first, last = 0, len(plain)
    while first < last and _is_around(plain[first]):
        first += 1
    while first < last and _is_around(plain[last - 1]):
        last -= 1
    return " ".join(plain[first:last].split())


def _is_around(character: str) -> bool:
    return unicodedata.category(character).startswith(_AROUND)
