"""The pages of trackers, their keys, and refused telemetry."""
