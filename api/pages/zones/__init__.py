"""The page of zones, depots and the places where vehicles sleep."""
