"""Trackers, their keys, and telemetry that was refused."""
