"""What nobody waits for, in a real Home Assistant."""
