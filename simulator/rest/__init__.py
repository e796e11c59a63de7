"""The REST API: the operations that are simulated.

Everything else of the published API is answered like a path that does not exist.
"""

from . import account, authentication, general, messages

OPERATIONS = (
    *authentication.OPERATIONS,
    *account.OPERATIONS,
    *messages.OPERATIONS,
    *general.OPERATIONS,
)
