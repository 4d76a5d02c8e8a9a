"""Who drives what: trips are given to single vehicles, within batteries, days and other limits."""
