"""The names that people give vehicles, depots and departments."""
