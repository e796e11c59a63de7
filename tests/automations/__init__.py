"""Automations that act on what happened to messages."""
