"""What a round carries over from earlier ones, and what it changes."""
