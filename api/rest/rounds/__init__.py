"""Rounds of proposals, their curves and their documents for programs."""
