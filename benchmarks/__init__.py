"""What a send costs here, beside what it costs elsewhere."""
