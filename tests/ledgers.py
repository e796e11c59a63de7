"""What tests look up in a ledger."""

from custom_components.ovh_sms.sms.ledger import Ledger
from custom_components.ovh_sms.sms.states import State


def states_in(ledger: Ledger) -> dict[str, State]:
    """Return the state of every message."""
    rows = ledger.rows("SELECT message_id, state FROM messages")
    return {message_id: State(state) for message_id, state in rows}
