"""Tests of the actions that show and cancel messages."""
