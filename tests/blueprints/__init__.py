"""The blueprints, imported and run."""
