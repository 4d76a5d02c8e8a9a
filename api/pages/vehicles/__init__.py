"""The pages of the vehicles, and of one vehicle's days, year, private periods and future."""
