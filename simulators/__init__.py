"""Generated fleets and replays of pilot data; they talk to ingest as trackers do."""
