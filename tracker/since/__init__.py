"""What changed in a plan since a moment, and what was kept of what was promised."""
