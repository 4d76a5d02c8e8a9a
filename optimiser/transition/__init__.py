"""The transition of a fleet: contracts, what happens to vehicles when, and its money by year."""
