"""Computes use: of one device on a day, of one vehicle in a period, of the fleet together."""
