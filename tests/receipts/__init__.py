"""Whether SMS arrived."""
