"""Purchases, disposals, requests for vehicles and their principles, for programs."""
