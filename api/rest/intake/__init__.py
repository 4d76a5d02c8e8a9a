"""Trackers, keys and refused telemetry for programs."""
