"""Pages of the transition year by year."""
