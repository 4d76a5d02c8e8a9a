"""The vehicles, one vehicle's days and year, its private periods and its future."""
