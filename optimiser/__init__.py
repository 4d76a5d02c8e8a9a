"""The optimiser: the best fleet for trips, vehicles and assumptions, with a proof of its cost."""
