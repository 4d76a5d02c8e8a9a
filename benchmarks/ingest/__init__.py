"""Ingest: how fast, how durable, and what no bytes can do to it."""
