"""Metrics and logs: what ingest counts, and what it logs when something fails or is away."""
