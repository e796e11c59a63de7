"""Everything in Home Assistant that sends through us, set up as a user does."""
