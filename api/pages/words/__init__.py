"""Puts values into words for people: languages, numbers and days as people write them, refusals."""
