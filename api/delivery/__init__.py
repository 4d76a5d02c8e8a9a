"""How answers leave: compressed where that tells nothing, static files ahead of time."""
