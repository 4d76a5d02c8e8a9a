"""Costs and emissions of vehicles: sourced assumptions, the catalogue, and one calculation."""
