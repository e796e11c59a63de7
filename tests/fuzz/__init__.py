"""The long search for an input that breaks something: `scripts/fuzz`."""
