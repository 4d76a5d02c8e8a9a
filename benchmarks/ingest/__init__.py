"""Benchmarks of ingest: its speed, its durability, and its behaviour on hostile bytes."""
