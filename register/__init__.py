"""What the municipality owns and who may send: vehicles, zones, devices, keys, private time."""
