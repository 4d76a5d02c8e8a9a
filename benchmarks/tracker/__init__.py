"""Benchmarks of reading published plans."""
