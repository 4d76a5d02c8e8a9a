"""Joins decisions that rest on each other into one, which people take as a whole."""
