"""A real Home Assistant in a real browser, used as its users do; `scripts/e2e` runs it."""
