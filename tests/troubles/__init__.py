"""What keeps an account from sending: what the repairs and the sensor say of it, and for how long."""
