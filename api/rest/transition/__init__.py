"""The JSON interface of the transition year by year."""
