"""Benchmarks of the whole service: faulty senders and files, killed processes, full quarantine."""
