"""The pages of assumptions, of the catalogue of kinds, and of the names of capabilities."""
