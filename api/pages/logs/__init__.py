"""Driving logs: their upload, their columns and their report."""
