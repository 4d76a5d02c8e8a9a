"""Duties: trips are assigned to single vehicles within batteries, days and other limits."""
