"""Watches ingest: counters for Prometheus, and logs of outages."""
