"""The plan of a part of a round, and what it says of each depot."""
