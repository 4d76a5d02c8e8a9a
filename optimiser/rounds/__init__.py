"""Rounds of proposals: asked for, answered part by part, studied."""
