"""Why a message is not even tried."""


class InvalidRequest(Exception):
    """A message that cannot be sent as it was asked for; `key` names the sentence that says why."""

    def __init__(self, key: str, **placeholders: str) -> None:
        """Keep the sentence's key and what goes into it."""
        super().__init__(key)
        self.key = key
        self.placeholders = placeholders


class LimitReached(InvalidRequest):
    """A message that would go over a limit that the user set."""

    def __init__(self, key: str, until: float, **placeholders: str) -> None:
        """Keep when the limit ends by itself."""
        super().__init__(key, **placeholders)
        self.until = until


class Closed(Exception):
    """The account is not loaded any more."""
