"""What the sensors of an account show, and when."""
