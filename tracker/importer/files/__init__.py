"""Files of every kind that plans come in, opened and read by their kind."""
