"""Benchmarks of trip detection: its accuracy, its robustness and its speed."""
