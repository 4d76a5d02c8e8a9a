"""Keeps the tables of trips current: finds anew what changed positions or settings touch."""
