"""Three messages through three doors, and whether they arrived."""

import asyncio
import json
import secrets
from typing import Any, Final

from .client import until
from .errors import DemoError
from .messages import Arrived, Asked, compare, match, new, on_phones, table
from .stage import DOMAIN, RECIPIENT_NUMBER, SENDER, Say, Stage, patience

ARRIVAL: Final = 30.0
QUIET: Final = 1.0
NUMBER: Final = "+33639980002"
GUIDE_NUMBER: Final = "+33600000000"


def planned() -> list[Asked]:
    """Plan the three messages, with texts of this run's own."""
    run = secrets.token_hex(2)
    return [
        Asked(
            door="notify.send_message",
            number=RECIPIENT_NUMBER,
            sender=SENDER,
            text=f"Water under the sink ({run})",
        ),
        Asked(
            door="notify.ovh_sms",
            number=NUMBER,
            sender=None,
            text=f"Shall I close the valve? ({run})",
        ),
        Asked(
            door="ovh_sms.send_sms",
            number=GUIDE_NUMBER,
            sender=SENDER,
            text=f"Vanne fermée à 14 h : 250 € économisés ({run})",
        ),
    ]


def check_response(response: Any, asked: Asked, arrived: list[Arrived]) -> list[str]:
    """Compare what the action answered with what arrived."""
    messages = response.get("messages", []) if isinstance(response, dict) else []
    if len(messages) != 1:
        return [
            f"{asked.door} answered with {len(messages)} messages, not 1: {response}"
        ]
    answer = messages[0]
    problems = []
    if answer.get("status") != "accepted":
        problems.append(
            f"{asked.door} answered {answer.get('status')!r}, not 'accepted'"
        )
    if answer.get("invalid_receivers"):
        problems.append(
            f"{asked.door} answered that {answer['invalid_receivers']} are invalid"
        )
    for message in match(asked, arrived):
        told = f"{answer.get('parts')} x {answer.get('encoding')}"
        if told != message.size:
            problems.append(f"{asked.door} answered {told}, {message.size} arrived")
    return problems


async def send_three(stage: Stage, say: Say) -> list[str]:
    """Send the three messages, show how they arrived, and list what is wrong."""
    house = stage.house
    for domain, action in (("notify", "ovh_sms"), (DOMAIN, "send_sms")):

        async def registered(domain: str = domain, action: str = action) -> bool:
            return await house.has_action(domain, action)

        await until(f"the action {domain}.{action}", registered, 20)
    entities = await stage.recipients()
    if len(entities) != 1:
        raise DemoError(
            f"one recipient was added, these entities are there: {entities}"
        )
    before = on_phones(await stage.phones())
    to_recipient, to_target, to_receivers = asked = planned()

    say(f"Sending through notify.send_message to {entities[0]}")
    await house.call(
        "notify",
        "send_message",
        {"entity_id": entities[0], "message": to_recipient.text},
    )
    say("Sending through notify.ovh_sms to a number, from a short number")
    await house.call(
        "notify",
        "ovh_sms",
        {
            "message": to_target.text,
            "target": [to_target.number],
            "data": {"senderForResponse": True},
        },
    )
    say("Sending through ovh_sms.send_sms, with accents and a euro sign")
    response = await house.call(
        DOMAIN,
        "send_sms",
        {
            "receivers": [to_receivers.number.replace("+", "00")],
            "message": to_receivers.text,
        },
        response=True,
    )

    arrived: list[Arrived] = []

    async def all_arrived() -> bool:
        arrived[:] = new(before, on_phones(await stage.phones()))
        return not compare(asked, arrived)

    unanswered: list[str] = []
    async with patience(say, "waiting for the messages to arrive"):
        try:
            await until("arriving", all_arrived, ARRIVAL)
            # A second copy would need a moment.
            await asyncio.sleep(QUIET)
            await all_arrived()
        except DemoError as err:
            unanswered = [str(err)]
    problems = compare(asked, arrived) or unanswered
    problems += check_response(response, to_receivers, arrived)
    print(f"\n{table(asked, arrived)}\n")
    print("ovh_sms.send_sms answered:")
    print(json.dumps(response, indent=2, ensure_ascii=False), flush=True)
    print()
    return problems
