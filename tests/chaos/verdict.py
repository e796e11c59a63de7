"""Whether a run kept what is promised."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from .run import Record, Row, name_of
from .steps import Ending

_OPEN = ("waiting", "sending", "unknown")
_ACCEPTED = "accepted"
_RECEIPTS = ("delivered", "failed", "unconfirmed")
_PARTIAL = "partial"


def problems(record: Record) -> list[str]:
    """Return what was not kept; an empty list is a proof."""
    if not record.is_at_rest:
        return ["it does not come to rest"]
    return [
        *(line["error"] for line in record.told if line["told"] == "surprise"),
        *_doubled_or_lost(record),
        *_unsaid(record),
        *_unkept(record),
        *_receipts(record),
        *_tags(record),
    ]


def _doubled_or_lost(record: Record) -> Iterator[str]:
    """Compare what OVHcloud accepted with what the ledger says of it."""
    calls = Counter(
        (name_of(call["text"]), number)
        for _, messages in record.plan.calls
        for call in messages
        for number in call["receivers"]
    )
    accepted, arrived = Counter(record.accepted), Counter(record.arrived)
    sure: Counter[tuple[str, str]] = Counter()
    perhaps: Counter[tuple[str, str]] = Counter()
    for row in record.rows:
        if row.of_message == _PARTIAL and record.plan.sms_user:
            # The gateway of SMS users does not say who was refused.
            perhaps[row.name, row.number] += 1
        elif row.state in (_ACCEPTED, *_RECEIPTS):
            sure[row.name, row.number] += 1
        elif row.is_closed:
            perhaps[row.name, row.number] += 1
        elif row.of_message in _OPEN:
            yield f"{row.name} is {row.of_message} for ever"
    known = {row.message_id for row in record.rows}
    for line in record.told:
        if line.get("over") and line["id"] not in known and record.plan.has_haste:
            perhaps.update(
                (name_of(line["text"]), number) for number in line["receivers"]
            )
    for wanted, times in calls.items():
        if accepted[wanted] > times or arrived[wanted] > times:
            yield f"{wanted} was doubled: {accepted[wanted]} for {times}"
        low, high = sure[wanted], sure[wanted] + perhaps[wanted]
        if not low <= accepted[wanted] <= high:
            yield f"{wanted} was accepted {accepted[wanted]} times, the ledger says {low} to {high}"
    if surplus := (accepted - calls) + (arrived - accepted):
        yield f"nobody asked for {surplus}"


def _said(record: Record) -> dict[str, list[str]]:
    said: dict[str, list[str]] = defaultdict(list)
    for line in record.told:
        if line.get("over"):
            said[line["id"]].append(line["state"])
    return said


def _unsaid(record: Record) -> Iterator[str]:
    """Look for what did not go as asked, and nobody was told."""
    said = _said(record)
    promised = {line["id"] for line in record.told if line["told"] == "call"}
    errors = {name_of(line["text"]) for line in record.told if line["told"] == "error"}
    ended: dict[str, Row] = {row.message_id: row for row in record.rows}
    for message_id in promised - ended.keys():
        # Where the ledger was closed under a call, it was sent from memory, once.
        if not (record.plan.has_haste and said[message_id]):
            yield f"{message_id} was promised, and is not in the ledger"
    for message_id, row in ended.items():
        state = row.of_message
        if row.name in errors and state != _ACCEPTED:
            # Who called has heard it.
            continue
        if state not in said[message_id] and (
            state != _ACCEPTED or message_id in promised
        ):
            yield f"nobody was told that {row.name} is {state}"


def _unkept(record: Record) -> Iterator[str]:
    """Look for an end that was told and was not the end."""
    ended = {row.message_id: row for row in record.rows}
    for message_id, states in _said(record).items():
        for state in set(states):
            row = ended.get(message_id)
            # Who does not wait for the last write finds out anew.
            if row and state != row.of_message and not record.plan.has_haste:
                yield f"it was told that {row.name} is {state}, but it is {row.of_message}"


def _receipts(record: Record) -> Iterator[str]:
    """Compare what became of each number with what was told of it."""
    told: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for line in record.told:
        if line["told"] == "receipt":
            told[line["id"]][line["index"]].add(line["state"])
        elif line.get("over") and told[line["id"]]:
            yield f"{line['id']} had a receipt before it was {line['state']}"
    for row in record.rows:
        said = told[row.message_id].get(row.index, set())
        if said != ({row.state} & {*_RECEIPTS}):
            yield f"{row.name} to {row.number} is {row.state}, told was {said}"


def _tags(record: Record) -> Iterator[str]:
    """Look for a repeat under another tag."""
    tags = {(row.name, row.tag) for row in record.rows}
    from_memory = record.plan.has_haste
    for name, tag in record.posted - tags:
        if from_memory and name not in {row.name for row in record.rows}:
            continue
        yield f"{name} was sent as {tag}, which is not in the ledger"


def is_untouched(record: Record) -> bool:
    """Tell whether the call ended before anything was written, and so was never made."""
    return (
        not record.rows
        and not record.accepted
        and any(crash.ending is Ending.KILL for crash in record.sprung)
    )
