"""Assumptions, the catalogue of kinds, and what capabilities are called."""
