"""The import of lists of vehicles and of driving logs for programs."""
