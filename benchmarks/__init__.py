"""Benchmarks: each measures a peer or a physical limit in the same run and prints the ratio."""
