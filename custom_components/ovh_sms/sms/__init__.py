"""What is about SMS and not about Home Assistant."""
