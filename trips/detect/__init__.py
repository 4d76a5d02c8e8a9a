"""The pure core: positions of one device to trips, round trips, engine sessions and nights."""
