"""The overview: what needs somebody today."""
