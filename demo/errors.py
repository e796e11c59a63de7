"""What goes wrong in the demo."""


class DemoError(Exception):
    """Something the demo needs did not work; the text says what, for whoever started it."""
