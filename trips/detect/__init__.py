"""The pure core: finds trips, round trips, engine sessions and nights in a device's positions."""
