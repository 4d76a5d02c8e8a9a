"""Benchmarks of the optimiser: its proven gap, its speed, and its cost beside that of peers."""
