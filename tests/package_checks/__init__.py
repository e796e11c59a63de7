"""Checks of the integration as it is handed to Home Assistant and the Marketplace."""
