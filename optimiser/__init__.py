"""Trips, vehicles and assumptions to the best fleet, with its cost, its CO2e and a proof."""
