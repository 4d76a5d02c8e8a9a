"""The pages of the municipality: its name, its closing days, and the steps of a first run."""
