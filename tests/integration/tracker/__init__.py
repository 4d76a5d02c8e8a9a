"""Tests of `tracker/`."""
