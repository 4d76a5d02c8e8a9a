"""The plans of years for programs."""
