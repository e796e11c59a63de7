"""OVHcloud calls Home Assistant."""
