"""The nights' trials of the proposed fleet, for programs."""
