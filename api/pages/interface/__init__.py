"""The page of the interface for programs."""
