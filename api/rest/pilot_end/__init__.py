"""The end of the pilot, for programs."""
