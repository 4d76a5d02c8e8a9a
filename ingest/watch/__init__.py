"""Watches ingest: counters for Prometheus, and what was received lately."""
